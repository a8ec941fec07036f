"""`make growth`: what a page costs when there are 1,000 to 1,000,000 events, vacancies and releases.

Prints a table and writes `var/growth.json` and `var/growth.png`. Each page is asked of new with the page cache off: once
as it is shipped, with parts remembered, once with nothing remembered. The last column is the largest size over the
smallest. SIZES=1000,10000 takes fewer.
"""

import asyncio
import json
import math
import os
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from PIL import Image, ImageDraw
from rich.console import Console
from rich.table import Table

from new_app import embedded
from new_app.asgi import build
from new_app.commands.up import prepare
from new_app.config import ROOT, Settings, child_environment
from new_app.db import plain_url
from tests.new_app.sides import prepared, running, shipped_settings

SIZES = tuple(int(size) for size in os.environ.get("SIZES", "1000,10000,100000,1000000").split(","))
PAGES = (
    "/events/python-events-calendar/",
    "/events/python-events-calendar/past/",
    "/events/python-events-calendar/1/",
    "/jobs/",
    "/jobs/location/telecommute/",
    "/jobs/1/",
    "/downloads/feed.rss",
    "/downloads/release/python-3142/",
    "/api/v1/downloads/release/?limit=20",
)
ROUNDS = 15
GROWS = {
    "events_eventlocation": {"name": "'Hall ' || n"},
    "events_event": {
        "title": "'Event ' || n",
        "uid": "'grown-' || n",
        "created": "now() - n * interval '1 second'",
        "venue_id": "1 + n % ({size} / 20)",
    },
    "jobs_job": {
        "job_title": "'Vacancy ' || n",
        "status": "'approved'",
        "created": "now() - n * interval '10 seconds'",
        "expires": "now() - n * interval '1 minute' + interval '90 days'",
    },
    "downloads_release": {
        "name": "'Python 3.' || (n % 20) || '.' || n",
        "slug": "'grown-' || n",
        "is_latest": "false",
        "is_published": "true",
        "show_on_download_page": "false",
        "release_date": "now() - n * interval '1 minute'",
    },
}
"""Columns of each new row by table; all others are those of the first row. Of a million, some 13 % of vacancies are open."""
RULES = """
    INSERT INTO events_occurringrule (event_id, dt_start, dt_end, all_day)
    SELECT id, now() + (id % 2000 - 1000) * interval '1 day', now() + (id % 2000 - 1000) * interval '1 day' + interval '2 hours', false
    FROM events_event WHERE uid LIKE 'grown-%' AND id NOT IN (SELECT event_id FROM events_occurringrule)"""


async def grow(sql: Any, size: int, tables: Mapping[str, Mapping[str, str]] = GROWS) -> None:
    for table, said in tables.items():
        count = await sql.fetchval(f"SELECT count(*) FROM {table}")
        names = [
            row["column_name"]
            for row in await sql.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table
            )
            if row["column_name"] != "id"
        ]
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(said.get(name, f'first."{name}"').format(size=size) for name in names)
        first = f"(SELECT * FROM {table} ORDER BY id LIMIT 1) AS first"
        await sql.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values} FROM {first}, generate_series({count + 1}, {size}) AS n"
        )
    await sql.execute(RULES)
    await sql.execute("ANALYZE")


async def timed(client: httpx.AsyncClient, path: str) -> float:
    """Milliseconds of a page, the median of some."""
    times = []
    for number in range(ROUNDS):
        began = time.perf_counter()
        answer = await client.get(path, headers={"Host": "www.example.org", "X-Forwarded-For": f"10.1.{number}.1"})
        times.append(time.perf_counter() - began)
        assert answer.status_code == 200, (path, answer.status_code)
        assert answer.headers["x-bridge"].startswith("new"), (path, answer.headers["x-bridge"])
        if sum(times) > 20:
            break
    return statistics.median(times[1:] or times) * 1000


async def measured(url: str, folder: Path) -> dict[str, list[float]]:
    sql = await asyncpg.connect(plain_url(url), command_timeout=3600)
    await sql.execute(
        "UPDATE jobs_job SET status = 'approved', telecommuting = true, expires = now() + interval '9 days' WHERE id = 1"
    )
    found: dict[str, list[float]] = {}
    for size in SIZES:
        await grow(sql, size)
        for name, changed in (("as shipped", {}), ("nothing remembered", {"memory": False})):
            settings = Settings(**shipped_settings(url, "http://127.0.0.1:1", folder) | {"page_cache": False} | changed)
            app = build(settings)
            transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
            async with (
                running(app),
                httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=300) as client,
            ):
                await asyncio.sleep(2.5)
                for path in PAGES:
                    found.setdefault(f"{path}, {name}", []).append(await timed(client, path))
    await sql.close()
    return found


def main() -> None:
    with embedded.throw_away() as folder, embedded.postgres(folder / "pg") as url:

        async def run() -> dict[str, list[float]]:
            first = {"MANIFEST": str(folder / "first.json"), "VAR": str(folder)}
            await prepare(child_environment(DATABASE_URL=url, PYTHONPATH=str(ROOT), **first), url, lambda *_: None)
            both = folder / "both"
            both.mkdir()
            await prepared(url, both, "legacy.settings")
            return await measured(url, both)

        found = asyncio.run(run())
    table = Table("ms of a page, p50", *(f"{size:,}" for size in SIZES), "grows by")
    for name, times in found.items():
        table.add_row(name, *(f"{one:.2f}" for one in times), f"{times[-1] / times[0]:.1f}x")
    Console(width=150).print(table)
    out = ROOT / "var"
    out.mkdir(exist_ok=True)
    (out / "growth.json").write_text(json.dumps({"sizes": SIZES, "ms": found}, indent=1) + "\n")
    plot(found).save(out / "growth.png")


WIDTH, HEIGHT, MARGIN = 1400, 900, 80
COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#17becf")


def plot(found: dict[str, list[float]]) -> Image.Image:
    """Both axes are logarithmic: a flat line costs the same however many rows there are. Thin: nothing remembered."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    every = [one for times in found.values() for one in times]
    low, high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
    first, last = math.log10(SIZES[0]), math.log10(SIZES[-1])

    def at(size: float, ms: float) -> tuple[float, float]:
        x = MARGIN + (math.log10(size) - first) / ((last - first) or 1) * (WIDTH - 520 - 2 * MARGIN)
        y = HEIGHT - MARGIN - (math.log10(ms) - low) / ((high - low) or 1) * (HEIGHT - 2 * MARGIN)
        return x, y

    for power in range(low, high + 1):
        draw.line([at(SIZES[0], 10.0**power), at(SIZES[-1], 10.0**power)], fill="#dddddd")
        draw.text((10, at(SIZES[0], 10.0**power)[1] - 6), f"{10.0**power:g} ms", fill="black")
    for size in SIZES:
        draw.line([at(size, 10.0**low), at(size, 10.0**high)], fill="#dddddd")
        draw.text((at(size, 10.0**low)[0] - 20, HEIGHT - MARGIN + 10), f"{size:,} rows", fill="black")
    for number, (name, times) in enumerate(found.items()):
        colour = COLOURS[number // 2 % len(COLOURS)]
        points = [at(size, one) for size, one in zip(SIZES, times, strict=True)]
        draw.line(points, fill=colour, width=1 if number % 2 else 4)
        draw.text((WIDTH - 560, MARGIN + 22 * number), f"{'thin' if number % 2 else 'thick'}: {name}", fill=colour)
    return image


if __name__ == "__main__":
    main()

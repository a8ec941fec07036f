"""New against legacy, one worker each, on one database: the routes that have moved.

Legacy is asked directly, new through the router, so that the router's own cost counts against us. The throttles'
counters are emptied before each round, else 600 requests an hour would end it.

Each route has two rows. In the first the new side remembers, as it is shipped: the rows do not change during a round,
so it makes an answer once. In the second, `MEMORY=off`: every answer is made afresh, as legacy makes its own. The unit
says how many statements one request asked of the database; the throttles of the APIs ask theirs either way.
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator

import asyncpg
import httpx

from legacy_adapters.cache import DatabaseCounters
from new_app import embedded
from new_app.asgi import route_table, site_pages
from new_app.commands.up import Stack, _web, stack
from new_app.config import Settings
from new_app.feed import Feed
from new_app.listening import Listening
from new_app.memory import Memory
from new_app.rows import Rows
from new_app.session import Visitors
from new_app.supervise import Supervisor
from new_app.web import application, build
from tests.bench.load import load

Row = tuple[str, float, float, float, float | None, str]
ROUNDS = 3
TARGETS = (
    ("/api/v2/downloads/release/", 20.0, math.inf),
    ("/api/v1/downloads/release_file/?limit=100", 20.0, 550),
    ("/downloads/feed.rss", 20.0, math.inf),
    ("/box/{label}/", 6.0, math.inf),
)
"""Path, target, and how many requests may be made before the throttle, which counts connections here, refuses."""


def rows() -> list[Row]:
    """Requests per second of both sides, the best of some rounds each."""
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    with embedded.throw_away() as folder:
        new, legacy, afresh = (embedded.free_port() for _ in range(3))
        async with (
            stack(Settings(var=folder), new, legacy, lambda *_: None) as running,
            _without_memory(running, afresh),
        ):
            await _moved(running)
            url = running.env["DATABASE_URL"]
            label = await _longest_box(url)
            found = []
            for path, target, most in TARGETS:
                found += await _compared(url, (new, afresh, legacy), path.format(label=label), target, most)
            return found


async def _longest_box(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT label FROM boxes_box ORDER BY length(content) DESC LIMIT 1")
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def _without_memory(running: Stack, port: int) -> AsyncIterator[None]:
    """The same site once more, remembering nothing."""
    supervisor = Supervisor(lambda *_: None)
    try:
        await supervisor.start(_web({**running.env, "MEMORY": "off", "PAGE_CACHE": "off"}, port))
        yield
    finally:
        await supervisor.stop()


async def _moved(running: Stack) -> None:
    for domain in ("downloads", "boxes"):
        code, output = await running.bridge("move", domain, "--to", "new", "--why", "bench")
        assert not code, output
    await asyncio.sleep(2.5)


async def _compared(url: str, ports: tuple[int, int, int], path: str, target: float, most: float) -> list[Row]:
    connection = await asyncpg.connect(url)
    best = [0.0, 0.0, 0.0]
    for _ in range(ROUNDS):
        for side, (port, seconds) in enumerate(zip(ports, (1.0, 1.0, 2.0), strict=True)):
            await connection.execute("DELETE FROM django_cache_table")
            found = await asyncio.to_thread(load, port, path, 4, seconds, most)
            assert not found.failed, f"{path} on port {port}: {found}"
            best[side] = max(best[side], found.rate)
    await connection.close()
    remembered, afresh, legacy = best
    asked = await _statements(url, path)
    return [
        (path, remembered, legacy, remembered / legacy, target, f"requests/s, {asked[0]} statements"),
        (f"{path} MEMORY=off", afresh, legacy, afresh / legacy, None, f"requests/s, {asked[1]} statements"),
    ]


class _CountedRows(Rows):
    asked = 0

    async def fetch(self, statement: str, *values: object):
        self.asked += 1
        return await super().fetch(statement, *values)


async def _statements(url: str, path: str) -> tuple[int, int]:
    """Statements of a second request for the same, with memory and without, asked of the site in this process."""
    counts = []
    for remembers in (True, False):
        rows, feed = _CountedRows(url), Feed()
        memory, listening = Memory(feed), Listening(feed, url)
        settings = Settings(database_url=url, theme_dirs=[])
        pages = site_pages(settings, None, memory, route_table(None), Visitors())
        site = build(rows, DatabaseCounters(rows.fetch), pages, memory=memory)
        if remembers:
            await listening.start()
            async with asyncio.timeout(10):
                while not feed.sees:  # noqa: ASYNC110 - the feed has no event to wait for
                    await asyncio.sleep(0.01)
        transport = httpx.ASGITransport(application(site, pages, cached=memory if remembers else None))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for _ in range(3):
                before = rows.asked
                answer = await client.get(path, headers={"x-forwarded-for": "198.51.100.1"})
                assert answer.status_code == 200, answer.text
        counts.append(rows.asked - before)
        await listening.stop()
        await rows.close()
    return counts[0], counts[1]

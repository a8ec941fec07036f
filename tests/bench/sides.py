"""New against legacy, one worker each, on one database: the routes that have moved.

Legacy is asked directly, new through the router, so that the router's own cost counts against us. The throttles'
counters are emptied before each round, else 600 requests an hour would end it.
"""

import asyncio
import math

import asyncpg

from new_app import embedded
from new_app.commands.up import Stack, stack
from new_app.config import Settings
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
        ports = embedded.free_port(), embedded.free_port()
        async with stack(Settings(var=folder), *ports, lambda *_: None) as running:
            connection = await asyncpg.connect(running.env["DATABASE_URL"])
            try:
                await _moved(running)
                label = await connection.fetchval("SELECT label FROM boxes_box ORDER BY length(content) DESC LIMIT 1")
                return [
                    await _row(connection, ports, path.format(label=label), target, most)
                    for path, target, most in TARGETS
                ]
            finally:
                await connection.close()


async def _moved(running: Stack) -> None:
    for domain in ("downloads", "boxes"):
        code, output = await running.bridge("move", domain, "--to", "new", "--why", "bench")
        assert not code, output
    await asyncio.sleep(1.5)


async def _row(connection: asyncpg.Connection, ports: tuple[int, int], path: str, target: float, most: float) -> Row:
    new = legacy = 0.0
    for _ in range(ROUNDS):
        for port, seconds in ((ports[0], 1.0), (ports[1], 2.0)):
            await connection.execute("DELETE FROM django_cache_table")
            found = await asyncio.to_thread(load, port, path, 4, seconds, most)
            assert not found.failed, f"{path} on port {port}: {found}"
            if port == ports[0]:
                new = max(new, found.rate)
            else:
                legacy = max(legacy, found.rate)
    return path, new, legacy, new / legacy, target, "requests/s, new and legacy"

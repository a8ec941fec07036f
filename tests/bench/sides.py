"""New against legacy, one worker each, on one database: the routes that have moved.

Legacy is asked directly, new through the router, so that the router's own cost counts against us. The throttles'
counters are emptied before each round, else 600 requests an hour would end it.

Each route has two or three rows. In the first the new side remembers, as it is shipped: nothing changes during a round, so it
makes an answer once. In the second, `PAGE_CACHE=off`: every answer is made, of parts that are remembered. In the third,
`MEMORY=off`: everything is asked afresh, as legacy asks it. The unit says how many statements one request asked of the
database, and how many legacy asks; the throttles of the APIs ask theirs either way.
"""

import asyncio
import contextlib
import math
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from unittest import mock

import asyncpg
import httpx

from new_app import embedded, trace
from new_app.asgi import build
from new_app.commands.up import Stack, _web, stack
from new_app.config import Settings
from new_app.domains import DOMAINS
from new_app.supervise import Supervisor
from tests.bench.load import load
from tests.legacy_site_tests.queries import QUERIES
from tests.new_app.sides import running

Row = tuple[str, float, float, float, float | None, str]
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Target:
    """A path; how many times as quick as legacy the answer must be from the page cache, and how many times if it is made.

    `most` requests may be made before the throttle, which counts connections here, refuses. `afresh` has a third row.
    """

    path: str
    cached: float | None = None
    made: float | None = None
    most: float = math.inf
    afresh: bool = True


TARGETS = (
    Target("/api/v2/downloads/release/", cached=20.0),
    Target("/api/v1/downloads/release_file/?limit=100", cached=20.0, most=550),
    Target("/downloads/feed.rss", cached=20.0),
    Target("/box/{label}/", cached=6.0),
    Target("/", cached=200.0, made=30.0),
    Target("/downloads/", cached=200.0, made=30.0),
    Target("/downloads/release/python-3142/", cached=200.0, made=30.0),
    Target("/psf/bylaws/", cached=200.0, made=30.0),
    *(
        Target(path, cached=200.0, made=25.0, afresh=False)
        for path in (
            *("/blogs/", "/community/", "/community/1/", "/downloads/windows/"),
            *("/events/", "/events/python-events-calendar/", "/events/python-events-calendar/1/"),
            *("/jobs/", "/jobs/types/", "/jobs/1/"),
            *("/psf/records/board/minutes/", "/psf/records/board/minutes/2025-02-14/"),
            *("/success-stories/", "/success-stories/category/science/", "/success-stories/how-company-2-grew/"),
            *("/nominations/elections/", "/nominations/election/2024-board-election/"),
            *("/nominations/elections/2024-board-election/nominees/", "/users/reader/", "/search/?q=python"),
        )
    ),
)
VARIANTS = ({}, {"PAGE_CACHE": "off"}, {"PAGE_CACHE": "off", "MEMORY": "off"})
"""The settings of the new side in each row."""
SECONDS = 1.0, 2.0
"""How long one round lasts on the new side, and on legacy's."""


def rows() -> list[Row]:
    """Requests per second of both sides, the best of some rounds each."""
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    with embedded.throw_away() as folder:
        first, legacy, *others = (embedded.free_port() for _ in range(4))
        async with (
            stack(Settings(var=folder), first, legacy, lambda *_: None) as stacked,
            _again(stacked, others),
            asking(stacked.env) as ask,
        ):
            await _moved(stacked)
            label = await _longest_box(stacked.env["DATABASE_URL"])
            found = []
            for target in TARGETS:
                shown = replace(target, path=target.path.format(label=label))
                found += await _compared(stacked.env["DATABASE_URL"], [first, *others], legacy, shown, ask)
            return found


async def _longest_box(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT label FROM boxes_box ORDER BY length(content) DESC LIMIT 1")
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def _again(stacked: Stack, ports: Sequence[int]) -> AsyncIterator[None]:
    """The same site once more for each of the other variants."""
    supervisor = Supervisor(lambda *_: None)
    try:
        for port, variant in zip(ports, VARIANTS[1:], strict=True):
            await supervisor.start(_web({**stacked.env, **variant}, port))
        yield
    finally:
        await supervisor.stop()


async def _moved(stacked: Stack) -> None:
    names = [domain.name for domain in DOMAINS if any(not claim.added for claim in domain.claims)]
    code, output = await stacked.bridge("move", *names, "--to", "new", "--why", "bench")
    assert not code, output
    await asyncio.sleep(2.5)


async def _compared(url: str, ports: Sequence[int], legacy: int, target: Target, ask: "Asking") -> list[Row]:
    if not target.afresh:
        ports = ports[:2]
    best, theirs = [0.0] * len(ports), 0.0
    connection = await asyncpg.connect(url)
    for _ in range(ROUNDS):
        for side, port in enumerate(ports):
            best[side] = max(best[side], await _rate(connection, port, target, SECONDS[0]))
        theirs = max(theirs, await _rate(connection, legacy, target, SECONDS[1]))
    await connection.close()
    wanted = (target.cached, target.made, None)
    rows = []
    for rate, variant, goal in zip(best, VARIANTS, wanted, strict=False):
        statements = await ask(target.path, variant)
        name = " ".join([target.path, *(f"{key}={value}" for key, value in list(variant.items())[-1:])])
        told = f"requests/s, {statements} statements" + (
            f", legacy {QUERIES[target.path]}" if target.path in QUERIES else ""
        )
        rows.append((name, rate, theirs, rate / theirs, goal, told))
    return rows


async def _rate(connection: asyncpg.Connection, port: int, target: Target, seconds: float) -> float:
    await connection.execute("DELETE FROM django_cache_table WHERE cache_key NOT LIKE ':1:template%'")
    found = await asyncio.to_thread(load, port, target.path, 4, seconds, target.most)
    assert not found.failed, f"{target.path} on port {port}: {found}"
    return found.rate


Asking = Callable[[str, Mapping[str, str]], Awaitable[int]]


@contextlib.asynccontextmanager
async def asking(env: Mapping[str, str]) -> AsyncIterator[Asking]:
    """How many statements a third request for a path asks of the shipped site, in this process and in a variant."""
    seen: list[str] = []

    def saw(statement: str, values: Iterable[object] = ()) -> None:
        seen.append(statement)
        original(statement, values)

    async def ask(path: str, variant: Mapping[str, str]) -> int:
        with mock.patch.dict(os.environ, {**env, **variant}):
            app = build(Settings())
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with running(app), httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await asyncio.sleep(1.0)
            for _ in range(3):
                seen.clear()
                answer = await client.get(path, headers={"x-forwarded-for": "198.51.100.1"})
                assert answer.status_code == 200, answer.text
            return len(seen)

    original, trace.saw = trace.saw, saw
    try:
        yield ask
    finally:
        trace.saw = original

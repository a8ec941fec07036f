"""What it costs to know a visitor: on a page, at a write to a session, and while many sign in."""

import asyncio
import multiprocessing
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from legacy_adapters.session_files import Format
from legacy_adapters.session_stores import DatabaseStore
from legacy_adapters.sessions import Data, Session
from legacy_adapters.settings import LegacySettings
from legacy_adapters.signing import Keys
from new_app import embedded
from new_app.commands.up import _web, prepare
from new_app.config import ROOT, child_environment
from new_app.rows import Rows
from new_app.supervise import Supervisor
from tests.bench.load import Load, load
from tests.new_app.sides import SECRET, prepared, shipped_settings, told_to

Row = tuple[str, float, float, float, float | None, str]
ROUNDS = 5
PAGE, CSRF = "/downloads/", "x" * 32
FLOOD = 50
WRITERS, WRITES = 100, 20


def rows() -> list[Row]:
    with embedded.throw_away() as folder, embedded.postgres(folder / "pg") as url:
        return asyncio.run(_rows(url, folder))


async def _rows(url: str, folder) -> list[Row]:
    first = {"MANIFEST": str(folder / "first.json"), "VAR": str(folder)}
    await prepare(child_environment(DATABASE_URL=url, PYTHONPATH=str(ROOT), **first), url, lambda *_: None)
    both = folder / "both"
    both.mkdir()
    await prepared(url, both, "legacy.settings")
    said = told_to(shipped_settings(url, "http://127.0.0.1:1", both))
    port, supervisor = embedded.free_port(), Supervisor(lambda *_: None)
    try:
        await supervisor.start(_web(child_environment(**said, PYTHONPATH=str(ROOT), PAGE_CACHE="off"), port))
        await asyncio.sleep(2.5)
        return [await signed_in(port), await writes(url), await flooded(port)]
    finally:
        await supervisor.stop()


async def signed_in(port: int) -> Row:
    """The same page, made for a visitor with a session and for one without, in turns."""
    session = await cookie_of(port)
    known, unknown = [], []
    for _ in range(ROUNDS):
        unknown.append(await measured(port))
        known.append(await measured(port, session))
    ours, theirs = min(one.p50 for one in known), min(one.p50 for one in unknown)
    return f"{PAGE} signed in, over anonymous", ours, theirs, ours - theirs, 0.5, "ms added, p50, page made anew"


async def measured(port: int, cookie: str = "", connections: int = 1) -> Load:
    found = await asyncio.to_thread(load, port, PAGE, connections, 1.0, cookie=cookie)
    assert not found.failed
    return found


async def cookie_of(port: int) -> str:
    said = form("reader", "correct-horse")
    async with (
        aiohttp.ClientSession(cookies={"csrftoken": CSRF}) as client,
        client.post(url_of(port), data=said, allow_redirects=False) as answer,
    ):
        assert answer.status == 302, await answer.text()
        return "; ".join(f"{name}={one.value}" for name, one in answer.cookies.items() if one.value)


def url_of(port: int) -> str:
    return f"http://127.0.0.1:{port}/accounts/login/"


def form(name: str, password: str) -> dict[str, str]:
    return {"csrfmiddlewaretoken": CSRF, "login": name, "password": password}


async def writes(url: str) -> Row:
    """Visitors who each count in a session of their own, twice at once each time: every count must be there."""
    rows = Rows(url)
    store = DatabaseStore(rows.fetch, Format(Keys(SECRET)))
    settings = LegacySettings()
    keys = []
    for _ in range(WRITERS):
        session = await Session(store, settings, None).load()
        session["n"] = 0
        await session.save()
        keys.append(session.key)

    def one_more(data: Data) -> None:
        data["n"] += 1

    async def count(key: str | None) -> None:
        for _ in range(WRITES // 2):
            await asyncio.gather(*(Session(store, settings, key).amend(one_more) for _ in range(2)))

    began = time.perf_counter()
    await asyncio.gather(*(count(key) for key in keys))
    took = time.perf_counter() - began
    held = [(await Session(store, settings, key).load())["n"] for key in keys]
    await rows.close()
    assert held == [WRITES] * WRITERS, "a count was lost"
    rate = WRITERS * WRITES / took
    return "session writes, none lost", rate, 1000.0, rate / 1000, 1.0, "writes/s of one worker, of 1,000"


async def flooded(port: int) -> Row:
    """The page for strangers while 50 sign in with wrong passwords, and without them, in turns."""
    calm, busy = [], []
    for _ in range(ROUNDS):
        calm.append(await measured(port, connections=2))
        with flood(port):
            busy.append(await measured(port, connections=2))
    ours, theirs = min(one.p99 for one in busy), min(one.p99 for one in calm)
    return f"{PAGE}, 50 sign in meanwhile", ours, theirs, ours / theirs, 1.2, "ms at most, p99"


@contextmanager
def flood(port: int) -> Iterator[None]:
    """From a process of its own, so that only the server is kept busy."""
    process = multiprocessing.get_context("spawn").Process(target=flooding, args=(port,), daemon=True)
    process.start()
    time.sleep(1.5)
    yield
    assert process.is_alive(), "the flood ended before it was told to"
    process.kill()
    process.join()


def flooding(port: int) -> None:
    async def again(client: aiohttp.ClientSession) -> None:
        while True:
            where = {"X-Forwarded-For": f"198.51.{secrets.randbelow(256)}.{secrets.randbelow(256)}"}
            name = secrets.token_hex(6)
            async with client.post(url_of(port), data=form(name, "wrong"), headers=where) as answer:
                await answer.read()
                assert answer.status in (200, 503), answer.status

    async def all_of_them() -> None:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(cookies={"csrftoken": CSRF}, connector=connector) as client:
            await asyncio.gather(*(again(client) for _ in range(FLOOD)))

    asyncio.run(all_of_them())

"""What the new side needs before it answers, what a worker holds once it has answered, and how long an index takes.

A worker's memory is its resident set after every sample of every domain has been asked once.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import asyncpg
import httpx

from new_app import embedded
from new_app.commands.up import _web, prepare
from new_app.config import ROOT, child_environment
from new_app.db import Database, plain_url
from new_app.domains import DOMAINS
from new_app.supervise import Supervisor
from tests.bench.growth import GROWS, grow
from tests.new_app.sides import prepared, shipped_settings, told_to

Row = tuple[str, float, float, float, float | None, str]
START_MS, MEMORY_MB = 3_000.0, 200.0
DOCUMENTS = 100_000


def rows() -> list[Row]:
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    with embedded.throw_away() as folder, embedded.postgres(folder / "pg") as url:
        first = {"MANIFEST": str(folder / "first.json"), "VAR": str(folder)}
        await prepare(child_environment(DATABASE_URL=url, PYTHONPATH=str(ROOT), **first), url, lambda *_: None)
        moved = folder / "moved"
        moved.mkdir()
        await prepared(url, moved, "legacy.settings")
        env = child_environment(PYTHONPATH=str(ROOT), **told_to(shipped_settings(url, "http://127.0.0.1:1", moved)))
        async with started(env) as (port, worker, seconds):
            await asked(url, port)
            held = resident(worker)
        limits = [
            ("a worker starts", seconds * 1000, START_MS, "ms until it answers, and the most that are allowed"),
            ("a worker holds", held, MEMORY_MB, "MB resident after every sample, and the most that are allowed"),
        ]
        found: list[Row] = [(name, ours, most, ours / most, 1.0, unit) for name, ours, most, unit in limits]
        documents, lasted = await indexed(env, url)
        return [*found, ("search reindex", documents, lasted, documents / lasted, None, "documents; s; documents/s")]


@contextlib.asynccontextmanager
async def started(env: Mapping[str, str]) -> AsyncIterator[tuple[int, int, float]]:
    """The port and the process id of a worker, and the seconds until it answered."""
    supervisor, port = Supervisor(lambda *_: None), embedded.free_port()
    began = time.perf_counter()
    try:
        await supervisor.start(_web(dict(env), port))
        seconds = time.perf_counter() - began
        yield port, child_of(supervisor.pid("web")), seconds
    finally:
        await supervisor.stop()


async def asked(url: str, port: int) -> None:
    database = Database(url)
    async with database.read_only() as session:
        paths = [path for domain in DOMAINS if domain.samples for path in await domain.samples(session)]
    await database.dispose()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        for path in paths:
            await client.get(path)


def child_of(pid: int | None) -> int:
    """The worker of a server that has one."""
    (worker,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(worker)


def resident(pid: int) -> float:
    """MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


async def indexed(env: Mapping[str, str], url: str) -> tuple[int, float]:
    """How many documents `bridge search reindex` has read, and in how many seconds."""
    sql = await asyncpg.connect(plain_url(url), command_timeout=600)
    await grow(sql, DOCUMENTS, {name: GROWS[name] for name in ("events_eventlocation", "events_event")})
    await sql.close()
    began = time.perf_counter()
    command = ("bridge", "search", "reindex")
    done = await asyncio.create_subprocess_exec(*command, env=dict(env), stdout=asyncio.subprocess.PIPE)
    said, _ = await done.communicate()
    assert done.returncode == 0, said.decode()
    return int(said.decode().split(" documents read")[0].split()[-1]), time.perf_counter() - began

"""Flips under load, on a real server: whoever asks while a route moves is answered, by one side or the other."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

import migrations
from legacy_adapters.flags import Stage
from new_app.db import Database
from new_app.domains import DOMAINS
from new_app.rollout import Rollout
from tests.conftest import new_database
from tests.legacy_adapters.serving import granian
from tests.legacy_adapters.upstream import Upstream, upstream

FLIPS = 200
VISITORS = 8
PATH = "/_health"
NOTICED_WITHIN = 5.0
"""Seconds; a second on a machine that has nothing else to do."""


@pytest.fixture
async def database_url(postgres_url: str) -> AsyncIterator[str]:
    with new_database(postgres_url) as url:
        await migrations.upgrade(url)
        yield url


@pytest.fixture
def legacy():
    with upstream() as found:
        yield found


async def test_200_flips_on_a_real_server_under_load_drop_no_request(
    database_url: str, legacy: Upstream, tmp_path: Path
) -> None:
    database = Database(database_url, pool_size=1)
    rollout = Rollout(database, DOMAINS)
    environment = {
        "DATABASE_URL": database_url,
        "LEGACY_URL": f"http://127.0.0.1:{legacy.port}",
        "VAR": str(tmp_path),
        "MANIFEST": str(tmp_path / "none"),
    }
    answers: Counter[str] = Counter()
    seen = {stage.value: asyncio.Event() for stage in (Stage.LEGACY, Stage.NEW)}
    done = asyncio.Event()

    async def visit(client: aiohttp.ClientSession, url: str) -> None:
        while not done.is_set():
            try:
                async with client.get(url) as response:
                    await response.read()
                    side = response.headers["X-Bridge"].partition(";")[0]
                    answers[f"{response.status} {side}"] += 1
                    seen[side].set()
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                answers[repr(error)] += 1

    with granian("new_app.asgi:create_app", factory=True, **environment) as (port, _):
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as client:
            visitors = [asyncio.create_task(visit(client, f"http://127.0.0.1:{port}{PATH}")) for _ in range(VISITORS)]
            for turn in range(FLIPS):
                to = Stage.LEGACY if turn % 2 else Stage.NEW
                await rollout.move("root", to, by="ada", why="flip")
                seen[to.value].clear()
                async with asyncio.timeout(NOTICED_WITHIN):
                    await seen[to.value].wait()
            done.set()
            await asyncio.gather(*visitors)
    await database.dispose()
    assert {*answers} == {"200 new", "200 legacy"}
    assert min(answers.values()) >= FLIPS // 2
    assert answers.total() > 5 * FLIPS

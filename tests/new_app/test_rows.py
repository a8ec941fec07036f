"""Rows on a real PostgreSQL: what is asked when connections break under load, and when none comes free for long."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator

import asyncpg
import pytest

from new_app.rows import ConnectionLost, PoolFull, Rows, RowsError
from tests.conftest import new_database, run_sql

OURS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture(scope="module")
def database_url(postgres_url: str):
    with new_database(postgres_url) as url:
        yield url


@pytest.fixture
async def rows(database_url: str) -> AsyncIterator[Rows]:
    found = Rows(database_url, size=3, timeout=5, wait=0.2)
    yield found
    await found.close()


async def test_connections_that_break_under_load_are_named_and_the_next_statement_is_answered(
    rows: Rows, database_url: str
) -> None:
    answers: Counter[str] = Counter()
    done = asyncio.Event()

    async def ask() -> None:
        while not done.is_set():
            try:
                found = await rows.fetch("SELECT $1::int, pg_sleep(0.002)", 7)
                answers[f"{found[0][0]}"] += 1
            except RowsError as error:
                answers[type(error).__name__] += 1

    asking = [asyncio.create_task(ask()) for _ in range(6)]
    for _ in range(10):
        await asyncio.sleep(0.05)
        await asyncio.to_thread(run_sql, database_url, OURS)
    await asyncio.sleep(0.1)
    before = answers["7"]
    await asyncio.sleep(0.2)
    done.set()
    await asyncio.gather(*asking)
    assert {*answers} == {"7", "ConnectionLost"}
    assert answers["7"] > before
    assert answers["ConnectionLost"] <= 10 * 3, "a connection breaks once"


async def test_a_connection_that_was_closed_while_idle_is_not_used(rows: Rows, database_url: str) -> None:
    await rows.fetch("SELECT 1")
    await asyncio.to_thread(run_sql, database_url, OURS)
    await asyncio.sleep(0.05)
    assert (await rows.fetch("SELECT 2"))[0][0] == 2


async def test_a_pool_that_is_full_for_long_is_named_in_time_and_empties_again(rows: Rows) -> None:
    busy = [asyncio.create_task(rows.fetch("SELECT pg_sleep(0.6)")) for _ in range(3)]
    await asyncio.sleep(0.1)
    began = time.monotonic()
    refused = await asyncio.gather(*(rows.fetch("SELECT 1") for _ in range(20)), return_exceptions=True)
    assert 0.15 < time.monotonic() - began < 0.45
    assert {type(error) for error in refused} == {PoolFull}
    assert str(refused[0]) == "all 3 connections were busy for 0.2 s"
    await asyncio.gather(*busy)
    assert [
        row[0] for found in await asyncio.gather(*(rows.fetch("SELECT 1") for _ in range(20))) for row in found
    ] == [1] * 20


async def test_a_statement_that_takes_too_long_is_a_timeout_and_no_lost_connection(database_url: str) -> None:
    impatient = Rows(database_url, timeout=0.5)
    with pytest.raises(TimeoutError):
        await impatient.fetch("SELECT pg_sleep(5)")
    assert (await impatient.fetch("SELECT 4"))[0][0] == 4
    await impatient.close()


async def test_who_waits_less_than_the_limit_is_answered(rows: Rows) -> None:
    await asyncio.gather(*(rows.fetch("SELECT pg_sleep(0.05)") for _ in range(9)))


async def test_who_gives_up_leaves_no_connection_behind_and_no_place_taken(rows: Rows) -> None:
    for _ in range(5):
        task = asyncio.create_task(rows.fetch("SELECT pg_sleep(5)"))
        await asyncio.sleep(0.03)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (await rows.fetch("SELECT 3"))[0][0] == 3


async def test_an_error_of_a_statement_is_postgresqls_and_costs_no_connection(rows: Rows) -> None:
    first = (await rows.fetch("SELECT pg_backend_pid()"))[0][0]
    with pytest.raises(asyncpg.UndefinedTableError):
        await rows.fetch("SELECT * FROM nothing_of_that_name")
    with pytest.raises(asyncpg.DataError):
        await rows.fetch("SELECT $1::int", "seven")
    assert (await rows.fetch("SELECT pg_backend_pid()"))[0][0] != 0
    assert first


@pytest.mark.parametrize("listening", [False, True], ids=["nobody there", "it never answers"])
async def test_a_database_that_is_away_is_a_lost_connection(listening: bool) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listening:
            silent.listen(8)
        rows = Rows(f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none", timeout=0.3)
        began = time.monotonic()
        with pytest.raises(ConnectionLost, match="no connection to the database"):
            await rows.fetch("SELECT 1")
        assert time.monotonic() - began < 2

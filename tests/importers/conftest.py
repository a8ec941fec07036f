"""One database with the reference site's tables and our ledger, swept before each test: cloning one takes longer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

import migrations
from tests.conftest import new_database

TOUCHED = "sponsors_sponsorcontact sponsors_genericasset sponsors_sponsor companies_company boxes_box"


@pytest.fixture(scope="session")
def bridged_database(legacy_template: str) -> Iterator[str]:
    """The reference site's empty tables and the schema `bridge`."""
    with new_database(legacy_template, template=legacy_template) as url:
        asyncio.run(migrations.upgrade(url))
        yield url


@pytest.fixture
async def database_url(bridged_database: str) -> str:
    connection = await asyncpg.connect(bridged_database)
    for table in TOUCHED.split():
        await connection.execute(f"DELETE FROM {table}")
        await connection.execute(f"ALTER TABLE {table} ALTER id RESTART")
    await connection.execute("TRUNCATE bridge.import_run, bridge.import_row RESTART IDENTITY")
    await connection.close()
    return bridged_database


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()

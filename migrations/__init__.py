"""Alembic for the PostgreSQL schema `bridge`, and for nothing else.

The promise: 1 an advisory lock lets one migration run at a time, Django's own beside it being free to go on; 2 everything
happens in one transaction; 3 before it commits, PostgreSQL is asked which relations outside `bridge` that transaction has
locked to write or alter; if there is one, all of it is rolled back. `DROP SCHEMA bridge CASCADE` takes all of it out.
"""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from new_app.db import BRIDGE_SCHEMA, async_url

Change = Callable[[Config], None]
LOCK = 0x62726964  # "brid"; any number will do that nobody else on the database uses
TOUCHED = """
SELECT DISTINCT n.nspname || '.' || c.relname AS name, l.mode
FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation'
  AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
  AND n.nspname NOT IN ('bridge', 'pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
ORDER BY name
"""


class ForeignSchemaError(Exception):
    """A migration touched a table that is not ours. Nothing of it was kept."""


def config(folder: Path | None = None) -> Config:
    """Alembic's configuration; `folder` replaces the one that holds env.py and versions/."""
    made = Config()
    made.set_main_option("script_location", str(folder or Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    return made


def head() -> str:
    """The newest revision in the code."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


async def upgrade(database_url: str, revision: str = "head", settings: Config | None = None) -> None:
    """Bring schema `bridge` to `revision`. Raises ForeignSchemaError, and keeps nothing, if anything else was touched."""
    await _run(database_url, settings or config(), lambda made: command.upgrade(made, revision))


async def downgrade(database_url: str, revision: str) -> None:
    """Take schema `bridge` back to `revision` (`base` empties it)."""
    await _run(database_url, config(), lambda made: command.downgrade(made, revision))


async def current(database_url: str) -> str | None:
    """The revision a database is at, None where schema `bridge` is not there."""
    engine = create_async_engine(async_url(database_url), poolclass=NullPool)
    async with engine.connect() as connection:
        if await connection.scalar(text("SELECT to_regclass('bridge.alembic_version')")) is None:
            return None
        version: str | None = await connection.scalar(text("SELECT version_num FROM bridge.alembic_version"))
        return version


async def _run(database_url: str, made: Config, change: Change) -> None:
    engine = create_async_engine(async_url(database_url), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})  # 1
            await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {BRIDGE_SCHEMA}"))
            await connection.execute(text(f"SET LOCAL search_path = {BRIDGE_SCHEMA}"))
            await connection.run_sync(_with, made, change)  # 2
            touched = (await connection.execute(text(TOUCHED))).all()  # 3
            if touched:
                names = ", ".join(f"{name} ({mode})" for name, mode in touched)
                raise ForeignSchemaError(f"migrations own schema bridge only, but this one touched {names}")
    finally:
        await engine.dispose()


def _with(connection: Connection, made: Config, change: Change) -> None:
    made.attributes["connection"] = connection
    change(made)

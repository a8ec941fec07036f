"""Alembic. Owns the PostgreSQL schema `bridge` and refuses anything else.

`upgrade`, `downgrade` and `current` need a database URL and no configuration file. Each runs in one transaction: first
the advisory lock, so that two of them, or one beside Django's migrate, follow each other; then the steps; then the
fence (see `fence.py`), which takes everything back where a step reached outside the schema.

`DROP SCHEMA bridge CASCADE` leaves a database that Django cannot tell from before.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from migrations.fence import Fence, MigrationError

__all__ = ["SCHEMA", "MigrationError", "current", "downgrade", "head", "upgrade"]

SCHEMA = "bridge"
VERSIONS = Path(__file__).parent / "versions"
ADVISORY_LOCK = 0x62726964  # "brid"
LOCK_TIMEOUT = "5s"
"""How long a step may wait for a table. A visitor's query behind a waiting migration is worse than a migration run again."""
QUEUE_TIMEOUT = "120s"
"""How long one migration waits for another to end."""


def upgrade(database_url: str, revision: str = "head", *, versions: Path = VERSIONS) -> str | None:
    """Bring the schema to `revision` and return the revision it has now. Raises MigrationError, and then nothing changed."""
    return _run(database_url, versions, lambda config: command.upgrade(config, revision))


def downgrade(database_url: str, revision: str, *, versions: Path = VERSIONS) -> str | None:
    """Take the schema back to `revision`; `base` removes the schema itself and returns None."""
    return _run(database_url, versions, lambda config: command.downgrade(config, revision))


def current(database_url: str) -> str | None:
    """The revision of the database, or None where the schema is missing."""
    return _in_thread(_current(_asyncpg(database_url)))


def head(versions: Path = VERSIONS) -> str | None:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(_config(versions)).get_current_head()


def _config(versions: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config


def _asyncpg(database_url: str) -> URL:
    url = make_url(database_url)
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise MigrationError(f"DATABASE_URL must begin with postgresql://, not {url.drivername}://")
    return url.set(drivername="postgresql+asyncpg")


def _in_thread(work: Any) -> str | None:
    """Run a coroutine to its end, whether or not the caller stands in an event loop."""
    with ThreadPoolExecutor(1) as pool:
        result: str | None = pool.submit(asyncio.run, work).result()
        return result


def _run(database_url: str, versions: Path, action: Callable[[Config], None]) -> str | None:
    config = _config(versions)
    return _in_thread(_migrate(_asyncpg(database_url), lambda connection: _steps(connection, config, action)))


async def _migrate(url: URL, steps: Callable[[Connection], str | None]) -> str | None:
    # The lock has a connection of its own: a transaction that waited for it would see the database as it was before.
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as queue:
            await queue.execute(text(f"SET LOCAL lock_timeout = '{QUEUE_TIMEOUT}'"))
            await queue.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
            repeatable = engine.execution_options(isolation_level="REPEATABLE READ")
            async with repeatable.begin() as connection:
                return await connection.run_sync(steps)
    finally:
        await engine.dispose()


def _steps(connection: Connection, config: Config, action: Callable[[Config], None]) -> str | None:
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    fence = Fence(connection, SCHEMA)
    if not _schema_exists(connection):
        connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    # An unqualified name in a migration means our schema, whatever the role's own search path says.
    connection.execute(text(f"SET LOCAL search_path = {SCHEMA}, pg_catalog"))
    config.attributes["connection"] = connection
    with fence:
        action(config)
    revision = _revision(connection)
    if revision is None:
        connection.execute(text(f"DROP TABLE IF EXISTS {SCHEMA}.alembic_version"))
        connection.execute(text(f"DROP SCHEMA {SCHEMA}"))
    return revision


async def _current(url: URL) -> str | None:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision)
    finally:
        await engine.dispose()


def _schema_exists(connection: Connection) -> bool:
    found = connection.execute(text("SELECT 1 FROM pg_namespace WHERE nspname = :name"), {"name": SCHEMA})
    return found.first() is not None


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA}).get_current_revision()

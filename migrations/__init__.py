"""Alembic. Owns the PostgreSQL schema `bridge` and refuses anything else.

`upgrade`, `downgrade` and `current` need a database URL and no configuration file. Each runs in one transaction: first
the advisory lock, so that two of them, or one beside Django's migrate, follow each other; then the steps; then the
fence (see `fence.py`), which takes everything back where a step reached outside the schema.

`DROP SCHEMA bridge CASCADE` leaves a database that Django cannot tell from before.
"""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from migrations.fence import Fence, ForeignSchemaError
from new_app.db import BRIDGE_SCHEMA, async_url

__all__ = ["ForeignSchemaError", "current", "downgrade", "head", "upgrade"]

VERSIONS = Path(__file__).parent / "versions"
ADVISORY_LOCK = 0x62726964  # "brid"
LOCK_TIMEOUT = "5s"
"""How long a step may wait for a table: a query that queues behind it is a visitor who waits."""
QUEUE_TIMEOUT = "120s"
"""How long one migration waits for another to end."""


async def upgrade(database_url: str, revision: str = "head", *, versions: Path = VERSIONS) -> str | None:
    """Bring the schema to `revision`; gives the one it has now. Raises ForeignSchemaError: nothing was kept."""
    return await _run(database_url, versions, lambda config: command.upgrade(config, revision))


async def downgrade(database_url: str, revision: str, *, versions: Path = VERSIONS) -> str | None:
    """Take the schema back to `revision`; `base` removes the schema itself and gives None."""
    return await _run(database_url, versions, lambda config: command.downgrade(config, revision))


async def current(database_url: str) -> str | None:
    """The revision of the database, or None where the schema is missing."""
    engine = create_async_engine(async_url(database_url), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision)
    finally:
        await engine.dispose()


def head(versions: Path = VERSIONS) -> str:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(_config(versions)).get_current_head() or ""


def _config(versions: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config


async def _run(database_url: str, versions: Path, action: Callable[[Config], None]) -> str | None:
    engine = create_async_engine(async_url(database_url), poolclass=NullPool)
    repeatable = engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        # The lock has a connection of its own: one that waited would see the database as it was before.
        async with engine.begin() as queue:
            await queue.execute(text(f"SET LOCAL lock_timeout = '{QUEUE_TIMEOUT}'"))
            await queue.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
            async with repeatable.begin() as connection:
                return await connection.run_sync(_steps, _config(versions), action)
    finally:
        await engine.dispose()


def _steps(connection: Connection, config: Config, action: Callable[[Config], None]) -> str | None:
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    fence = Fence(connection, BRIDGE_SCHEMA)
    if not _schema_exists(connection):
        connection.execute(text(f"CREATE SCHEMA {BRIDGE_SCHEMA}"))
    # An unqualified name in a migration means our schema, whatever the role's own search path says.
    connection.execute(text(f"SET LOCAL search_path = {BRIDGE_SCHEMA}, pg_catalog"))
    config.attributes["connection"] = connection
    with fence:
        action(config)
    revision = _revision(connection)
    if revision is None:
        connection.execute(text(f"DROP TABLE IF EXISTS {BRIDGE_SCHEMA}.alembic_version"))
        connection.execute(text(f"DROP SCHEMA {BRIDGE_SCHEMA}"))
    return revision


def _schema_exists(connection: Connection) -> bool:
    found = connection.execute(text("SELECT 1 FROM pg_namespace WHERE nspname = :name"), {"name": BRIDGE_SCHEMA})
    return found.first() is not None


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table_schema": BRIDGE_SCHEMA}).get_current_revision()

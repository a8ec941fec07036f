"""`bridge schema`: does the mapping still fit the database that Django migrates?"""

import asyncio
import sys
from pathlib import Path

import click
from rich.console import Console
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from legacy_adapters.errors import ManifestError
from legacy_adapters.manifest import Manifest, read_manifest
from new_app.config import Settings
from new_app.db import async_url
from new_app.models import metadata
from parity.schema import Lock, compare_schema, migration_drifts


@click.group()
def schema() -> None:
    """Compare the mapping with the live database."""


@schema.command()
@click.option("--database-url", help="PostgreSQL to check, postgresql://… . Default: DATABASE_URL.")
@click.option("--manifest", type=click.Path(path_type=Path), help="Its migrations must be applied. Default: MANIFEST.")
@click.option("--show-unmapped", is_flag=True, help="Name the tables and columns that nothing maps.")
def check(database_url: str | None, manifest: Path | None, show_unmapped: bool) -> None:
    """Name each drift; exit 1 where there is one, 2 where the database cannot be asked."""
    settings = Settings()
    url = database_url or settings.database_url
    if not url:
        raise click.UsageError("no database: give --database-url, or set DATABASE_URL")
    path = manifest or settings.manifest
    console = Console(soft_wrap=True, highlight=False, markup=False)
    try:
        known = read_manifest(path) if manifest or path.exists() else None
        lock = asyncio.run(checked(url, known))
    except (ManifestError, ValueError, OSError, DBAPIError) as error:
        print(f"cannot check: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    for drift in lock.drifts:
        console.print(f"drift  {drift}")
    if show_unmapped:
        for name in lock.unmapped:
            console.print(f"unmapped  {name}")
    count = "1 drift" if len(lock.drifts) == 1 else f"{len(lock.drifts)} drifts"
    against = "migrations compared with the manifest" if known else f"no manifest at {path}: migrations not compared"
    console.print(f"{lock.tables} tables mapped, {len(lock.unmapped)} unmapped, {count}; {against}")
    if lock.drifts:
        console.print("Change the models in new_app to fit, or undo the migration; do not cut over while this shows.")
        raise SystemExit(1)


async def checked(database_url: str, manifest: Manifest | None) -> Lock:
    """The lock of a database, with the migrations that a manifest knows and the database does not."""
    engine = create_async_engine(async_url(database_url), poolclass=NullPool, connect_args={"timeout": 5})
    try:
        async with engine.connect() as connection:
            lock = await connection.run_sync(compare_schema, metadata)
            if manifest is None:
                return lock
            applied = await connection.run_sync(applied_migrations)
            drifts = lock.drifts + tuple(migration_drifts(applied, manifest.migration_heads))
            return Lock(drifts, lock.unmapped, lock.tables)
    finally:
        await engine.dispose()


def applied_migrations(connection: Connection) -> dict[str, set[str]]:
    """Names of applied Django migrations by app; nothing where Django has never migrated."""
    applied: dict[str, set[str]] = {}
    if connection.scalar(text("SELECT to_regclass('django_migrations')")) is not None:
        for app, name in connection.execute(text("SELECT app, name FROM django_migrations")):
            applied.setdefault(app, set()).add(name)
    return applied

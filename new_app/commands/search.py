"""`bridge search reindex · status`: the search index, read anew or looked at."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import func, select, text

from new_app.config import Settings
from new_app.db import Database
from new_app.domains import SEARCHED
from new_app.rows import Rows
from new_app.search import Engine, EngineError
from new_app.search.choice import search_engine
from new_app.search.indexing import reindex as read_all

T = TypeVar("T")
console = Console(highlight=False, soft_wrap=True)


@click.group()
def search() -> None:
    """The index behind /search/."""


@search.command()
def reindex() -> None:
    """Read every document anew. Whoever searches meanwhile finds the old or the new, never nothing."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())

    async def done(database: Database, engine: Engine) -> tuple[int, int]:
        with Progress(*columns, console=console) as progress:
            bars = {}
            async with database.read_only() as session:
                for one in SEARCHED:
                    rows = select(func.count()).select_from(one.question().order_by(None).subquery())
                    bars[one.kind] = progress.add_task(one.label, total=await session.scalar(rows))
            read = await read_all(
                database, engine, SEARCHED, told=lambda kind, number: progress.advance(bars[kind], number)
            )
        return read, await engine.count()

    read, kept = ask(done)
    click.echo(f"{read} documents read, {kept} in the index")


@search.command()
def status() -> None:
    """Which engine it is, how many documents it has, and when it was last brought up to date."""

    async def looked(database: Database, engine: Engine) -> tuple[str, int, str]:
        question = text("SELECT read_at FROM bridge.search_reader WHERE engine = :engine")
        async with database.read_only() as session:
            read_at = await session.scalar(question, {"engine": engine.name})
        said = f"{read_at:%Y-%m-%d %H:%M:%S}" if read_at else "never: is a worker running?"
        return engine.name, await engine.count(), said

    name, count, read_at = ask(looked)
    click.echo(f"{name}: {count} documents; changes read until {read_at}")


def ask(question: Callable[[Database, Engine], Awaitable[T]]) -> T:
    async def asked() -> T:
        settings = Settings()
        rows, database = Rows(settings.database_url), Database(settings.database_url, pool_size=1)
        engine = search_engine(settings, rows)
        try:
            return await question(database, engine)
        finally:
            await engine.close()
            await database.dispose()
            await rows.close()

    try:
        return asyncio.run(asked())
    except EngineError as error:
        raise click.ClickException(f"{error}; nothing is lost, run it again when the engine answers") from error

"""`bridge tasks · tasks run · tasks move`: what is done at its time, by which side, and what came of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import asyncpg
import click
from rich.table import Table

from legacy_adapters.flags import Stage
from new_app.commands import flags
from new_app.config import Settings
from new_app.db import Database
from new_app.domains import TASKS
from new_app.rows import Rows
from new_app.search.choice import search_engine
from new_app.tasks import Status, Tasks

T = TypeVar("T")
NAMES = click.Choice([task.name for task in TASKS])
AT = "%Y-%m-%d %H:%M"


@click.group(invoke_without_command=True)
@flags.as_json
@click.pass_context
def tasks(context: click.Context, as_json: bool) -> None:
    """Whose each task is, when it ran last and what came of it, and when it runs next."""
    if context.invoked_subcommand is not None:
        return
    board, now = ask(lambda known: known.board()), datetime.now(UTC)
    if as_json:
        click.echo(json.dumps([in_words(one, now) for one in board], indent=1))
        return
    table = Table("task", "owner", "legacy's beat", "last run", "outcome", "it said", "next run")
    for one in board:
        table.add_row(*(str(value) for value in in_words(one, now).values()))
    flags.show(table)


def in_words(one: Status, now: datetime) -> dict[str, str]:
    beat = f"{one.beat} entries on" if one.beat else "off"
    last = one.last
    return {
        "task": one.task.name,
        "owner": one.owner,
        "beat": beat if one.task.is_shared else "-",
        "last_run": f"{last.started_at:{AT}}" if last else "never",
        "outcome": last.outcome if last else "",
        "said": last.said if last else "",
        "next_run": f"{one.task.next_run(now):{AT}}" if one.owner == "new" else "legacy's schedule",
    }


@tasks.command()
@click.argument("name", type=NAMES)
def run(name: str) -> None:
    """Do a task now, if it is new's and nobody else is at it."""
    done = ask(lambda known: known.run(name))
    if done is None:
        raise click.ClickException(f"{name} is legacy's, or somebody is at it: `bridge tasks` says which")
    click.echo(f"{done.outcome}: {done.said}")
    raise SystemExit(0 if done.outcome == "done" else 1)


@tasks.command()
@click.argument("names", type=NAMES, nargs=-1, required=True)
@click.option("--to", type=click.Choice([stage.value for stage in Stage]), required=True)
@flags.why
@flags.by
def move(names: tuple[str, ...], to: str, why: str, by: str) -> None:
    """Let the other side do tasks. Legacy's own schedule of them is paused, or woken, with it."""
    for name in names:
        flags.report(flags.ask(lambda rollout, name=name: rollout.move(name, Stage(to), by=by, why=why)))  # type: ignore[misc]


def ask(question: Callable[[Tasks], Awaitable[T]]) -> T:
    from new_app.worker import site_tasks

    async def asked() -> T:
        settings = Settings()
        rows, database = Rows(url), Database(url, pool_size=2)
        engine = search_engine(settings, rows)
        try:
            return await question(site_tasks(settings, database, engine))
        finally:
            await engine.close()
            await database.dispose()
            await rows.close()

    url = flags.database_url()
    try:
        return asyncio.run(asked())
    except asyncpg.UndefinedTableError as error:
        raise click.ClickException(f"run `bridge migrate` first: {error}") from error
    except OSError as error:
        raise click.ClickException(f"the database does not answer: {error}") from error

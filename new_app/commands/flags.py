"""`bridge stages · move · kill · restore · audit · preview · migrate`: what operators do while a site moves."""

import asyncio
import getpass
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError, ProgrammingError

import migrations
from legacy_adapters.flags import Stage
from migrations.watch import install
from new_app import preview as tokens
from new_app.config import Settings
from new_app.db import Database
from new_app.domains import DOMAINS, WATCHED
from new_app.rollout import Change, Rollout, RolloutError

T = TypeVar("T")
why = click.option("--why", required=True, help="The reason; it is kept in the audit.")
by = click.option("--by", default=getpass.getuser, help="Who; your login by default.")
as_json = click.option("--json", "as_json", is_flag=True, help="For machines.")


@click.command()
@as_json
def stages(as_json: bool) -> None:
    """Who serves what, since when, why."""
    board = ask(lambda rollout: rollout.board())
    if as_json:
        click.echo(json.dumps([asdict(status) for status in board], default=str, indent=1))
        return
    table = Table("domain", "route", "stage", "set by", "since", "by", "why")
    for status in board:
        since = f"{status.since:%Y-%m-%d %H:%M}" if status.since else ""
        table.add_row(status.domain, status.route, status.stage.value, status.set_by, since, status.by, status.why)
    show(table)


@click.command()
@click.argument("names", metavar="ROUTE|DOMAIN…", nargs=-1, required=True)
@click.option("--to", type=click.Choice([stage.value for stage in Stage]), required=True)
@why
@by
def move(names: tuple[str, ...], to: str, why: str, by: str) -> None:
    """Let the other side serve routes, or all routes of domains, one after the other."""

    async def moved(rollout: Rollout) -> list[Change]:
        return [change for name in names for change in await rollout.move(name, Stage(to), by=by, why=why)]

    report(ask(moved))


@click.command()
@why
@by
def kill(why: str, by: str) -> None:
    """Everything to legacy, now. `bridge restore` lifts it."""
    report(ask(lambda rollout: rollout.kill(by=by, why=why)))


@click.command()
@why
@by
def restore(why: str, by: str) -> None:
    """Lift the kill switch: every route has the stage it had."""
    report(ask(lambda rollout: rollout.restore(by=by, why=why)))


@click.command()
@click.option("--limit", default=100, show_default=True, help="How many lines.")
@as_json
def audit(limit: int, as_json: bool) -> None:
    """Every change, newest first: who, when, why, from what to what."""
    changes = ask(lambda rollout: rollout.audit(limit))
    if as_json:
        click.echo(json.dumps([asdict(change) for change in changes], default=str, indent=1))
        return
    table = Table("at", "by", "kind", "name", "before", "after", "why")
    for change in changes:
        row = (change.by, change.kind, change.name, change.before or "-", change.after or "-", change.why)
        table.add_row(f"{change.at:%Y-%m-%d %H:%M:%S}", *row)
    show(table)


@click.command()
@click.option("--side", type=click.Choice(tokens.SIDES), required=True)
@click.option("--hours", default=8.0, show_default=True, help="How long it holds.")
@click.option("--base", default="http://127.0.0.1:8000", show_default=True, help="The address of the router.")
@click.option("--cookie", is_flag=True, help="Print the cookie instead of the link, for a tool's Cookie header.")
def preview(side: str, hours: float, base: str, cookie: bool) -> None:
    """A link that shows you, and nobody else, one side of every claimed route."""
    secret = Settings().django_secret_key.get_secret_value()
    if not secret:
        raise click.ClickException("set DJANGO_SECRET_KEY to the legacy site's: the router checks the link with it")
    token = tokens.make(side, secret, seconds=int(hours * 3600))
    click.echo(f"{tokens.COOKIE}={token}" if cookie else f"{base}/_bridge/preview?token={token}")


@click.command()
def migrate() -> None:
    """Bring our schema `bridge` up to date, and watch the tables that the site's pages are made from."""
    url = database_url()
    try:
        asyncio.run(migrations.upgrade(url))
        watch = asyncio.run(install(url, WATCHED))
    except migrations.ForeignSchemaError as error:
        raise click.ClickException(str(error)) from error
    except (OSError, DBAPIError) as error:
        raise click.ClickException(f"the database cannot be migrated: {error}") from error
    click.echo(f"schema bridge is at {migrations.head()}; {watch}")
    if watch.busy:
        raise SystemExit(1)


def database_url() -> str:
    """DATABASE_URL, or an error that says how to get one."""
    url = Settings().database_url
    if not url:
        raise click.ClickException("set DATABASE_URL; `make demo` prints the one of the demo")
    return url


def ask(question: Callable[[Rollout], Awaitable[T]]) -> T:
    """Ask the rollout of the configured database; its errors as one line each."""

    async def answered() -> T:
        database = Database(url, pool_size=1)
        try:
            return await question(Rollout(database, DOMAINS))
        finally:
            await database.dispose()

    url = database_url()
    try:
        return asyncio.run(answered())
    except RolloutError as error:
        raise click.ClickException(str(error)) from error
    except ProgrammingError as error:
        raise click.ClickException(f"run `bridge migrate` first: {error.orig}") from error
    except (OSError, DBAPIError) as error:
        raise click.ClickException(f"the database does not answer: {error}") from error


def show(table: Table) -> None:
    """Print a table; without a terminal as plain columns that no width cuts, for grep and awk."""
    console = Console()
    if not console.is_terminal:
        table.box, console.width = None, 1000
    console.print(table)


def report(changes: list[Change]) -> None:
    """Say what changed."""
    for change in changes:
        name = change.name or "everything"
        click.echo(f"{change.kind} {name}: {change.before or '-'} → {change.after or '-'}")
    if not changes:
        click.echo("nothing to change: it is so already")

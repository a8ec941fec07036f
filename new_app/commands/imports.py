"""`bridge import …`: bring over what the old site owns, see what was brought, take it back.

Every import prints its plan as a table first; `--dry-run` stops there. Exit 1: refused, or not all was done that was
asked for (a record that does not read back as written, an undo that could not take everything).
"""

import asyncio
import contextlib
import getpass
import json
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy.engine import make_url

from importers import core, ledger
from importers.boxes import Boxes
from importers.companies import Companies
from importers.core import Action, Plan
from importers.sources import DatabaseSource, FixtureSource, Source, SourceError
from new_app.commands.flags import database_url
from new_app.commands.templates import templates
from new_app.config import Settings
from new_app.snippets import FOLDER

SHOWN = 200  # rows of a plan's table; `--all` shows every one
LONG = 2_000  # records from which a run shows its progress
COLOURS = {"create": "green", "change": "yellow", "same": "dim", "skip": "magenta"}
ERRORS = (core.ImportRefused, SourceError, ledger.LedgerMissing, ledger.ImportRunning)

WIDTH = None if sys.stdout.isatty() else 200  # a pipe folds no reasons
console = Console(highlight=False, width=WIDTH)
errors = Console(highlight=False, width=WIDTH, stderr=True)


@click.group(name="import")
def imports() -> None:
    """Bring over what the old site owns: boxes as snippets, companies as sponsors, templates as a theme."""


imports.add_command(templates)


def _common(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option(
            "--batch", type=click.IntRange(1), default=core.BATCH, show_default=True, help="Records a transaction."
        ),
        click.option("--by", default=getpass.getuser, show_default="you", help="Who imports; kept in the ledger."),
        click.option("--all", "everything", is_flag=True, help=f"Print the whole plan, not its first {SHOWN} lines."),
        click.option("--strict", is_flag=True, help="Write nothing if one record is bad."),
        click.option(
            "--source",
            default="shared",
            show_default=True,
            metavar="shared|URL|DIR|FILE.json",
            help="The shared database, another one (postgresql://…), or Django fixtures.",
        ),
        click.option("--dry-run", is_flag=True, help="Print the plan and stop."),
    ):
        command = option(command)
    return command


@imports.command()
@_common
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=FOLDER, help="Where snippets go.")
@click.option("--live", multiple=True, metavar="LABEL", help="Keep this box in the database. Repeatable.")
@click.option(
    "--templates",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Search these folders for labels that no box has.  [default: the site's own and the manifest's]",
)
def boxes(out: Path, live: tuple[str, ...], templates: tuple[Path, ...], **options: Any) -> None:
    """Boxes → Jinja2 snippets, one file a label, for version control."""
    folders = list(templates) or _template_folders()
    _run(lambda connection: _import(connection, Boxes(out.resolve(), live=live, templates=folders), **options))


@imports.command()
@_common
@click.option(
    "--media",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Django's MEDIA_ROOT: copy logos there. Without it, a sponsor uses the company's file.",
)
@click.option(
    "--media-from",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The media folder of the source, if it is another one.",
)
@click.option(
    "--match", "matches", multiple=True, metavar="SLUG=ID|new", help="Settle an ambiguous company. Repeatable."
)
def companies(media: Path | None, media_from: Path | None, matches: tuple[str, ...], **options: Any) -> None:
    """Companies → sponsors, merged by slug, name and web domain."""
    if media_from is not None and media is None:
        raise click.UsageError("--media-from needs --media, the folder to copy to")
    decisions = dict(_decision(text) for text in matches)
    importer = Companies(
        media=media and media.resolve(), media_from=media_from and media_from.resolve(), decisions=decisions
    )
    _run(lambda connection: _import(connection, importer, **options))


@imports.command()
@click.argument("run", type=int)
def undo(run: int) -> None:
    """Take a run back exactly. Records that were changed since are left alone and named."""
    _run(lambda connection: _undo(connection, run))


@imports.command()
@click.option("--json", "as_json", is_flag=True)
def runs(as_json: bool) -> None:
    """What was imported, the last run first."""
    _run(lambda connection: _runs(connection, as_json))


# -- what they do -----------------------------------------------------------------------------------------------------


def _run(work: Callable[[Any], Coroutine[Any, Any, int]]) -> None:
    """Connect, work, and exit; errors as one line each."""

    async def connected() -> int:
        connection = await asyncpg.connect(database_url(), timeout=10)
        try:
            return await work(connection)
        finally:
            await connection.close()

    try:
        code = asyncio.run(connected())
    except ERRORS as error:
        raise click.ClickException(str(error)) from error
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise click.ClickException(f"the database does not do it: {error}") from error
    raise SystemExit(code)


async def _import(
    connection: Any,
    importer: core.Importer,
    *,
    dry_run: bool,
    source: str,
    strict: bool,
    everything: bool,
    by: str,
    batch: int,
) -> int:
    origin = _source(connection, source)
    if dry_run:
        made = await core.plan(connection, importer, origin)
        _print_plan(importer, made, everything)
        if strict and made.bad:
            raise core.ImportRefused(f"{len(made.bad)} bad records: --strict would refuse this import")
        return 0
    with _progress() as progress:
        result = await core.run(
            *(connection, importer, origin),
            by=by,
            strict=strict,
            batch=batch,
            progress=progress,
            announce=lambda made: _print_plan(importer, made, everything),
        )
    if result.run is None:
        console.print("nothing to import: everything is as it should be")
        return 0
    console.print(f"run {result.run}{' (resumed)' if result.resumed else ''}: {_counted(result.counts)}")
    for key in result.differs:
        errors.print(f"[red]differs[/] {escape(key)}: does not read back as it was written")
    if not result.differs:
        console.print(f"verified; take it back with: bridge import undo {result.run}")
    return 1 if result.differs else 0


async def _undo(connection: Any, number: int) -> int:
    run = next((run for run in await ledger.runs(connection) if run.id == number), None)
    if run is None:
        raise core.ImportRefused(f"there is no run {number}: `bridge import runs` lists them")
    if run.state == "undone":
        console.print(f"run {number} is undone already")
        return 0
    importer: core.Importer = Companies()
    if run.importer == Boxes.name:
        importer = Boxes(Path((await ledger.marks(connection, number))[0]["folder"]))
    with _progress() as progress:
        refused = await core.undo(connection, importer, number, progress=progress)
    for refusal in refused:
        errors.print(f"[magenta]left alone[/] {escape(refusal.key)}: {escape(refusal.reason)}")
    if refused:
        errors.print(f"run {number} is undone in part; settle these, then undo it again")
        return 1
    console.print(f"run {number} is undone")
    return 0


async def _runs(connection: Any, as_json: bool) -> int:
    listed = await ledger.runs(connection)
    if as_json:
        fields = ("id", "importer", "source", "by", "state", "counts")
        click.echo(json.dumps([{name: getattr(run, name) for name in fields} for run in listed], indent=1))
        return 0
    table = Table(box=None)
    for title in ("run", "what", "from → to", "by", "when", "state", "counts"):
        table.add_column(title)
    for run in listed:
        when = f"{run.started:%Y-%m-%d %H:%M}"
        table.add_row(str(run.id), run.importer, escape(run.source), run.by, when, run.state, _counted(run.counts))
    console.print(table if listed else "nothing was imported yet")
    return 0


# -- reading the options ----------------------------------------------------------------------------------------------


def _source(connection: Any, text: str) -> Source:
    if text == "shared":
        return DatabaseSource("shared", connection=connection)
    if text.startswith(("postgresql://", "postgres://")):
        return DatabaseSource(_without_password(text), url=text)
    return FixtureSource(Path(text).resolve())


def _without_password(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _decision(text: str) -> tuple[str, int | None]:
    slug, _, choice = text.partition("=")
    if not slug or not (choice == "new" or choice.isdigit()):
        raise click.BadParameter(f"{text!r} is neither SLUG=ID nor SLUG=new", param_hint="--match")
    return slug, None if choice == "new" else int(choice)


def _template_folders() -> list[Path]:
    """Ours, and those that `bridge adopt` found."""
    folders = [FOLDER.parent]
    manifest = Settings().manifest
    if manifest.is_file():
        with contextlib.suppress(ValueError, AttributeError):
            found = json.loads(manifest.read_text()).get("template_dirs", [])
            folders += [Path(one) for one in found if isinstance(one, str)]
    return [folder for folder in folders if folder.is_dir()]


# -- printing ---------------------------------------------------------------------------------------------------------


def _print_plan(importer: core.Importer, made: Plan, everything: bool) -> None:
    steps = sorted(made.steps, key=lambda step: list(Action).index(step.action)) if not everything else made.steps
    shown = steps if everything else [step for step in steps if step.action is not Action.SAME or step.reason][:SHOWN]
    table = Table(box=None, title=f"{importer.name} → {importer.target.place}", title_justify="left")
    for title in ("action", "record", "reason"):
        table.add_column(title, overflow="fold")
    for step in shown:
        action = f"[{COLOURS[step.action]}]{step.action}[/]"
        table.add_row(action, escape(step.key), escape(step.reason))
    if shown:
        console.print(table)
    if len(shown) < len(steps):
        console.print(f"… and {len(steps) - len(shown)} more; --all prints them")
    for bad in made.bad:
        errors.print(f"[red]bad[/] {escape(str(bad))}")
    for note in made.notes:
        errors.print(f"[yellow]note[/] {escape(note)}")
    console.print(f"plan: {_counted(made.counts())}")


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())


@contextlib.contextmanager
def _progress() -> Iterator[core.Progress]:
    """A bar on a terminal, a line per phase elsewhere; nothing for a short run."""
    if not console.is_terminal:
        yield _plain
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int) -> None:
            if total >= LONG:
                if what not in tasks:
                    tasks[what] = bar.add_task(what, total=total)
                bar.update(tasks[what], completed=done)

        yield show


def _plain(what: str, done: int, total: int) -> None:
    if total >= LONG and done in {0, total}:
        click.echo(f"{what}: {done} of {total}")

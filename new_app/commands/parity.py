"""`bridge parity run`: ask legacy and new the same questions, and show every answer that is not the same.

With `--legacy URL --new URL` and `--from` or `--crawl` it compares any two addresses and needs nothing else of ours, no
database. Otherwise the cases are the domains' own samples. Exit 0: everything is explained; 1: unexplained differences,
or a waiver that expired (`--strict`: or covers nothing; `--new-must-answer`: or a case that new gave back to legacy);
2: a side could not be asked, or there was nothing to ask.
"""

import asyncio
import sys
from collections.abc import Iterable
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import SQLAlchemyError

from legacy_adapters.manifest import read_manifest
from legacy_adapters.settings import LegacySettings
from new_app import preview
from new_app.commands.parity_cases import ANONYMOUS, Corpus, Unusable, cases, methods_of
from new_app.commands.parity_rules import rules
from new_app.config import ROOT, Settings
from parity.capture import Ask, Case, Headers, Side
from parity.errors import ParityError
from parity.page import Page
from parity.personas import Login, sign_in
from parity.report import JUnit, Listener, Ndjson, Redaction, Tally, Terminal
from parity.runner import run
from parity.waivers import Accepted, read_waivers

WAIVERS = ROOT / "parity" / "waivers.toml"
PRINTED = 140
"""Columns of a table that goes into a file or a log: routes stay on their line."""
NEW_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    targets: tuple[str, ...]
    everything: bool
    legacy: str
    new: str
    file: Path | None
    crawl: bool
    method: str
    unsafe: bool
    personas: str
    logins: tuple[tuple[str, Login], ...]
    login_path: str
    report: Path | None
    junit: Path | None
    ndjson: Path | None
    waivers: Path | None
    concurrency: int
    limit: int | None
    timeout: float
    strict: bool
    new_must_answer: bool
    html: bool
    exact: bool
    visitors: bool
    legacy_headers: Headers
    new_headers: Headers


def header(context: click.Context, parameter: click.Parameter, lines: tuple[str, ...]) -> Headers:
    """`Name: value`, as curl takes it."""
    pairs = [line.partition(":") for line in lines]
    if wrong := [line for line, (name, colon, _) in zip(lines, pairs, strict=True) if not colon or not name.strip()]:
        raise click.BadParameter(f"{wrong[0]!r} is no header: write 'Name: value'")
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)


def logins(context: click.Context, parameter: click.Parameter, lines: tuple[str, ...]) -> tuple[tuple[str, Login], ...]:
    """`persona=NAME:PASSWORD`, over those of the environment."""
    pairs = [line.partition("=") for line in lines]
    known = {name: secret.get_secret_value() for name, secret in Settings().parity_logins.items()}
    known |= {name.strip(): login for name, _, login in pairs}
    try:
        return tuple((name, Login.read(login)) for name, login in known.items())
    except ParityError as error:
        raise click.BadParameter(f"{error}, as in --login staff=NAME:PASSWORD") from error


@click.group()
def parity() -> None:
    """Do both sides answer alike?"""


@parity.command("run")
@click.argument("targets", nargs=-1, metavar="[DOMAIN|ROUTE]…")
@click.option("--all", "everything", is_flag=True, help="The samples of every domain.")
@click.option("--legacy", help="The address that is right.  [default: LEGACY_URL]")
@click.option("--new", help=f"The address to prove.  [default: {NEW_URL}, with a preview cookie that forces new]")
@click.option("--from", "file", type=click.Path(path_type=Path), help="Cases from URLs, an access log or HAR.")
@click.option("--crawl", is_flag=True, help="Cases by following legacy's links; of the named targets' routes if any.")
@click.option("--method", default="GET", show_default=True, help="Ask each page with these: HEAD,GET,OPTIONS.")
@click.option("--unsafe", is_flag=True, help="Allow POST, PUT, PATCH, DELETE, also from FILE: they change both sides.")
@click.option("--personas", default=ANONYMOUS, show_default=True, help="Ask as each of these: anonymous,user,staff.")
@click.option(
    "--login", "logins", multiple=True, callback=logins, help="PERSONA=NAME:PASSWORD. Repeatable.  [or PARITY_LOGINS]"
)
@click.option("--login-path", default="", help="Where legacy has its sign-in form.  [default: its LOGIN_URL]")
@click.option("--report", type=click.Path(path_type=Path, file_okay=False), help="Write index.html into this folder.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write JUnit XML.")
@click.option("--ndjson", type=click.Path(path_type=Path, dir_okay=False), help="Write one JSON object per case.")
@click.option("--concurrency", type=click.IntRange(1, 64), default=4, show_default=True)
@click.option("--timeout", type=click.FloatRange(0.1), default=30.0, show_default=True, help="Seconds for one answer.")
@click.option("--header", "headers", multiple=True, callback=header, help="Send 'Name: value' to both. Repeatable.")
@click.option("--legacy-header", multiple=True, callback=header, help="… to legacy only.")
@click.option("--new-header", multiple=True, callback=header, help="… to new only.")
@click.option("--waivers", type=click.Path(path_type=Path), help="[default: parity/waivers.toml]")
@click.option("--limit", type=click.IntRange(1), help="At most so many cases.  [default: 5000; a crawl: 300]")
@click.option("--visitors", is_flag=True, help="Each case from an address of its own (X-Forwarded-For).")
@click.option("--strict", is_flag=True, help="A waiver that covers nothing is a failure too.")
@click.option("--html", is_flag=True, help="Print per route how many pages have the same tree and the same bytes.")
@click.option(
    "--bytes", "exact", is_flag=True, help="A page whose bytes differ is a failure, though its tree is the same."
)
@click.option("--new-must-answer", is_flag=True, help="A case that new gives back to legacy is a failure too.")
def parity_run(
    legacy: str | None,
    new: str | None,
    headers: Headers,
    legacy_header: Headers,
    new_header: Headers,
    **rest: object,
) -> None:
    """Compare both sides: the samples of DOMAIN or ROUTE, of --all, a file, or a crawl."""
    options = Options(
        legacy=legacy or Settings().legacy_url,
        new=new or NEW_URL,
        legacy_headers=headers + legacy_header,
        new_headers=headers + new_header + (() if new else forced()),
        **rest,  # type: ignore[arg-type]
    )
    try:
        sys.exit(asyncio.run(compare_sides(options)))
    except (ParityError, ValueError) as error:
        raise Unusable(str(error)) from error
    except (SQLAlchemyError, OSError) as error:
        raise Unusable(f"{type(error).__name__}: {error}. Is DATABASE_URL right, and the folder writable?") from error


def forced() -> Headers:
    """The cookie that makes our own router ask new, so that a route can be proven before visitors get it."""
    secret = Settings().django_secret_key.get_secret_value()
    if not secret:
        click.echo(
            "without DJANGO_SECRET_KEY new is asked as visitors ask it: what has not moved is given back", err=True
        )
        return ()
    return (("Cookie", f"{preview.COOKIE}={preview.make('new', secret, seconds=3600)}"),)


async def compare_sides(options: Options) -> int:
    if not (options.targets or options.everything or options.file or options.crawl):
        raise Unusable("say what to compare: a domain or route, --all, --from FILE or --crawl")
    methods = methods_of(options.method, unsafe=options.unsafe)
    known = read_waivers(options.waivers) if options.waivers else read_waivers(WAIVERS) if WAIVERS.exists() else ()
    accepted = Accepted(known, datetime.now(UTC).date())
    sides = (
        Side(options.legacy, options.legacy_headers, options.timeout, options.concurrency * 2),
        Side(options.new, options.new_headers, options.timeout, options.concurrency),
    )
    redaction = Redaction(options.legacy_headers + options.new_headers)
    tally = Tally(accepted, redaction, must_answer=options.new_must_answer)
    with ExitStack() as files:
        listeners = [tally, *_listeners(options, redaction, files)]
        async with sides[0] as legacy, sides[1] as new:
            await _both_answer(legacy, new)
            corpus = Corpus(
                options.targets,
                options.everything,
                options.file,
                options.crawl,
                options.limit,
                methods,
                options.unsafe,
                await _personas(options, legacy),
                options.visitors,
            )
            outcomes = run(
                cases(corpus, legacy),
                legacy=legacy,
                new=new,
                rules=rules(known_settings(), exact=options.exact),
                accepted=accepted,
                concurrency=options.concurrency,
            )
            with _progress() as progress:
                task = progress.add_task("asking", total=None)
                async with aclosing(outcomes):
                    async for outcome in outcomes:
                        for listener in listeners:
                            listener.case(outcome)
                        progress.advance(task)
        for listener in listeners:
            listener.end(tally)
    if not tally.results:
        raise Unusable("nothing was asked: the domains have no samples, or the file holds no GET, HEAD or OPTIONS")
    return tally.exit_code(strict=options.strict)


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _listeners(options: Options, redaction: Redaction, files: ExitStack) -> Iterable[Listener]:
    screen = Console(highlight=False)
    if not screen.is_terminal:
        screen.width = max(screen.width, PRINTED)
    yield Terminal(screen, html=options.html)
    if options.ndjson:
        options.ndjson.parent.mkdir(parents=True, exist_ok=True)
        yield Ndjson(files.enter_context(options.ndjson.open("w", encoding="utf-8")), redaction)
    if options.junit:
        options.junit.parent.mkdir(parents=True, exist_ok=True)
        yield JUnit(options.junit)
    if options.report:
        headers = options.legacy_headers, options.new_headers
        yield Page(options.report, (options.legacy, options.new), headers, redaction, rules(known_settings()))


def known_settings() -> LegacySettings | None:
    """The legacy site's settings, where `bridge adopt` has described it."""
    path = Settings().manifest
    return read_manifest(path).settings if path.exists() else None


async def _personas(options: Options, legacy: Ask) -> tuple[tuple[str, Headers], ...]:
    """Each persona with its cookies; signed in one after the other, before the first case."""
    names = tuple(dict.fromkeys(name.strip() for name in options.personas.split(",") if name.strip()))
    known = dict(options.logins)
    if unknown := [name for name in names if name != ANONYMOUS and name not in known]:
        raise Unusable(f"nobody is known to sign in as {unknown[0]}: --login {unknown[0]}=NAME:PASSWORD")
    settings = known_settings() or LegacySettings()
    path = options.login_path or (settings.login_url if settings.login_url.startswith("/") else "/accounts/login/")
    return tuple([(name, () if name == ANONYMOUS else await sign_in(legacy, path, known[name])) for name in names]) or (
        (ANONYMOUS, ()),
    )


async def _both_answer(legacy: Ask, new: Ask) -> None:
    """Before thousands of cases fail one by one: is anybody there?"""
    for name, side in (("legacy", legacy), ("new", new)):
        answer = await side.ask(Case("/"))
        if answer.error and not answer.status:
            raise Unusable(f"{name} does not answer at {side.origin}: {answer.error}. Start it, or give --{name} URL")

"""`bridge parity run`: ask legacy and new the same questions, and show every answer that is not the same.

With `--legacy URL --new URL` and `--from` or `--crawl` it compares any two addresses and needs nothing else of ours, no
database. Otherwise the cases are the domains' own samples. Exit 0: everything is explained; 1: unexplained differences,
or a waiver that expired (`--strict`: or covers nothing; `--new-must-answer`: or a case that new gave back to legacy);
2: a side could not be asked, or there was nothing to ask.
"""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from string import ascii_letters, digits
from urllib.parse import unquote, urlsplit

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import SQLAlchemyError

from legacy_adapters import routes
from new_app import preview
from new_app.config import ROOT, Settings
from new_app.db import Database
from new_app.domain import Domain
from new_app.domains import DOMAINS
from parity.capture import Ask, Case, Headers, Observation, Side
from parity.clean import FormToken, Rules
from parity.corpus import crawl, general_route, made, read_cases
from parity.errors import ParityError
from parity.page import Page
from parity.report import JUnit, Listener, Ndjson, Redaction, Tally, Terminal
from parity.runner import run
from parity.waivers import Accepted, read_waivers

WAIVERS = ROOT / "parity" / "waivers.toml"
NEW_URL = "http://127.0.0.1:8000"
CASES = 5000
PAGES = 300
TOKEN = ascii_letters + digits


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    targets: tuple[str, ...]
    everything: bool
    legacy: str
    new: str
    file: Path | None
    crawl: bool
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


@click.group()
def parity() -> None:
    """Do both sides answer alike?"""


@parity.command("run")
@click.argument("targets", nargs=-1, metavar="[DOMAIN|ROUTE]…")
@click.option("--all", "everything", is_flag=True, help="The samples of every domain.")
@click.option("--legacy", help="The address that is right.  [default: LEGACY_URL]")
@click.option("--new", help=f"The address to prove.  [default: {NEW_URL}, with a preview cookie that forces new]")
@click.option("--from", "file", type=click.Path(path_type=Path), help="Cases from URLs, an access log or HAR.")
@click.option("--crawl", is_flag=True, help="Cases by following legacy's own links (--limit pages).")
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
    return (("Cookie", f"{preview.COOKIE}={preview.make('new', secret, seconds=3600)}"),) if secret else ()


class Unusable(click.ClickException):
    """Nothing could be compared."""

    exit_code = 2


async def compare_sides(options: Options) -> int:
    if not (options.targets or options.everything or options.file or options.crawl):
        raise Unusable("say what to compare: a domain or route, --all, --from FILE or --crawl")
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
            outcomes = run(
                visited(cases(options, legacy)) if options.visitors else cases(options, legacy),
                legacy=legacy,
                new=new,
                rules=replace(rules(), exact=options.exact),
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
    yield Terminal(Console(highlight=False), html=options.html)
    if options.ndjson:
        options.ndjson.parent.mkdir(parents=True, exist_ok=True)
        yield Ndjson(files.enter_context(options.ndjson.open("w", encoding="utf-8")), redaction)
    if options.junit:
        options.junit.parent.mkdir(parents=True, exist_ok=True)
        yield JUnit(options.junit)
    if options.report:
        headers = options.legacy_headers, options.new_headers
        yield Page(options.report, (options.legacy, options.new), headers, redaction, rules())


async def _both_answer(legacy: Ask, new: Ask) -> None:
    """Before thousands of cases fail one by one: is anybody there?"""
    for name, side in (("legacy", legacy), ("new", new)):
        answer = await side.ask(Case("/"))
        if answer.error and not answer.status:
            raise Unusable(f"{name} does not answer at {side.origin}: {answer.error}. Start it, or give --{name} URL")


def rules() -> Rules:
    """What this site adds to the rules of HTTP: Django's CSRF token, random keys, and the router's own header."""
    return Rules(
        ignored_headers=Rules().ignored_headers | {"x-bridge", "x-bridge-reason"},
        form_tokens=(FormToken("csrfmiddlewaretoken", "csrftoken", r"[A-Za-z0-9]{64}", fits),),
        cookies={"csrftoken": alphabet_and_length, "sessionid": alphabet_and_length},
        given_back=why_given_back,
    )


def why_given_back(answer: Observation) -> str:
    """Why our router let legacy answer, from its own header; an address without that router says nothing."""
    side, _, reason = answer.first("x-bridge").partition(";")
    return (reason.strip() or "without a reason") if side.strip() == "legacy" else ""


def fits(token: str, secret: str) -> bool:
    """Is the secret what the token hides? (django/middleware/csrf.py: _unmask_cipher_token())"""
    if set(token) - set(TOKEN) or len(token) != 64:
        return False
    return unmasked(token) == (unmasked(secret) if len(secret) == 64 else secret)


def unmasked(masked: str) -> str:
    """The secret in a token, or in the cookie of an older Django, which masked it there too."""
    mask, cipher = masked[:32], masked[32:]
    return "".join(TOKEN[(TOKEN.index(c) - TOKEN.index(m)) % len(TOKEN)] for m, c in zip(mask, cipher, strict=True))


def alphabet_and_length(value: str) -> object:
    """All that can be compared of a random key."""
    return len(value), bool(re.fullmatch(r"[a-z0-9]*", value)), bool(re.fullmatch(r"[A-Za-z0-9]*", value))


async def cases(options: Options, legacy: Ask) -> AsyncIterator[Case]:
    """The corpus of this run: a file, the crawl, the samples; of named targets only."""
    wanted = _wanted(options.targets)
    left = options.limit or CASES
    route_of = route_names(DOMAINS)
    if options.file:
        for case in islice(read_cases(options.file, route_of), left):
            left -= 1
            yield case
    if options.crawl and left:
        async for case in crawl(legacy, route_of=route_of, pages=min(left, options.limit or PAGES)):
            left -= 1
            yield case
    if options.targets or options.everything:
        for case in islice(await _samples(wanted, route_of), left):
            yield case


def from_its_own_visitor(case: Case, now: datetime) -> Case:
    """The case as somebody else's: a site that counts requests by address would refuse the hundredth.

    The address is of 198.18.0.0/15, set aside for measurements (RFC 2544): the same for both sides, and another
    one each hour, so that a day's runs do not add up.
    """
    digest = sha256(f"{now:%Y%m%d%H} {case.identity}".encode()).digest()
    address = f"198.{18 + digest[0] % 2}.{digest[1]}.{digest[2]}"
    return replace(case, headers=(*case.headers, ("X-Forwarded-For", address)))


async def visited(corpus: AsyncIterator[Case]) -> AsyncIterator[Case]:
    """Each case with a visitor's address of its own, so that a limit per address does not end the run."""
    async for case in corpus:
        yield from_its_own_visitor(case, datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The domains whose samples to take, and of which routes; no routes: of all."""

    domains: tuple[Domain, ...]
    names: frozenset[str]

    def takes(self, domain: Domain, route: str) -> bool:
        return not self.names or domain.name in self.names or route in self.names


def _wanted(targets: tuple[str, ...]) -> Wanted:
    names = frozenset(targets)
    by_name = {name: domain for domain in DOMAINS for name in (domain.name, *(c.name for c in domain.claims))}
    if unknown := names - by_name.keys():
        raise Unusable(f"no domain or route is named {', '.join(sorted(unknown))}: see bridge routes")
    chosen = tuple(d for d in DOMAINS if not names or names & {d.name, *(claim.name for claim in d.claims)})
    return Wanted(chosen, names)


async def _samples(wanted: Wanted, route_of: Callable[[str], str]) -> Iterable[Case]:
    url = Settings().database_url
    if not url:
        raise Unusable("samples come from the database: set DATABASE_URL, or use --from FILE or --crawl")
    database = Database(url, pool_size=1)
    found: list[str] = []
    try:
        async with database.read_only() as session:
            for domain in wanted.domains:
                paths = await domain.samples(session) if domain.samples else ()
                found += [path for path in paths if wanted.takes(domain, route_of(path))]
    finally:
        await database.dispose()
    return made(found, route_of)


def route_names(domains: Iterable[Domain]) -> Callable[[str], str]:
    """From a path to the claim that has it, or to a name made of the path where data alone could tell."""
    table = routes.RouteTable(
        routes.Claim(claim.pattern, claim.name, domain.name)
        for domain in domains
        for claim in domain.claims
        if claim.exists is None
    )

    def named(path: str) -> str:
        found = table.find(unquote(urlsplit(path).path).removeprefix("/"))
        return found[0][0].name if found and found[0] else general_route(path)

    return named

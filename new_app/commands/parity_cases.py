"""The cases of one parity run: from a file, legacy's links, the domains' samples; asked how, and by whom.

Each corpus is read as it is needed. A case of the corpus that is a GET is asked with every method of the run, and once
for every persona. Methods that change something are asked only where that was said aloud (`--unsafe`).
"""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click

from legacy_adapters import routes
from new_app.config import Settings
from new_app.db import Database
from new_app.domain import Domain
from new_app.domains import DOMAINS
from parity.capture import SAFE, UNSAFE, Ask, Case, Headers
from parity.corpus import crawl, general_route, made, read_cases

CASES = 5000
PAGES = 300
ANONYMOUS = "anonymous"


class Unusable(click.ClickException):
    """Nothing could be compared."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Corpus:
    """Which cases to ask. `personas` are names with the cookies they ask with; `anonymous` has none."""

    targets: tuple[str, ...] = ()
    everything: bool = False
    file: Path | None = None
    crawl: bool = False
    limit: int | None = None
    methods: tuple[str, ...] = ("GET",)
    unsafe: bool = False
    personas: tuple[tuple[str, Headers], ...] = ((ANONYMOUS, ()),)
    visitors: bool = False

    @property
    def taken(self) -> frozenset[str]:
        return SAFE | UNSAFE if self.unsafe else SAFE


async def cases(corpus: Corpus, legacy: Ask) -> AsyncIterator[Case]:
    """At most `limit` of them, none twice, whichever corpus it comes from."""
    left = corpus.limit or CASES
    seen: set[int] = set()
    async for found in _found(corpus, legacy):
        key = hash((found.method, found.path, found.body))
        if key in seen:
            continue
        seen.add(key)
        for case in _asked(found, corpus):
            if left <= 0:
                return
            left -= 1
            yield from_its_own_visitor(case, datetime.now(UTC)) if corpus.visitors else case


async def _found(corpus: Corpus, legacy: Ask) -> AsyncIterator[Case]:
    wanted = _wanted(corpus.targets)
    route_of = route_names(DOMAINS)
    samples = list(await _samples(wanted, route_of)) if corpus.targets or corpus.everything else []
    if corpus.file:
        for case in read_cases(corpus.file, route_of, corpus.taken):
            yield case
    if corpus.crawl:
        pages = corpus.limit or PAGES
        starts = [*islice((case.path for case in samples), pages // 2), "/"] if samples else ["/"]
        within = wanted.claimed() if samples else None
        async for case in crawl(legacy, starts, route_of, pages=pages, within=within):
            yield case
    for case in samples:
        yield case


def _asked(case: Case, corpus: Corpus) -> Iterable[Case]:
    for method in corpus.methods if case.method == "GET" else (case.method,):
        for name, cookies in corpus.personas:
            persona = "" if name == ANONYMOUS else name
            yield replace(case, method=method, persona=persona, headers=(*case.headers, *cookies))


def methods_of(text: str, *, unsafe: bool) -> tuple[str, ...]:
    """`HEAD,GET`; ValueError for one that is none, or that changes something without `--unsafe`."""
    methods = tuple(dict.fromkeys(word.strip().upper() for word in text.split(",") if word.strip()))
    if unknown := [method for method in methods if method not in SAFE | UNSAFE]:
        raise ValueError(f"{unknown[0]!r} is no method: {', '.join(sorted(SAFE | UNSAFE))}")
    if not unsafe and (changing := [method for method in methods if method in UNSAFE]):
        raise ValueError(f"{changing[0]} changes things, on both sides: add --unsafe if that is wanted")
    return methods or ("GET",)


def from_its_own_visitor(case: Case, now: datetime) -> Case:
    """The case as somebody else's: a site that counts requests by address would refuse the hundredth.

    The address is of 198.18.0.0/15, set aside for measurements (RFC 2544): the same for both sides, and another
    one each hour, so that a day's runs do not add up.
    """
    digest = sha256(f"{now:%Y%m%d%H} {case.identity}".encode()).digest()
    address = f"198.{18 + digest[0] % 2}.{digest[1]}.{digest[2]}"
    return replace(case, headers=(*case.headers, ("X-Forwarded-For", address)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The domains whose samples to take, and of which routes; no routes: of all."""

    domains: tuple[Domain, ...]
    names: frozenset[str]

    def takes(self, domain: Domain, route: str) -> bool:
        return not self.names or domain.name in self.names or route in self.names

    def claimed(self) -> Callable[[str], bool]:
        """Whether a path is one of a claim of what is wanted."""
        table, names = _table(self.domains, with_data=True), self.names

        def within(path: str) -> bool:
            found = table.find(_bare(path))
            claims = found[0] if found else ()
            return any(not names or claim.domain in names or claim.name in names for claim in claims)

        return within


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
    table = _table(tuple(domains), with_data=False)

    def named(path: str) -> str:
        found = table.find(_bare(path))
        return found[0][0].name if found and found[0] else general_route(path)

    return named


def _table(domains: Iterable[Domain], *, with_data: bool) -> routes.RouteTable:
    return routes.RouteTable(
        routes.Claim(claim.pattern, claim.name, domain.name)
        for domain in domains
        for claim in domain.claims
        if with_data or not claim.by_data
    )


def _bare(path: str) -> str:
    return unquote(urlsplit(path).path).removeprefix("/")

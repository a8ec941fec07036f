"""Which URL a claim matches: Django's path() and re_path() rules, in Django's order.

The promise: a path that Django resolves to a pattern nobody claimed is not matched here, even where a later claim would
match it too. The table keeps it by knowing legacy's own patterns, in the resolver's order, beside the claims.

1. The claims and legacy's patterns are put into one order: a claim stands where Django has the pattern it names, and a
   claim that Django has no pattern for (pages answered by data) stands after everything Django has.
2. The first pattern that matches wins, whatever the method, as in Django.
3. If no claim stands there, or none of them serves the method, the answer is legacy's.

Refuses: patterns that Django would refuse (PatternError).
"""

import functools
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from legacy_adapters.errors import PatternError
from legacy_adapters.patterns import canonical

REMEMBERED = 4096
"""Paths whose match is remembered: the table never changes, and visitors ask for the same ones."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Convert = Callable[[str], Any]
CONVERTERS: Mapping[str, tuple[str, Convert]] = {
    "int": ("[0-9]+", int),
    "path": (".+", str),
    "slug": ("[-a-zA-Z0-9_]+", str),
    "str": ("[^/]+", str),
    "uuid": ("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", uuid.UUID),
}
"""Converter name to regular expression and to_python, as in django/urls/converters.py."""
PARAMETER = re.compile(r"<(?:(?P<converter>[^>:]+):)?(?P<parameter>[^>]+)>")
LITERAL_SEGMENT = re.compile(r"[-A-Za-z0-9_]+/")


@dataclass(frozen=True, slots=True)
class Claim:
    """A URL that the new side can serve.

    `pattern` is `path()` syntax without the leading slash, or `re_path()` syntax where it begins with `^`. `name` is
    Django's URL name, namespace included. A request whose method is not in `methods` goes to legacy. `exists` is asked
    with the path (leading slash removed) where data decides whether the URL is there; False means legacy.
    """

    pattern: str
    name: str
    domain: str
    methods: frozenset[str] = SAFE
    exists: Callable[[str], Awaitable[bool]] | None = None


@dataclass(frozen=True, slots=True)
class LegacyPattern:
    """A pattern of Django's resolver: what each include() contributes, outermost first, and the endpoint last."""

    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    regex: re.Pattern[str]
    converters: Mapping[str, Convert]
    whole: bool

    def match(self, path: str) -> tuple[str, dict[str, Any]] | None:
        """The rest of the path and the arguments, as RoutePattern.match() and RegexPattern.match() give them."""
        found = self.regex.fullmatch(path) if self.whole else self.regex.search(path)
        if not found:
            return None
        kwargs: dict[str, Any] = {}
        for key, value in found.groupdict().items():
            if value is None:
                continue
            try:
                kwargs[key] = self.converters[key](value) if key in self.converters else value
            except ValueError:
                return None
        return path[found.end() :], kwargs


@dataclass(frozen=True, slots=True)
class _Entry:
    parts: tuple[_Part, ...]
    claims: tuple[Claim, ...]

    def match(self, path: str) -> dict[str, Any] | None:
        kwargs: dict[str, Any] = {}
        for part in self.parts:
            found = part.match(path)
            if found is None:
                return None
            path, more = found
            kwargs.update(more)
        return kwargs


class RouteTable:
    """Claims in Django's order. Immutable once built; `match` does no I/O.

    `legacy` is the resolver's list in its order, from the manifest; without it the claims' own order is taken, and the
    caller answers for every pattern that Django has in between. `converters` adds a site's registered ones.
    """

    def __init__(
        self,
        claims: Iterable[Claim],
        legacy: Iterable[LegacyPattern] = (),
        converters: Mapping[str, tuple[str, Convert]] | None = None,
    ) -> None:
        self.claims = tuple(claims)
        self._converters = {**CONVERTERS, **(converters or {})}
        entries = list(self._in_order(self.claims, tuple(legacy)))
        self._wild = [entry for head, entry in entries if head is None]
        heads = {head for head, _ in entries if head is not None}
        self._by_head = {
            wanted: [entry for head, entry in entries if head is None or head == wanted] for wanted in heads
        }

        self.find = functools.lru_cache(maxsize=REMEMBERED)(self._find)

    def _find(self, path: str) -> tuple[tuple[Claim, ...], Mapping[str, Any]] | None:
        """The claims of the first pattern that matches, none where that pattern is legacy's own; None without a match.

        `path` is decoded and has no leading slash.
        """
        for entry in self._by_head.get(path[: path.find("/") + 1], self._wild):
            kwargs = entry.match(path)
            if kwargs is not None:
                return entry.claims, kwargs
        return None

    def match(self, path: str, method: str) -> tuple[Claim, Mapping[str, Any]] | None:
        """The claim that serves this path and method, with the arguments of the URL."""
        found = self.find(path)
        if found is None:
            return None
        claims, kwargs = found
        return next(((claim, kwargs) for claim in claims if method in claim.methods), None)

    def _in_order(
        self, claims: Sequence[Claim], legacy: Sequence[LegacyPattern]
    ) -> Iterable[tuple[str | None, _Entry]]:
        by_pattern: dict[str, list[Claim]] = {}
        for claim in claims:
            by_pattern.setdefault(claim.pattern, []).append(claim)
        places: dict[int, list[str]] = {}
        regexes = {name: regex for name, (regex, _) in self._converters.items()}
        written = [canonical(known.parts, regexes) for known in legacy]
        for pattern, group in by_pattern.items():
            place = _place(group[0].name, canonical([pattern], regexes), legacy, written)
            places.setdefault(place, []).append(pattern)
        for index in range(len(legacy) + 1):
            mine = legacy[index].name if index < len(legacy) else None
            for pattern in sorted(places.get(index, []), key=lambda pattern: by_pattern[pattern][0].name != mine):
                found = tuple(by_pattern[pattern])
                if index < len(legacy) and canonical([pattern], regexes) == written[index]:
                    found = tuple(replace(claim, name=legacy[index].name) for claim in found)
                yield self._entry((pattern,), found)
            if index < len(legacy):
                yield self._entry(legacy[index].parts, ())

    def _entry(self, parts: tuple[str, ...], claims: tuple[Claim, ...]) -> tuple[str | None, _Entry]:
        last = len(parts) - 1
        compiled = tuple(self._part(part, endpoint=index == last) for index, part in enumerate(parts))
        return _head("".join(parts)), _Entry(compiled, claims)

    def _part(self, pattern: str, *, endpoint: bool) -> _Part:
        try:
            if pattern.startswith("^"):
                return _Part(re.compile(pattern), {}, endpoint and pattern.endswith("$"))
            return _route(pattern, endpoint, self._converters)
        except re.error as error:
            raise PatternError(f"{pattern!r} is not a regular expression: {error}. Copy it from Django.") from error


def _route(pattern: str, endpoint: bool, converters: Mapping[str, tuple[str, Convert]]) -> _Part:
    """django/urls/resolvers.py: _route_to_regex()."""
    regex, used, done = "^", {}, 0
    for parameter in PARAMETER.finditer(pattern):
        converter, name = parameter.groups(default="str")
        if re.search(r"\s", parameter[0]) or not name.isidentifier():
            raise PatternError(f"{pattern!r}: {parameter[0]} needs a Python identifier and no spaces.")
        if converter not in converters:
            raise PatternError(f"{pattern!r}: unknown converter {converter!r}. Pass it to RouteTable(converters=…).")
        expression, used[name] = converters[converter]
        regex += re.escape(pattern[done : parameter.start()]) + f"(?P<{name}>{expression})"
        done = parameter.end()
    return _Part(re.compile(regex + re.escape(pattern[done:]) + (r"\Z" if endpoint else "")), used, False)


def _head(pattern: str) -> str | None:
    """The first segment where every match begins with it, so that most patterns need not be tried."""
    found = None if pattern.startswith("^") else LITERAL_SEGMENT.match(pattern)
    return found[0] if found else None


def _place(name: str, wanted: str, legacy: Sequence[LegacyPattern], written: Sequence[str]) -> int:
    """Where Django has this pattern: the first that is written alike, for it reaches no other; else the one of this
    name; else last.
    """
    alike = [index for index, known in enumerate(written) if known == wanted]
    if alike:
        return alike[0]
    same_name = [index for index, known in enumerate(legacy) if known.name == name]
    return same_name[0] if len(same_name) == 1 else len(legacy)

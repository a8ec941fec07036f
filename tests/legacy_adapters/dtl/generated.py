"""A family of templates on both sides, every template with every set of variables; and a long run by chance.

python -m tests.legacy_adapters.dtl.generated --seconds 600 --seed 7
"""

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jinja2
from django.core.cache import caches
from django.template import Context, VariableDoesNotExist
from django.utils import safestring

from importers.templates import convert
from legacy_adapters.dtl import errors, safe
from legacy_adapters.dtl.environment import DjangoEnvironment
from tests.legacy_adapters.dtl import site_tags
from tests.legacy_adapters.dtl.grammar import Grammar, contexts
from tests.legacy_adapters.dtl.oracle import both
from tests.legacy_adapters.dtl.sides import FILTERS, KNOWN, Outcome, django_engine, outcome

SHOWN = ("page", "child", "base", "inc")
CASES = len(SHOWN) * len(contexts(VariableDoesNotExist, safestring.SafeString))
INVALID = ("", "", "INVALID[%s]")
PIECES = re.compile(r"({%.*?%}|{{.*?}}|{#.*?#})", re.DOTALL)


@dataclass(frozen=True)
class Difference:
    """The smallest family that was found to differ, and how."""

    template: str
    variables: int
    string_if_invalid: str
    sources: Mapping[str, str]
    converted: Mapping[str, str]
    theirs: Outcome
    ours: Outcome

    def __str__(self) -> str:
        used = [name for name, source in self.sources.items() if source]
        lines = [f"{name}: {self.sources[name]!r}\n     {self.converted[name]!r}" for name in used]
        head = f"{self.template!r} with variables {self.variables}, string_if_invalid={self.string_if_invalid!r}"
        return "\n".join([head, *lines, f"Django: {self.theirs}", f"ours:   {self.ours}"])


class NotDjangos(Exception):
    """A family that Django, or the importer, does not take."""


class Fragments(dict[str, Any]):
    """A cache that keeps what may be kept; empty for each family, as Django's is."""

    def set(self, key: str, value: Any, timeout: int | None) -> None:
        self.pop(key, None)
        if timeout is None or timeout > 0:
            self[key] = value


class Printed(dict[Any, Any]):
    """A memory that answers for every object that can be told from others, as long as a family is looked at."""

    is_open = True

    def __init__(self) -> None:
        super().__init__()
        self.hits = 0

    def holds(self, value: object) -> bool:
        return type(value).__hash__ is object.__hash__ and type(value).__eq__ is object.__eq__

    def get(self, key: Any, make: Any = None) -> Any:
        if key in self:
            self.hits += 1
        else:
            self[key] = make()
        return self[key]


class Sides:
    """A family compiled on both sides."""

    def __init__(self, sources: Mapping[str, str], string_if_invalid: str) -> None:
        engine = django_engine(sources, string_if_invalid=string_if_invalid)
        try:
            self.theirs = {name: engine.get_template(name) for name in sources}
            self.converted = {name: convert(source, name=name, known=KNOWN).text for name, source in sources.items()}
        except Exception as error:
            if type(error).__name__ not in ("Broken", "StopIteration", "TemplateSyntaxError"):
                raise
            raise NotDjangos(str(error)) from error
        caches["default"].clear()
        self.fragments = fragments = Fragments()
        self.prints = Printed()
        environment = DjangoEnvironment(
            jinja2.DictLoader(self.converted),
            filters=FILTERS,
            functions=site_tags.FUNCTIONS,
            blocks=site_tags.BLOCKS,
            string_if_invalid=string_if_invalid,
            fragments=lambda name: fragments,
            prints=self.prints,
        )
        self.ours = {name: environment.get_template(name) for name in sources}

    def outcomes(self, name: str, variables: int) -> tuple[Outcome, Outcome]:
        """Theirs, and ours: the first print, or the second if only that one is another."""
        variables_of = partial(contexts, VariableDoesNotExist, safestring.SafeString)
        theirs = outcome(lambda: self.theirs[name].render(Context(variables_of()[variables])))
        cached = dict(self.fragments)
        for _ in range(2):
            self.fragments.clear()
            self.fragments.update(cached)
            own = contexts(errors.VariableDoesNotExist, safe.SafeString)[variables]
            ours = outcome(partial(self.ours[name].render, own))
            if ours != theirs:
                break
        return theirs, ours


def differences(sources: Mapping[str, str], string_if_invalid: str, seen: Counter[str]) -> Iterator[Difference]:
    """Each case of a family that is not alike on both sides, made small."""
    sides = Sides(sources, string_if_invalid)
    for name in SHOWN:
        for variables in range(CASES // len(SHOWN)):
            theirs, ours = sides.outcomes(name, variables)
            seen["cases"] += 1
            seen["errors"] += bool(theirs.error)
            if theirs != ours:
                yield smaller(Difference(name, variables, string_if_invalid, sources, sides.converted, theirs, ours))
    seen["printed again"] += sides.prints.hits


def smaller(found: Difference) -> Difference:
    """Leave out pieces, alone or in pairs, as long as both sides still differ."""
    shrunk = True
    while shrunk:
        shrunk = False
        for attempt in attempts(found.sources):
            less = again(found, attempt)
            if less is not None:
                found, shrunk = less, True
                break
    return found


def attempts(sources: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for name, source in sources.items():
        pieces = [piece for piece in PIECES.split(source) if piece]
        for size in (len(pieces), len(pieces) // 2, 4, 2, 1):
            for start in range(0, len(pieces), size or 1):
                if pieces[start : start + size]:
                    yield {**sources, name: "".join(pieces[:start] + pieces[start + size :])}
        for start, piece in enumerate(pieces):
            for end in range(start + 1, len(pieces)):
                if piece.startswith("{%") and pieces[end].startswith("{% end"):
                    yield {**sources, name: "".join(pieces[:start] + pieces[start + 1 : end] + pieces[end + 1 :])}


def again(found: Difference, sources: Mapping[str, str]) -> Difference | None:
    try:
        sides = Sides(sources, found.string_if_invalid)
    except (NotDjangos, jinja2.TemplateError):
        return None
    theirs, ours = sides.outcomes(found.template, found.variables)
    if theirs == ours:
        return None
    return Difference(found.template, found.variables, found.string_if_invalid, sources, sides.converted, theirs, ours)


def hunt(seconds: float, seed: int) -> int:
    chance = random.Random(seed)
    seen: Counter[str] = Counter()
    end = time.monotonic() + seconds
    with both():
        while time.monotonic() < end and seen["different"] < 5:
            family = Grammar(chance.choice, loud=chance.random() < 0.5).family()
            try:
                found: Any = next(differences(family, chance.choice(INVALID), seen), None)
            except NotDjangos:
                seen["not Django's"] += 1
                continue
            seen["families"] += 1
            if found is not None:
                seen["different"] += 1
                print(f"\n{found}", flush=True)
    print(f"\nseed {seed}: {dict(seen)}")
    return min(seen["different"], 1)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = options.parse_args()
    raise SystemExit(hunt(given.seconds, given.seed))

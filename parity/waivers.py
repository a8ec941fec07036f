"""Waivers: differences that somebody accepted, for a reason, until a date.

    [[waiver]]
    id = "no-pretty-errors"
    route = "/api/*"            # glob: `*` and `?`; any of route, case, kind, location, status may be left out
    location = "header x-frame-options"
    owner = "name"
    reason = "why it may differ"
    until = 2027-01-31

A waiver never outlives its date: from the next day on it covers nothing and is reported as expired. One that covers
nothing although its routes were asked is reported as unused, so that the list shrinks.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from parity.capture import Case
from parity.difference import Difference
from parity.errors import WaiverError

REQUIRED = ("id", "owner", "reason", "until")
GLOBS = ("route", "case", "kind", "location", "status")


@dataclass(frozen=True, slots=True)
class Waiver:
    """`case` is matched against `METHOD /path`, `location` against the location with and without its indexes, `status`
    against both sides' where they differ (`500 -> 404`): it covers whatever else differs there.
    """

    id: str
    owner: str
    reason: str
    until: date
    route: str = "*"
    case: str = "*"
    kind: str = "*"
    location: str = "*"
    status: str = "*"

    def concerns(self, route: str) -> bool:
        return matches(self.route, route)

    def covers(self, case: Case, difference: Difference, status: str = "") -> bool:
        return (
            self.concerns(case.route)
            and matches(self.status, status)
            and matches(self.case, case.identity)
            and matches(self.kind, difference.kind)
            and (matches(self.location, difference.location) or matches(self.location, difference.place))
        )


def matches(glob: str, text: str) -> bool:
    """`*` and `?` only: square brackets are part of locations, not of the pattern."""
    pattern = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in glob)
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WaiverError(f"{path}: {error}") from error
    if unknown := tables.keys() - {"waiver"}:
        raise WaiverError(f"{path}: {', '.join(sorted(unknown))} is no waiver: each begins with [[waiver]]")
    waivers = tuple(_waiver(path, number, table) for number, table in enumerate(tables.get("waiver", []), 1))
    ids = [waiver.id for waiver in waivers]
    if repeated := {name for name in ids if ids.count(name) > 1}:
        raise WaiverError(f"{path}: {', '.join(sorted(repeated))} is the id of more than one waiver")
    return waivers


def _waiver(path: Path, number: int, table: dict[str, object]) -> Waiver:
    at = f"{path}: waiver {number} ({table.get('id', 'without id')})"
    if missing := [name for name in REQUIRED if not table.get(name)]:
        raise WaiverError(f"{at} lacks {', '.join(missing)}")
    if unknown := table.keys() - {*REQUIRED, *GLOBS}:
        raise WaiverError(f"{at} has {', '.join(sorted(unknown))}, which means nothing here")
    until = table["until"]
    if type(until) is not date:
        raise WaiverError(f"{at}: until must be a date without quotes, as in 2027-01-31")
    if all(str(table.get(name, "*")) == "*" for name in GLOBS):
        raise WaiverError(f"{at} would accept everything: name a route, a case, a kind, a location or a status")
    texts = {name: str(value) for name, value in table.items() if name != "until"}
    return Waiver(until=until, **texts)


@dataclass(slots=True)
class Accepted:
    """The waivers of one run, and what became of them. `today` decides which are still good."""

    waivers: Sequence[Waiver]
    today: date
    used: set[str] = field(default_factory=set)
    concerned: set[str] = field(default_factory=set)
    _routes: set[str] = field(default_factory=set)

    def see(self, route: str) -> None:
        """A case of this route was asked: its waivers have had their chance."""
        if route not in self._routes:
            self._routes.add(route)
            self.concerned.update(waiver.id for waiver in self.waivers if waiver.concerns(route))

    def split(
        self, case: Case, found: Iterable[Difference], status: str = ""
    ) -> tuple[list[Difference], list[tuple[Difference, str]]]:
        """What remains unexplained, and what is waived by which waiver; `status` is both sides' where they differ."""
        left: list[Difference] = []
        waived: list[tuple[Difference, str]] = []
        good = [waiver for waiver in self.waivers if waiver.until >= self.today]
        for difference in found:
            name = next((waiver.id for waiver in good if waiver.covers(case, difference, status)), None)
            if name is None:
                left.append(difference)
            else:
                self.used.add(name)
                waived.append((difference, name))
        return left, waived

    def expired(self) -> list[Waiver]:
        return [w for w in self.waivers if w.until < self.today and w.id in self.concerned]

    def unused(self) -> list[Waiver]:
        return [w for w in self.waivers if w.until >= self.today and w.id in self.concerned - self.used]

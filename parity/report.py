"""Report: listeners that turn outcomes into something to read: a table, NDJSON, JUnit XML.

What is kept does not grow with the run: numbers per route, and a few samples per cause. Written files never hold a
cookie's value, an Authorization header or a secret from a query, and equal runs write equal files.
"""

import json
import re
from bisect import insort
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Protocol
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table

from parity.capture import Case, Headers, Observation
from parity.clean import cookies_of
from parity.difference import Difference
from parity.likeness import Likeness
from parity.runner import Outcome, Result
from parity.waivers import Accepted, Waiver

ROUTES = 2000
GROUPS = 500
SAMPLES = 5
OTHER = "(other routes)"

SECRET_QUERY = re.compile(
    r"(?i)([?&](?:api_?key|access_token|token|key|password|secret|signature|sig|code|session)=)[^&\s#]+"
)
SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})
CREDENTIALS = re.compile(r"(?i)\b((?:ApiKey|Token|Bearer|Basic) )[A-Za-z0-9:._~+/=@-]{8,}")


class Listener(Protocol):
    """Hears of every case, and once of the end."""

    def case(self, outcome: Outcome) -> None: ...

    def end(self, tally: "Tally") -> None: ...


@dataclass(slots=True)
class Redaction:
    """Takes secrets out of text that is about to be kept. `headers` are those that the run sends along."""

    headers: Headers = ()

    def text(self, text: str, *answers: Observation | None, case: Case | None = None) -> str:
        for secret in self._secrets(answers, case):
            text = text.replace(secret, "<redacted>")
        return CREDENTIALS.sub(r"\1<redacted>", SECRET_QUERY.sub(r"\1<redacted>", text))

    def difference(self, found: Difference, outcome: Outcome) -> dict[str, str | None]:
        return {
            "kind": found.kind,
            "location": self.text(found.location, outcome.legacy, outcome.new, case=outcome.case),
            "legacy": self._value(found.legacy, outcome),
            "new": self._value(found.new, outcome),
            "signature": found.signature,
        }

    def _value(self, value: str | None, outcome: Outcome) -> str | None:
        return None if value is None else self.text(value, outcome.legacy, outcome.new, case=outcome.case)

    def _secrets(self, answers: Iterable[Observation | None], case: Case | None) -> list[str]:
        sent = [value for name, value in (*self.headers, *(case.headers if case else ())) if is_secret(name)]
        parts = [part.partition("=")[2].strip() or part.strip() for value in sent for part in value.split(";")]
        given = [value for answer in answers if answer for _, value, _ in cookies_of(answer)]
        return sorted((secret for secret in {*sent, *parts, *given} if len(secret) >= 8), key=len, reverse=True)


def is_secret(header: str) -> bool:
    return header.lower() in SECRET_HEADERS


def curl(case: Case, origin: str, headers: Headers, redaction: Redaction) -> str:
    """A command that repeats the case; secrets are left for the reader to fill in."""
    words = ["curl", "-si"]
    words += ["-I"] if case.method == "HEAD" else [] if case.method == "GET" else ["-X", case.method]
    for name, value in (*case.headers, *headers):
        words += ["-H", quoted(f"{name}: {'<redacted>' if is_secret(name) else value}")]
    words += (
        ["--data-binary", quoted(redaction.text(case.body.decode(errors="replace"), case=case))] if case.body else []
    )
    return " ".join([*words, quoted(origin + redaction.text(case.path))])


def quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


@dataclass(slots=True)
class Route:
    """The numbers of one route."""

    name: str
    results: Counter[Result] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=lambda: [0.0, 0.0])
    examples: list[tuple[str, str, str]] = field(default_factory=list)
    given_back: dict[str, "GivenBack"] = field(default_factory=dict)
    pages: "Pages" = field(default_factory=lambda: Pages())

    @property
    def cases(self) -> int:
        return sum(self.results.values())


@dataclass(slots=True)
class Pages:
    """HTML pages that new answered itself: how many have the same tree, and how many the same bytes."""

    trees: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)

    def add(self, page: Likeness) -> None:
        self.trees[page.tree] += 1
        self.bytes[page.bytes] += 1

    def columns(self) -> tuple[str, str, str]:
        """Pages, trees equal, bytes equal: `12`, `12 (100.0 %)`, `11 (91.7 %), 1 waived`."""
        return str(self.trees.total()), _share(self.trees), _share(self.bytes)


def _share(counts: Counter[str]) -> str:
    """What legacy does not repeat itself is not held against new; what is waived is not equal, and is said."""
    equal, total, waived = counts[Result.SAME] + counts[Result.NOISY], counts.total(), counts[Result.WAIVED]
    # Rounded down: 100.0 % means all of them.
    share = f"{equal} ({int(1000 * equal / total) / 10:.1f} %)" if total else "·"
    return f"{share}, {waived} waived" if waived else share


@dataclass(slots=True)
class GivenBack:
    """The cases of one route that legacy answered in new's place for one reason, and the first of them."""

    cases: int = 0
    example: str = ""


@dataclass(slots=True)
class Group:
    """One cause: all differences of one signature."""

    signature: str
    kind: str
    place: str
    example: dict[str, str | None]
    cases: int = 0
    routes: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """What a run came to. Its size depends on the number of routes and causes, not of cases.

    `must_answer`: a case that new gave back to legacy is a failure.
    """

    accepted: Accepted
    redaction: Redaction = field(default_factory=Redaction)
    routes: dict[str, Route] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    results: Counter[Result] = field(default_factory=Counter)
    waived: Counter[str] = field(default_factory=Counter)
    ungrouped: int = 0
    pages: Pages = field(default_factory=Pages)
    unlike: list[tuple[str, str, Likeness]] = field(default_factory=list)
    must_answer: bool = False

    def case(self, outcome: Outcome) -> None:
        route = self._route(outcome.case.route)
        self.results[outcome.result] += 1
        route.results[outcome.result] += 1
        for side in (0, 1):
            route.seconds[side] += outcome.seconds[side]
        self.waived.update({name for _, name in outcome.waived})
        path = self.redaction.text(outcome.case.identity)
        if outcome.given_back:
            self._given_back(route, outcome.given_back, path)
        if outcome.page:
            self._page(route, outcome.page, path, outcome)
        if outcome.result in {Result.DIFFERS, Result.ERROR}:
            told = outcome.error or "; ".join(f"{d.kind} at {d.location}" for d in outcome.differences[:5])
            told = self.redaction.text(told, outcome.legacy, outcome.new, case=outcome.case)
            kept = sorted([*route.examples, (path, outcome.result.value, told)])
            route.examples = kept[:SAMPLES]
        for signature in dict.fromkeys(d.signature for d in outcome.differences):
            self._group(signature, outcome, path)

    def _page(self, route: Route, page: Likeness, path: str, outcome: Outcome) -> None:
        self.pages.add(page)
        route.pages.add(page)
        if {page.tree, page.bytes} != {Result.SAME}:
            first = page.first
            if first:
                told = self.redaction.difference(first, outcome)
                first = replace(first, legacy=told["legacy"], new=told["new"])
            insort(self.unlike, (route.name, path, replace(page, first=first)), key=lambda line: line[:2])
            del self.unlike[GROUPS:]

    def _given_back(self, route: Route, why: str, path: str) -> None:
        why = self.redaction.text(why)
        if why not in route.given_back and len(route.given_back) >= SAMPLES:
            why = "other reasons"
        kept = route.given_back.setdefault(why, GivenBack())
        kept.cases += 1
        kept.example = min(kept.example or path, path)

    def _route(self, name: str) -> Route:
        name = name if name in self.routes or len(self.routes) < ROUTES else OTHER
        return self.routes.setdefault(name, Route(name))

    def _group(self, signature: str, outcome: Outcome, path: str) -> None:
        found = next(d for d in outcome.differences if d.signature == signature)
        if signature not in self.groups and len(self.groups) >= GROUPS:
            self.ungrouped += 1
            return
        told = self.redaction.difference(found, outcome)
        place = self.redaction.text(found.place)
        group = self.groups.setdefault(signature, Group(signature, found.kind, place, told))
        group.cases += 1
        group.routes[outcome.case.route] += 1
        group.samples = sorted({*group.samples, path})[:SAMPLES]
        if group.samples[0] == path:
            group.example = told

    def exit_code(self, *, strict: bool = False) -> int:
        """0 explained · 1 unexplained, or an expired waiver (strict: or an unused one) · 2 a side did not answer."""
        if self.results[Result.ERROR]:
            return 2
        stale = self.accepted.expired() or (strict and self.accepted.unused())
        missing = self.must_answer and self.given_back()
        return 1 if self.results[Result.DIFFERS] or stale or missing else 0

    def given_back(self) -> int:
        """Cases in which new was asked and legacy answered, whatever their result."""
        return sum(kept.cases for route in self.routes.values() for kept in route.given_back.values())

    def end(self, tally: "Tally") -> None:
        """Nothing: it is the others that write at the end."""


def waiver_lines(accepted: Accepted) -> list[str]:
    expired = [f"waiver {w.id} ({w.owner}) expired on {w.until}: renew it or remove it" for w in accepted.expired()]
    return expired + [f"waiver {w.id} ({w.owner}) covered nothing: remove it" for w in accepted.unused()]


def pages_line(tally: Tally) -> str:
    count, trees, same = tally.pages.columns()
    return f"{count} HTML pages: trees equal {trees} · bytes equal {same}"


def unlike_line(page: Likeness) -> str:
    first = f"; {page.first}" if page.first else ""
    return f"tree {page.tree}, bytes {page.bytes}{first}"


def given_back_lines(tally: Tally) -> list[str]:
    """A line per route and reason, the most cases first."""
    found = [(kept, name, why) for name, route in tally.routes.items() for why, kept in route.given_back.items()]
    found.sort(key=lambda line: (-line[0].cases, line[1:]))
    return [f"{name}: {kept.cases} × {why}, as in {kept.example}" for kept, name, why in found]


def given_back_title(tally: Tally) -> str:
    return f"{tally.given_back()} given back: new was asked, legacy answered, so nothing was proven there"


@dataclass(slots=True)
class Terminal:
    """A table per route, and the causes, most frequent first; with `html` the pages' two columns as well."""

    console: Console
    most: int = 12
    html: bool = False

    def case(self, outcome: Outcome) -> None:
        """Nothing per case: progress is the caller's."""

    def end(self, tally: Tally) -> None:
        table = Table("route", *(result.value for result in Result), "legacy ms", "new ms", box=None, pad_edge=False)
        table.columns[0].overflow = "fold"
        for column in table.columns[1:]:
            column.justify = "right"
        for _, route in sorted(tally.routes.items()):
            counts = (str(route.results[result] or "·") for result in Result)
            times = (f"{1000 * seconds / route.cases:.0f}" for seconds in route.seconds)
            table.add_row(_plain(route.name), *counts, *times)
        self.console.print(table)
        groups = sorted(tally.groups.values(), key=lambda group: (-group.cases, group.signature))
        for group in groups[: self.most]:
            self._group(group)
        if len(groups) > self.most:
            self.console.print(f"… and {len(groups) - self.most} more causes: see the report")
        for route in tally.routes.values():
            for path, result, told in route.examples if route.results[Result.ERROR] else ():
                if result == Result.ERROR:
                    self.console.print(_plain(f"could not compare {path}: {told}"), soft_wrap=True)
        for line in waiver_lines(tally.accepted):
            self.console.print(_plain(line), soft_wrap=True)
        self._given_back(tally)
        if self.html:
            self._pages(tally)
        if tally.pages.trees:
            self.console.print(pages_line(tally))
        self.console.print(summary(tally))

    def _pages(self, tally: Tally) -> None:
        table = Table("route", "pages", "trees equal", "bytes equal", box=None, pad_edge=False)
        table.columns[0].overflow = "fold"
        for _, route in sorted(tally.routes.items()):
            if route.pages.trees:
                table.add_row(_plain(route.name), *route.pages.columns())
        table.add_row("[bold]all", *tally.pages.columns())
        self.console.print(table)
        for name, path, page in tally.unlike:
            self.console.print(_plain(f"{path} ({name}): {unlike_line(page)}"), soft_wrap=True)

    def _given_back(self, tally: Tally) -> None:
        lines = given_back_lines(tally)
        if lines:
            self.console.print(given_back_title(tally))
        for line in lines[: 2 * self.most]:
            self.console.print(_plain(f"  {line}"), soft_wrap=True)
        if len(lines) > 2 * self.most:
            self.console.print(f"  … and {len(lines) - 2 * self.most} more routes: see the report")

    def _group(self, group: Group) -> None:
        cases = "1 case" if group.cases == 1 else f"{group.cases} cases"
        self.console.print(_plain(f"\n{group.signature} · {cases} · {group.kind} at {group.place}"), soft_wrap=True)
        self.console.print(_plain(f"  legacy  {_short(group.example['legacy'])}"), soft_wrap=True)
        self.console.print(_plain(f"  new     {_short(group.example['new'])}"), soft_wrap=True)
        self.console.print(_plain(f"  as in   {group.samples[0]}"), soft_wrap=True)


def _plain(text: str) -> str:
    """Square brackets of a path are no markup, and what a server sent moves no cursor."""
    visible = "".join(c if c.isprintable() or c == "\n" else "�" for c in text)
    return visible.replace("[", r"\[")


def _short(value: str | None) -> str:
    return "(nothing)" if value is None else value if len(value) <= 160 else f"{value[:160]}…"


def summary(tally: Tally) -> str:
    total = sum(tally.results.values())
    counts = " · ".join(f"{tally.results[result]} {result.value}" for result in Result)
    return f"{total} cases: {counts}"


@dataclass(slots=True)
class Ndjson:
    """One JSON object per case as it is ready, and a last one with the totals."""

    file: IO[str]
    redaction: Redaction

    def case(self, outcome: Outcome) -> None:
        line: dict[str, object] = {
            "case": self.redaction.text(outcome.case.identity),
            "route": outcome.case.route,
            "result": outcome.result.value,
        }
        if outcome.error:
            line["error"] = outcome.error
        if outcome.given_back:
            line["given back"] = self.redaction.text(outcome.given_back)
        if outcome.page:
            line |= {"tree": outcome.page.tree, "bytes": outcome.page.bytes}
            if outcome.page.first:
                line["first bytes"] = self.redaction.difference(outcome.page.first, outcome)
        if outcome.differences:
            line["differences"] = [self.redaction.difference(d, outcome) for d in outcome.differences]
        if outcome.waived:
            line["waived"] = [self.redaction.difference(d, outcome) | {"waiver": name} for d, name in outcome.waived]
        if outcome.noise:
            line["noise"] = [self.redaction.difference(d, outcome) for d in outcome.noise]
        self.file.write(json.dumps(line, ensure_ascii=True) + "\n")

    def end(self, tally: Tally) -> None:
        totals = {result.value: tally.results[result] for result in Result}
        pages = {"trees": dict(sorted(tally.pages.trees.items())), "bytes": dict(sorted(tally.pages.bytes.items()))}
        last = {"totals": totals, "pages": pages, "waivers": waiver_lines(tally.accepted)}
        self.file.write(json.dumps(last) + "\n")
        self.file.flush()


@dataclass(slots=True)
class JUnit:
    """One test case per route and one per stale waiver, for a CI that reads JUnit XML.

    An unexplained difference is a failure, a side that did not answer an error, a route that new always gave back is
    skipped (a failure where new must answer); counts and reasons are in `system-out`.
    """

    path: Path

    def case(self, outcome: Outcome) -> None:
        """Nothing per case: a test case is a route."""

    def end(self, tally: Tally) -> None:
        suite = ElementTree.Element("testsuite", name="parity")
        failures = errors = skipped = 0
        for _, route in sorted(tally.routes.items()):
            node = ElementTree.SubElement(suite, "testcase", classname="parity", name=xml_text(route.name))
            told = xml_text("\n".join(": ".join(example) for example in route.examples))
            if wrong := route.results[Result.ERROR]:
                ElementTree.SubElement(node, "error", message=f"{wrong} of {route.cases} not compared").text = told
                errors += 1
            elif wrong := route.results[Result.DIFFERS]:
                ElementTree.SubElement(node, "failure", message=f"{wrong} of {route.cases} differ").text = told
                failures += 1
            elif tally.must_answer and route.given_back:
                ElementTree.SubElement(node, "failure", message=_all_given_back(route))
                failures += 1
            elif route.results[Result.GIVEN_BACK] == route.cases:
                ElementTree.SubElement(node, "skipped", message=_all_given_back(route))
                skipped += 1
            counts = " ".join(f"{result.name.lower()}={route.results[result]}" for result in Result)
            ElementTree.SubElement(node, "system-out").text = "\n".join([counts, *_reasons(route), *_columns(route)])
        for waiver in tally.accepted.expired():
            self._waiver(suite, waiver)
            failures += 1
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(failures))
        suite.set("errors", str(errors))
        suite.set("skipped", str(skipped))
        root = ElementTree.Element("testsuites")
        root.append(suite)
        ElementTree.indent(root)
        ElementTree.ElementTree(root).write(self.path, encoding="utf-8", xml_declaration=True)

    def _waiver(self, suite: ElementTree.Element, waiver: Waiver) -> None:
        node = ElementTree.SubElement(suite, "testcase", classname="parity.waivers", name=xml_text(waiver.id))
        ElementTree.SubElement(node, "failure", message=f"expired on {waiver.until}, owner {xml_text(waiver.owner)}")


def _all_given_back(route: Route) -> str:
    return xml_text(f"new was asked, legacy answered: {'; '.join(_reasons(route))}")


def _columns(route: Route) -> list[str]:
    if not route.pages.trees:
        return []
    count, trees, same = route.pages.columns()
    return [f"pages={count} trees equal {trees} bytes equal {same}"]


def _reasons(route: Route) -> list[str]:
    return [xml_text(f"given back: {kept.cases} × {why}") for why, kept in sorted(route.given_back.items())]


def xml_text(text: str) -> str:
    """The text without what XML 1.0 cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)

"""Page: the report that a person opens from disk: one HTML file, no script, nothing loaded from elsewhere.

Numbers per route, then one section per cause with its routes, and for a few cases of each both answers side by side
around the place, and the curl commands that repeat them. Everything a server sent is escaped, cut to size and redacted.
"""

from bisect import insort
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html import escape
from pathlib import Path

from parity.bodies import ALIGNED, printed
from parity.capture import Case, Headers, Observation
from parity.clean import Leaf, Rules, Scrub, media_type, text_of, unpacked
from parity.likeness import Likeness
from parity.report import (
    Group,
    Redaction,
    Tally,
    curl,
    given_back_lines,
    given_back_title,
    pages_line,
    summary,
    waiver_lines,
)
from parity.runner import Outcome, Result
from parity.trees import Node, html_tree

CASES = 3
CONTEXT = 3
LINES = 60
WIDE = 300
PAGES = 1000

STYLE = """
:root{color-scheme:light dark;--line:#8884;--minus:#f8514933;--plus:#2ea04333}
body{font:15px/1.5 system-ui,sans-serif;max-width:1400px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}td,th{padding:.2rem .6rem;border-bottom:1px solid var(--line);text-align:left;
vertical-align:top}.n{text-align:right;font-variant-numeric:tabular-nums}
pre,code,.side td{font:12.5px/1.45 ui-monospace,monospace}pre,.side td{white-space:pre-wrap;overflow-wrap:anywhere}
.side{table-layout:fixed}.side td{width:50%;border:0;padding:0 .5rem}.minus{background:var(--minus)}
.plus{background:var(--plus)}details{border:1px solid var(--line);border-radius:6px;padding:.4rem .8rem;margin:.5rem 0}
summary{cursor:pointer;overflow-wrap:anywhere}p,li,h1,h2,td code{overflow-wrap:anywhere}
.wide{overflow-x:auto}.bad{color:#d1242f;font-weight:600}.good{color:#1a7f37;font-weight:600}
"""


@dataclass(slots=True)
class Sample:
    """A case as it is shown, drawn while its answers are still there."""

    identity: str
    html: str


@dataclass(slots=True)
class Page:
    """Writes `index.html` into a folder. Keeps CASES drawn samples per cause, those first in the alphabet."""

    folder: Path
    origins: tuple[str, str]
    headers: tuple[Headers, Headers]
    redaction: Redaction
    rules: Rules
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    pages: list[tuple[bool, str, str]] = field(default_factory=list)

    def case(self, outcome: Outcome) -> None:
        identity = self.redaction.text(outcome.case.identity)
        drawn = ""
        if outcome.page:
            # In order, so that equal runs keep equal pages; those that are not alike come first.
            insort(self.pages, (_alike(outcome.page), identity, self._page_row(identity, outcome)))
            del self.pages[PAGES:]
        for signature in dict.fromkeys(d.signature for d in outcome.differences):
            if len(self.samples) >= 500 and signature not in self.samples:
                continue
            kept = self.samples.setdefault(signature, [])
            if len(kept) < CASES or identity < kept[-1].identity:
                drawn = drawn or self._sample(identity, outcome)
                kept.append(Sample(identity, drawn))
                kept.sort(key=lambda sample: sample.identity)
                del kept[CASES:]

    def _page_row(self, identity: str, outcome: Outcome) -> str:
        page = outcome.page
        assert page is not None
        marks = (f'<td class="{"good" if mark == "same" else "bad"}">{mark}' for mark in (page.tree, page.bytes))
        told = self.redaction.difference(page.first, outcome) if page.first else {}
        first = (f"<td><code>{_value(told[side]) if told else ''}</code>" for side in ("legacy", "new"))
        row = "".join((*marks, f"<td>{escape(told.get('location') or '')}", *first))
        return f"<tr><td><code>{escape(outcome.case.route)}</code><td><code>{escape(identity)}</code>{row}"

    def _pages(self) -> str:
        """The two columns of every page, those that are not the same first."""
        if not self.pages:
            return ""
        rows = "".join(row for _, _, row in self.pages)
        head = "<tr><th>route<th>page<th>tree<th>bytes<th>first at<th>legacy<th>new"
        note = "" if len(self.pages) < PAGES else f" (the first {PAGES})"
        table = f"<div class=wide><table>{head}{rows}</table></div>"
        return f"<details id=pages><summary>pages{note}</summary>{table}</details>"

    def end(self, tally: Tally) -> None:
        groups = sorted(tally.groups.values(), key=lambda group: (-group.cases, group.signature))
        body = [
            _heading(tally, self.origins),
            _routes(tally),
            self._pages(),
            _given_back(tally),
            *map(self._group, groups),
            _errors(tally),
        ]
        if tally.ungrouped:
            body.append(f"<p>{tally.ungrouped} more differences of further causes are in the NDJSON output.</p>")
        self.folder.mkdir(parents=True, exist_ok=True)
        head = "<meta charset=utf-8><meta name=viewport content='width=device-width'><title>Parity</title>"
        head += f"<style>{STYLE}</style>"
        text = f"<!doctype html><html lang=en><head>{head}</head><body>{''.join(body)}</body></html>\n"
        (self.folder / "index.html").write_text(text, encoding="utf-8", errors="replace")

    def _group(self, group: Group) -> str:
        routes = "".join(
            f"<li><code>{escape(name)}</code> {count}</li>" for name, count in sorted(group.routes.items())
        )
        samples = "".join(sample.html for sample in self.samples.get(group.signature, []))
        title = f"{group.cases} × {escape(group.kind)} at <code>{escape(group.place)}</code>"
        cells = "".join(f"<td>{_value(group.example[side])}</td>" for side in ("legacy", "new"))
        return (
            f'<section id="{group.signature}"><h2>{title}</h2><p><a href="#{group.signature}">'
            f"<code>{group.signature}</code></a></p><table class=side><tr><th>legacy<th>new<tr>{cells}</table>"
            f"<details><summary>{len(group.routes)} routes</summary><ul>{routes}</ul></details>{samples}</section>"
        )

    def _sample(self, identity: str, outcome: Outcome) -> str:
        rows = "".join(
            f"<tr><td>{escape(d['kind'] or '')}<td><code>{escape(d['location'] or '')}</code>"
            f"<td><code>{_value(d['legacy'])}</code><td><code>{_value(d['new'])}</code>"
            for d in (self.redaction.difference(found, outcome) for found in outcome.differences[:30])
        )
        commands = "\n".join(self._curl(outcome.case, place) for place in (0, 1))
        return (
            f"<details><summary><code>{escape(identity)}</code></summary>"
            f"<div class=wide><table><tr><th>what<th>where<th>legacy<th>new{rows}</table></div>{self._sides(outcome)}"
            f"<p>Repeat:</p><pre>{escape(commands)}</pre></details>"
        )

    def _curl(self, case: Case, place: int) -> str:
        return curl(case, self.origins[place], self.headers[place], self.redaction)

    def _sides(self, outcome: Outcome) -> str:
        left, right = (self._lines(side, outcome) for side in (outcome.legacy, outcome.new))
        if max(len(left), len(right)) > ALIGNED:
            left, right = left[:ALIGNED], right[:ALIGNED]
        matcher = SequenceMatcher(None, left, right, autojunk=False)
        rows: list[str] = []
        for hunk in matcher.get_grouped_opcodes(CONTEXT):
            rows.append("<tr><td>⋯<td>⋯" if rows else "")
            for tag, a0, a1, b0, b1 in hunk:
                rows += _pairs(tag != "equal", left[a0:a1], right[b0:b1])
            if len(rows) > LINES:
                rows = [*rows[:LINES], "<tr><td>… cut<td>… cut"]
                break
        return f"<table class=side><tr><th>legacy<th>new{''.join(rows)}</table>"

    def _lines(self, answer: Observation | None, outcome: Outcome) -> list[str]:
        if answer is None:
            return []
        head = [f"HTTP {answer.status}", *sorted(self._header(name, value) for name, value in answer.headers), ""]
        media = media_type(answer.first("content-type"))
        data = unpacked(answer).data[: self.rules.tree_limit]
        if media.kind == "binary":
            return [*head, f"({len(data)} bytes)"]
        text, _ = text_of(data, media.charset)
        tree = html_tree(text, Scrub(answer, self.rules)) if media.kind == "html" else None
        lines = outline(tree) if tree else text.splitlines()
        body = [self.redaction.text(line[:WIDE], answer, case=outcome.case) for line in lines[:ALIGNED]]
        return head + body

    def _header(self, name: str, value: str) -> str:
        if name.lower() in self.rules.ignored_headers:
            return f"{name}: …"
        if name.lower() == "set-cookie":
            cookie, _, attributes = value.partition(";")
            return f"{name}: {cookie.partition('=')[0]}=<redacted>;{attributes}"
        return self.redaction.text(f"{name}: {value}")[:WIDE]


def _alike(page: Likeness) -> bool:
    return page.tree == page.bytes == Result.SAME


def outline(child: Node | Leaf, depth: int = 0) -> list[str]:
    """A tree with one element or text per line; short leaves stay on the line of their element."""
    pad = " " * min(depth, 40)
    if isinstance(child, Leaf):
        return [f"{pad}{line}" for line in child.clean.splitlines() or [""]]
    if all(isinstance(inner, Leaf) for inner in child.children) and len(child.children) <= 1:
        return [f"{pad}{line}" for line in "".join(printed(child)).splitlines()]
    attributes = "".join(f' {name}="{leaf.clean}"' for name, leaf in sorted(child.attributes.items()))
    return [
        f"{pad}<{child.tag}{attributes}>",
        *(line for inner in child.children for line in outline(inner, depth + 1)),
    ]


def _pairs(changed: bool, left: list[str], right: list[str]) -> list[str]:
    marks = (" class=minus", " class=plus") if changed else ("", "")
    rows = []
    for place in range(max(len(left), len(right))):
        cells = (side[place] if place < len(side) else None for side in (left, right))
        drawn = (
            f"<td{mark if cell is not None else ''}>{escape(cell or '')}"
            for cell, mark in zip(cells, marks, strict=True)
        )
        rows.append("<tr>" + "".join(drawn))
    return rows


def _value(value: str | None) -> str:
    return "<i>nothing</i>" if value is None else escape(value) or "<i>empty</i>"


def _heading(tally: Tally, origins: tuple[str, str]) -> str:
    bad = tally.results[Result.DIFFERS] + tally.results[Result.ERROR]
    verdict = f'<p class="{"bad" if bad else "good"}">{escape(summary(tally))}</p>'
    pages = f"<p>{escape(pages_line(tally))}</p>" if tally.pages.trees else ""
    waivers = "".join(f"<li>{escape(line)}</li>" for line in waiver_lines(tally.accepted))
    used = "".join(f"<li>waiver {escape(name)}: {count} cases</li>" for name, count in sorted(tally.waived.items()))
    sides = " against ".join(f"<code>{escape(origin)}</code>" for origin in origins)
    return f"<h1>Parity: {sides}</h1>{verdict}{pages}<ul>{waivers}{used}</ul>"


def _routes(tally: Tally) -> str:
    names = (*(result.value for result in Result), "pages", "trees equal", "bytes equal")
    head = "".join(f"<th class=n>{name}" for name in names)
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code>"
        + "".join(f"<td class=n>{route.results[result] or '·'}" for result in Result)
        + "".join(f"<td class=n>{text if route.pages.trees else '·'}" for text in route.pages.columns())
        for name, route in sorted(tally.routes.items())
    )
    return (
        f"<details open><summary>{len(tally.routes)} routes</summary>"
        f"<div class=wide><table><tr><th>route{head}{rows}</table></div></details>"
    )


def _given_back(tally: Tally) -> str:
    lines = "".join(f"<li>{escape(line)}</li>" for line in given_back_lines(tally))
    title = escape(given_back_title(tally))
    return f"<details id=given-back><summary>{title}</summary><ul>{lines}</ul></details>" if lines else ""


def _errors(tally: Tally) -> str:
    lines = [
        f"<li><code>{escape(path)}</code> {escape(told)}"
        for _, route in sorted(tally.routes.items())
        for path, result, told in route.examples
        if result == Result.ERROR
    ]
    return f"<h2>Not compared</h2><ul>{''.join(lines)}</ul>" if lines else ""

"""Boxes → Jinja2 snippets: one file a label, for version control.

Rendering a snippet gives exactly the box's `_content_rendered`, whatever Jinja2's whitespace settings: template syntax,
carriage returns and the last newline included. The file's first lines name the box and carry a checksum of the rest, so
that an edit by a person shows even on a machine whose database has no ledger of it; such a file is never overwritten.

Labels in `live.txt` are not imported: they are read from the database at every request. Labels that the old site's own
code rewrites belong there, and are put there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from importers.core import Action, Plan, Step
from importers.folder import Folder, digest
from importers.ledger import Entry
from importers.sources import Bad, Checked, Source, extract

Markup = Literal["html", "plain", "markdown", "restructuredtext"]

LIVE_FILE = "live.txt"

REWRITTEN_BY_CODE = frozenset(
    {
        "download-sources",
        "homepage-downloads",
        "supernav-python-blog",
        "supernav-python-downloads",
        "supernav-python-success-stories",
    }
)
"""A new release, blog entry or success story changes these boxes: a snippet would be out of date the same day."""

_TEMPLATES = (".html", ".htm", ".txt", ".xml", ".jinja", ".jinja2", ".j2")
_USE = re.compile(
    r"""\{%-?\s*box\s+(?P<tag>[^\s%]+)\s*(?:as\s+\w+\s*)?-?%\}   # {% box 'label' %}
      | \bbox\(\s*(?P<call>[^)\s]+)\s*\)                          # {{ box("label") }}""",
    re.VERBOSE,
)
_QUOTED = re.compile(r"""(['"])([-\w]+)\1""")


class Box(msgspec.Struct):
    """A row of `boxes_box`."""

    label: Annotated[str, msgspec.Meta(pattern=r"^[-a-zA-Z0-9_]+\Z", max_length=100)]
    content: str
    content_markup_type: Markup
    rendered: str = msgspec.field(name="_content_rendered")


# -- the file ---------------------------------------------------------------------------------------------------------


def snippet(label: str, markup: str, rendered: str) -> str:
    """The file of one box.

    `{#+` and `+#}` keep Jinja2 from trimming around the comments, `-#}` takes the file's own last newline away. Jinja2
    turns every `\\r\\n` into `\\n`: content that uses it throughout is put back by a filter, a stray `\\r` by a string.
    """
    crlf = "\r\n" in rendered and not re.search(r"(?<!\r)\n|\r(?!\n)", rendered)
    if crlf:
        text = escape(rendered.replace("\r\n", "\n"))
        body = '{% filter replace("\\n", "\\r\\n") +%}' + text + "{%+ endfilter -%}\n"
    else:
        body = escape(rendered) + "{#+ end -#}\n"
    return f'{{#+ Box "{label}", {markup}.\n    checksum {digest(body)} +#}}{body}'


def escape(text: str) -> str:
    """Content as Jinja2 source: what would open a tag is printed from a string."""
    return re.sub(r"\{[{%#\r]+|\{\Z|\r[{%#\r]*", _as_string, text)


def _as_string(found: re.Match[str]) -> str:
    return '{{ "' + found[0].replace("\r", "\\r") + '" }}'


def is_edited(text: str) -> bool:
    """Does a snippet's text differ from what an import wrote?"""
    head, found, body = text.partition(" +#}")
    return not found or not head.endswith("checksum " + digest(body))


# -- the labels that templates use ------------------------------------------------------------------------------------


def uses(folders: Iterable[Path]) -> Iterator[tuple[str | None, str]]:
    """(label, "file:line") of each box that a template shows, Django's or Jinja2's. No label if it is a variable."""
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in _TEMPLATES and path.is_file()):
            text = path.read_text("utf-8", errors="replace")
            for found in _USE.finditer(text):
                quoted = _QUOTED.fullmatch(found["tag"] or found["call"])
                yield quoted[2] if quoted else None, f"{path}:{text.count(chr(10), 0, found.start()) + 1}"


# -- the importer -----------------------------------------------------------------------------------------------------


class Boxes:
    """`bridge import boxes`. `folder` gets the snippets; `live` are labels to mark live; `templates` are searched for
    labels that no box has."""

    name = "boxes"

    def __init__(self, folder: Path, *, live: Sequence[str] = (), templates: Sequence[Path] = ()) -> None:
        self.target = Folder(folder)
        self._live = live
        self._templates = templates

    async def plan(self, connection: Any, source: Source, earlier: Mapping[str, Entry]) -> Plan:
        records, bad = await extract(source, "boxes.box", Box, "label")
        before = self.target.text(LIVE_FILE)
        marked = set((before or "").split())
        live = marked | set(self._live) | (REWRITTEN_BY_CODE & {record.value.label for record in records})
        plan = Plan([], bad)
        if live != marked:
            plan.steps.append(_live_step(before, live, sorted(live - marked)))
        files: dict[str, str] = {}
        for record in records:
            label = record.value.label
            other = files.setdefault(label.casefold(), label)
            if other != label:
                plan.bad.append(
                    Bad(record.place, "label", f"{label!r} and {other!r} are one file where case is ignored")
                )
            elif label in live:
                plan.steps.append(Step(label, Action.SKIP, "live: read from the database"))
            else:
                plan.steps.append(self._step(record))
        known = {record.value.label for record in records}
        plan.notes.extend(f"live.txt: {label}: no box has this label" for label in sorted(live - known))
        plan.notes.extend(self._missing(known))
        return plan

    def _step(self, record: Checked[Box]) -> Step:
        box = record.value
        name = f"{box.label}.html"
        text = snippet(box.label, box.content_markup_type, box.rendered)
        present = self.target.text(name)
        after = {"text": text}
        if present == text:
            return Step(box.label, Action.SAME, "", name)
        if present is None:
            return Step(box.label, Action.CREATE, "", name, after=after)
        if is_edited(present):
            return Step(box.label, Action.SKIP, f"a person edited {name}; delete it to import the box again", name)
        return Step(box.label, Action.CHANGE, "the box changed", name, before={"text": present}, after=after)

    def _missing(self, known: set[str]) -> list[str]:
        """One note for each label that a template uses and no box has."""
        missing: dict[str, list[str]] = {}
        for label, place in uses(self._templates):
            if label is not None and label not in known:
                missing.setdefault(label, []).append(place)
        return [f"no box has the label {label!r}, used in {', '.join(missing[label])}" for label in sorted(missing)]


def _live_step(before: str | None, live: set[str], added: list[str]) -> Step:
    after = {"text": "".join(f"{label}\n" for label in sorted(live))}
    action = Action.CREATE if before is None else Action.CHANGE
    old = None if before is None else {"text": before}
    return Step(LIVE_FILE, action, "marks live: " + ", ".join(added), LIVE_FILE, before=old, after=after)

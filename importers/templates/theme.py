"""A whole set of templates: read, converted together, and brought into a theme folder.

The order: 1 find the templates · 2 parse all, since blocks are named alike everywhere · 3 convert · 4 compare with the
theme and its ledger · 5 write. A run over an unchanged source writes nothing. What a person changed in the theme is
never overwritten: if the source changed too, the new text is laid beside it, with the differences marked. A template
that is broken keeps what the theme has of it; the others are not held up.
"""

import difflib
import fnmatch
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from importers.templates.conversion import Broken, Conversion, Parsed, parse, write
from importers.templates.draft import Reference, Unknown
from importers.templates.ledger import FORMAT, LEDGER, Entry
from importers.templates.ledger import read_ledger as read_ledger
from importers.templates.libraries import Known
from importers.templates.names import BlockNames
from importers.templates.sources import Source, digest, found, text_of

BESIDE = ".conflict"
Progress = Callable[[str, int, int], None]


class Action(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    SAME = "same"
    REMOVE = "remove"
    EDITED = "edited"  # by a person, and the source did not change since
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Problem:
    """A template that is not converted, or not safe to show: where, and Django's words."""

    name: str
    path: Path
    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    action: Action
    text: str | None = None
    entry: Entry | None = None


@dataclass(slots=True)
class Theme:
    """What the sources give: texts by name in the theme, and all that was noticed."""

    texts: dict[str, str] = field(default_factory=dict)
    origins: dict[str, tuple[Path, str]] = field(default_factory=dict)
    unknown: list[tuple[Path, Unknown]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tags: Counter[str] = field(default_factory=Counter)
    needs: set[tuple[str, str]] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)


# -- converting -------------------------------------------------------------------------------------------------------


def converted(
    folders: Sequence[Path],
    known: Known,
    *,
    apps: Mapping[str, str] | None = None,
    packages: bool = False,
    wanted: Iterable[str] = (),
    progress: Progress | None = None,
) -> Theme:
    """Steps 1 to 3. `apps`: folders that templates name as `label:path`, where a loader of the site reads that.

    Of installed packages, those templates come along that the site's own name and those that are `wanted` (names, `*`
    for any part), or all of them.
    """
    theme, by_name = Theme(), found(folders)
    by_label = {label: Path(folder) for label, folder in (apps or {}).items()}
    also = {name for pattern in wanted for name in fnmatch.filter(by_name, pattern)}
    first = [places[0] for name, places in by_name.items() if packages or name in also or not places[0].packaged]
    parsed = read(theme, first, known, lambda one, source: named_by(one, source, by_name, by_label), progress)
    names = BlockNames(name for _, one in parsed.values() for name in one.blocks)
    theme.renamed = names.renamed()
    graph: dict[str, Conversion] = {}
    for number, (output, (source, one)) in enumerate(sorted(parsed.items())):
        if progress:
            progress("writing", number, len(parsed))
        try:
            graph[output] = write(one, names, mover(source, by_name, by_label))
        except Broken as broken:
            theme.problems.append(Problem(source.name, source.path, broken.line, broken.message))
    gather(theme, graph, by_name)
    return theme


def read(
    theme: Theme,
    first: Sequence[Source],
    known: Known,
    named: Callable[[Parsed, Source], Iterator[Source]],
    progress: Progress | None,
) -> dict[str, tuple[Source, Parsed]]:
    """The first templates and those that they name, parsed, by their names in the theme."""
    waiting, seen = list(first), set(first)
    parsed: dict[str, tuple[Source, Parsed]] = {}
    for number, source in enumerate(waiting):  # it grows on the way
        if progress:
            progress("reading", number, len(waiting))
        try:
            content = source.content()
            one = parse(text_of(content), name=source.name, known=known)
        except Broken as broken:
            theme.problems.append(Problem(source.name, source.path, broken.line, broken.message))
            continue
        parsed[shadowed(source)] = (source, one)
        theme.origins[shadowed(source)] = (source.path, digest(content))
        others = [other for other in named(one, source) if other not in seen]
        waiting += others
        seen |= set(others)
    return parsed


def shadowed(source: Source) -> str:
    """Where the theme keeps it: under its name if it wins, else beside the theme's names."""
    return source.name if not source.place else f"_shadowed/{source.place}/{source.name}"


def named_by(
    one: Parsed, source: Source, by_name: Mapping[str, list[Source]], by_label: Mapping[str, Path]
) -> Iterator[Source]:
    """The templates that this one may show."""
    for name in sorted(one.strings):
        for match in fnmatch.filter(by_name, name) if "*" in name else (name,):
            if match in by_name:
                yield by_name[match][0]
        other = meant(name, True, source, by_name, by_label)
        if other is not None:
            yield other


def meant(
    name: str, extended: bool, source: Source, by_name: Mapping[str, list[Source]], by_label: Mapping[str, Path]
) -> Source | None:
    """The template that another one means by a name, if it is one that the name alone does not find."""
    if extended and name == source.name:
        places = by_name[name]
        return places[source.place + 1] if source.place + 1 < len(places) else None
    label, colon, path = name.partition(":")
    if colon and label in by_label:
        return next((one for one in by_name.get(path, ()) if one.path == by_label[label] / path), None)
    return None


def mover(
    source: Source, by_name: Mapping[str, list[Source]], by_label: Mapping[str, Path]
) -> Callable[[str, bool], str]:
    def moved(name: str, extended: bool) -> str:
        other = meant(name, extended, source, by_name, by_label)
        return name if other is None else shadowed(other)

    return moved


def gather(theme: Theme, graph: Mapping[str, Conversion], by_name: Mapping[str, list[Source]]) -> None:
    for output, conversion in graph.items():
        path = theme.origins[output][0]
        theme.texts[output] = conversion.text
        theme.unknown += [(path, one) for one in conversion.unknown]
        theme.tags += conversion.tags
        theme.needs |= conversion.needs
        for other in (*conversion.includes, *([conversion.parent] if conversion.parent else [])):
            name = other.name.partition("#")[0]  # what follows is a part of it
            if name not in by_name and name not in graph and ":" not in name:
                theme.notes.append(f"{path}:{other.line} names '{other.name}', which no folder has")
    for output, chain in sorted(circles(graph)):
        words = " → ".join(f"{one.name} (line {one.line})" for one in chain)
        message = f"maximum recursion depth exceeded: {output} → {words}"
        theme.problems.append(Problem(output, theme.origins[output][0], chain[0].line, message))
    theme.problems.sort(key=lambda problem: (str(problem.path), problem.line or 0))


def circles(graph: Mapping[str, Conversion]) -> Iterator[tuple[str, list[Reference]]]:
    """Templates that show themselves whatever the variables are; each circle once, at its first name."""

    def certain(name: str) -> list[Reference]:
        one = graph.get(name)
        parent = [one.parent] if one and one.parent else []
        return [*parent, *(other for other in one.includes if other.certain)] if one else []

    for start in graph:
        ways: list[list[Reference]] = [[other] for other in certain(start)]
        seen = set[str]()
        while ways:
            way = ways.pop(0)
            if way[-1].name == start:
                if start == min(one.name for one in way):
                    yield start, way
                break
            if way[-1].name not in seen:
                seen.add(way[-1].name)
                ways += [[*way, other] for other in certain(way[-1].name)]


# -- comparing --------------------------------------------------------------------------------------------------------


def planned(theme: Theme, folder: Path) -> list[Step]:
    """Step 4: what would be done to each template of the theme."""
    ledger = read_ledger(folder)
    broken = {shown(problem.path) for problem in theme.problems}
    steps = []
    for name, text in sorted(theme.texts.items()):
        path, source = theme.origins[name]
        fresh = Entry(shown(path), source, digest(text.encode()))
        steps.append(compared(name, text, fresh, ledger.get(name), current(folder / name), folder))
    for name, entry in sorted(ledger.items()):
        if name not in theme.texts:
            now = current(folder / name)
            if entry.source in broken or (broken and Path(entry.source).is_file()):  # perhaps a broken one names it
                steps.append(Step(name, Action.SAME, entry=entry))
            elif now in {entry.output, None}:
                steps.append(Step(name, Action.REMOVE))
            else:
                steps.append(Step(name, Action.EDITED, entry=entry))
    return steps


def compared(name: str, text: str, fresh: Entry, known: Entry | None, now: str | None, folder: Path) -> Step:
    """The source, the theme and the ledger: which of them changed since the last import."""
    if now is None:
        return Step(name, Action.CREATE, text, fresh)
    if now == fresh.output:
        return Step(name, Action.SAME, entry=fresh)
    if known is not None and now == known.output:
        return Step(name, Action.CHANGE, text, fresh)
    if known is not None and fresh.output == known.output:
        return Step(name, Action.EDITED, entry=fresh)
    offered = Entry(fresh.source, fresh.digest, known.output if known else "", fresh.output)
    if known is not None and known.offered == fresh.output:
        if not (folder / (name + BESIDE)).exists():  # taken away by a person: settled
            return Step(name, Action.EDITED, entry=fresh)
        return Step(name, Action.CONFLICT, entry=offered)
    return Step(name, Action.CONFLICT, text, offered)


def current(path: Path) -> str | None:
    return digest(path.read_bytes()) if path.is_file() else None


def shown(path: Path) -> str:
    """A path as the ledger keeps it: from the working folder, if it lies in there."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


# -- writing ----------------------------------------------------------------------------------------------------------


def apply(steps: Sequence[Step], theme: Theme, folder: Path) -> None:
    """Step 5. Files first, the ledger last: a killed run is done again by the next."""
    for step in steps:
        path = folder / step.name
        if step.action in {Action.CREATE, Action.CHANGE} and step.text is not None:
            put(path, step.text)
        elif step.action is Action.CONFLICT and step.text is not None:
            put(folder / (step.name + BESIDE), marked(path.read_text(errors="replace"), step.text))
        elif step.action is Action.REMOVE:
            path.unlink(missing_ok=True)
    entries = {step.name: ledger_line(step.entry) for step in steps if step.entry is not None}
    needs = {kind: sorted(name for of, name in theme.needs if of == kind) for kind in ("function", "block", "filter")}
    content = {"format": FORMAT, "blocks": theme.renamed, "needs": needs, "templates": entries}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    if not (folder / LEDGER).is_file() or (folder / LEDGER).read_text() != text:
        put(folder / LEDGER, text)


def ledger_line(entry: Entry) -> dict[str, str]:
    line = {"source": entry.source, "digest": entry.digest, "output": entry.output}
    return {**line, "offered": entry.offered} if entry.offered else line


def put(path: Path, text: str) -> None:
    """The whole file, or what was there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    beside.write_bytes(text.encode())
    beside.replace(path)


def marked(edited: str, imported: str) -> str:
    """Both texts in one, as version control marks them."""
    ours, theirs = edited.splitlines(keepends=True), imported.splitlines(keepends=True)
    out: list[str] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if kind == "equal":
            out += ours[a:b]
        else:
            sides = ("<<<<<<< edited\n", *ours[a:b], "=======\n", *theirs[c:d], ">>>>>>> imported\n")
            out += [line if line.endswith("\n") else line + "\n" for line in sides]
    return "".join(out)

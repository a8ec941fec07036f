"""Tag libraries read from source, for a site without a manifest: the `templatetags` folders near its template folders.

Nothing is imported. Django's decorators are found by their names; a tag made by a function of its own is a block if
that function stops somewhere, else nobody knows what it is.
"""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.template import Library

from importers.templates.libraries import TagFact, described
from legacy_adapters.introspect import tag_stops

KINDS = {"simple_tag": "simple", "inclusion_tag": "inclusion", "simple_block_tag": "simple_block"}
LIKE_CALLS = {"parse_bits", "InclusionAdminNode"}
"""What a tag's function hands its words to that reads them as Django reads those of a simple tag."""
FEW, MANY = 1, 2  # values that a filter takes


def near(folders: Sequence[Path]) -> dict[str, Path]:
    """The libraries of the project around its template folders, by the name that `{% load %}` calls them."""
    found: dict[str, Path] = {}
    for folder in folders:
        for pattern in ("templatetags/*.py", "*/templatetags/*.py", "*/*/templatetags/*.py"):
            for path in sorted(folder.parent.glob(pattern)):
                if path.stem != "__init__":
                    found.setdefault(path.stem, path)
    return found


def library(path: Path) -> Library:
    """What a file registers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tags, filters = list[TagFact](), dict[str, tuple[int, int]]()
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            for kind, name, given in registered(function):
                if kind == "filter":
                    filters[name] = values_taken(function)
                else:
                    tags.append(tag(kind, name, given, function, tree))
    return described(path.stem, tags, filters)


def registered(function: ast.FunctionDef) -> Iterator[tuple[str, str, list[ast.expr]]]:
    """What a function's decorators make of it: the kind, the name, and what else they are given."""
    for decorator in function.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        word = call.func if call else decorator
        if not isinstance(word, ast.Attribute) or word.attr not in {*KINDS, "tag", "filter"}:
            continue
        given = list(call.args) if call else []
        names = [keyword.value for keyword in call.keywords if keyword.arg == "name"] if call else []
        if word.attr in {"tag", "filter"}:
            names += given
        name = next((one.value for one in names if isinstance(one, ast.Constant)), function.name)
        yield word.attr, str(name), given


def tag(kind: str, name: str, given: list[ast.expr], function: ast.FunctionDef, module: ast.Module) -> TagFact:
    if kind == "inclusion_tag":
        shown = tuple(str(one.value) for one in given[:1] if isinstance(one, ast.Constant))
        return TagFact(name, "inclusion", templates=shown)
    if kind == "simple_block_tag":
        return TagFact(name, "simple_block", (f"end{name}",))
    if kind in KINDS:
        return TagFact(name, KINDS[kind])
    stops = list(dict.fromkeys(tag_stops(name, function))) or stops_of_class(name, function, module)
    if any(stop.startswith("end") for stop in stops):
        return TagFact(name, "block", tuple(sorted(stops, key=lambda stop: stop.startswith("end"))))
    parts = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return TagFact(name, "simple" if parts & LIKE_CALLS else "unknown")


def stops_of_class(name: str, function: ast.FunctionDef, module: ast.Module) -> list[str]:
    """A tag's function may leave the reading to its node's class."""
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    classes = [node for node in module.body if isinstance(node, ast.ClassDef) and node.name in used]
    return list(dict.fromkeys(stop for one in classes for stop in tag_stops(name, one)))


def values_taken(function: ast.FunctionDef) -> tuple[int, int]:
    arguments = function.args.posonlyargs + function.args.args
    most = len([one for one in arguments if one.arg != "autoescape"])
    defaults = len(function.args.defaults)
    return max(FEW, min(most, len(arguments) - defaults)), min(most, MANY)

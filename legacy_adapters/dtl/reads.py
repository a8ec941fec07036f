"""What a template can read, so that what it printed may be shown again where all of that is the same.

A template is *closed* if nothing in it can tell two renders apart but the variables that it names: every template that
it shows is named by a literal, every function and filter that it calls gives the same for the same values. Names that
the template binds itself count as well: counting too many is safe, missing one is not.
"""

from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from legacy_adapters.dtl.filters import FILTERS
from legacy_adapters.dtl.functions import STEADY
from legacy_adapters.dtl.prints import PLAIN

if TYPE_CHECKING:
    from legacy_adapters.dtl.environment import DjangoEnvironment

CHANGING = frozenset({"random", "timesince", "timeuntil", "naturaltime", "naturalday"})
"""Filters that print something else another time."""
STEADY_TAGS = frozenset({"spaceless", "firstof", "widthratio", "templatetag", "translate", "url"})
CARRIED = frozenset({"ifchanged", "cycle", "resetcycle"})
"""Tags that remember something from one pass of a loop to the next, and forget it with their template."""
VISITORS = frozenset({"request", "user", "perms", "messages", "csrf_token"})
"""Variables that stand for who is asking."""


@dataclass(slots=True)
class Reading:
    """The names that a template and those that it shows may read."""

    names: set[str] = field(default_factory=set)
    closed: bool = True

    def values(self, variables: dict[str, Any], more: Collection[str] = ()) -> Hashable | None:
        """The variables that may be read, these `more` as well, if each is a plain value; None where one is not."""
        names = sorted({*self.names, *more}) if more else self.names
        found = [(name, variables[name]) for name in names if name in variables]
        plain = all(type(value) in PLAIN for _, value in found)
        return tuple((name, type(value), value) for name, value in found) if plain else None


def reading(environment: "DjangoEnvironment", name: str, *, shows: str) -> Reading:
    """What the template `name` reads. `shows` is a function whose argument `template`, or else its last one, names a
    template that it renders. Two languages, and two current apps, are for the caller to tell apart.
    """
    found, queue, seen = Reading(), [name], set[str]()
    while queue and found.closed:
        template = queue.pop()
        if template in seen:
            continue
        seen.add(template)
        source = environment.loader.get_source(environment, template)[0]  # type: ignore[union-attr]
        tree = environment.parse(source, template)
        found.names |= _names(tree)
        queue += _shown(tree, shows)
        found.closed = _is_closed(tree, environment, CARRIED, shows) and not found.names & VISITORS
    return found


def reading_of_a_loop(environment: "DjangoEnvironment", loop: nodes.For) -> set[str] | None:
    """The names that a loop reads besides its own; None where it may print something else for the same values."""
    bound = {name.name for name in loop.target.find_all(nodes.Name)} | {"forloop"}
    if isinstance(loop.target, nodes.Name):
        bound.add(loop.target.name)
    body = nodes.Template(loop.body)
    otherwise = _names(nodes.Template(loop.else_))
    if (
        _looks_around(loop)
        or "forloop" in otherwise
        or not _is_closed(nodes.Template([*loop.body, *loop.else_]), environment, ("ifchanged", "cycle"))
    ):
        return None
    names = (_names(body) - bound) | otherwise
    return None if names & VISITORS else names


def bound_by_cycles(loop: nodes.For) -> set[str]:
    """The names that the loop's cycles bind. They end with the loop, unless they were bound before it."""
    words = [word for call in loop.find_all(nodes.Call) if _name(call) == "cycle" for word in call.kwargs]
    return {str(word.value.value) for word in words if word.key == "name" and isinstance(word.value, nodes.Const)}


def _looks_around(loop: nodes.For) -> bool:
    """Whether the loop's body asks for a loop around it; loops inside of it may ask for it."""

    def looks(node: nodes.Node, depth: int) -> bool:
        asked, base = 0, node
        while isinstance(base, nodes.Getattr):
            asked, base = asked + (base.attr == "parentloop"), base.node
        if asked and not (isinstance(base, nodes.Name) and base.name == "forloop" and asked <= depth):
            return True
        inside = depth + isinstance(node, nodes.For)
        return any(looks(child, inside) for child in node.iter_child_nodes())

    return any(looks(child, 0) for child in loop.body)


def _names(tree: nodes.Template) -> set[str]:
    called = {id(node.node) for node in tree.find_all(nodes.Call)}
    return {node.name for node in tree.find_all(nodes.Name) if id(node) not in called}


def _shown(tree: nodes.Template, shows: str) -> list[str]:
    named = [_named(node) for node in tree.find_all(nodes.Call) if _name(node) == shows]
    return [str(node.value) for node in named if isinstance(node, nodes.Const)]


def _named(call: nodes.Call) -> nodes.Expr | None:
    """The argument of the call that names a template."""
    by_word = [word.value for word in call.kwargs if word.key == "template"]
    return by_word[0] if by_word else call.args[-1] if call.args else None


def _is_closed(
    tree: nodes.Template, environment: "DjangoEnvironment", carried: Collection[str] = (), shows: str = ""
) -> bool:
    if any(True for _ in tree.find_all((nodes.Include, nodes.Extends, nodes.Block))):
        return False
    for call in tree.find_all(nodes.Call):
        name = _name(call)
        if shows and name == shows:
            if not isinstance(_named(call), nodes.Const):
                return False
        elif name not in STEADY_TAGS and name not in carried and not is_steady(environment.functions.get(name)):
            return False
    return all(_is_steady_filter(node.name, environment) for node in tree.find_all(nodes.Filter))


def _is_steady_filter(name: str, environment: "DjangoEnvironment") -> bool:
    known = environment.filters.get(name)
    return name not in CHANGING and (known is FILTERS.get(name) or is_steady(known))


def is_steady(function: object) -> bool:
    return bool(getattr(function, STEADY, False))


def _name(call: nodes.Call) -> str:
    return call.node.name if isinstance(call.node, nodes.Name) else ""

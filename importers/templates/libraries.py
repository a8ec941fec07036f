"""Which tags and filters a template may use, and what kind each is.

Django's own libraries are asked themselves. Those of a site are described by its manifest and have stand-ins here: they
read as much of a template as the real ones would (a leaf, or a body up to its end tag) and run nothing of the site.
Where no manifest tells, tags of a library that nobody described are accepted and reported.
"""

import functools
import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.template import Library, Node
from django.template.base import Parser, Token
from django.template.defaulttags import load as django_load

BUILTINS = ("django.template.defaulttags", "django.template.defaultfilters", "django.template.loader_tags")
INSTALLED = {
    "cache": "django.templatetags.cache",
    "i18n": "django.templatetags.i18n",
    "l10n": "django.templatetags.l10n",
    "static": "django.templatetags.static",
    "tz": "django.templatetags.tz",
    "humanize": "django.contrib.humanize.templatetags.humanize",
}
OWN = frozenset({*BUILTINS, *INSTALLED.values()})
Compile = Callable[[Any, Token], Node]


@dataclass(frozen=True, slots=True)
class TagFact:
    """What is known about a tag. `stops` are the tags its body may stop at, the end tag last; a leaf has none."""

    name: str
    kind: str  # "simple", "simple_block", "inclusion", "block", "own" (has a writer of its own) or "unknown"
    stops: tuple[str, ...] = ()
    only_named: bool = False  # it has a body only where `as` names its result
    templates: tuple[str, ...] = ()  # those that it shows


@dataclass(frozen=True, slots=True)
class Sight:
    """A tag as it was met in a template: which library it came from, and what is known about it."""

    module: str
    fact: TagFact


@dataclass(frozen=True, slots=True)
class Known:
    """Libraries as `{% load %}` names them, and those that need no loading. `open`: there may be more than is known."""

    libraries: Mapping[str, Library]
    builtins: tuple[Library, ...]
    open: bool = False


class Described(Library):  # type: ignore[misc]
    """A library of stand-ins. `more_filters`: it may have others than those that are told."""

    more_filters = False


def described(module: str, facts: Iterable[TagFact], filters: Mapping[str, tuple[int, int]] | None) -> Library:
    """A library of stand-ins; `filters` says how many values each takes, the filtered one included: least and most."""
    library = Described()
    library.more_filters = filters is None
    for fact in facts:
        library.tags[fact.name] = seen(module, fact, functools.partial(stand_in, fact))
    for name, (least, most) in (filters or {}).items():
        library.filters[name] = filter_stand_in(least, most)
    return library


@functools.cache
def own_library(module: str) -> Library:
    """A library of Django's own, which reports what it reads."""
    found = importlib.import_module(module).register
    library = Library()
    for name, compiled in found.tags.items():
        library.tags[name] = seen(module, TagFact(name, "own"), load if compiled is django_load else compiled)
    library.filters.update(found.filters)
    return library


def seen(module: str, fact: TagFact, compiled: Compile) -> Compile:
    """The compile function, telling its parser which tag a token was."""
    sight, leaf = Sight(module, fact), Sight(module, replace(fact, stops=()))

    def compile_and_tell(parser: Any, token: Token) -> Node:
        parser.found[token] = leaf if is_leaf(fact, token) else sight
        return compiled(parser, token)

    return compile_and_tell


def is_leaf(fact: TagFact, token: Token) -> bool:
    return not fact.stops or (fact.only_named and token.split_contents()[-2:-1] != ["as"])


def stand_in(fact: TagFact, parser: Any, token: Token) -> Node:
    """Read what the tag would read: nothing, or a body with its clauses."""
    node = Body()
    while not is_leaf(fact, token):
        node.nodelists.append(parser.parse(fact.stops))
        stop = parser.next_token().contents.split()[0]
        if stop == fact.stops[-1]:
            break
    return node


class Body(Node):  # type: ignore[misc]
    """The bodies of a stand-in, where Django looks for blocks."""

    def __init__(self) -> None:
        self.nodelists: list[Any] = []

    def get_nodes_by_type(self, nodetype: type[Node]) -> list[Node]:
        return [node for nodelist in self.nodelists for node in nodelist.get_nodes_by_type(nodetype)]


def filter_stand_in(least: int, most: int) -> Callable[..., Any]:
    """A filter that Django finds to take that many values."""
    if least >= 2:
        return lambda value, argument: value
    if most >= 2:
        return lambda value, argument=None: value
    return lambda value: value


def load(parser: Any, token: Token) -> Node:
    """`{% load %}`; a library that nobody described opens the template where that is allowed."""
    if not parser.known.open:
        return django_load(parser, token)
    bits = token.contents.split()
    names = [bits[-1]] if len(bits) >= 4 and bits[-2] == "from" else bits[1:]
    if all(name in parser.libraries for name in names):
        return django_load(parser, token)
    parser.loose = True
    for name in names:
        if name in parser.libraries:
            parser.add_library(parser.libraries[name])
    return Body()


class Tags(dict[str, Compile]):
    """Tags by name. In a template that loaded a library nobody described, any name may be one of its tags."""

    def __init__(self, parser: Any) -> None:
        super().__init__()
        self.parser = parser

    def __missing__(self, name: str) -> Compile:
        if not self.parser.loose or name.startswith("end") or name in {"else", "elif", "empty", "plural"}:
            raise KeyError(name)
        end = f"end{name}"
        closed = any(token.contents.split()[:1] == [end] for token in self.parser.tokens)
        fact = TagFact(name, "unknown", ("else", "empty", end) if closed else ())
        return seen("", fact, functools.partial(stand_in, fact))


class Checking(Parser):  # type: ignore[misc]
    """Django's parser, which finds what Django finds wrong, and remembers which tag each token was."""

    def __init__(self, tokens: list[Token], known: Known, origin: Any) -> None:
        self.known = known
        self.loose = False
        self.found: dict[Token, Sight] = {}
        self.used_filters: set[str] = set()
        self.more_filters = False
        super().__init__(tokens, dict(known.libraries), (), origin)
        self.tags = Tags(self)
        for library in known.builtins:
            self.add_library(library)

    def add_library(self, lib: Library) -> None:
        super().add_library(lib)
        self.more_filters = self.more_filters or getattr(lib, "more_filters", False)

    def find_filter(self, name: str) -> Any:
        """The filter, which Django then asks how many values it takes."""
        if name not in own_filters():
            self.used_filters.add(name)
        if (self.loose or self.more_filters) and name not in self.filters:
            return filter_stand_in(1, 2)
        return super().find_filter(name)


@functools.cache
def own_filters() -> frozenset[str]:
    return frozenset(name for module in OWN for name in own_library(module).filters)


def django_alone() -> Known:
    """Django's own tags and filters, and nothing else."""
    return Known(
        {name: own_library(module) for name, module in INSTALLED.items()},
        tuple(own_library(module) for module in BUILTINS),
    )

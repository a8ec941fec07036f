"""Variables that nobody thought of: objects that have every attribute, each of a kind drawn from its path and a seed.

And stand-ins for the tags of packages, alike on both sides: what they are given is what they print.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.template import Library, Node, NodeList
from django.template.base import Parser, Token
from django.utils.safestring import mark_safe

from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.manifest import TemplateModule


class Anything:
    """Has every item whose name is a word."""

    def __init__(self, path: str, seed: int) -> None:
        self.path, self.seed = path, seed

    def __getitem__(self, key: object) -> Any:
        if not isinstance(key, str):
            raise TypeError(key)
        return value(f"{self.path}.{key}", self.seed)

    def __iter__(self) -> Iterator[Any]:
        return iter([value(f"{self.path}[{number}]", self.seed) for number in range(2)])

    def __len__(self) -> int:
        return 2

    def __str__(self) -> str:
        return f"<{self.path}>"

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Anything) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)


def number(path: str, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}{path}".encode()).digest()[:4])


def value(path: str, seed: int) -> Any:
    drawn = number(path, seed)
    kinds: dict[int, Callable[[], Any]] = {
        0: lambda: drawn % 5,
        1: lambda: f"a<&>'{path[-6:]}",
        2: lambda: None,
        3: lambda: True,
        4: lambda: datetime(2020, 1 + drawn % 12, 1 + drawn % 28, drawn % 24, 5, tzinfo=UTC),
        5: lambda: "",
        6: lambda: [Anything(f"{path}[{at}]", seed) for at in range(drawn % 4)],
        7: lambda: lambda: Anything(f"{path}()", seed),
        8: lambda: 1234.5,
    }
    chosen = drawn % 25
    if chosen == 9:
        raise KeyError(path)
    return kinds.get(chosen, lambda: Anything(path, seed))()


def variables(names: set[str], seed: int) -> dict[str, Any]:
    found = {}
    for name in sorted(names):
        if number(name, seed) % 25 != 9:
            found[name] = value(name, seed)
    return found


# -- stand-ins --------------------------------------------------------------------------------------------------------


def printing(name: str) -> Callable[..., str]:
    def called(*given: object, **named: object) -> str:
        return f"<{name} {[*map(str, given)]} { {key: str(one) for key, one in named.items()} }>"

    return called


def mark(name: str, safe: Callable[[str], str]) -> Callable[..., str]:
    """A tag whose words are its own prints its name on both sides."""
    return lambda *given, **named: safe(f"[{name}]")


def as_given(given: object, argument: object = "") -> str:
    return f"{given}{argument}"


def body_shown(context: Any, body: Callable[[], str], *given: Any, **named: Any) -> str:
    return SafeString(f"({body()})")


class Shown(Node):
    """A tag of Django's side that prints its name, or its body, as the other side does."""

    def __init__(self, name: str, body: NodeList | None, target: str | None) -> None:
        self.name, self.body, self.target = name, body, target

    def render(self, context: Any) -> str:
        if self.body is not None:
            return mark_safe(f"({self.body.render(context)})")
        if self.target is not None:
            context[self.target] = mark_safe(f"[{self.name}]")
            return ""
        return f"[{self.name}]"


def own_words(stops: tuple[str, ...]) -> Callable[[Parser, Token], Node]:
    def compiled(parser: Parser, token: Token) -> Node:
        bits = token.split_contents()
        target = bits[-1] if bits[-2:-1] == ["as"] else None
        if bits[0] == "get_admin_log":
            target = bits[3]
        if not stops:
            return Shown(bits[0], None, target)
        bodies = []
        while True:
            bodies.append(parser.parse(stops))
            if parser.next_token().contents.split()[0] == stops[-1]:
                return Shown(bits[0], bodies[0], target)

    return compiled


def library(told: TemplateModule, own: set[str]) -> Library:
    """Django's side of a module: calls print what they are given; tags with words of their own are in `own`."""
    found = Library()
    for name, tag in told.tags.items():
        if name in own or tag.stops or tag.kind == "unknown":
            found.tags[name] = own_words(tag.stops)
        else:
            found.simple_tag(printing(name), name=name)
    for name in told.filters:
        found.filter(name, as_given)
    return found

"""What a compiled template calls while it renders: output, loops, blocks, includes and the tags that remember.

Where an error leaves the variables, the autoescaping or the blocks in a state, it is the state Django leaves:
`super()` may swallow an error, and then the difference would show.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from legacy_adapters.dtl.context import MISSING, Context, store
from legacy_adapters.dtl.errors import TemplateSyntaxError, VariableDoesNotExist
from legacy_adapters.dtl.filters.i18n import Message
from legacy_adapters.dtl.inheritance import (
    extend,
    include,
    include_only,
    include_with,
    included,
    partial,
    show_block,
)
from legacy_adapters.dtl.locale import template_localtime
from legacy_adapters.dtl.lookup import follow, invalid, nothing, printed, strict
from legacy_adapters.dtl.output import printable
from legacy_adapters.dtl.prints import Loop, repeat
from legacy_adapters.dtl.safe import SafeString

Write = Callable[[str], object]
NO_LOOP: dict[str, Any] = {}


# Output


def show_name(context: Context, name: str) -> str:
    """`{{ name }}`: what most of a template's output is."""
    try:
        value = context[name]
    except KeyError:
        return show(context, invalid(context, name))
    if type(value) is str and context.autoescape:
        return escaped(value)
    return show(context, printed(context, name) if callable(value) else value)


def show(context: Context, value: Any) -> str:
    """As django/template/base.py: render_value_in_context()."""
    kind = type(value)
    if kind is str:
        return escaped(value) if context.autoescape else value
    if kind is SafeString:
        return value  # type: ignore[no-any-return]
    value = printable(value)
    if not context.autoescape:
        return str(value)
    if not isinstance(value, str):
        value = str(value)
    return value.__html__() if hasattr(value, "__html__") else escaped(value)


def escaped(value: str) -> str:
    if value.isalnum():
        return value
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return value.replace('"', "&quot;").replace("'", "&#x27;")


def returned(context: Context, value: Any) -> str:
    """What a function gave, as it is printed: escaped, never localized (django/template/library.py: SimpleNode)."""
    if context.autoescape:
        return value.__html__() if hasattr(value, "__html__") else escaped(str(value))
    return text(value)


def text(value: Any) -> str:
    """Django joins what its tags return, and joins nothing but text."""
    if not isinstance(value, str):
        raise TypeError(f"expected str instance, {type(value).__name__} found")
    return value


def keep_safe(after: Any, before: Any) -> Any:
    """What a filter that `is_safe` made of a safe string is safe."""
    if isinstance(before, SafeString) and not hasattr(after, "__html__"):
        return SafeString(after)
    return after


def first(context: Context, value: Any) -> str:
    """The output of `firstof`."""
    if not value:
        return ""
    shown = show(context, value)
    return SafeString(shown) if context.autoescape else shown


class Invalid(Exception):
    """A missing variable on its way past the filters that would have been applied to it."""


def guarded(context: Context, name: str, path: tuple[str, ...] = ()) -> Any:
    try:
        return strict(context, name, path)
    except VariableDoesNotExist:
        raise Invalid(invalid(context, name, path)) from None


def unless_invalid(context: Context, value: Callable[[], Any]) -> Any:
    try:
        return value()
    except Invalid as missing:
        return missing.args[0]


def inside_strict(context: Context, value: Any, path: tuple[str, ...]) -> Any:
    return follow(context, value, path)


def inside_printed(context: Context, value: Any, path: tuple[str, ...]) -> Any:
    try:
        return follow(context, value, path)
    except VariableDoesNotExist:
        return invalid(context, path[0], path[1:])


def inside_nothing(context: Context, value: Any, path: tuple[str, ...]) -> Any:
    try:
        return follow(context, value, path)
    except VariableDoesNotExist:
        return None


# Loops


def sequence(values: Any) -> Any:
    if values is None:
        return ()
    return values if hasattr(values, "__len__") else list(values)


def count(loop: dict[str, Any], index: int, size: int) -> None:
    loop["counter0"] = index
    loop["counter"] = index + 1
    loop["revcounter"] = size - index
    loop["revcounter0"] = size - index - 1
    loop["first"] = index == 0
    loop["last"] = index == size - 1


def unpack(context: Context, names: list[str], item: Any) -> None:
    """A scope with the parts of an item; the caller leaves it."""
    try:
        size = len(item)
    except TypeError:
        size = 1
    if size != len(names):
        raise ValueError(f"Need {len(names)} values to unpack in for loop; got {size}. ")
    values = dict(zip(names, item, strict=False))
    context.scopes.append({name: context.get(name, MISSING) for name in values})
    for name, value in values.items():
        store(context, name, value)


class Group(NamedTuple):
    """What `regroup` gives; its attributes are Django's."""

    grouper: Any
    list: Any


Group.__name__ = Group.__qualname__ = "GroupedResult"


def regroup(context: Context, name: str, items: Any, by: Callable[[], Any]) -> Any:
    if items is None:
        return []

    def key(item: Any) -> Any:
        context[name] = item
        return by()

    return [Group(grouper, list(members)) for grouper, members in groupby(items, key)]


# Tags that remember


class Remembered:
    """What a tag of a template keeps between two passes stands under one of these."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<remembered>"


def turn(context: Context, key: object, size: int) -> int:
    """Which of a cycle's values is next."""
    index: int = context.state.get(key, 0)
    context.state[key] = (index + 1) % size
    return index


def cycle(context: Context, value: Any, name: str | None, silent: bool) -> str:
    if name:
        context.set_upward(name, value)
    return "" if silent else show(context, value)


def resetcycle(context: Context, key: object) -> str:
    context.state[key] = 0
    return ""


def changes(context: Context, key: object) -> Any:
    """Where `ifchanged` keeps what it saw: in the loop around it, else in the render."""
    frame = context.get("forloop", context.state)
    frame.setdefault(key)
    return frame


class Fragment:
    """A cached part of a page, under Django's own key (django/core/cache/utils.py: make_template_fragment_key)."""

    __slots__ = ("cache", "key", "timeout")

    def __init__(self, context: Context, timeout: Any, using: Any, name: str, vary: list[Any]) -> None:
        if timeout is not None:
            try:
                timeout = int(timeout)
            except (TypeError, ValueError):
                raise TemplateSyntaxError(f"cache: {timeout!r} is no number of seconds") from None
        self.timeout = timeout
        digest = hashlib.md5(usedforsecurity=False)
        for value in vary:
            digest.update(f"{value}:".encode())
        self.key = f"template.cache.{name}.{digest.hexdigest()}"
        self.cache = context.environment.fragments(using)

    def get(self) -> Any:
        return self.cache.get(self.key) if self.cache is not None else None

    def set(self, rendered: str) -> str:
        if self.cache is not None:
            self.cache.set(self.key, rendered, self.timeout)
        return rendered


# Blocks of text


def spaceless(markup: str) -> str:
    return re.sub(r">\s+<", "><", markup.strip())


def widthratio(value: Callable[[], Any], top: Callable[[], Any], width: Callable[[], Any]) -> str:
    try:
        number, most, wide = value(), top(), int(width())
    except VariableDoesNotExist:
        return ""
    except (TypeError, ValueError):
        raise TemplateSyntaxError("widthratio: the last argument must be a number") from None
    try:
        return str(round(float(number) / float(most) * wide))
    except ZeroDivisionError:
        return "0"
    except (TypeError, ValueError, OverflowError):
        return ""


class Body:
    """What stands in a block tag: called, it renders to a safe string, as often as it is called.

    `target` is the name after `as`; each clause is an attribute, `otherwise` is what stands after `else` or `empty`.
    """

    __slots__ = ("clauses", "render", "target")

    def __init__(
        self, render: Callable[[], SafeString], clauses: Mapping[str, Callable[[], SafeString]], target: str | None
    ) -> None:
        self.render = render
        self.clauses = clauses
        self.target = target

    def __call__(self) -> SafeString:
        return self.render()

    def __iter__(self) -> Iterator[str]:
        return iter(self.clauses)

    def otherwise(self) -> SafeString:
        render = self.clauses.get("else") or self.clauses.get("empty")
        return render() if render else SafeString("")

    def clause(self, name: str) -> SafeString:
        return self.clauses[name]() if name in self.clauses else SafeString("")


__all__ = [
    "MISSING",
    "NO_LOOP",
    "Body",
    "Fragment",
    "Loop",
    "Message",
    "Remembered",
    "SafeString",
    "VariableDoesNotExist",
    "changes",
    "count",
    "cycle",
    "extend",
    "first",
    "guarded",
    "include",
    "include_only",
    "include_with",
    "included",
    "inside_nothing",
    "inside_printed",
    "inside_strict",
    "keep_safe",
    "nothing",
    "partial",
    "printed",
    "regroup",
    "repeat",
    "resetcycle",
    "returned",
    "sequence",
    "show",
    "show_block",
    "show_name",
    "spaceless",
    "store",
    "strict",
    "template_localtime",
    "text",
    "turn",
    "unless_invalid",
    "unpack",
    "widthratio",
]

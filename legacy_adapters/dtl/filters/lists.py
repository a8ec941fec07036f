"""Filters on lists and on what may stand for a value: items, order, joining, choices."""

import random as chance
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from types import GeneratorType
from typing import Any

from legacy_adapters.dtl.filters.marks import Filter, register
from legacy_adapters.dtl.locale import gettext
from legacy_adapters.dtl.safe import SafeString, conditional_escape

FILTERS: dict[str, Filter] = {}


def _property(path: Any) -> Callable[[Any], Any]:
    """What gives the item or attribute at a dotted path; a number is a key of its own. Private names are refused."""
    try:
        float(path)
    except ValueError:
        pass
    else:
        return itemgetter(path)
    if path[0] == "_" or "._" in path:
        raise AttributeError("Access to private variables is forbidden.")

    def at(value: Any) -> Any:
        for name in path.split("."):
            try:
                value = value[name]
            except (AttributeError, IndexError, KeyError, TypeError, ValueError):
                value = getattr(value, name)
        return value

    return at


def _ordered(value: Any, path: Any, reverse: bool) -> Any:
    try:
        return sorted(value, key=_property(path), reverse=reverse)
    except (AttributeError, TypeError):
        return ""


@register(FILTERS)
def dictsort(value: Any, arg: Any) -> Any:
    return _ordered(value, arg, reverse=False)


@register(FILTERS)
def dictsortreversed(value: Any, arg: Any) -> Any:
    return _ordered(value, arg, reverse=True)


@register(FILTERS)
def first(value: Any) -> Any:
    try:
        return value[0]
    except IndexError:
        return ""


@register(FILTERS, is_safe=True)
def last(value: Any) -> Any:
    try:
        return value[-1]
    except IndexError:
        return ""


@register(FILTERS, is_safe=True, needs_autoescape=True)
def join(value: Any, arg: Any, autoescape: bool = True) -> Any:
    """The items with `arg` between them; what cannot be joined stays as it is."""
    try:
        if autoescape:
            return SafeString(conditional_escape(arg).join([conditional_escape(item) for item in value]))
        return SafeString(arg.join(value))
    except TypeError:
        return value


@register(FILTERS)
def length(value: Any) -> int:
    try:
        return len(value)
    except (ValueError, TypeError):
        return 0


@register(FILTERS, is_safe=True)
def random(value: Any) -> Any:
    try:
        return chance.choice(value)  # noqa: S311 - a choice for readers, not a secret
    except IndexError:
        return ""


@register(FILTERS, "slice", is_safe=True)
def part(value: Any, arg: Any) -> Any:
    """The items that Python's slice `arg` names; what has none stays as it is."""
    try:
        return value[slice(*(int(bound) if bound else None for bound in str(arg).split(":")))]
    except (ValueError, TypeError, KeyError):
        return value


def _with_children(items: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Each item, with the list that follows it where one does; a list after a list is an item."""
    waiting: list[Any] = []
    for item in items:
        if waiting and isinstance(item, (list, tuple, GeneratorType)):
            yield waiting.pop(), item
            continue
        if waiting:
            yield waiting.pop(), None
        waiting.append(item)
    if waiting:
        yield waiting.pop(), None


def _list_items(items: Iterable[Any], escaper: Callable[[Any], Any], tabs: int) -> str:
    indent = "\t" * tabs
    lines = []
    for item, children in _with_children(items):
        below = (
            f"\n{indent}<ul>\n{_list_items(children, escaper, tabs + 1)}\n{indent}</ul>\n{indent}" if children else ""
        )
        lines.append(f"{indent}<li>{escaper(item)}{below}</li>")
    return "\n".join(lines)


@register(FILTERS, is_safe=True, needs_autoescape=True)
def unordered_list(value: Any, autoescape: bool = True) -> SafeString:
    """Nested lists as `<li>` within `<ul>`, without the outermost `<ul>`."""
    return SafeString(_list_items(value, conditional_escape if autoescape else lambda item: item, 1))


@register(FILTERS)
def default(value: Any, arg: Any) -> Any:
    return value or arg


@register(FILTERS)
def default_if_none(value: Any, arg: Any) -> Any:
    return arg if value is None else value


@register(FILTERS)
def yesno(value: Any, arg: Any = None) -> Any:
    """One of two or three words for true, false and None; None is false where there is no third."""
    words = (gettext("yes,no,maybe") if arg is None else arg).split(",")
    if len(words) < 2:
        return value
    yes, no, maybe = words if len(words) == 3 else (words[0], words[1], words[1])
    if value is None:
        return maybe
    return yes if value else no


@register(FILTERS)
def pluralize(value: Any, arg: Any = "s") -> Any:
    """The ending for one or for many: `arg`, or the halves of `arg` at its comma."""
    endings = (arg if "," in arg else "," + arg).split(",")
    if len(endings) > 2:
        return ""
    one, many = endings
    try:
        return one if float(value) == 1 else many
    except ValueError:
        return ""
    except TypeError:
        return _ending_of_length(value, one, many)


def _ending_of_length(value: Any, one: str, many: str) -> str:
    try:
        return one if len(value) == 1 else many
    except TypeError:
        return ""

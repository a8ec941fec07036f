"""From a dotted path to a value, as in django/template/base.py: Variable._resolve_lookup.

Three ways to ask, differing in what a missing variable is: `strict` raises VariableDoesNotExist, `printed` gives
`string_if_invalid`, `nothing` gives None. Each step tries item, attribute, index, and calls what is callable unless it
says `do_not_call_in_templates` or `alters_data`. An error marked `silent_variable_failure` is `string_if_invalid`.
"""

import inspect
from typing import Any

from legacy_adapters.dtl.context import Context
from legacy_adapters.dtl.errors import VariableDoesNotExist

# Of these types an index is never an item or an attribute.
INDEXED = frozenset({tuple, list, str})
# Whether a type can be subscripted, remembered: hasattr() on a type that cannot is slow.
subscriptable: dict[type, bool] = {}

ITEM_ERRORS = (TypeError, AttributeError, KeyError, ValueError, IndexError)
INDEX_ERRORS = (IndexError, ValueError, KeyError, TypeError)


def strict(context: Context, name: str, path: tuple[str, ...] = ()) -> Any:
    try:
        value = context[name]
    except KeyError:
        raise VariableDoesNotExist(name, "the context") from None
    return follow(context, value, path)


def printed(context: Context, name: str, path: tuple[str, ...] = ()) -> Any:
    try:
        value = context[name]
    except KeyError:
        return invalid(context, name, path)
    if not path and not callable(value):
        return value
    try:
        return follow(context, value, path)
    except VariableDoesNotExist:
        return invalid(context, name, path)


def nothing(context: Context, name: str, path: tuple[str, ...] = ()) -> Any:
    try:
        value = context[name]
    except KeyError:
        return None
    if not path and not callable(value):
        return value
    try:
        return follow(context, value, path)
    except VariableDoesNotExist:
        return None


def invalid(context: Context, name: str, path: tuple[str, ...] = ()) -> str:
    """What a missing variable prints; a `%s` in the setting stands for its name."""
    text = context.environment.string_if_invalid
    return text % ".".join((name, *path)) if "%s" in text else text


def follow(context: Context, value: Any, path: tuple[str, ...]) -> Any:
    """The value at the end of the path, or VariableDoesNotExist."""
    try:
        if callable(value):
            value = called(context, value)
        for bit in path:
            kind = type(value)
            has_items = subscriptable.get(kind)
            if has_items is None:
                has_items = subscriptable[kind] = hasattr(kind, "__getitem__")
            if not has_items:
                value = attribute_or_index(value, bit)
            elif kind in INDEXED and bit.isdigit():
                value = indexed(value, bit)
            else:
                try:
                    value = value[bit]
                except ITEM_ERRORS:
                    value = attribute_or_index(value, bit)
            if callable(value):
                value = called(context, value)
    except Exception as error:
        if getattr(error, "silent_variable_failure", False):
            return context.environment.string_if_invalid
        raise
    return value


def attribute_or_index(value: Any, bit: str) -> Any:
    try:
        return getattr(value, bit)
    except (TypeError, AttributeError):
        # The attribute is there: the error comes from inside it.
        if is_named(value, bit):
            raise
    return indexed(value, bit)


def indexed(value: Any, bit: str) -> Any:
    try:
        return value[int(bit)]
    except INDEX_ERRORS:
        raise VariableDoesNotExist(bit, value) from None


def is_named(value: Any, bit: str) -> bool:
    """`bit in dir(value)`, without making the list where that is only what the object and its classes hold."""
    kind = type(value)
    if getattr(kind, "__dir__", None) is not object.__dir__:
        return bit in dir(value)
    return bit in getattr(value, "__dict__", ()) or any(bit in each.__dict__ for each in kind.__mro__)


def called(context: Context, value: Any) -> Any:
    if getattr(value, "do_not_call_in_templates", False):
        return value
    if getattr(value, "alters_data", False):
        return context.environment.string_if_invalid
    try:
        return value()
    except TypeError:
        if needs_arguments(value):
            return context.environment.string_if_invalid
        raise


def needs_arguments(value: Any) -> bool:
    """Whether calling it without arguments could not work; what has no readable signature counts as such."""
    try:
        signature = inspect.signature(value)
    except ValueError:
        return True
    try:
        signature.bind()
    except TypeError:
        return True
    return False

"""How a filter says what it is: its name, and Django's `is_safe`, `needs_autoescape` and `expects_localtime`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from legacy_adapters.dtl.safe import SafeString, mark_safe

Filter = Callable[..., Any]
F = TypeVar("F", bound=Callable[..., Any])


def text_of(value: Any) -> str:
    """The value as a string filter gets it: safe where it is, or where what its `__str__` gives is."""
    kind = type(value)
    if kind is str or kind is SafeString:
        return value  # type: ignore[no-any-return]
    text = value if isinstance(value, str) else str(value)
    return SafeString(text) if hasattr(text, "__html__") else str(text)


def _of_text(function: F, is_safe: bool) -> F:
    """The filter on the text of whatever comes; safe text stays safe if the filter is (stringfilter)."""

    @wraps(function)
    def filtered(value: Any, *arguments: Any, **named: Any) -> Any:
        text = text_of(value)
        result = function(text, *arguments, **named)
        return mark_safe(result) if is_safe and isinstance(text, SafeString) else result

    return filtered  # type: ignore[return-value]


def register(
    filters: dict[str, Filter],
    name: str | None = None,
    *,
    is_safe: bool = False,
    needs_autoescape: bool = False,
    expects_localtime: bool = False,
    text: bool = False,
) -> Callable[[F], F]:
    """Put a function among `filters`, under its own name unless another is given."""

    def mark(function: F) -> F:
        marked = _of_text(function, is_safe) if text else function
        for attribute, value in (
            ("is_safe", is_safe),
            ("needs_autoescape", needs_autoescape),
            ("expects_localtime", expects_localtime),
        ):
            setattr(marked, attribute, value)
        filters[name or function.__name__] = marked
        return marked

    return mark

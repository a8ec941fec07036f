"""Safe strings and escaping, as Django's templates mean them (django/utils/safestring.py, django/utils/html.py).

A `SafeString` is text that may be printed as it is. Added to another safe string it stays safe, added to anything else
it becomes plain text: this is where it differs from `markupsafe.Markup`, which would escape the other half.
Whatever has `__html__` counts as safe.
"""

import html
from typing import Any


class SafeString(str):
    """Text that needs no escaping."""

    __slots__ = ()

    def __html__(self) -> str:
        return self

    def __add__(self, other: str) -> str:
        if not isinstance(other, str):
            return NotImplemented
        text = str.__add__(self, other)
        return SafeString(text) if isinstance(other, SafeString) else text

    def __str__(self) -> str:
        return self


def mark_safe(value: Any) -> Any:
    """The value as safe text; what is safe already stays what it is."""
    return value if hasattr(value, "__html__") else SafeString(value)


def is_safe(value: object) -> bool:
    return hasattr(value, "__html__")


def escape(value: object) -> SafeString:
    """The value as text with `&<>"'` escaped, whether it was safe or not."""
    return SafeString(html.escape(str(value)))


def conditional_escape(value: Any) -> SafeString:
    """The value escaped, unless it is safe."""
    return SafeString(value.__html__()) if hasattr(value, "__html__") else escape(value)

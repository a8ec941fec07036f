"""HTML as Django's default form templates print it: one value, attributes, one tag.

Refused: templates of a site's own for forms and widgets (FORM_RENDERER); a site that has them draws its fields itself.
"""

from collections.abc import Mapping
from typing import Any

from legacy_adapters.dtl.output import printable
from legacy_adapters.dtl.safe import SafeString, conditional_escape, escape
from legacy_adapters.forms.words import spoken


def shown(value: Any) -> str:
    """The value as a template prints it: localized, and escaped unless it is safe."""
    return str.__str__(conditional_escape(spoken(printable(value))))


def written(value: Any) -> str:
    """The value as an attribute's: never localized."""
    return str(value) if isinstance(value, str) and hasattr(value, "__html__") else str.__str__(escape(value))


def attributes(attrs: Mapping[str, Any]) -> str:
    """With a space before each; True is a name alone, False is nothing."""
    return "".join(
        f" {shown(name)}" if value is True else f' {shown(name)}="{written(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def trimmed(text: str) -> SafeString:
    return SafeString(text.strip())


def element(tag: str, attrs: Mapping[str, Any] | None, content: Any) -> SafeString:
    return trimmed(f"<{tag}{attributes(attrs or {})}>{shown(content)}</{tag}>")


def optional(name: str, value: Any) -> str:
    """An attribute that is left out where it is empty."""
    return f' {name}="{shown(value)}"' if value else ""

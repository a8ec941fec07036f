"""Text that is translated when it is shown, not where a form declares it (Django's lazy translations)."""

from collections.abc import Mapping
from typing import Any

from legacy_adapters.dtl.locale import gettext, ngettext


class Words:
    """A message in the language of whoever reads it."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return gettext(self.text)

    def __len__(self) -> int:
        return len(str(self))

    def __mod__(self, params: Any) -> str:
        return str.__mod__(str(self), params)

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, Words | str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)


class Counted:
    """A message whose form depends on the number that a parameter of it gives."""

    __slots__ = ("key", "plural", "singular")

    def __init__(self, singular: str, plural: str, key: str) -> None:
        self.singular, self.plural, self.key = singular, plural, key

    def __mod__(self, params: Any) -> str:
        number = params[self.key] if isinstance(params, Mapping) else params
        return str.__mod__(ngettext(self.singular, self.plural, number), params)

    def __str__(self) -> str:
        return self.plural


def spoken(text: Any) -> Any:
    """The text as it reads now; what is no lazy text stays as it is, safe where it was safe."""
    return str(text) if isinstance(text, Words | Counted) else text

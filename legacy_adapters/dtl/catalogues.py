"""Translations: the messages of a site's gettext catalogues, in the order in which Django asks them.

A catalogue is a chain of layers, most special first. Each layer is one .mo file's messages with its plural rule; what
none of them knows stays as it stands in the source (django/utils/translation/trans_real.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from gettext import c2py

Messages = Mapping[str, str | tuple[str, ...]]
Plural = Callable[[int], int]

CONTEXT_SEPARATOR = "\x04"


def not_one(number: float) -> int:
    """The rule of a file that names none: one form for 1, another for the rest."""
    return int(number != 1)


@lru_cache(maxsize=64)
def plural_rule(expression: str | None) -> Plural:
    """The rule that a `plural=` header writes in C."""
    return c2py(expression) if expression else not_one


@dataclass(frozen=True, slots=True)
class Layer:
    """One file: a message has one text, or one per plural form."""

    messages: Messages
    plural: str | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The layers of a language, and behind them those of the site's own language."""

    layers: tuple[Layer, ...] = ()

    def gettext(self, message: str) -> str:
        """The text of a message; of one that has plural forms only, the one for 1."""
        known = [(found, layer) for layer in self.layers if (found := layer.messages.get(message)) is not None]
        for found, _ in known:
            if isinstance(found, str):
                return found
        return self.ngettext(message, message, 1) if known else message

    def ngettext(self, singular: str, plural: str, number: float) -> str:
        for layer in self.layers:
            found = layer.messages.get(singular)
            if isinstance(found, tuple) and (form := plural_rule(layer.plural)(number)) < len(found):  # type: ignore[arg-type]
                return found[form]
        return singular if number == 1 else plural

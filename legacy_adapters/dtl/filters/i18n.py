"""The library `i18n`: translated text, and which languages there are.

`blocktranslate` needs its text as translators see it, not rendered: the compiler hands it a `Message`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from legacy_adapters.dtl import locale
from legacy_adapters.dtl.errors import TemplateSyntaxError
from legacy_adapters.dtl.filters.marks import Filter, register
from legacy_adapters.dtl.functions import takes_context
from legacy_adapters.dtl.output import printable
from legacy_adapters.dtl.safe import SafeString, conditional_escape, mark_safe

FILTERS: dict[str, Filter] = {}

Info = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """What stands in `{% blocktranslate %}`: text and the names of variables in turn, text first.

    `plural` is what stands after `{% plural %}`, `counter` the variable that `count` binds, `target` that of `asvar`.
    """

    singular: tuple[str, ...]
    plural: tuple[str, ...] | None = None
    counter: str | None = None
    trimmed: bool = False
    target: str | None = None

    def text(self, pieces: tuple[str, ...]) -> str:
        """The text by which catalogues know it."""
        text = "".join(f"%({piece})s" if place % 2 else piece.replace("%", "%%") for place, piece in enumerate(pieces))
        return re.sub(r"\s*\n\s*", " ", text.strip()) if self.trimmed else text

    @property
    def names(self) -> set[str]:
        return {*self.singular[1::2], *(self.plural or ())[1::2]}


def shown(context: Any, value: Any) -> str:
    """The value as it is printed, escaped where the context says so (render_value_in_context)."""
    value = printable(value)
    if not isinstance(value, str):
        value = str(value)
    return conditional_escape(value) if context.autoescape else str(value)


def _variable(context: Any, name: str) -> str:
    if name in context:
        return shown(context, context[name])
    invalid = context.environment.string_if_invalid
    return shown(context, invalid % name if "%s" in invalid else invalid)


def _translated(message: Message, count: Any, meaning: Any) -> str:
    singular = message.text(message.singular)
    if message.plural is None or message.counter is None:
        return locale.pgettext(meaning, singular) if meaning else locale.gettext(singular)
    plural = message.text(message.plural)
    if meaning:
        return locale.npgettext(meaning, singular, plural, count)
    return locale.ngettext(singular, plural, count)


def blocktranslate(
    context: Any, message: Message, values: Mapping[str, Any] | None = None, count: Any = None, meaning: Any = None
) -> str:
    """The message in the current language with its variables; untranslated where a translation does not fit them."""
    bound = dict(values or {})
    if message.counter is not None and message.plural is not None:
        if not isinstance(count, (Decimal, float, int)):
            raise TemplateSyntaxError(f"{message.counter!r} of blocktranslate must be a number, it is {count!r}")
        bound[message.counter] = count

    def written() -> str:
        text = _translated(message, count, meaning)
        with context.push(**bound):
            shown_values = {name: _variable(context, name) for name in message.names}
        return text % shown_values

    try:
        text = written()
    except (KeyError, ValueError):
        with locale.speaking(None):
            try:
                text = written()
            except (KeyError, ValueError) as error:
                raise TemplateSyntaxError(f"blocktranslate cannot fill {message.singular!r}: {error!r}") from error
    if message.target is None:
        return SafeString(text)
    context[message.target] = SafeString(text)
    return ""


def underscore(message: Any, *, context: Any = None) -> Any:
    """`_("x")`: the message translated. A `%` in it is doubled, as Django does everywhere but in `translate`."""
    return locale.pgettext(context, _doubled(message)) if context else locale.gettext(_doubled(message))


def _doubled(message: Any) -> Any:
    text = message.replace("%", "%%")
    return mark_safe(text) if isinstance(message, SafeString) else text


@takes_context
def translate(render: Any, message: Any, /, *, context: Any = None, noop: bool = False) -> str:
    """The message in the current language, as it is printed; with `noop` untranslated."""
    value = shown(render, message if noop else underscore(message, context=context))
    single = value.replace("%%", "%")
    return SafeString(single) if isinstance(value, SafeString) else single


def language_info(code: Any) -> Info:
    """What is known of a language, or of its language without the country. KeyError: nothing."""
    known = locale.current().locale.language_info
    info = known.get(code)
    if info is not None and "fallback" in info and "name" not in info:
        return language_info(info["fallback"][0])
    if info is None:
        if "-" not in code:
            raise KeyError(f"Unknown language code {code}.")
        generic = code.split("-")[0]
        if generic not in known:
            raise KeyError(f"Unknown language code {code} and {generic}.")
        info = known[generic]
    return {**info, "name_translated": locale.gettext(info["name"])}


def language_info_list(languages: Iterable[Any]) -> list[Info]:
    """The same for codes, or for sequences that begin with a code."""
    return [language_info(item[0] if len(item[0]) > 1 else str(item)) for item in languages]


def get_current_language() -> str | None:
    return locale.current().language


def get_current_language_bidi() -> bool:
    active = locale.current()
    if not active.locale.use_i18n:
        return active.locale.language in active.locale.bidi
    return active.language is not None and active.language.split("-")[0] in active.locale.bidi


def get_available_languages() -> list[tuple[str, str]]:
    return [(code, locale.gettext(name)) for code, name in locale.current().locale.languages]


@register(FILTERS)
def language_name(code: Any) -> Any:
    return language_info(code)["name"]


@register(FILTERS)
def language_name_translated(code: Any) -> Any:
    return locale.gettext(language_info(code)["name"])


@register(FILTERS)
def language_name_local(code: Any) -> Any:
    return language_info(code)["name_local"]


@register(FILTERS)
def language_bidi(code: Any) -> Any:
    return language_info(code)["bidi"]


def language(context: Any, body: Callable[[], str], code: Any) -> str:
    with locale.speaking(code):
        return body()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "_": underscore,
    "translate": translate,
    "get_available_languages": get_available_languages,
    "get_current_language": get_current_language,
    "get_current_language_bidi": get_current_language_bidi,
    "get_language_info": language_info,
    "get_language_info_list": language_info_list,
}
BLOCKS: dict[str, Callable[..., Any]] = {"blocktranslate": blocktranslate, "language": language}

"""The language and the time zone that a template is rendered in: Django's settings, formats and translations as data.

A `Locale` is what a site's settings say; English needs no manifest. One is active per render, and within it a language
and a time zone that a template may change for a while. Everything here reads the active one; nothing reads the
process's own locale or time zone: a naive time is a time in the zone of TIME_ZONE, as in a Django process.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from legacy_adapters.dtl.catalogues import CONTEXT_SEPARATOR, Catalogue, Layer
from legacy_adapters.dtl.safe import SafeString, mark_safe
from legacy_adapters.manifest import Manifest

Format = str | int | tuple[int, ...]
Formats = Mapping[str, Format]

# django/conf/global_settings.py
DEFAULT_FORMATS: Formats = {
    "DATE_FORMAT": "N j, Y",
    "TIME_FORMAT": "P",
    "DATETIME_FORMAT": "N j, Y, P",
    "YEAR_MONTH_FORMAT": "F Y",
    "MONTH_DAY_FORMAT": "F j",
    "SHORT_DATE_FORMAT": "m/d/Y",
    "SHORT_DATETIME_FORMAT": "m/d/Y P",
    "FIRST_DAY_OF_WEEK": 0,
    "DECIMAL_SEPARATOR": ".",
    "THOUSAND_SEPARATOR": ",",
    "NUMBER_GROUPING": 0,
}
ENGLISH_FORMATS: Formats = {**DEFAULT_FORMATS, "NUMBER_GROUPING": 3}
ENGLISH_INFO: Mapping[str, Any] = {"bidi": False, "code": "en", "name": "English", "name_local": "English"}
BIDI = frozenset({"ar", "ar-dz", "ckb", "fa", "he", "ug", "ur"})


@dataclass(frozen=True, slots=True, eq=False)
class Locale:
    """A site's settings of language and time. Languages are codes in lower case, as `de-at`."""

    language: str = "en-us"
    time_zone: str = "America/Chicago"
    use_tz: bool = True
    use_i18n: bool = True
    use_l10n: bool = True  # could be off before Django 5.0
    use_thousand_separator: bool = False
    languages: tuple[tuple[str, str], ...] = (("en", "English"),)
    bidi: frozenset[str] = BIDI
    language_info: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"en": ENGLISH_INFO}, repr=False)
    formats: Mapping[str, Formats] = field(default_factory=lambda: {"en": ENGLISH_FORMATS}, repr=False)
    default_formats: Formats = field(default_factory=lambda: DEFAULT_FORMATS, repr=False)
    catalogues: Mapping[str, Catalogue] = field(default_factory=dict, repr=False)

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.time_zone)

    def catalogue(self, language: str) -> Catalogue:
        """The messages of a language; what it lacks is asked of the site's language, but never for English."""
        own = self.catalogues.get(language, Catalogue())
        if language == self.language or language.startswith("en"):
            return own
        return Catalogue(own.layers + self.catalogues.get(self.language, Catalogue()).layers)

    def formats_of(self, language: str) -> Formats:
        """A language's formats, or those of the language without its country, or the settings' own."""
        known = self.formats.get(language) or self.formats.get(language.partition("-")[0]) or {}
        return {**self.default_formats, **known}


def locale_of(manifest: Manifest) -> Locale:
    """What a manifest says of a site's languages and time zone."""
    settings, facts = manifest.settings, manifest.locale
    layers = {name: Layer(file.messages, file.plural) for name, file in facts.files.items()}
    plain = Locale()
    return Locale(
        language=settings.language_code,
        time_zone=settings.time_zone or "UTC",
        use_tz=settings.use_tz,
        use_i18n=settings.use_i18n,
        use_l10n=facts.use_l10n,
        use_thousand_separator=settings.use_thousand_separator,
        languages=facts.languages or plain.languages,
        bidi=frozenset(facts.bidi) or BIDI,
        language_info=facts.info or plain.language_info,
        formats={**plain.formats, **facts.formats},
        default_formats={**DEFAULT_FORMATS, **facts.default_formats},
        catalogues={code: Catalogue(tuple(layers[name] for name in names)) for code, names in facts.catalogues.items()},
    )


@dataclass(frozen=True, slots=True)
class Active:
    """What holds at one point of a render. No language: nothing is translated, formats are the settings' own."""

    locale: Locale
    language: str | None
    zone: tzinfo
    catalogue: Catalogue
    formats: Formats
    use_l10n: bool | None = None  # of {% localize %}
    use_tz: bool | None = None  # of {% localtime %}


@lru_cache(maxsize=512)
def _speaking(locale: Locale, language: str | None) -> Active:
    if language is None:
        return Active(locale, None, locale.zone, Catalogue(), locale.default_formats)
    catalogue = locale.catalogue(language.lower()) if locale.use_i18n else Catalogue()
    return Active(locale, language, locale.zone, catalogue, locale.formats_of(language.lower()))


_active: ContextVar[Active] = ContextVar("active_locale")
_ENGLISH = Locale()


def current() -> Active:
    """What is active here; English where nothing is."""
    return _active.get(None) or _speaking(_ENGLISH, _ENGLISH.language)


@contextmanager
def _switched(active: Active) -> Iterator[Active]:
    token = _active.set(active)
    try:
        yield active
    finally:
        _active.reset(token)


def activated(locale: Locale, language: str | None = None, time_zone: tzinfo | str | None = None) -> Any:
    """A `with` block in which a locale is active, in its own language and time zone unless others are named."""
    active = _speaking(locale, language or locale.language)
    return _switched(replace(active, zone=zone_of(time_zone)) if time_zone else active)


def speaking(language: str | None) -> Any:
    """A `with` block in another language; None is none, an empty string changes nothing."""
    active = current()
    if not active.locale.use_i18n or language == "":
        return _switched(active)
    changed = _speaking(active.locale, None if language is None else _language(language))
    return _switched(replace(changed, zone=active.zone, use_l10n=active.use_l10n, use_tz=active.use_tz))


def in_zone(time_zone: tzinfo | str | None) -> Any:
    """A `with` block in another time zone; None is the site's own."""
    active = current()
    return _switched(replace(active, zone=active.locale.zone if time_zone is None else zone_of(time_zone)))


def localized(use_l10n: bool | None) -> Any:
    """A `with` block in which values that are printed are localized, or are not."""
    return _switched(replace(current(), use_l10n=use_l10n))


def in_local_time(use_tz: bool | None) -> Any:
    """A `with` block in which times that are printed are converted to the current time zone, or are not."""
    return _switched(replace(current(), use_tz=use_tz))


def _language(name: str) -> str:
    """A locale's name as a language's: `de_AT` is `de-at` (django/utils/translation: to_language())."""
    return name.lower().replace("_", "-", 1)


def zone_of(time_zone: object) -> tzinfo:
    if isinstance(time_zone, tzinfo):
        return time_zone
    if isinstance(time_zone, str):
        return ZoneInfo(time_zone)
    raise ValueError(f"Invalid timezone: {time_zone!r}")


def zone_name(zone: tzinfo) -> str:
    return zone.tzname(None) or str(zone)


def get_format(name: object, *, use_l10n: bool | None = None) -> Any:
    """The format of that name; a name that is none is itself a format."""
    active = current()
    wanted = active.locale.use_l10n if use_l10n is None else use_l10n
    return (active.formats if wanted else active.locale.default_formats).get(str(name), str(name))


def gettext(message: str) -> str:
    """The message translated, as safe as it was."""
    plain = message.replace("\r\n", "\n").replace("\r", "\n")
    active = current()
    if not active.locale.use_i18n:
        return message
    found = active.catalogue.gettext(plain) if plain else ""
    return mark_safe(found) if isinstance(message, SafeString) else found


def pgettext(context: str, message: str) -> str:
    """The message translated as it is meant in a context."""
    if not current().locale.use_i18n:
        return message
    found = gettext(f"{context}{CONTEXT_SEPARATOR}{message}")
    if CONTEXT_SEPARATOR in found:
        return message
    return mark_safe(found) if isinstance(message, SafeString) else found


def ngettext(singular: str, plural: str, number: float) -> str:
    """The form of a message for a number."""
    return current().catalogue.ngettext(singular, plural, number)


def npgettext(context: str, singular: str, plural: str, number: float) -> str:
    """The form of a message for a number, as it is meant in a context."""
    if not current().locale.use_i18n:
        return ngettext(singular, plural, number)
    prefix = f"{context}{CONTEXT_SEPARATOR}"
    found = ngettext(prefix + singular, prefix + plural, number)
    return ngettext(singular, plural, number) if CONTEXT_SEPARATOR in found else found


def now(zone: tzinfo | None = None) -> datetime:
    """The time: aware in a zone; without one naive, as a clock on the site's wall shows it."""
    return datetime.now(zone) if zone else datetime.now(current().locale.zone).replace(tzinfo=None)


def is_naive(value: Any) -> bool:
    return value.utcoffset() is None


def template_localtime(value: Any, use_tz: bool | None = None) -> Any:
    """An aware time in the current time zone, where such times are converted; anything else as it is."""
    if not isinstance(value, datetime):
        return value
    active = current()
    chosen = active.use_tz if use_tz is None else use_tz
    wanted = active.locale.use_tz if chosen is None else chosen
    if not wanted or is_naive(value) or not getattr(value, "convert_to_local_time", True):
        return value
    return value.astimezone(active.zone)

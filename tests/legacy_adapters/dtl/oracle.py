"""Django in this process, and how the two sides of a filter are compared: result, safeness, or the error raised."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import django
import msgspec
from django.conf import settings
from django.test import override_settings
from django.utils import safestring, timezone, translation

from legacy_adapters import introspect
from legacy_adapters.dtl import locale, safe
from legacy_adapters.manifest import Languages, Manifest
from legacy_adapters.settings import LegacySettings

APPS = ["django.contrib.humanize"]
SETTINGS = {
    "USE_TZ": True,
    "USE_I18N": True,
    "TIME_ZONE": "America/Chicago",
    "LANGUAGE_CODE": "en-us",
    "USE_THOUSAND_SEPARATOR": False,
}


class Safe(str):
    """Text that is safe on either side."""


class Outcome(NamedTuple):
    value: Any
    safe: bool = False
    error: str = ""


def start_django() -> None:
    if not settings.configured:
        settings.configure(INSTALLED_APPS=APPS, **SETTINGS)
        django.setup()


start_django()


@contextmanager
def both(site: locale.Locale | None = None, language: str | None = None, zone: str | None = None) -> Iterator[None]:
    """Django with the settings of a locale, and that locale active on our side."""
    site = site or locale.Locale()
    changed = {
        "USE_TZ": site.use_tz,
        "TIME_ZONE": site.time_zone,
        "LANGUAGE_CODE": site.language,
        "USE_THOUSAND_SEPARATOR": site.use_thousand_separator,
        "LANGUAGES": site.languages,
        "INSTALLED_APPS": APPS,
    }
    with (
        override_settings(**changed),
        translation.override(language or site.language),
        timezone.override(zone),
        locale.activated(site, language, zone),
    ):
        yield


def locale_in(
    language: str,
    *others: str,
    zone: str = "Europe/Paris",
    thousands: bool = False,
    use_tz: bool = True,
    use_i18n: bool = True,
) -> locale.Locale:
    """The locale of a site in that language, as introspection writes it down and the bridge reads it."""
    names = [(code, code) for code in (language, *others)]
    with override_settings(LANGUAGE_CODE=language, LANGUAGES=names, INSTALLED_APPS=APPS):
        facts = json.dumps(introspect.locale())
    settings = LegacySettings(
        language_code=language,
        time_zone=zone,
        use_thousand_separator=thousands,
        use_tz=use_tz,
        use_i18n=use_i18n,
    )
    return locale.locale_of(manifest_of(settings, msgspec.json.decode(facts, type=Languages)))


def manifest_of(settings: LegacySettings, languages: Languages) -> Manifest:
    return Manifest(
        **dict.fromkeys(("made", "django", "python", "settings_module", "secret_key"), ""),
        **{name: {} for name in ("converters", "migration_heads")},
        format=1,
        settings=settings,
        patterns=(),
        models=(),
        locale=languages,
    )


def side(value: Any, mark: Any) -> Any:
    """The value with its safe texts as one side knows them."""
    if isinstance(value, Safe):
        return mark(str(value))
    if type(value) in (list, tuple):
        return type(value)(side(item, mark) for item in value)
    if type(value) is dict:
        return {key: side(item, mark) for key, item in value.items()}
    return value


def seen(value: Any) -> Any:
    if isinstance(value, str) or type(value).__name__ == "__proxy__":
        return Outcome(str.__str__(str(value)) + "", hasattr(value, "__html__"))
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, *(seen(item) for item in value)]
    if isinstance(value, datetime) and value.tzinfo:
        return ("datetime", value.isoformat(), value.tzname(), value.astimezone(UTC))
    return (type(value).__name__, repr(value))


def outcome(function: Any, *arguments: Any, **named: Any) -> Any:
    try:
        return seen(function(*arguments, **named))
    except Exception as error:  # what is raised is what is compared
        return Outcome(None, error=type(error).__name__)


def same(ours: Any, theirs: Any, *arguments: Any, **named: Any) -> None:
    """Both sides make the same of the arguments."""
    expected = outcome(theirs, *side(list(arguments), safestring.mark_safe), **named)
    found = outcome(ours, *side(list(arguments), safe.mark_safe), **named)
    assert found == expected, f"{arguments!r} {named!r}: {found} is not Django's {expected}"

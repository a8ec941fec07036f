"""Numbers, dates and words in other languages, from what introspection wrote down, are Django's own."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.humanize.templatetags import humanize
from django.template import defaultfilters
from django.templatetags import i18n
from django.test import override_settings
from django.utils import formats, timezone, translation

from legacy_adapters.dtl import locale, output
from legacy_adapters.dtl.filters import FILTERS, FUNCTIONS
from legacy_adapters.manifest import Languages
from legacy_adapters.settings import LegacySettings
from tests.legacy_adapters.dtl.oracle import both, locale_in, manifest_of, outcome, same

NUMBERS: list[Any] = [
    0,
    1,
    2,
    5,
    11,
    21,
    25,
    100,
    1000,
    1234567,
    10**9,
    2 * 10**12,
    1.5,
    1234.567,
    -98765.4321,
    Decimal("1234567.891"),
    10**30,
]
MOMENTS: list[Any] = [
    *(date(2024, month, 1 + month) for month in range(1, 13)),
    *(datetime(2024, 5, 6, 14, 30, tzinfo=UTC), datetime(2021, 12, 25, 0, 0), time(8, 5), time(0, 0), time(12, 0)),
]
LETTERS = r"a A b D E F l M N P jS \d\e F"
FORMATS = [
    *("DATE_FORMAT", "TIME_FORMAT", "DATETIME_FORMAT", "YEAR_MONTH_FORMAT", "MONTH_DAY_FORMAT"),
    *("SHORT_DATE_FORMAT", "SHORT_DATETIME_FORMAT", "FIRST_DAY_OF_WEEK", "DECIMAL_SEPARATOR", "THOUSAND_SEPARATOR"),
    *("NUMBER_GROUPING", "no format", "j. F"),
]
LANGUAGES = [
    "de",
    "fr",
    "pl",
    "ru",
    "ar",
    "ja",
    "pt-br",
    "de-at",
    "cs",
    "he",
    "hi",
    "sl",
    "en-gb",
    "es-mx",
    "zh-hans",
    "de-ch",
    "fa",
]
ANCIENT = datetime(1999, 1, 31, 8, 0)


@pytest.fixture(scope="module", params=LANGUAGES)
def site(request: Any) -> Any:
    known = locale_in(request.param, "fr", "de-at", thousands=request.param in ("de", "hi", "en-gb"))
    with both(known):
        yield known


def test_numbers_and_dates_are_printed_alike(site: locale.Locale) -> None:
    for value in [*NUMBERS, *MOMENTS]:
        same(output.localize, formats.localize, value)
        for use_l10n in (True, False):
            same(output.localize, formats.localize, value, use_l10n=use_l10n)
    for name in FORMATS:
        assert locale.get_format(name) == formats.get_format(name)
        assert locale.get_format(name, use_l10n=False) == formats.get_format(name, use_l10n=False)


def test_filters_on_numbers_speak_the_language(site: locale.Locale) -> None:
    for value in NUMBERS:
        for name in ("filesizeformat", "floatformat"):
            same(FILTERS[name], defaultfilters.register.filters[name], value)
        for argument in ("2", "2g", "-2", "u", "3gu"):
            same(FILTERS["floatformat"], defaultfilters.floatformat, value, argument)
        for name in ("intcomma", "intword", "ordinal", "apnumber"):
            same(FILTERS[name], humanize.register.filters[name], value)


def test_filters_on_dates_speak_the_language(site: locale.Locale) -> None:
    for value in MOMENTS:
        for argument in (None, LETTERS, "SHORT_DATE_FORMAT", "DATETIME_FORMAT"):
            same(FILTERS["date"], defaultfilters.date, value, argument)
        same(FILTERS["time"], defaultfilters.time, value)
    for days in (0.001, 0.01, 0.3, 1, 2, 5, 8, 15, 21, 32, 65, 155, 367, 800, 2000, 9000):
        later = ANCIENT + timedelta(days=days)
        same(FILTERS["timesince"], defaultfilters.timesince_filter, ANCIENT, later)
        same(FILTERS["timeuntil"], defaultfilters.timeuntil_filter, later, ANCIENT)


def test_times_from_now_speak_the_language(site: locale.Locale) -> None:
    for seconds in (0.5, 1.5, 5.5, 61, 125, 330, 1805, 3605, 7205, 18005, 40000):
        for sign in (1, -1):
            value = timezone.now() + sign * timedelta(seconds=seconds + 0.25 * sign)
            same(FILTERS["naturaltime"], humanize.naturaltime, value)
    for days in (1, 2, 5, 8, 40, 200, 400, 2000):
        for sign in (1, -1):
            same(FILTERS["naturaltime"], humanize.naturaltime, timezone.now() + timedelta(days=sign * days, hours=7))
            same(FILTERS["naturalday"], humanize.naturalday, timezone.now() + timedelta(days=sign * days))
    for days in (-1, 0, 1):
        same(FILTERS["naturalday"], humanize.naturalday, timezone.localtime() + timedelta(days=days))


def test_words_are_translated(site: locale.Locale) -> None:
    for value in (True, False, None):
        same(FILTERS["yesno"], defaultfilters.yesno, value)
    for text in ("January", "50% of\r\nall", "", "Yes", "no such message"):
        assert locale.gettext(text) == translation.gettext(text)
    same(FILTERS["truncatechars"], defaultfilters.truncatechars, "a long text that is cut", 10)
    same(FILTERS["truncatechars_html"], defaultfilters.truncatechars_html, "<p>a long text that is cut</p>", 10)
    for code in ("de", "de-at", "zh-cn", "xx", "xx-yy", "pt-br", "en-us", ""):
        for name in ("language_name", "language_name_translated", "language_name_local", "language_bidi"):
            same(FILTERS[name], i18n.register.filters[name], code)
    assert FUNCTIONS["get_current_language"]() == translation.get_language()
    assert FUNCTIONS["get_current_language_bidi"]() == translation.get_language_bidi()


@pytest.mark.parametrize("language", ["fr", "de-AT", "de_AT", "en", "", None])
def test_another_language_for_a_while(site: locale.Locale, language: str | None) -> None:
    with translation.override(language), locale.speaking(language):
        assert locale.current().language == translation.get_language()
        for value in [*NUMBERS, *MOMENTS]:
            same(output.localize, formats.localize, value)
            same(FILTERS["date"], defaultfilters.date, value, LETTERS)
            same(FILTERS["filesizeformat"], defaultfilters.filesizeformat, value)
            same(FILTERS["intword"], humanize.intword, value)
        assert outcome(locale.get_format, "DATE_FORMAT") == outcome(formats.get_format, "DATE_FORMAT")
    assert locale.current().language == translation.get_language()


@pytest.fixture
def untranslated() -> Iterator[None]:
    """Django chooses its translations once per process: make it choose again, and again afterwards."""
    with override_settings(USE_I18N=False):
        vars(translation._trans).clear()
        yield
    vars(translation._trans).clear()


@pytest.mark.usefixtures("untranslated")
def test_a_site_without_translations_has_its_formats_all_the_same() -> None:
    known = locale_in("de", thousands=True, use_i18n=False)
    assert not known.catalogues
    with both(known):
        for value in [*NUMBERS, *MOMENTS]:
            same(output.localize, formats.localize, value)
            same(FILTERS["date"], defaultfilters.date, value, LETTERS)
            for name in ("intword", "ordinal", "intcomma"):
                same(FILTERS[name], humanize.register.filters[name], value)
        assert locale.npgettext("a", "one", "many", 2) == translation.npgettext("a", "one", "many", 2) == "many"
        assert locale.pgettext("a", "one") == translation.pgettext("a", "one") == "one"
        with locale.speaking("fr"), translation.override("fr"):
            assert FUNCTIONS["get_current_language"]() == translation.get_language() == "de"
            assert FUNCTIONS["get_current_language_bidi"]() == translation.get_language_bidi()
            same(output.localize, formats.localize, 1234.5)


def test_a_manifest_that_knows_no_languages_is_english() -> None:
    plain = locale.locale_of(manifest_of(LegacySettings(time_zone="UTC"), Languages()))
    with both(plain):
        for value in [*NUMBERS, *MOMENTS]:
            same(output.localize, formats.localize, value)
            same(FILTERS["date"], defaultfilters.date, value, LETTERS)

"""The filters of `django.contrib.humanize`: numbers and times as people say them."""

import re
from collections.abc import Callable
from datetime import UTC, timedelta
from datetime import date as Date
from decimal import ROUND_UP, Decimal
from typing import Any

from legacy_adapters.dtl.filters.dates import NAMES, Units, date, since, until
from legacy_adapters.dtl.filters.marks import Filter, register
from legacy_adapters.dtl.filters.numbers import floatformat
from legacy_adapters.dtl.locale import gettext, is_naive, ngettext, now, npgettext, pgettext
from legacy_adapters.dtl.numberformat import number_format
from legacy_adapters.dtl.safe import SafeString

FILTERS: dict[str, Filter] = {}

LARGE = (
    *((6, "million"), (9, "billion"), (12, "trillion"), (15, "quadrillion"), (18, "quintillion"), (21, "sextillion")),
    *((24, "septillion"), (27, "octillion"), (30, "nonillion"), (33, "decillion"), (100, "googol")),
)
SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ENDINGS = ("th", "st", "nd", "rd", "th", "th", "th", "th", "th", "th")


def whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


@register(FILTERS, is_safe=True)
def ordinal(value: Any) -> Any:
    number = whole(value)
    if number is None:
        return value
    if number < 0:
        return str(number)
    if number % 100 in (11, 12, 13):
        return SafeString(pgettext("ordinal 11, 12, 13", "{}th").format(number))
    last = number % 10
    return SafeString(pgettext(f"ordinal {last}", f"{{}}{ENDINGS[last]}").format(number))


@register(FILTERS, is_safe=True)
def intcomma(value: Any, use_l10n: Any = True) -> str:
    """A number with its digits grouped, by the language or with commas; text by the digits it begins with."""
    if use_l10n:
        number = value if isinstance(value, (float, Decimal)) else whole(value)
        if number is not None:
            return number_format(number, use_l10n=True, force_grouping=True)
    text = str(value)
    digits = re.match(r"(-?)(\d+)", text)
    if not digits:
        return text
    grouped = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", digits[2])
    return digits[1] + grouped + text[digits.end() :]


def _away_from_one(value: float) -> int:
    return int(Decimal(value - 1).quantize(Decimal(0), rounding=ROUND_UP)) + 1


@register(FILTERS)
def intword(value: Any) -> Any:
    """A number of a million or more in words, with one decimal place."""
    number = whole(value)
    if number is None:
        return value
    for power, name in LARGE:
        if 10**6 <= abs(number) < 10 ** (power + 3):
            amount = number / 10**power
            form = f"%(value)s {name}"
            return ngettext(form, form, abs(_away_from_one(amount))) % {"value": floatformat(amount, 1)}
    return number


@register(FILTERS, is_safe=True)
def apnumber(value: Any) -> Any:
    number = whole(value)
    if number is None:
        return value
    return gettext(SMALL[number - 1]) if 0 < number < 10 else number


@register(FILTERS, expects_localtime=True)
def naturalday(value: Any, arg: Any = None) -> Any:
    """Yesterday, today or tomorrow; another day as the filter `date` prints it."""
    try:
        day = Date(value.year, value.month, value.day)
    except AttributeError:
        return value
    words = {0: "today", 1: "tomorrow", -1: "yesterday"}
    distance = (day - now(getattr(value, "tzinfo", None)).date()).days
    return gettext(words[distance]) if distance in words else date(day, arg)


def _unit(meaning: str, name: str) -> Callable[[int], str]:
    one, many = f"%(num)d {name}", f"%(num)d {name}s"
    return lambda number: npgettext(meaning, one, many, number) % {"num": number}


PAST_UNITS: Units = {name: _unit("naturaltime-past", name) for name in NAMES}
FUTURE_UNITS: Units = {name: _unit("naturaltime-future", name) for name in NAMES}


def _within_a_day(delta: timedelta, direction: str) -> str:
    if delta.seconds == 0:
        return gettext("now")
    for unit, seconds in (("hour", 3600), ("minute", 60), ("second", 1)):
        if count := delta.seconds // seconds:
            one = f"{'an' if unit == 'hour' else 'a'} {unit} {direction}"
            many = f"%(count)s\xa0{unit}s {direction}"
            form = ngettext(one, many, count)
            return form % {"count": count} if "%(count)" in form else form
    raise AssertionError("a second is a second")


@register(FILTERS)
def naturaltime(value: Any) -> Any:
    """How long ago, or in how long, a time is."""
    if not isinstance(value, Date):
        return value
    moment: Any = value
    present = now(None if is_naive(moment) else UTC)
    if moment < present:
        delta = present - moment
        if delta.days != 0:
            return gettext("%(delta)s ago") % {"delta": since(moment, present, PAST_UNITS)}
        return _within_a_day(delta, "ago")
    delta = moment - present
    if delta.days != 0:
        return gettext("%(delta)s from now") % {"delta": until(moment, present, FUTURE_UNITS)}
    return _within_a_day(delta, "from now")

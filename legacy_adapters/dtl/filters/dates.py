"""Filters on dates and times: `date`, `time`, `timesince`, `timeuntil`; and what the tag `now` prints."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from legacy_adapters.dtl.dateformat import date_format, format_date, format_time, time_format
from legacy_adapters.dtl.filters.marks import Filter, register
from legacy_adapters.dtl.filters.numbers import unbroken
from legacy_adapters.dtl.locale import current, gettext, is_naive, ngettext
from legacy_adapters.dtl.locale import now as time_now

FILTERS: dict[str, Filter] = {}

Units = Mapping[str, Callable[[int], str]]


def _unit(one: str, many: str) -> Callable[[int], str]:
    return lambda number: ngettext(one, many, number) % {"num": number}


NAMES = ("year", "month", "week", "day", "hour", "minute")
UNITS: Units = {name: _unit(f"%(num)d {name}", f"%(num)d {name}s") for name in NAMES}
SECONDS = (7 * 86400, 86400, 3600, 60)
DAYS_OF_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@register(FILTERS, expects_localtime=True)
def date(value: Any, arg: Any = None) -> str:
    if value in (None, ""):
        return ""
    try:
        return date_format(value, arg)
    except AttributeError:
        try:
            return format_date(value, arg)
        except AttributeError:
            return ""


@register(FILTERS, expects_localtime=True)
def time(value: Any, arg: Any = None) -> str:
    if value in (None, ""):
        return ""
    try:
        return time_format(value, arg)
    except (AttributeError, TypeError):
        try:
            return format_time(value, arg)
        except (AttributeError, TypeError):
            return ""


def _as_datetime(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


def _months_between(start: datetime, end: datetime) -> int:
    months = (end.year - start.year) * 12 + end.month - start.month
    early = start.day > end.day or (start.day == end.day and start.time() > end.time())
    return months - early


def _after_months(start: datetime, months: int) -> datetime:
    """The same day that many months later, or the last of a shorter month; February always has 28 days."""
    if not months:
        return start
    years, month = divmod(start.month - 1 + months, 12)
    return datetime(
        *(start.year + years, month + 1, min(DAYS_OF_MONTHS[month], start.day)),
        *(start.hour, start.minute, start.second),
        tzinfo=start.tzinfo,
    )


def _counts(start: datetime, end: datetime) -> list[int]:
    """Years, months, weeks, days, hours and minutes from `start` to `end`."""
    months = _months_between(start, end)
    counts = [*divmod(months, 12)]
    rest = (end - _after_months(start, months)).total_seconds()
    for seconds in SECONDS:
        counts.append(int(rest // seconds))
        rest -= seconds * counts[-1]
    return counts


def elapsed(start: datetime, end: datetime, units: Units = UNITS, depth: int = 2) -> str:
    """The time between two in words, in at most `depth` units that follow each other; seconds do not count.

    django/utils/timesince.py: timesince().
    """
    delta = end - start
    if delta.days * 86400 + delta.seconds <= 0:
        return unbroken(units["minute"](0))
    counts = _counts(start, end)
    first = next((place for place, count in enumerate(counts) if count != 0), None)
    if first is None:
        return unbroken(units["minute"](0))
    words = []
    for name, count in list(zip(NAMES, counts, strict=True))[first : first + depth]:
        if count == 0:
            break
        words.append(unbroken(units[name](count)))
    return gettext(", ").join(words)


def _both(value: Any, other: Any) -> tuple[datetime, datetime]:
    """Two times that can be compared, the second being now where none is given."""
    moment = _as_datetime(value)
    if not other:
        return moment, time_now(None if is_naive(moment) else moment.tzinfo)
    other = _as_datetime(other)
    return moment, other if is_naive(other) or is_naive(moment) else other.astimezone(moment.tzinfo)


def since(value: Any, other: Any = None, units: Units = UNITS) -> str:
    return elapsed(*_both(value, other), units)


def until(value: Any, other: Any = None, units: Units = UNITS) -> str:
    moment, other = _both(value, other)
    return elapsed(other, moment, units)


@register(FILTERS)
def timesince(value: Any, arg: Any = None) -> str:
    try:
        return since(value, arg) if value else ""
    except (ValueError, TypeError):
        return ""


@register(FILTERS)
def timeuntil(value: Any, arg: Any = None) -> str:
    try:
        return until(value, arg) if value else ""
    except (ValueError, TypeError):
        return ""


def now_text(text: object) -> str:
    """What `{% now text %}` prints: the time in the current time zone, or on the site's wall where USE_TZ is off."""
    active = current()
    return date(time_now(active.zone if active.locale.use_tz else None), text)

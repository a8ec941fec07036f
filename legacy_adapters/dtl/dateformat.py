"""Dates and times in words, by the letters of Django's `date` and `time` filters (django/utils/dateformat.py).

A letter after a backslash stands for itself, and so does every character that is no letter of the table. Time zones are
printed where they are sure: a time that a change of clocks makes ambiguous or impossible has none.
"""

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, tzinfo
from email.utils import format_datetime as rfc5322
from functools import lru_cache
from typing import Any

from legacy_adapters.dtl.locale import Locale, current, get_format, gettext, is_naive, pgettext

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
PRESS_MONTHS = (
    *("Jan.", "Feb.", "March", "April", "May", "June"),
    *("July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."),
)

_letters = re.compile(r"(?<!\\)([aAbcdDeEfFgGhHiIjlLmMnNoOPrsStTUuwWyYzZ])")
_escaped = re.compile(r"\\(.)")


class Moment:
    """What is printed, and its time zone where there is one to print."""

    __slots__ = ("value", "zone")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.zone: tzinfo | None = None
        if isinstance(value, datetime):
            zone = current().locale.zone if is_naive(value) else value.tzinfo
            if zone is not None and zone.utcoffset(value.replace(fold=not value.fold)) == zone.utcoffset(value):
                self.zone = zone


def _hour12(moment: Moment) -> int:
    return moment.value.hour % 12 or 12


def _hour_and_minute(moment: Moment) -> object:
    hour, minute = _hour12(moment), moment.value.minute
    return f"{hour}:{minute:02d}" if minute else hour


def _half(moment: Moment) -> str:
    return gettext("p.m." if moment.value.hour > 11 else "a.m.")


def _spoken(moment: Moment) -> str:
    if moment.value.minute == 0 and moment.value.hour in (0, 12):
        return gettext("noon" if moment.value.hour else "midnight")
    return f"{_hour_and_minute(moment)} {_half(moment)}"


def _zone_of_value(moment: Moment) -> str:
    if not moment.zone or not getattr(moment.value, "tzinfo", None):
        return ""
    try:
        return moment.value.tzname() or ""
    except NotImplementedError:
        return ""


def _zone_name(moment: Moment) -> str:
    return "" if moment.zone is None else str(moment.zone.tzname(moment.value))


def _offset_seconds(moment: Moment) -> int | None:
    if moment.zone is None:
        return None
    offset: Any = moment.zone.utcoffset(moment.value)
    return int(offset.days * 86400 + offset.seconds)


def _offset(moment: Moment) -> str:
    seconds = _offset_seconds(moment)
    if seconds is None:
        return ""
    return f"{'-' if seconds < 0 else '+'}{abs(seconds) // 3600:02d}{abs(seconds) // 60 % 60:02d}"


def _offset_number(moment: Moment) -> object:
    seconds = _offset_seconds(moment)
    return "" if seconds is None else seconds


def _summer(moment: Moment) -> str:
    return "" if moment.zone is None else str(int(bool(moment.zone.dst(moment.value))))


def _midnight(value: Any) -> Any:
    """A date as a naive time; a time as it is."""
    return value if isinstance(value, datetime) else datetime.combine(value, time.min)


def _rfc5322(moment: Moment) -> str:
    value = moment.value
    if not isinstance(value, datetime):
        return rfc5322(_midnight(value).replace(tzinfo=current().locale.zone))
    return rfc5322(value.replace(tzinfo=moment.zone or current().zone) if is_naive(value) else value)


def _unix(moment: Moment) -> int:
    value = _midnight(moment.value)
    return int((value.replace(tzinfo=current().locale.zone) if value.tzinfo is None else value).timestamp())


def _ordinal(moment: Moment) -> str:
    day = moment.value.day
    return "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _month(moment: Moment) -> str:
    return gettext(MONTHS[moment.value.month - 1])


def _short_month(moment: Moment) -> str:
    return gettext(MONTHS[moment.value.month - 1][:3].lower())


def _day(moment: Moment) -> str:
    return gettext(DAYS[moment.value.weekday()])


def _short_day(moment: Moment) -> str:
    return gettext(DAYS[moment.value.weekday()][:3])


Letters = Mapping[str, Callable[[Moment], object]]

TIME_LETTERS: Letters = {
    "a": _half,
    "A": lambda moment: gettext("PM" if moment.value.hour > 11 else "AM"),
    "e": _zone_of_value,
    "f": _hour_and_minute,
    "g": _hour12,
    "G": lambda moment: moment.value.hour,
    "h": lambda moment: f"{_hour12(moment):02d}",
    "H": lambda moment: f"{moment.value.hour:02d}",
    "i": lambda moment: f"{moment.value.minute:02d}",
    "O": _offset,
    "P": _spoken,
    "s": lambda moment: f"{moment.value.second:02d}",
    "T": _zone_name,
    "u": lambda moment: f"{moment.value.microsecond:06d}",
    "Z": _offset_number,
}
LETTERS: Letters = {
    **TIME_LETTERS,
    "b": _short_month,
    "c": lambda moment: moment.value.isoformat(),
    "d": lambda moment: f"{moment.value.day:02d}",
    "D": _short_day,
    "E": lambda moment: pgettext("alt. month", MONTHS[moment.value.month - 1]),
    "F": _month,
    "I": _summer,
    "j": lambda moment: moment.value.day,
    "l": _day,
    "L": lambda moment: calendar.isleap(moment.value.year),
    "m": lambda moment: f"{moment.value.month:02d}",
    "M": lambda moment: _short_month(moment).title(),
    "n": lambda moment: moment.value.month,
    "N": lambda moment: pgettext("abbrev. month", PRESS_MONTHS[moment.value.month - 1]),
    "o": lambda moment: moment.value.isocalendar().year,
    "r": _rfc5322,
    "S": _ordinal,
    "t": lambda moment: calendar.monthrange(moment.value.year, moment.value.month)[1],
    "U": _unix,
    "w": lambda moment: (moment.value.weekday() + 1) % 7,
    "W": lambda moment: moment.value.isocalendar().week,
    "y": lambda moment: f"{moment.value.year % 100:02d}",
    "Y": lambda moment: f"{moment.value.year:04d}",
    "z": lambda moment: moment.value.timetuple().tm_yday,
}


@lru_cache(maxsize=512)
def _pieces(text: str) -> tuple[tuple[bool, str], ...]:
    """The format taken apart: letters, and the text between them without its backslashes."""
    found = _letters.split(text)
    return tuple(
        (bool(place % 2), part if place % 2 else _escaped.sub(r"\1", part)) for place, part in enumerate(found)
    )


def _format(value: Any, text: object, letters: Letters) -> str:
    if type(value) is not datetime:
        return _written(value, str(text), letters)
    active, timely = current(), letters is TIME_LETTERS
    return _remembered(value, value.fold, value.tzinfo, str(text), timely, active.locale, active.language)


@lru_cache(maxsize=8192)
def _remembered(
    value: datetime, _fold: int, _zone: tzinfo | None, text: str, timely: bool, _locale: Locale, _language: str | None
) -> str:
    """Lists print the same moments again and again. Moments that are equal may differ in fold and zone."""
    return _written(value, text, TIME_LETTERS if timely else LETTERS)


def _written(value: Any, text: str, letters: Letters) -> str:
    moment = Moment(value)
    written = []
    for is_letter, piece in _pieces(text):
        if not is_letter:
            written.append(piece)
            continue
        if type(value) is date and piece in TIME_LETTERS:
            raise TypeError(f"a date has no time of day for the letter {piece!r}")
        if piece not in letters:
            raise AttributeError(f"the letter {piece!r} says nothing about a time of day")
        written.append(str(letters[piece](moment)))
    return "".join(written)


def format_date(value: Any, text: object) -> str:
    """A date or a time by the letters of `text`. AttributeError: the value has not what a letter asks for."""
    return _format(value, text, LETTERS)


def format_time(value: Any, text: object) -> str:
    """A time of day by the letters of `text`."""
    return _format(value, text, TIME_LETTERS)


def date_format(value: Any, name: object = None, use_l10n: bool | None = None) -> str:
    """A date by a format of the current language, or by the letters given."""
    return format_date(value, get_format(name or "DATE_FORMAT", use_l10n=use_l10n))


def time_format(value: Any, name: object = None, use_l10n: bool | None = None) -> str:
    """A time of day by a format of the current language, or by the letters given."""
    return format_time(value, get_format(name or "TIME_FORMAT", use_l10n=use_l10n))

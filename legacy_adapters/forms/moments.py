"""Fields of dates and times. A time without a zone is one in the zone that is active, and must exist there once."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from legacy_adapters.dtl.locale import current, is_naive
from legacy_adapters.forms.errors import ValidationError
from legacy_adapters.forms.fields import Field
from legacy_adapters.forms.widgets import DateInput, DateTimeInput, TimeInput, input_formats
from legacy_adapters.forms.words import Words

ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})[T ](?P<hour>\d{1,2}):(?P<minute>\d{1,2})"
    r"(?::(?P<second>\d{1,2})(?:[.,](?P<microsecond>\d{1,6})\d{0,6})?)?\s*(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?$"
)


class TemporalField(Field):
    format_keys: Sequence[str] = ()

    def __init__(self, *, input_formats: Sequence[str] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._formats = input_formats

    @property
    def input_formats(self) -> Sequence[str]:
        if self._formats is not None:
            return self._formats
        return [form for key in self.format_keys for form in input_formats(key)]

    def read(self, value: Any) -> datetime:
        for form in self.input_formats:
            try:
                return datetime.strptime(value.strip(), form)
            except (ValueError, TypeError):
                continue
        raise self.error("invalid")


class DateField(TemporalField):
    widget = DateInput
    format_keys = ("DATE_INPUT_FORMATS",)
    default_error_messages = {"invalid": Words("Enter a valid date.")}

    def to_python(self, value: Any) -> Any:
        if self.is_empty(value):
            return None
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else self.read(value).date()


class TimeField(TemporalField):
    widget = TimeInput
    format_keys = ("TIME_INPUT_FORMATS",)
    default_error_messages = {"invalid": Words("Enter a valid time.")}

    def to_python(self, value: Any) -> Any:
        if self.is_empty(value):
            return None
        return value if isinstance(value, time) else self.read(value).time()


class DateTimeField(TemporalField):
    widget = DateTimeInput
    format_keys = ("DATETIME_INPUT_FORMATS", "DATE_INPUT_FORMATS")
    default_error_messages = {"invalid": Words("Enter a valid date/time.")}

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and current().locale.use_tz and not is_naive(value):
            return value.astimezone(current().zone).replace(tzinfo=None)
        return value

    def to_python(self, value: Any) -> Any:
        if self.is_empty(value):
            return None
        if isinstance(value, datetime):
            return in_active_zone(value)
        if isinstance(value, date):
            return in_active_zone(datetime(value.year, value.month, value.day))
        try:
            found = iso(value.strip())
        except ValueError:
            raise self.error("invalid") from None
        return in_active_zone(found or self.read(value))


def iso(text: str) -> datetime | None:
    """A moment in ISO 8601, or None; ValueError where it has the form but is no moment."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        found = ISO.match(text)
    if not found:
        return None
    parts = found.groupdict()
    zone = parts.pop("zone")
    parts["microsecond"] = parts["microsecond"] and parts["microsecond"].ljust(6, "0")
    numbers = {name: int(digits) for name, digits in parts.items() if digits is not None}
    return datetime(**numbers, tzinfo=_offset(zone) if zone else None)


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + (int(text[-2:]) if len(text) > 3 else 0)
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def in_active_zone(value: datetime) -> datetime:
    """A naive time as it is meant where it was typed."""
    if not current().locale.use_tz or not is_naive(value):
        return value
    zone = current().zone
    try:
        if zone.utcoffset(value.replace(fold=not value.fold)) != zone.utcoffset(value):
            raise ValueError("twice or never")
    except (ValueError, OverflowError) as error:
        raise ValidationError(
            Words(
                "%(datetime)s couldn’t be interpreted in time zone %(current_timezone)s; it may be ambiguous or it may "
                "not exist."
            ),
            "ambiguous_timezone",
            {"datetime": value, "current_timezone": zone},
        ) from error
    return value.replace(tzinfo=zone)

"""What a template prints for a value that is no text: local time, numbers and dates as the language writes them."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from legacy_adapters.dtl.dateformat import date_format, time_format
from legacy_adapters.dtl.locale import current, template_localtime
from legacy_adapters.dtl.numberformat import number_format


def localize(value: Any, use_l10n: bool | None = None) -> Any:
    """A number, a date or a time as text; anything else as it is (django/utils/formats.py: localize())."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (Decimal, float, int)):
        return str(value) if use_l10n is False else number_format(value, use_l10n=use_l10n)
    if isinstance(value, datetime):
        return date_format(value, "DATETIME_FORMAT", use_l10n)
    if isinstance(value, date):
        return date_format(value, None, use_l10n)
    if isinstance(value, time):
        return time_format(value, None, use_l10n)
    return value


def printable(value: Any) -> Any:
    """The value as it is printed here, inside or outside `{% localize %}` and `{% localtime %}`; not yet escaped."""
    if value is None or isinstance(value, str):
        return value
    return localize(template_localtime(value), current().use_l10n)

"""The libraries `l10n` and `tz`: how numbers, dates and times are printed in a part of a template."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from legacy_adapters.dtl.filters.marks import Filter, register
from legacy_adapters.dtl.locale import current, in_local_time, in_zone, is_naive, localized, zone_name
from legacy_adapters.dtl.output import localize as localize_value

Body = Callable[[], str]

FILTERS: dict[str, Filter] = {}


@register(FILTERS)
def localize(value: Any) -> str:
    return str(localize_value(value, True))


@register(FILTERS)
def unlocalize(value: Any) -> str:
    return str(localize_value(value, False))


class ZonedDatetime(datetime):
    """A time that a filter put into a zone: printing it does not convert it again."""

    convert_to_local_time = False


ZonedDatetime.__name__ = "datetimeobject"  # `pprint` shows it


@register(FILTERS, "timezone")
def in_time_zone(value: Any, arg: Any) -> Any:
    """A time in a zone; a naive one is taken as the site's. Nothing where value or zone are none."""
    if not isinstance(value, datetime):
        return ""
    try:
        if is_naive(value):
            value = value.replace(tzinfo=current().locale.zone)
    except Exception:  # a time zone of the value's own may fail in any way
        return ""
    if isinstance(arg, str):
        try:
            arg = ZoneInfo(arg)
        except ZoneInfoNotFoundError:
            return ""
    if not isinstance(arg, tzinfo):
        return ""
    local = value.astimezone(arg)
    return ZonedDatetime(
        *(local.year, local.month, local.day, local.hour, local.minute, local.second, local.microsecond), local.tzinfo
    )


@register(FILTERS)
def localtime(value: Any) -> Any:
    return in_time_zone(value, current().zone)


@register(FILTERS)
def utc(value: Any) -> Any:
    return in_time_zone(value, UTC)


def get_current_timezone() -> str:
    return zone_name(current().zone)


def localize_block(context: Any, body: Body, on: Any = True) -> str:
    with localized(bool(on)):
        return body()


def localtime_block(context: Any, body: Body, on: Any = True) -> str:
    with in_local_time(bool(on)):
        return body()


def timezone_block(context: Any, body: Body, zone: Any) -> str:
    with in_zone(zone):
        return body()


FUNCTIONS: dict[str, Callable[..., Any]] = {"get_current_timezone": get_current_timezone}
BLOCKS: dict[str, Callable[..., Any]] = {
    "localize": localize_block,
    "localtime": localtime_block,
    "timezone": timezone_block,
}

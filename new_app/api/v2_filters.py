"""The filters of v2: each parameter is a form field; an empty one filters nothing, a bad one is an error under its
name.
"""

import re
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from new_app.api.resources import INT8, Filter, Registry, Resource, Where, compare_number, like
from new_app.request import Params
from new_app.rows import Reader


class Invalid(Exception):
    """Answered with 400; `errors` is the body."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__()
        self.errors = errors


class FieldError(ValueError):
    """One parameter that cannot be read; the message is shown."""


NO_SUCH = "Select a valid choice. That choice is not one of the available choices."


async def apply(params: Params, resource: Resource, registry: Registry, where: Where, read: Reader) -> None:
    """Add the conditions that the parameters ask for. All values are read first, so that all errors are told."""
    errors: dict[str, list[str]] = {}
    for one in resource.v2_filters:
        text = params.get(one.param)
        if text:
            try:
                await _READERS[one.lookup](where, one, text, registry, read)
            except FieldError as error:
                errors[one.param] = [str(error)]
    if errors:
        raise Invalid(errors)
    if resource.strict:
        known = {one.param for one in resource.v2_filters}
        if unknown := [_not_allowed(param) for param in params if param not in known]:
            raise Invalid({"error": unknown})


def _not_allowed(param: str) -> str:
    field, separator, lookup = param.rpartition("__")
    if not separator:
        field, lookup = param, "exact"
    return f"{lookup!r} is not an allowed filter on the {field!r} field."


async def _char(where: Where, one: Filter, text: str, _registry: Registry, _read: Reader) -> None:
    if "\0" in text:
        raise FieldError("Null characters are not allowed.")
    text = text.strip()
    if not text:
        return
    column = f"item.{one.column}"
    if one.lookup == "contains":
        where.add(f"{column} LIKE {{}}", f"%{like(text)}%")
    elif one.lookup == "icontains":
        where.add(f"upper({column}) LIKE upper({{}})", f"%{like(text)}%")
    else:
        where.add(f"{column} = {{}}", text)


async def _boolean(where: Where, one: Filter, text: str, _registry: Registry, _read: Reader) -> None:
    if (value := {"1": True, "0": False, "true": True, "false": False}.get(text.lower())) is not None:
        where.add(f"item.{one.column} = {{}}", value)


async def _choice(where: Where, one: Filter, text: str, _registry: Registry, _read: Reader) -> None:
    if text not in {str(choice) for choice in one.choices}:
        raise FieldError(f"Select a valid choice. {text} is not one of the available choices.")
    where.add(f"item.{one.column} = {{}}", int(text))


async def _datetime(where: Where, one: Filter, text: str, _registry: Registry, _read: Reader) -> None:
    moment = parse_datetime(text.strip())
    if moment is None:
        raise FieldError("Enter a valid date/time.")
    where.add(f"item.{one.column} = {{}}", moment)


async def _relation(where: Where, one: Filter, text: str, registry: Registry, read: Reader) -> None:
    try:
        number = int(text)
    except ValueError:
        raise FieldError(NO_SUCH) from None
    known = f"SELECT 1 FROM {registry[one.to].table} WHERE id = $1::bigint"  # noqa: S608 - a declared name
    if abs(number) > INT8 or not await read.fetch(known, number):
        raise FieldError(NO_SUCH)
    compare_number(where, f"item.{one.column}", "=", number)


_READERS: dict[str, Callable[[Where, Filter, str, Registry, Reader], Coroutine[Any, Any, None]]] = {
    "char": _char,
    "contains": _char,
    "icontains": _char,
    "boolean": _boolean,
    "choice": _choice,
    "datetime": _datetime,
    "relation": _relation,
}

_LENIENT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2})"
    r"(?::(\d{1,2})(?:[.,](\d{1,6})\d{0,6})?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?"
)


def parse_datetime(text: str) -> datetime | None:
    """A moment as Django reads it: ISO 8601, or the same with one-digit parts; UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        found = _LENIENT.fullmatch(text)
        if found is None:
            return None
        year, month, day, hour, minute, second, fraction, zone = found.groups()
        microsecond = int((fraction or "0").ljust(6, "0"))
        try:
            moment = datetime(
                *(int(year), int(month), int(day)), int(hour), int(minute), int(second or 0), microsecond, _zone(zone)
            )
        except ValueError:
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)

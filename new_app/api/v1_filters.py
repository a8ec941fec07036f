"""The filters of v1: a parameter names a field, a path over relations and a lookup; the resource says what is
allowed.

A parameter that names no field is ignored. What Django could not read as the field's type is `Mismatch`; what would
crash there is `Crash`, because its answer is part of the contract too.
"""

from collections.abc import Sequence

from new_app.api.resources import INT8, WITH_RELATIONS, Registry, Resource, Where, compare_number, like
from new_app.request import Params

COMMON = frozenset(
    (
        *("exact", "iexact", "gt", "gte", "lt", "lte", "in", "range", "isnull", "regex", "iregex"),
        *("contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"),
    )
)
MOMENT = COMMON | frozenset(
    (
        *("year", "iso_year", "month", "day", "week_day", "iso_week_day", "week", "quarter"),
        *("time", "date", "hour", "minute", "second"),
    )
)
RELATION = frozenset({"exact", "in", "gt", "gte", "lt", "lte", "isnull"})
COMPARE = {"exact": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

Value = str | bool | None | list[str]


class BadRequest(Exception):
    """Answered with 400 and this message."""


class Crash(Exception):
    """Django fails on this input with a server error."""


MISMATCH = "Invalid resource lookup data provided (mismatched type)."


class Mismatch(BadRequest):
    def __init__(self) -> None:
        super().__init__(MISMATCH)


def apply(params: Params, resource: Resource, registry: Registry, where: Where) -> Crash | None:
    """Add the conditions that the parameters ask for. What Django fails over when it makes the statement comes back:
    whatever else is wrong is told before.
    """
    asked: dict[str, tuple[list[str], str, Value]] = {}
    for param in params:
        name, *bits = param.split("__")
        field = resource.field(name)
        if field is None and name != "resource_uri":
            continue
        if field is None:
            raise BadRequest(f"The '{name}' field is not a valid field name")
        known = RELATION if field.kind == "related" else MOMENT if field.kind == "datetime" else COMMON
        lookup = bits.pop() if bits and bits[-1] in known else "exact"
        path = _allowed(resource, registry, name, lookup, bits)
        asked["__".join((*path, lookup))] = (path, lookup, _value(params, param, lookup))
    crash: Crash | None = None
    for _key, (path, lookup, value) in sorted(asked.items()):
        try:
            _condition(where, resource, registry, path, lookup, value)
        except Crash as later:
            crash = crash or later
    return crash


def _allowed(resource: Resource, registry: Registry, name: str, lookup: str, bits: Sequence[str]) -> list[str]:
    """The path of field names, or BadRequest with the reason why this lookup is not offered."""
    allowed = resource.v1_filters.get(name)
    if allowed is None:
        raise BadRequest(f"The '{name}' field does not allow filtering.")
    if allowed is not WITH_RELATIONS and lookup not in allowed:
        raise BadRequest(f"'{lookup}' is not an allowed filter on the '{name}' field.")
    if not bits:
        return [name]
    field = resource.field(name)
    if field is None or field.kind != "related":
        raise BadRequest(f"The '{name}' field does not support relations.")
    if allowed is not WITH_RELATIONS:
        raise BadRequest(f"Lookups are not allowed more than one level deep on the '{name}' field.")
    return [name, *_allowed(registry[field.to], registry, bits[0], lookup, bits[1:])]


def _value(params: Params, param: str, lookup: str) -> Value:
    text = params.get(param)
    if text in ("true", "True"):
        value: Value = True
    elif text in ("false", "False"):
        value = False
    elif text in ("nil", "none", "None"):
        value = None
    else:
        value = text
    if lookup == "in":
        if not isinstance(value, str):
            raise Crash("len() of no text")
        if value:
            return [part for each in params.all(param) for part in each.split(",")]
    return value


def _condition(
    where: Where, resource: Resource, registry: Registry, path: Sequence[str], lookup: str, value: Value
) -> None:
    alias = "item"
    field = resource.field(path[0])
    for name in path[1:]:
        assert field is not None
        where.relations.add(alias := field.name)
        resource = registry[field.to]
        field = resource.field(name)
    assert field is not None
    column = f"{alias}.{field.source}"
    if value is None:
        if lookup != "exact":
            raise Mismatch
        where.constant(f"{column} IS NULL")
    elif field.kind == "related":
        _relation(where, column, lookup, value)
    elif lookup in ("startswith", "contains", "icontains"):
        _pattern(where, column, lookup, str(value))
    elif field.kind == "boolean":
        where.add(f"{column} = {{}}", _boolean(value))
    elif field.kind == "integer":
        compare_number(where, column, "=", _integer(value))
    else:
        where.add(f"{column} = {{}}", str(value))


def _pattern(where: Where, column: str, lookup: str, text: str) -> None:
    if lookup == "startswith":
        where.add(f"{column}::text LIKE {{}}", like(text) + "%")
    elif lookup == "contains":
        where.add(f"{column}::text LIKE {{}}", f"%{like(text)}%")
    else:
        where.add(f"upper({column}::text) LIKE upper({{}})", f"%{like(text)}%")


def _relation(where: Where, column: str, lookup: str, value: str | bool | list[str]) -> None:
    if lookup == "isnull":
        if not isinstance(value, bool):
            raise Crash("isnull takes true or false")
        where.constant(f"{column} IS {'NULL' if value else 'NOT NULL'}")
    elif lookup == "in":
        numbers = [_integer(item) for item in value] if isinstance(value, list) else []
        where.add(f"{column} = ANY({{}}::bigint[])", [number for number in numbers if abs(number) <= INT8])
    else:
        compare_number(where, column, COMPARE[lookup], _integer(value))


def _integer(value: str | bool | list[str]) -> int:
    if isinstance(value, list):
        raise Mismatch
    try:
        return int(value)
    except ValueError:
        raise Mismatch from None


def _boolean(value: str | bool | list[str]) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("t", "1"):
        return True
    if value in ("f", "0"):
        return False
    raise BadRequest(str([f"“{value}” value must be either True or False."]))

"""The API v1: tastypie's answers for GET, HEAD and OPTIONS.

Its oddities are the contract. HEAD is refused on a resource. A draft is 401, a missing object 404 with an empty body,
a key that is no number 404 with a text. Requests count against the throttle once they are answered, not when they are
refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from new_app.answer import Answer, Headers, ask_legacy
from new_app.api import v1_filters
from new_app.api.auth import Caller, Refused, by_api_key
from new_app.api.formats import (
    CONTENT_TYPES,
    JSON,
    WRITERS,
    YAML,
    InvalidAccept,
    Record,
    Rendered,
    content_type,
    preferred,
)
from new_app.api.resources import (
    INT4,
    INT8,
    NO_DEFAULT,
    Field,
    Registry,
    Resource,
    Where,
    column,
    order_relations,
    source,
)
from new_app.api.throttle import Count, HourlyThrottle, v1_key
from new_app.api.v1_filters import BadRequest, Crash
from new_app.memory import Memory
from new_app.request import Call, TooManyParameters
from new_app.rows import Reader

LIMIT, MOST = 20, 1000
ALL_FORMATS = ("json", "xml", "yaml")
FAILED = {"error_message": "Sorry, this request could not be processed. Please try again later."}
VARY: Headers = [(b"vary", b"Accept")]
FRESH: Headers = [*VARY, (b"cache-control", b"no-cache")]


class Immediate(Exception):
    """An answer that ends the request at once: it is not counted and varies on nothing."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class NotFound(Exception):
    """A key that cannot be one."""


@dataclass(frozen=True, slots=True)
class Api:
    """Version 1 over a registry of resources. `formats` are those that the legacy site has libraries for."""

    registry: Registry
    read: Reader
    throttle: HourlyThrottle
    memory: Memory
    prefix: str = "/api/v1/"
    formats: tuple[str, ...] = ALL_FORMATS

    async def answer(self, call: Call) -> Answer:
        """The answer for a path below the prefix, as the resolver of v1 would pick its view."""
        rest = call.path.removeprefix(self.prefix)
        try:
            if not rest:
                return self._top(call)
            found = self._resource(rest)
            if found is None or "x-http-method-override" in call.headers:
                return ask_legacy()
            return await self._guarded(call, *found)
        except TooManyParameters:
            return ask_legacy(400)

    async def _guarded(self, call: Call, resource: Resource, tail: str) -> Answer:
        """A view of a resource, its exceptions turned into answers."""
        try:
            answer = await self._view(call, resource, tail)
        except Immediate as immediate:
            return immediate.answer
        except BadRequest as error:
            return self._error(call, {"error": _sanitized(str(error))}, 400)
        except NotFound:
            return self._error(call, FAILED, 404)
        except Crash:
            return self._error(call, FAILED, 500)
        ajax = call.headers.get("x-requested-with") == "XMLHttpRequest"
        answer.headers += FRESH if answer.status == 200 or ajax else VARY
        return answer

    def _resource(self, rest: str) -> tuple[Resource, str] | None:
        for name, resource in self.registry.items():
            if rest.startswith(name + "/"):
                return resource, rest[len(name) + 1 :]
        return None

    async def _view(self, call: Call, resource: Resource, tail: str) -> Answer:
        if not tail:
            return await self._counted(call, resource.v1_list_methods, self._list, resource)
        if tail == "schema/":
            return await self._schema(call, resource)
        key = tail.removesuffix("/")
        if tail.startswith("set/") and tail != "set/":
            return await self._counted(call, ("GET",), self._set, resource, key.removeprefix("set/"))
        return await self._counted(call, ("GET", "DELETE"), self._detail, resource, key)

    async def _counted(self, call: Call, methods: Sequence[str], view: Any, *arguments: Any) -> Answer:
        """The method, credentials and throttle of a request, then its view, then its count.

        The answer may be one that was remembered; the count is this request's own.
        """
        caller, count = await self._admitted(call, methods)
        sees_drafts = caller is not None and caller.is_staff
        key = (Api, call.path, call.query, call.headers.get("accept"), sees_drafts)
        answer: Answer = await self.memory.get(key, lambda: view(call, caller, *arguments))
        await self.throttle.count(count)
        return answer.copy()

    async def _admitted(self, call: Call, methods: Sequence[str]) -> tuple[Caller | None, Count]:
        if call.method not in methods:
            allow = ",".join(methods).encode()
            raise Immediate(Answer(allow, 200 if call.method == "OPTIONS" else 405, headers=[(b"allow", allow)]))
        try:
            caller = await by_api_key(self.read, call)
        except Refused:
            raise Immediate(Answer(status=401)) from None
        identifier = caller.username if caller else f"{call.remote_addr}_{call.remote_host}"
        wait, count = await self.throttle.wait(v1_key(identifier))
        if wait is not None:
            raise Immediate(Answer(status=429, headers=[(b"retry-after", b"%d" % wait)] if wait else ()))
        return caller, count

    async def _list(self, call: Call, caller: Caller | None, resource: Resource) -> Answer:
        where = self._visible(resource, caller)
        crash = v1_filters.apply(call.params, resource, self.registry, where)
        if "order_by" in call.params or "sort_by" in call.params:
            raise BadRequest(_unsortable(call, resource))
        limit, offset = _limit(call), _offset(call)
        if offset > INT8:
            crash = crash or Crash("an offset beyond the database's")
        if crash is not None:
            raise crash
        total = (await self._fetch(f"SELECT count(*){source(resource, self.registry, where.relations)}{where}", where))[
            0
        ][0]
        objects = await self._records(resource, where, f" LIMIT {limit} OFFSET {offset}") if offset < total else []
        meta = {
            "limit": limit,
            "next": self._page(call, resource, limit, offset + limit) if offset + limit < total else None,
            "offset": offset,
            "previous": self._page(call, resource, limit, offset - limit) if offset >= limit else None,
            "total_count": total,
        }
        return self._serialized(call, {"meta": meta, "objects": objects})

    async def _detail(self, call: Call, caller: Caller | None, resource: Resource, key: str) -> Answer:
        where = Where()
        where.add("item.id = {}", _key(key))
        found = await self._records(resource, where)
        if not found:
            return Answer(status=404)
        if resource.drafts and not found[0]["is_published"] and not (caller and caller.is_staff):
            raise Immediate(Answer(status=401))
        return self._serialized(call, found[0])

    async def _set(self, call: Call, caller: Caller | None, resource: Resource, keys: str) -> Answer:
        where = self._visible(resource, caller)
        if crash := v1_filters.apply(call.params, resource, self.registry, where):
            raise crash
        wanted = keys.split(";")
        try:
            numbers = [int(key) for key in wanted]
        except ValueError:
            raise Crash("a key of the set is no number") from None
        where.add("item.id = ANY({}::bigint[])", [number for number in numbers if abs(number) <= INT8])
        found = {str(self._id(one)): one for one in await self._records(resource, where)}
        data: dict[str, Any] = {"objects": [found[key] for key in wanted if key in found]}
        if missing := [key for key in wanted if key not in found]:
            data["not_found"] = missing
        return self._serialized(call, data)

    async def _schema(self, call: Call, resource: Resource) -> Answer:
        caller, count = await self._admitted(call, ("GET",))
        await self.throttle.count(count)
        if resource.drafts and resource.draft_by_default and not (caller and caller.is_staff):
            raise Immediate(Answer(status=401))
        return self._serialized(call, schema(resource, self.prefix))

    def _top(self, call: Call) -> Answer:
        full = _plain_bool(call.params.get("fullschema"))
        data = {
            name: {
                "list_endpoint": f"{self.prefix}{name}/",
                "schema": schema(resource, self.prefix) if full else f"{self.prefix}{name}/schema/",
            }
            for name, resource in self.registry.items()
        }
        try:
            return self._serialized(call, data)
        except BadRequest:
            return Answer(status=400)

    # Rows.

    def _visible(self, resource: Resource, caller: Caller | None) -> Where:
        where = Where()
        if resource.drafts and not (caller and caller.is_staff):
            where.constant("item.is_published")
        return where

    async def _fetch(self, statement: str, where: Where) -> Sequence[Any]:
        if any(isinstance(value, str) and "\0" in value for value in where.values):
            raise Crash("PostgreSQL text holds no NUL")
        return await self.read.fetch(statement, *where.values)

    async def _records(self, resource: Resource, where: Where, limits: str = "") -> list[Record]:
        joins = source(resource, self.registry, where.relations | order_relations(resource))
        columns = _columns(resource, self.prefix)
        rows = await self._fetch(f"SELECT {columns}{joins}{where} ORDER BY {resource.order}{limits}", where)
        return [Record(row) for row in rows]

    def _id(self, record: Record) -> str:
        return str(record["resource_uri"]).rstrip("/").rpartition("/")[2]

    def _page(self, call: Call, resource: Resource, limit: int, offset: int) -> str:
        return f"{self.prefix}{resource.name}/?{call.params.encoded(limit=str(limit), offset=str(offset))}"

    # Formats.

    def _format(self, call: Call) -> str:
        asked = call.params.get("format")
        if asked in self.formats:
            return CONTENT_TYPES[asked]
        accept = call.headers.get("accept", "*/*")
        if accept != "*/*":
            try:
                best = preferred(accept, [CONTENT_TYPES[name] for name in reversed(self.formats)])
            except InvalidAccept:
                raise BadRequest("Invalid Accept header") from None
            return best or JSON
        return JSON

    def _serialized(self, call: Call, data: object, status: int = 200) -> Answer:
        chosen = self._format(call)
        if chosen == YAML:
            data = self._rendered(data)
        try:
            return Answer(WRITERS[chosen](data), status, content_type(chosen))
        except ValueError:
            raise Crash("a text that XML cannot hold") from None

    def _rendered(self, data: Any) -> Any:
        """Data in which rendered texts say that they are."""
        names = {
            field.name for resource in self.registry.values() for field in resource.fields if field.kind == "rendered"
        }
        if isinstance(data, Record):
            return {name: Rendered(value) if name in names else value for name, value in data.items()}
        if isinstance(data, dict):
            return {name: self._rendered(value) for name, value in data.items()}
        return [self._rendered(item) for item in data] if isinstance(data, list) else data

    def _error(self, call: Call, data: object, status: int) -> Answer:
        try:
            chosen = JSON if call.params.get("callback") is not None else self._format(call)
        except BadRequest:
            chosen = JSON
        return Answer(WRITERS[chosen](data), status, content_type(chosen))


@cache
def _columns(resource: Resource, prefix: str) -> str:
    related = f"'{prefix}{{name}}/' || {{key}} || '/'"
    uri = related.format(name=resource.name, key="item.id") + " AS resource_uri"
    return ", ".join((*(column(field, "", related) for field in resource.fields), uri))


def _key(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise NotFound from None
    return number if abs(number) <= INT4 else 0


def _limit(call: Call) -> int:
    text = call.params.get("limit")
    if text is None:
        return LIMIT
    try:
        limit = int(text)
    except ValueError:
        raise BadRequest(f"Invalid limit '{text}' provided. Please provide a positive integer.") from None
    if limit < 0:
        raise BadRequest(f"Invalid limit '{limit}' provided. Please provide a positive integer >= 0.")
    return min(limit or MOST, MOST)


def _offset(call: Call) -> int:
    text = call.params.get("offset")
    if text is None:
        return 0
    try:
        offset = int(text)
    except ValueError:
        raise BadRequest(f"Invalid offset '{text}' provided. Please provide an integer.") from None
    if offset < 0:
        raise BadRequest(f"Invalid offset '{offset}' provided. Please provide a positive integer >= 0.")
    return offset


def _unsortable(call: Call, resource: Resource) -> str:
    name = (call.params.all("order_by") or call.params.all("sort_by"))[0].split("__")[0].removeprefix("-")
    if name != "resource_uri" and resource.field(name) is None:
        return f"No matching '{name}' field for ordering on."
    return f"The '{name}' field does not allow ordering."


def _plain_bool(text: str | None) -> bool:
    return text not in (None, "", "false", "False", "nil", "none", "None")


def _sanitized(text: str) -> str:
    """HTML-escaped, but for quotes."""
    return escape(text, quote=False)


def schema(resource: Resource, prefix: str) -> dict[str, Any]:
    """What v1 tells about a resource's fields."""
    filtering = {name: sorted_lookups(allowed) for name, allowed in resource.v1_filters.items()}
    data: dict[str, Any] = {
        "allowed_detail_http_methods": ["get", "delete"],
        "allowed_list_http_methods": [method.lower() for method in resource.v1_list_methods],
        "default_format": JSON,
        "default_limit": LIMIT,
        "fields": {field.name: _field_schema(field, prefix) for field in resource.fields},
        "filtering": filtering,
    }
    data["fields"]["resource_uri"] = _field_schema(
        Field("resource_uri", default=NO_DEFAULT, label="resource uri"), prefix, readonly=True
    )
    return data


def sorted_lookups(allowed: frozenset[str]) -> Any:
    if allowed == frozenset({"*"}):
        return 2
    return [1] if allowed == frozenset({""}) else sorted(allowed)


HELP = {
    "string": 'Unicode string data. Ex: "Hello World"',
    "rendered": 'Unicode string data. Ex: "Hello World"',
    "integer": "Integer data. Ex: 2673",
    "boolean": "Boolean data. Ex: True",
    "datetime": 'A date & time as a string. Ex: "2010-11-10T03:07:43"',
    "related": "A single related resource. Can be either a URI or set of nested resource data.",
}


def _field_schema(field: Field, prefix: str, *, readonly: bool = False) -> dict[str, Any]:
    data = {
        "blank": field.blank,
        "default": field.default() if callable(field.default) else field.default,
        "help_text": field.help_text or HELP[field.kind],
        "nullable": field.null,
        "primary_key": False,
        "readonly": readonly,
        "type": "string" if field.kind == "rendered" else field.kind,
        "unique": field.unique,
        "verbose_name": field.label or field.name.replace("_", " "),
    }
    if field.kind == "related":
        data["related_type"] = "to_one"
        data["related_schema"] = f"{prefix}{field.to}/schema/"
    return data

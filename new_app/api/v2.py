"""The API v2: the answers of Django REST framework for GET and HEAD.

Lists are plain arrays, URIs absolute; a `.json` suffix and `?format=json` live on in every URI of the answer. The
order of a request is the framework's: format, credentials, permission, throttle, then the view; so a refused filter has
been counted, and whoever may not ask has not.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote_plus

from new_app.answer import Answer, ask_legacy
from new_app.api import v2_filters
from new_app.api.auth import Caller, Refused, TooNarrow, bearer_token, by_bearer, by_token, may
from new_app.api.formats import JSON, accepted, compact_json, header_parameters
from new_app.api.resources import INT4, Field, Registry, Resource, Where, column, order_relations, source
from new_app.api.throttle import ANONYMOUS, USER, DailyThrottle, client_address
from new_app.memory import Memory
from new_app.request import Call, TooManyParameters
from new_app.rows import Reader
from new_app.tokens import BadToken, Tokens

ROOT_ALLOW = "GET, HEAD, OPTIONS"
LIST_ALLOW = "GET, POST, HEAD, OPTIONS"
DETAIL_ALLOW = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
SESSION_READ = (b"vary", b"Cookie")
"""On a 404 from before anybody is authenticated: what comes after the view asks the session who it is."""
BULK = "delete_by_release"
BULK_ALLOW = "DELETE, OPTIONS"
_TAIL = re.compile(r"(?:/(?:(?P<pk>[^/.]+)/)?|(?:/(?P<spk>[^/.]+))?\.(?P<suffix>[a-z0-9]+)/?)")


class Problem(Exception):
    """Answered with this status and body."""

    def __init__(self, status: int, data: object, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        super().__init__()
        self.status = status
        self.data = data
        self.headers = headers


def _detail(status: int, text: str, *headers: tuple[bytes, bytes]) -> Problem:
    return Problem(status, {"detail": text}, headers)


@dataclass(frozen=True, slots=True)
class View:
    """An answer that is no resource: wherever `place` stands in a path, for whoever has the permission, and staff.

    `data` is asked once the request has been admitted, and raises Problem. A bearer token needs the scope.
    """

    place: str
    permission: str
    refusal: str
    scope: str
    data: Callable[[Call, Reader], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Target:
    """What a path means: a view, a list, or one object, and the suffix that it asked for."""

    resource: Resource | None = None
    key: str | None = None
    suffix: str | None = None
    view: View | None = None

    @property
    def allow(self) -> str:
        if self.resource is None:
            return ROOT_ALLOW
        if self.key == BULK and self.resource.bulk_delete:
            return BULK_ALLOW
        if self.resource.read_only:
            return ROOT_ALLOW
        return DETAIL_ALLOW if self.key is not None else LIST_ALLOW


@dataclass(frozen=True, slots=True)
class Api:
    """Version 2 over a registry of resources. `proxies` is NUM_PROXIES: how many of ours add to X-Forwarded-For."""

    registry: Registry
    read: Reader
    throttle: DailyThrottle
    memory: Memory
    tokens: Tokens | None = None
    views: Sequence[View] = ()
    prefix: str = "/api/v2/"
    proxies: int = 3

    async def answer(self, call: Call) -> Answer:
        try:
            target = self._target(call.path.removeprefix(self.prefix))
            if target is None:
                return ask_legacy()
            indent: int | None = None
            extra: Sequence[tuple[bytes, bytes]] = ()
            try:
                indent = _indent(_negotiated(call, target.suffix))
                caller = await self._admitted(call, target.view)
                if target.view is not None:
                    body = compact_json(await target.view.data(call, self.read), indent)
                else:
                    sees_drafts = caller is not None and caller.is_staff
                    body = await self._body(call, target, sees_drafts=sees_drafts, indent=indent)
                status = 200
            except Problem as problem:
                body, status, extra = compact_json(problem.data, indent), problem.status, problem.headers
        except TooManyParameters:
            return ask_legacy(400)
        headers = [(b"allow", target.allow.encode()), *extra]
        return Answer(body, status, JSON, headers)

    def _target(self, rest: str) -> Target | None:
        if not rest or rest.startswith("."):
            return Target(None, None, rest.strip("./") or None)
        for name, resource in self.registry.items():
            if rest.startswith(name) and (found := _TAIL.fullmatch(rest, len(name))):
                return Target(resource, found["pk"] or found["spk"], found["suffix"])
        return next((Target(view=view) for view in self.views if view.place in rest), None)

    async def _body(self, call: Call, target: Target, *, sees_drafts: bool, indent: int | None) -> bytes:
        """The answer to whoever was admitted, remembered or made."""

        async def make() -> bytes:
            return compact_json(await self._data(call, target, sees_drafts), indent)

        return await self.memory.get((Api, call.origin, call.path, call.query, sees_drafts, indent), make)

    async def _data(self, call: Call, target: Target, sees_drafts: bool) -> object:
        if target.resource is None:
            return {name: self._uri(call, target, name) for name in self.registry}
        if target.allow == BULK_ALLOW:
            raise _detail(405, f'Method "{call.method}" not allowed.')
        where = Where()
        if target.resource.drafts and not sees_drafts:
            where.constant("item.is_published")
        try:
            await v2_filters.apply(call.params, target.resource, self.registry, where, self.read)
        except v2_filters.Invalid as error:
            raise Problem(400, error.errors) from None
        if target.key is None:
            return await self._records(call, target, target.resource, where)
        where.add("item.id = {}", _key(target.key))
        found = await self._records(call, target, target.resource, where)
        if not found:
            raise _detail(404, f"No {target.resource.model} matches the given query.")
        return found[0]

    async def _admitted(self, call: Call, view: View | None) -> Caller | None:
        caller = await self._caller(call, "read" if view is None else view.scope)
        if view is not None:
            if caller is None:
                raise _detail(401, "Authentication credentials were not provided.", (b"www-authenticate", b"Token"))
            if not await may(self.read, caller, view.permission):
                raise _detail(403, view.refusal)
        if caller is None:
            address = client_address(call.remote_addr, call.forwarded_for, self.proxies)
            who = [(ANONYMOUS, address), (USER, address)]
        else:
            who = [(USER, str(caller.id))]
        wait = await self.throttle.take(who)
        if wait is not None:
            raise _throttled(wait)
        return caller

    async def _caller(self, call: Call, scope: str) -> Caller | None:
        """Who proves something; a bearer token means nothing where no setting asks for one, as in legacy."""
        try:
            if self.tokens is not None and (sent := bearer_token(call)) is not None:
                return await by_bearer(self.tokens, sent, scope)
            return await by_token(self.read, call)
        except Refused as refused:
            raise _detail(401, str(refused), (b"www-authenticate", b"Token")) from None
        except BadToken as bad:
            told = b'Bearer error="invalid_token"'
            raise _detail(401, f"Invalid token: {bad}.", (b"www-authenticate", told)) from None
        except TooNarrow as narrow:
            told = f'Bearer error="insufficient_scope", scope="{narrow}"'.encode()
            raise _detail(403, f"The token is not for: {narrow}.", (b"www-authenticate", told)) from None

    async def _records(self, call: Call, target: Target, resource: Resource, where: Where) -> list[dict[str, Any]]:
        joins = source(resource, self.registry, where.relations | order_relations(resource))
        values = [*where.values, f"{call.origin}{self.prefix}", _end(call, target)]
        columns = _columns(resource, len(where.values) + 1)
        rows = await self.read.fetch(f"SELECT {columns}{joins}{where} ORDER BY {resource.order}", *values)
        return [dict(row) for row in rows]

    def _uri(self, call: Call, target: Target, name: str) -> str:
        return f"{call.origin}{self.prefix}{name}{_end(call, target)}"


@cache
def _columns(resource: Resource, parameter: int) -> str:
    """What v2 shows, in its order. Two parameters are the text before and after each URI's resource and key."""
    related = f"${parameter}::text || '{{name}}/' || {{key}} || ${parameter + 1}::text"
    uri = Field("resource_uri", "related", "id", to=resource.name)
    fields = (resource.field(name) or uri for name in resource.v2_fields)
    return ", ".join(column(field, "Z", related) for field in fields)


def _end(call: Call, target: Target) -> str:
    end = f".{target.suffix}" if target.suffix else "/"
    asked = call.params.get("format")
    return end if asked is None else f"{end}?format={quote_plus(asked)}"


def _negotiated(call: Call, suffix: str | None) -> str:
    if (suffix or call.params.get("format") or "json") != "json":
        raise _detail(404, "Not found.", SESSION_READ)
    media_type = accepted(call.headers.get("accept", "*/*"), JSON)
    if media_type is None:
        raise _detail(406, "Could not satisfy the request Accept header.")
    return media_type


def _indent(media_type: str) -> int | None:
    try:
        return max(min(int(header_parameters(media_type)[1]["indent"]), 8), 0) or None
    except (KeyError, ValueError):
        return None


def _throttled(wait: int) -> Problem:
    if not wait:
        return _detail(429, "Request was throttled.")
    seconds = "second" if wait == 1 else "seconds"
    text = f"Request was throttled. Expected available in {wait} {seconds}."
    return _detail(429, text, (b"retry-after", b"%d" % wait))


def _key(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise _detail(404, "Not found.") from None
    return number if abs(number) <= INT4 else 0

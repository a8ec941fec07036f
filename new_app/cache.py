"""The page cache: whole answers to anonymous visitors, remembered until a table that they were made from changes.

A handler opts in with `opt={"cache": ANONYMOUS}`, or with the names of the request headers that its answer varies on:
`opt={"cache": ("accept-language",)}`. It thereby says that its answer depends on nothing else but path, query, host,
scheme and the database. In this order:

1. only GET and HEAD, only a handler that opted in, only a visitor without credentials: neither Authorization nor a
   cookie of `personal` (session, CSRF, messages);
2. an answer that is remembered under path, query, host, scheme and those headers is sent as it was;
3. otherwise it is made, and remembered if its status is 200, it sets no cookie, does not call itself private or
   no-store, and varies on nothing but those headers and cookies. `memory.py` adds its own conditions: every statement
   that ran read tables whose changes are told.

A visitor cannot tell a remembered answer from one made for him: no header says so, and no header asks for a fresh one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from new_app import trace
from new_app.memory import Memory
from new_app.request import Call, Public

ANONYMOUS: tuple[str, ...] = ()
"""The answer varies on no request header."""
PERSONAL = frozenset({"sessionid", "csrftoken", "messages"})
READS = frozenset({"GET", "HEAD"})
Varied = Callable[[str], tuple[str, ...] | None]
"""The headers on which the answer for a path varies; None where its handler did not opt in."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer as it was sent."""

    start: dict[str, Any]
    body: bytes

    @property
    def weight(self) -> int:
        return len(self.body) + sum(len(name) + len(value) for name, value in self.start["headers"])

    async def send(self, send: Any, *, bodiless: bool) -> None:
        await send(self.start)
        await send({"type": "http.response.body", "body": b"" if bodiless else self.body, "more_body": False})


class PageCache:
    """`app` behind the cache. `memory` may be shared with others: the keys begin with this class."""

    def __init__(
        self, app: Any, memory: Memory, varied: Varied, *, public: Public, personal: frozenset[str] = PERSONAL
    ) -> None:
        self._app, self._memory, self._varied, self._public, self._personal = app, memory, varied, public, personal

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        varied = self._varied(scope["path"]) if scope["type"] == "http" and scope["method"] in READS else None
        if varied is None:
            await self._app(scope, receive, send)
            return
        call = Call(scope, self._public)
        if "authorization" in call.headers or self._is_personal(call.headers.get("cookie", "")):  # 1
            await self._app(scope, receive, send)
            return
        key = (PageCache, call.path, scope["query_string"], call.origin, *map(call.headers.get, varied))

        async def make() -> Page:
            page = await self._made({**scope, "method": "GET"}, receive)
            if why := unfit(page, varied):
                trace.never(why)
            return page

        page = await self._memory.get(key, make)  # 2 3
        await page.send(send, bodiless=scope["method"] == "HEAD")

    def _is_personal(self, cookies: str) -> bool:
        return any(cookie.partition("=")[0].strip() in self._personal for cookie in cookies.split(";"))

    async def _made(self, scope: Any, receive: Any) -> Page:
        start: dict[str, Any] = {}
        body = bytearray()

        async def take(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))

        await self._app(scope, receive, take)
        return Page(start, bytes(body))


def unfit(page: Page, varied: Iterable[str]) -> str:
    """Why an answer is not for anybody else, or ""."""
    if page.start["status"] != 200:
        return f"status {page.start['status']}"
    for name, value in page.start["headers"]:
        said = {part.strip().partition("=")[0] for part in value.decode("latin-1").lower().split(",")}
        if name.lower() == b"set-cookie":
            return "it sets a cookie"
        if name.lower() == b"cache-control" and said & {"private", "no-store"}:
            return "it calls itself private"
        if name.lower() == b"vary" and (more := said - {*varied, "cookie", ""}):
            return f"it varies on {min(more)}"
    return ""

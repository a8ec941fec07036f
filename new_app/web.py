"""Web: the Litestar application, built from the domains.

It adds nothing of its own to an answer: no OpenAPI routes, no default error bodies, no slash redirects. What it does
not know it marks for the legacy site; matching URLs as Django does is the router's business, in front.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.types import ControllerRouterHandler
from litestar.utils import normalize_path

from new_app import cache
from new_app.answer import FALLTHROUGH, Answer, ask_legacy
from new_app.api import v1, v2
from new_app.api.resources import Registry
from new_app.api.throttle import Counters, DailyThrottle, HourlyThrottle
from new_app.cache import PageCache
from new_app.domain import SAFE, Domain
from new_app.domains import DOMAINS
from new_app.feed import Feed
from new_app.listening import Listening
from new_app.memory import Memory
from new_app.page import Guard, Pages
from new_app.request import Call, Public
from new_app.rows import Rows
from new_app.search import Engine, Search
from new_app.search.postgres import PostgresEngine
from new_app.site import SiteHeaders
from new_app.tokens import Tokens

FILES = Path(__file__).parent / "files"
_log = logging.getLogger(__name__)
V2_ORDER = ("pages/page", "downloads/os", "downloads/release", "downloads/release_file")
"""The order in which the root of v2 lists resources."""


class UnguardedHandler(Exception):
    """A handler says neither who may call it nor that anybody may."""


def build(
    rows: Rows,
    counters: Counters,
    pages: Pages,
    *,
    public: Public | None = None,
    memory: Memory | None = None,
    listening: Listening | None = None,
    files: Path = FILES,
    formats: tuple[str, ...] = v1.ALL_FORMATS,
    domains: Sequence[Domain] = DOMAINS,
    own: Sequence[ControllerRouterHandler] = (),
    failures: Mapping[type[Exception], int] | None = None,
    tokens: Tokens | None = None,
    engine: Engine | None = None,
) -> Litestar:
    """The application. `counters` are the throttles' shared with legacy, `formats` those that v1 offers there,
    `own` the handlers of no domain, `failures` what the root's own errors are answered with. `memory` remembers while
    `listening` tells its feed what changes; without either everything is made afresh. `tokens` are what version 2 of
    the API takes beside the legacy site's, `engine` is what search asks: PostgreSQL, if none is given.
    """
    handlers = [*own, *(handler for domain in domains for handler in domain.handlers)]
    for handler in handlers:
        require_guard(handler)
    resources = {resource.name: resource for domain in domains for resource in domain.resources}
    registry = Registry([resources[name] for name in V2_ORDER if name in resources])
    views = [view for domain in domains for view in domain.api_views]
    memory = Memory(Feed()) if memory is None else memory
    engine = PostgresEngine(rows) if engine is None else engine
    values: dict[str, Any] = {
        "read": rows,
        "index": Search(engine, [one for domain in domains for one in domain.searched]),
        "listed": tuple(one for domain in domains for one in domain.listed),
        "memory": memory,
        "pages": pages,
        "files": files,
        "visitors": pages.visitors,
        "api_v1": v1.Api(registry, rows, HourlyThrottle(counters), memory, formats=formats),
        "api_v2": v2.Api(registry, rows, DailyThrottle(counters), memory, tokens, views),
    }

    return Litestar(
        route_handlers=handlers,
        dependencies={name: Provide(_constant(value), sync_to_thread=False) for name, value in values.items()},
        exception_handlers={
            PermissionDeniedException: forbidden,
            HTTPException: unknown,
            Exception: failed,
            **{error: refused(status) for error, status in (failures or {}).items()},
        },
        lifespan=[connections(listening, pages.close, engine.close, rows.close)],
        state=State({"public": public or Public(), "pages": pages}),
        openapi_config=None,
        logging_config=None,
    )


def connections(listening: Listening | None, *closers: Callable[[], Awaitable[None]]) -> Any:
    """The lifespan of the application: changes are heard while it runs, and what it has opened is closed after it."""

    @asynccontextmanager
    async def around(_app: Litestar) -> AsyncIterator[None]:
        if listening is not None:
            await listening.start()
        yield
        if listening is not None:
            await listening.stop()
        for close in closers:
            await close()

    return around


def application(
    app: Litestar, pages: Pages, *, cached: Memory | None = None, personal: frozenset[str] = cache.PERSONAL
) -> SiteHeaders:
    """The site as an ASGI application: Litestar, and what no URL of its own matches, inside the site's headers.

    Litestar stands behind the page cache if `cached` has room for it; `personal` are the cookies that make an answer
    somebody's own.
    """
    public: Public = app.state.public

    async def missing(scope: Any, receive: Any, send: Any) -> None:
        answer = await pages.missing(Call(scope, public))
        await answer(scope, receive, send)

    if cached is None:
        return SiteHeaders(app, missing)
    site = PageCache(app, cached, opted_in(app), public=public, personal=personal)
    rest = PageCache(missing, cached, lambda _path: cache.ANONYMOUS, public=public, personal=personal)
    return SiteHeaders(site, rest)


def opted_in(app: Litestar) -> cache.Varied:
    """What the handler of a path says of caching its answer, see cache.py."""

    def varied(path: str) -> tuple[str, ...] | None:
        try:
            _, handler, *_ = app.asgi_router.handle_routing(path=normalize_path(path), method="GET")
        except HTTPException:
            return None
        return handler.opt.get("cache")

    return varied


class Later:
    """An answer that is still being made: Litestar's exception handlers cannot wait."""

    def __init__(self, answer: Awaitable[Answer]) -> None:
        self._answer = answer

    def to_asgi_response(self, **_options: Any) -> "Later":
        return self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = await self._answer
        await answer(scope, receive, send)


def require_guard(handler: ControllerRouterHandler) -> None:
    """Refuse a handler without `guards=[…]`, unless it is a page with a `Guard`, or says `opt={"guard": "public"}`."""
    said = getattr(handler, "opt", {}).get("guard")
    if not getattr(handler, "guards", None) and said != "public" and not isinstance(said, Guard):
        raise UnguardedHandler(f'{handler}: give it guards=[…], or opt={{"guard": "public"}} if anybody may call it')


def _constant(value: Any) -> Any:
    def provide() -> Any:
        return value

    return provide


def unknown(_request: Request[Any, Any, Any], error: HTTPException) -> Any:
    """A path or method that no handler has: legacy knows its answer."""
    return ask_legacy(error.status_code if error.status_code >= 400 else 500)


def forbidden(request: Request[Any, Any, Any], _error: PermissionDeniedException) -> Any:
    """A guard said no: the site's page for it."""
    return Later(request.app.state.pages.forbidden(Call.of(request)))


def refused(status: int) -> Any:
    """An answer of this status, with Retry-After where it may go better another time."""
    later = [(b"retry-after", b"5")] if status == 503 else []

    def answer(request: Request[Any, Any, Any], error: Exception) -> Any:
        _log.warning("%s %s: %s", request.scope["method"], request.scope["path"], error)
        return Answer(b"<h1>%d</h1>" % status, status, headers=later)

    return answer


def failed(request: Request[Any, Any, Any], _error: Exception) -> Any:
    """The site's page for failures; a router in front asks legacy first where the method is safe."""
    _log.exception("%s %s failed", request.scope["method"], request.scope["path"])
    pages: Pages = request.app.state.pages
    try:
        body = pages.templates.render(["500.html"], {}).encode()
    except Exception:
        _log.exception("500.html failed too")
        body = b"Server error"
    back = [(FALLTHROUGH, b"1")] if request.scope["method"] in SAFE else []
    return Answer(body, 500, headers=back)

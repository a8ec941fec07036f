"""Page: a template, its variables, and the request they are shown to.

A handler says which template it shows and where its variables come from. In this order:

1. the visitor is known, or legacy answers (`session.py`)
2. variables are asked and the template is rendered in one go, inside a session for reading: a tag or a relation may
   query while it renders, as in Django
3. what was asked is remembered until its rows change (`Page.remember`)
4. cookies that rendering asked for are set; whatever looked at the visitor varies by cookie

A `Missing` page goes through the site's chain for missing pages. Nothing here writes to the database.
"""

import random
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from markupsafe import Markup
from sqlalchemy.orm import Session

from new_app import trace
from new_app.answer import HTML, Answer, Headers, ask_legacy, redirect
from new_app.cache import ANONYMOUS
from new_app.db import READS, Database
from new_app.fetch import Document
from new_app.identity import Identity
from new_app.memory import Memory
from new_app.request import Call
from new_app.session import Unknowable, Visitor, Visitors

T = TypeVar("T")
Make = Callable[..., Mapping[str, Any]]
"""Variables of a page: given the `Page`, and what its URL says by name."""
PUBLIC = {"guard": "public", "cache": ANONYMOUS}
"""Anybody may see it, and what anonymous visitors see is the same for all of them."""
TELLS_TIME = 60.0
"""Seconds for which a rendered page is remembered: templates may say what day it is."""
ALLOW = (b"allow", b"GET, HEAD, OPTIONS")


class Missing(Exception):
    """There is no such page: the chain for missing pages answers."""


class Forbidden(Exception):
    """Whoever asks is signed in and may not see this: the site's page for it, 403."""


@dataclass(frozen=True)
class Guard:
    """Who may see a page: visitors who are signed in, and of them those that `allows` says yes to.

    Strangers are sent to the sign-in form with 302, the others see the page for 403, as in Django's
    `LoginRequiredMixin` and `UserPassesTestMixin`.
    """

    name: str
    allows: Callable[["Page"], bool] = lambda page: True


SIGNED_IN = Guard("signed in")
SIGN_IN = "/accounts/login/"


class Templates(Protocol):
    """The theme: renders the first of these templates that there is."""

    def render(self, names: Sequence[str], variables: Mapping[str, Any]) -> str: ...

    def is_on(self, page: "Page", flag: str) -> bool:
        """Whether a flag is on for the page's visitor."""

    def cookies(self, page: "Page") -> Sequence[str]:
        """What a page that has been rendered sets besides: what it has decided for its visitor."""

    def has(self, name: str) -> bool: ...


Known = Callable[["Page", Any], Any]
"""A signed-in user as templates of the site know one, made of the session's."""


Variables = Callable[["Page"], Mapping[str, Any]]
"""What every page has, whatever it shows: Django's context processors."""


@dataclass
class Page:
    """One page while it is being made."""

    site: "Pages"
    call: Call
    visitor: Visitor
    open_session: Callable[[], Session]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    cookies: list[str] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    """What tags keep for each other during this render."""

    @property
    def session(self) -> Session:
        """For reading; a page that remembers everything never opens it."""
        return self.open_session()

    @cached_property
    def user(self) -> Any:
        """Who is signed in, with what the site knows of a user; looking makes the answer vary by cookie."""
        user = self.visitor.user
        return self.site.known(self, user) if user.is_authenticated else user

    def remember(self, key: Hashable, load: Callable[[Session], T], *, seconds: float | None = None) -> T:
        """What `load` gives, until a row that it read changes, for so many seconds at most.

        Objects come back detached: load what is shown. A question that asks the clock needs `seconds`.
        """
        return self.site.memory.get_now(key, lambda: self._loaded(load), seconds=seconds)

    def _loaded(self, load: Callable[[Session], T]) -> T:
        """Loaded in a session of its own on the page's connection: what the page holds besides stays attached to it."""
        with Session(self.session.connection(), **READS) as session:
            return load(session)

    def fragment(self, *names: str, **variables: Any) -> Markup:
        """A template with these variables and nothing else of the page's, as in Django's `render_to_string`."""
        return Markup(self.site.templates.render(names, variables))  # noqa: S704 - a template has escaped it

    def text(self, name: str, variables: Mapping[str, Any]) -> str:
        """A template with these variables and the page's own, as in `render_to_string` with a request."""
        return self.site.templates.render([name], {**self.site.variables(self), **variables})

    def is_on(self, flag: str) -> bool:
        """Whether a flag is on for this visitor."""
        return self.site.templates.is_on(self, flag)

    def choice(self, of: Sequence[T]) -> T:
        return random.choice(of)  # noqa: S311 - which story is shown is no secret


_current: ContextVar[Page] = ContextVar("page")


def current() -> Page:
    """The page that is being rendered. Raises LookupError outside a render."""
    return _current.get()


def has_current() -> bool:
    """Whether a page is being rendered: an error page is none."""
    return _current.get(None) is not None


def steady(tag: Callable[..., T]) -> Callable[..., T]:
    """Mark a tag that prints the same for the same arguments, but for what it asks by `Page.remember`.

    A menu that calls it may be printed once for many visitors.
    """
    setattr(tag, "steady", True)  # noqa: B010 - a function has no such attribute of its own
    return tag


def bound(tag: Callable[..., Any]) -> Callable[..., Any]:
    """A domain's tag as a template calls it: the page comes by itself."""

    def called(*arguments: Any, **values: Any) -> Any:
        return tag(current(), *arguments, **values)

    called.__name__ = getattr(tag, "__name__", "tag")
    return steady(called) if getattr(tag, "steady", False) else called


class Pages:
    """Shows pages. `missing` answers what is not there; see `new_app/domains/pages`."""

    def __init__(
        self,
        database: Database,
        memory: Memory,
        templates: Templates,
        *,
        variables: Variables,
        visitors: Visitors,
        known: Known,
        missing: Callable[[Call, "Pages"], Awaitable[Answer]],
        documents: Mapping[str, Document] | None = None,
        identity: Identity | None = None,
    ) -> None:
        self.documents, self.identity = documents or {}, identity
        self.database, self.memory, self.templates = database, memory, templates
        self.variables, self.visitors, self.known, self._missing = variables, visitors, known, missing

    async def show(
        self,
        call: Call,
        *names: str,
        make: Make | None = None,
        status: int = 200,
        content_type: str = HTML,
        headers: Headers = (),
    ) -> Answer:
        """The first of these templates, with the variables that `make` asks."""
        try:
            visitor = await self.visitors.visitor(call)
            trace.lasts(TELLS_TIME)
            body, cookies = await self.ask(call, visitor, lambda page: self._rendered(page, names, make))
        except Unknowable:
            return ask_legacy()
        except Missing:
            return await self.missing(call)
        except Forbidden:
            return await self.forbidden(call)
        set_cookies = [(b"set-cookie", cookie.encode("latin-1")) for cookie in cookies]
        answer = Answer(body.encode(), status, content_type, headers=[*set_cookies, *headers])
        return await self.visitors.finish(call, answer)

    async def ask(self, call: Call, visitor: Visitor, question: Callable[[Page], T]) -> T:
        """Ask `question` of a page, where sync code may ask the database."""

        def asked(session: Callable[[], Session]) -> T:
            page = Page(self, call, visitor, session)
            token = _current.set(page)
            try:
                return question(page)
            finally:
                _current.reset(token)

        return await self.database.ask(asked)

    async def close(self) -> None:
        for document in self.documents.values():
            await document.close()
        await self.visitors.close()
        if self.identity is not None:
            self.identity.passwords.close()
        await self.database.dispose()

    async def forbidden(self, call: Call) -> Answer:
        """The site's page for what a visitor may not see."""
        return await self.show(call, "403.html", make=lambda _page: {"exception": ""}, status=403)

    async def stopped(self, call: Call) -> Answer | None:
        """What a stranger gets in place of a guarded page; None lets a visitor through."""
        try:
            visitor = await self.visitors.visitor(call)
        except Unknowable:
            return ask_legacy()
        if visitor.user.is_authenticated:
            return None
        return await self.visitors.finish(call, redirect(f"{SIGN_IN}?next={quote(call.full_path(), safe='/')}"))

    async def missing(self, call: Call) -> Answer:
        """What the site says where it has no such page: a redirect, an editors' page, or that it is not there."""
        return await self._missing(call, self)

    def _rendered(self, page: Page, names: Sequence[str], make: Make | None) -> tuple[str, list[str]]:
        own = make(page) if make is not None else {}
        text = self.templates.render(names, {**self.variables(page), **own})
        return text, [*self.templates.cookies(page), *page.cookies]


def shown(
    paths: str | list[str], template: str, make: Make | None = None, guard: Guard | None = None
) -> HTTPRouteHandler:
    """A handler that shows a template; `make` gets what the URL says by name. Without a guard it is public."""

    def made(page: Page, said: Mapping[str, Any]) -> Mapping[str, Any]:
        if guard is not None and not guard.allows(page):
            raise Forbidden
        return make(page, **said) if make is not None else {}

    options = PUBLIC if guard is None else {"guard": guard}

    @route(paths, http_method=["GET", "HEAD", "OPTIONS"], opt=options | {"template": template})
    async def page(request: Request[Any, Any, Any], pages: NamedDependency[Pages]) -> Answer:
        call, is_asked_what = Call.of(request), request.scope["method"] == "OPTIONS"
        if guard is not None and (stop := await pages.stopped(call)) is not None:
            return stop
        if is_asked_what:
            return Answer(headers=[ALLOW]) if guard is None else ask_legacy()
        return await pages.show(call, template, make=lambda page: made(page, request.path_params))

    return page

"""Action: a request to a page with a form: who asks, what was sent, and the answer. In this order:

1. the visitor is known, or legacy answers: nothing of the body has been read
2. the body is read as Django reads it; one that is too large is answered with 400
3. a POST carries the visitor's CSRF token and comes from this site, or it is answered with 403; one that a machine
   filled in is answered with 400, where the route sets a trap
4. strangers are sent to the sign-in form, and visitors whom the guard does not allow see the page for 403
5. the handler asks, writes in one unit of work, and answers
6. the answer sets what the visitor's cookies have become: messages, CSRF secret, session
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.answer import HTML, Answer, Headers, ask_legacy, redirect
from new_app.context import MESSAGE_LEVELS
from new_app.identity import Identity
from new_app.page import Forbidden, Guard, Make, Missing, Pages
from new_app.request import Call, Params, TooManyParameters, iri_to_uri
from new_app.session import Stranger, Unknowable, Visitor

TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
NEXT = "next"
TOLD_APART = {
    "Referer checking failed - no Referer.": "csrf no_referer",
    "CSRF cookie not set.": "csrf no_cookie",
}
"""Reasons for which Django's page says what a visitor can do."""


class NotOurs(Exception):
    """Legacy shall answer. Raise it before anything is written that legacy would write again."""


class TooMuch(Exception):
    """More was sent than Django reads."""


class Action:
    """One request. `sent` is the form that came with it, empty for a GET."""

    def __init__(self, pages: Pages, call: Call, visitor: Visitor, sent: Params) -> None:
        self.pages, self.call, self.visitor, self.sent = pages, call, visitor, sent

    @property
    def is_post(self) -> bool:
        return self.call.method == "POST"

    @property
    def identity(self) -> Identity:
        assert self.pages.identity is not None
        return self.pages.identity

    @property
    def user(self) -> Any:
        return self.visitor.user

    async def show(
        self, template: str, make: Make | Mapping[str, Any], *, status: int = 200, headers: Headers = ()
    ) -> Answer:
        """The page with these variables."""
        given = (lambda _page: make) if isinstance(make, Mapping) else make
        return await self.pages.show(self.call, template, make=given, status=status, headers=headers)

    async def redirect(self, location: str) -> Answer:
        return await self.finish(redirect(iri_to_uri(location)))

    async def finish(self, answer: Answer) -> Answer:
        return await self.pages.visitors.finish(self.call, answer)

    async def refuse(self, why: str, status: int) -> Answer:
        """A page of the legacy site's framework, or the bare status where the manifest does not have it."""
        body = self.identity.refusals.get(why, f"<h1>{status}</h1>")
        return await self.finish(Answer(body.encode(), status, "text/html" if why == "429" else HTML))

    async def caught(self) -> Answer | None:
        """What a machine gets that filled the form in: people send the field that they do not see as it was printed."""
        trap = self.identity.trap
        if trap is None or not self.is_post or self.sent.get(trap.field_name) == trap.value:
            return None
        _ = trap.knows_visitor and self.user  # looking at the visitor makes the answer vary by cookie
        return await self.refuse("honeypot", 400)

    def succeed(self, text: str) -> None:
        """Tell the visitor, once, on the next page that shows messages."""
        self.visitor.messages.add(MESSAGE_LEVELS["SUCCESS"], text)

    def reading(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self.pages.database.read_only()

    def unit_of_work(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self.pages.database.unit_of_work()

    @property
    def next(self) -> str:
        """Where the visitor asked to be sent afterwards, empty where that is not on this site."""
        wanted = self.asked_next
        return wanted if is_on_site(wanted, {self.call.host, *self.identity.hosts}) else ""

    @property
    def asked_next(self) -> str:
        return self.sent.get(NEXT) or self.call.params.get(NEXT) or ""

    def with_next(self, url: str) -> str:
        """The URL with the visitor's wish to be sent on."""
        if not self.next:
            return url
        parts = urlsplit(url)
        return parts._replace(query=urlencode({**parse_qs(parts.query), NEXT: self.next}, doseq=True)).geturl()


Do = Callable[..., Awaitable[Answer]]
"""A handler: given the `Action`, and what its URL says by name."""
Needs = Callable[[Identity], object]
"""What the site must have for a handler, true where it has it; legacy answers where it has not."""


def acts(
    paths: str | list[str], do: Do, guard: Guard | None = None, *, trap: bool = False, needs: Needs = bool
) -> HTTPRouteHandler:
    """A handler for GET, HEAD and POST. Without a guard it is public; what it shows is never remembered.

    `trap`: its form has the field that people do not see.
    """

    @route(paths, http_method=["GET", "HEAD", "OPTIONS", "POST"], opt={"guard": guard or "public"})
    async def action(request: Request[Any, Any, Any], pages: NamedDependency[Pages]) -> Answer:
        call = Call.of(request)
        try:
            visitor = await pages.visitors.visitor(call)
        except Unknowable:
            return ask_legacy()
        is_ours = pages.identity is not None and needs(pages.identity)
        if not is_ours or isinstance(visitor, Stranger) or call.method == "OPTIONS":
            return ask_legacy()
        assert pages.identity is not None
        try:
            sent = await read(request, pages.identity.most_bytes) if call.method == "POST" else Params(b"")
        except TooMuch:
            return await Action(pages, call, visitor, Params(b"")).refuse("400", 400)
        call.kept["sent"] = sent
        one = Action(pages, call, visitor, sent)
        if one.is_post and (reason := refusal(one)):
            return await one.refuse(TOLD_APART.get(reason, "csrf"), 403)
        if trap and (stop := await one.caught()) is not None:
            return stop
        return await _answered(one, do, guard, request.path_params)

    return action


def programs(path: str, do: Do, *, needs: Needs) -> HTTPRouteHandler:
    """A handler for programs, which POST a form. It reads no cookie and sets none: what is sent must prove itself."""

    @route(path, http_method=["POST"], opt={"guard": "public"})
    async def program(request: Request[Any, Any, Any], pages: NamedDependency[Pages]) -> Answer:
        call = Call.of(request)
        if pages.identity is None or not needs(pages.identity):
            return ask_legacy()
        try:
            sent = await read(request, pages.identity.most_bytes)
        except TooMuch:
            return Answer(b"", 400)
        return await _answered(Action(pages, call, Stranger(), sent), do, None, {})

    return program


async def _answered(action: Action, do: Do, guard: Guard | None, said: Mapping[str, Any]) -> Answer:
    call, pages = action.call, action.pages
    if guard is not None and (stop := await pages.stopped(call)) is not None:
        return stop
    try:
        if guard is not None and not await pages.ask(call, action.visitor, guard.allows):
            raise Forbidden
        return await do(action, **said)
    except NotOurs:
        return ask_legacy()
    except Missing:
        return await pages.missing(call)
    except Forbidden:
        return await pages.forbidden(call)


def refusal(action: Action) -> str | None:
    """Why the request may not change anything, None if it may."""
    call = action.call
    return action.visitor.refusal(
        call.method,
        headers=call.headers,
        secure=call.scheme == "https",
        server=call.host,
        field=action.sent.get(TOKEN) or "",
    )


async def read(request: Request[Any, Any, Any], most: int | None) -> Params:
    """The form in the body, of `most` bytes. Raises TooMuch where Django would refuse it as well."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if most is not None and int(request.headers.get("content-length") or 0) > most:
        raise TooMuch
    body = b""
    if kind == "multipart/form-data":
        form = await request.form()
        body = urlencode([pair for pair in form.multi_items() if isinstance(pair[1], str)]).encode()
    elif kind == "application/x-www-form-urlencoded":
        body = await request.body()
    if most is not None and len(body) > most:
        raise TooMuch
    try:
        return Params(body)
    except TooManyParameters as error:
        raise TooMuch from error


def never_cached() -> Headers:
    """What Django's `never_cache` adds: no cache keeps the page, the visitor's own included."""
    now = format_datetime(datetime.now(UTC), usegmt=True)
    control = b"max-age=0, no-cache, no-store, must-revalidate, private"
    return [(b"expires", now.encode()), (b"cache-control", control)]


def is_on_site(url: str, hosts: Collection[str]) -> bool:
    """Whether a redirect to it stays here: django/utils/http.py: url_has_allowed_host_and_scheme()."""
    url = url.strip()
    if not url:
        return False
    return _is_safe(url, hosts) and _is_safe(url.replace("\\", "/"), hosts)


def _is_safe(url: str, hosts: Collection[str]) -> bool:
    # Browsers read ///example.com as //example.com, and control characters as nothing.
    if url.startswith("///") or ord(url[0]) < 32 or not url[0].isprintable():
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if not parts.netloc and parts.scheme:
        return False
    return (not parts.netloc or is_of(parts.netloc, hosts)) and parts.scheme in ("", "http", "https")


def is_of(host: str, hosts: Collection[str]) -> bool:
    """Whether it is one of these; `.example.org` is it and everything below it."""
    below = (known for known in hosts if known.startswith("."))
    return host in hosts or any(host.endswith(known) or host == known[1:] for known in below)

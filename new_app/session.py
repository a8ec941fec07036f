"""Who is visiting: a page asks `visitors.visitor(call)` and gets the signed-in user, messages and the CSRF token.

How a session is stored is not the site's business: the composition root hands in `Visits`. Without one, whoever brings
no cookie is anonymous, and whoever does is `Unknowable`: legacy answers. A request's visitor is asked for once; whoever
asked lets `finish` put the cookies into the answer.

    visitor = await visitors.visitor(call)
    answer = page(user=visitor.user, perms=Permissions(visitor.user), messages=visitor.messages)
    return await visitors.finish(call, answer)
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Protocol

from new_app.answer import Answer
from new_app.request import Call

KEPT = "visitor"


class Closing(Protocol):
    """What an answer sets: values of `Set-Cookie`, and whether it varies on `Cookie`."""

    @property
    def cookies(self) -> tuple[str, ...]: ...

    @property
    def vary(self) -> bool: ...


class Messages(Protocol):
    """Messages to the visitor. Looking at them uses them up."""

    def __iter__(self) -> Iterator[Any]: ...

    def __len__(self) -> int: ...

    def add(self, level: int, message: object, extra_tags: str | None = "") -> None: ...


class Session(Protocol):
    """What is kept for a visitor between requests. A change inside a value is none: set the value again."""

    def get(self, name: str, default: Any = None, /) -> Any: ...

    def __contains__(self, name: str) -> bool: ...

    def __setitem__(self, name: str, value: Any) -> None: ...

    def pop(self, name: str, default: Any = None, /) -> Any: ...

    def set_expiry(self, value: Any) -> None:
        """Seconds without use, 0 until the browser closes, None for the site's own rule."""


class Visitor(Protocol):
    """One request's visitor. `user` has Django's attributes and methods, whoever it is; see legacy's templates."""

    @property
    def session(self) -> Session: ...

    @property
    def user(self) -> Any: ...

    @property
    def messages(self) -> Messages: ...

    def csrf_token(self) -> str: ...

    def refusal(self, method: str, *, headers: Mapping[str, str], secure: bool, server: str, field: str) -> str | None:
        """Why a request must not change anything, None if it may. `field` is the token of its form."""

    async def login(self, pk: Any, backend: str) -> Any:
        """Sign in, in a new session, and note when; gives the user. `backend` is what found the user."""

    async def logout(self) -> None: ...

    async def keep_session(self) -> None:
        """After a change of the visitor's own password: this session stays, all others end."""

    async def close(self, status: int = 200) -> Closing: ...


class Visits(Protocol):
    async def visit(self, cookie: str) -> Visitor: ...

    async def close(self) -> None: ...


class Unknowable(Exception):
    """A visitor with cookies, and nothing to read them with: hand Visits to web.build(), or let legacy answer."""


class Visitors:
    """The site's visitors."""

    def __init__(self, visits: Visits | None = None) -> None:
        self._visits = visits

    async def close(self) -> None:
        if self._visits is not None:
            await self._visits.close()

    async def visitor(self, call: Call) -> Visitor:
        """The visitor of this request; the tables are asked the first time only."""
        found: Visitor | None = call.kept.get(KEPT)
        if found is None:
            cookie = call.headers.get("cookie", "")
            if self._visits is None and cookie:
                raise Unknowable("this visitor brings cookies, and web.build() was given no Visits")
            found = await self._visits.visit(cookie) if self._visits else Stranger()
            call.kept[KEPT] = found
        return found

    async def finish(self, call: Call, answer: Answer) -> Answer:
        """The answer, with the visitor's cookies and `Vary: Cookie` where this request asked for its visitor."""
        visitor: Visitor | None = call.kept.get(KEPT)
        if visitor is None:
            return answer
        closing = await visitor.close(answer.status)
        if closing.vary:
            vary_on_cookie(answer)
        answer.headers += [(b"set-cookie", cookie.encode("latin-1")) for cookie in closing.cookies]
        return answer


def vary_on_cookie(answer: Answer) -> None:
    """Add `Cookie` to the answer's `Vary`, after what is there."""
    said = [value.decode("latin-1") for name, value in answer.headers if name == b"vary"]
    listed = [part.strip() for part in ",".join(said).split(",") if part.strip()]
    if "*" not in listed and "cookie" not in {part.lower() for part in listed}:
        listed.append("Cookie")
    answer.headers = [pair for pair in answer.headers if pair[0] != b"vary"]
    answer.headers.append((b"vary", ("*" if "*" in listed else ", ".join(listed)).encode("latin-1")))


class Permissions:
    """`perms` of the templates: `perms.pages.add_page`, `"pages.add_page" in perms`, `perms.pages`."""

    def __init__(self, user: Any) -> None:
        self._user = user

    def __getattr__(self, app: str) -> "OfApp":
        if app.startswith("__"):
            raise AttributeError(app)
        return OfApp(self._user, app)

    __getitem__ = __getattr__

    def __contains__(self, name: str) -> bool:
        app, dot, codename = name.partition(".")
        return bool(OfApp(self._user, app)[codename] if dot else OfApp(self._user, app))


class OfApp:
    """The permissions of one app: true if there is any."""

    def __init__(self, user: Any, app: str) -> None:
        self._user, self._app = user, app

    def __getattr__(self, codename: str) -> bool:
        if codename.startswith("__"):
            raise AttributeError(codename)
        return bool(self._user.has_perm(f"{self._app}.{codename}"))

    __getitem__ = __getattr__

    def __bool__(self) -> bool:
        return bool(self._user.has_module_perms(self._app))


class Nobody:
    """A user who is not signed in."""

    id = pk = None
    username = ""
    is_staff = is_active = is_superuser = is_authenticated = False
    is_anonymous = True

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app: str) -> bool:
        return False

    def get_username(self) -> str:
        return ""

    def get_all_permissions(self) -> Collection[str]:
        return ()

    def __str__(self) -> str:
        return "AnonymousUser"


class NoMessages:
    """Messages that there are none of, and none are kept."""

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def add(self, level: int, message: object, extra_tags: str | None = "") -> None:
        raise LookupError("nobody keeps messages here: hand Visits to web.build()")


class NothingSet:
    cookies: tuple[str, ...] = ()
    vary = True


class NoSession:
    """A session that there is none of, and none begins."""

    def get(self, name: str, default: Any = None, /) -> Any:
        return default

    def __contains__(self, name: str) -> bool:
        return False

    def __setitem__(self, name: str, value: Any) -> None:
        raise LookupError("nobody keeps sessions here: hand Visits to web.build()")

    def pop(self, name: str, default: Any = None, /) -> Any:
        return default

    def set_expiry(self, value: Any) -> None:
        raise LookupError("nobody keeps sessions here: hand Visits to web.build()")


class Stranger:
    """The visitor of a site without sessions."""

    def __init__(self) -> None:
        self.user = Nobody()
        self.messages = NoMessages()
        self.session = NoSession()

    def csrf_token(self) -> str:
        raise LookupError("nobody keeps CSRF secrets here: hand Visits to web.build()")

    def refusal(self, method: str, *, headers: Mapping[str, str], secure: bool, server: str, field: str) -> str | None:
        return "nobody keeps CSRF secrets here"

    async def login(self, pk: Any, backend: str) -> Any:
        raise LookupError("nobody keeps sessions here: hand Visits to web.build()")

    async def logout(self) -> None:
        """Nobody is signed in."""

    async def keep_session(self) -> None:
        """There is none."""

    async def close(self, status: int = 200) -> Closing:
        return NothingSet()

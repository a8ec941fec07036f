"""A visit: who asks, in which session, with which messages and CSRF secret, from the cookies of one request.

Session, user and permissions come in one statement where the session lies in the database and its visitor has been
here before; a stranger's first request takes two, a visitor without a session cookie none. Nothing is written before
`close()`, which returns what the answer sets, in Django's order: messages, CSRF cookie, session.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from legacy_adapters.auth import ANONYMOUS, Authentication, Verdict, note_login
from legacy_adapters.cookies import parse_cookies
from legacy_adapters.csrf import Csrf, Protection, Submission
from legacy_adapters.hosts import allowed_host, asked_port
from legacy_adapters.manifest import Manifest
from legacy_adapters.messages import Messages, Notices
from legacy_adapters.session_stores import DatabaseStore, session_store
from legacy_adapters.sessions import Closing, Session, Store
from legacy_adapters.settings import LegacySettings
from legacy_adapters.shared_cache import Redis, SharedCache, shared_cache
from legacy_adapters.signing import Keys
from legacy_adapters.users import AnonymousUser, User, UserModel, Users, quoted

Fetch = Callable[..., Awaitable[Sequence[Any]]]
MOST_HINTS = 20_000
"""Sessions whose user is remembered between requests, to ask for both at once."""


class Visit:
    """One request's visitor. `user` and `messages` count as used, and so vary the answer, once they are looked at."""

    def __init__(
        self,
        cookies: Mapping[str, str],
        session: Session,
        messages: Messages,
        protection: Protection,
        verdict: Verdict,
        visits: "Visits",
    ) -> None:
        self.cookies, self.session, self.messages, self.protection = cookies, session, messages, protection
        self._verdict, self._visits = verdict, visits
        self._looked = False

    @property
    def user(self) -> User | AnonymousUser:
        self._looked = True
        return self._verdict.user

    def csrf_token(self) -> str:
        """A token for a form; the answer sets the cookie."""
        return self.protection.token()

    def refusal(self, method: str, *, headers: Mapping[str, str], secure: bool, server: str, field: str) -> str | None:
        """Why a request must be answered 403, None if it may go on; header names are in lower case."""
        settings = self._visits.settings
        port = server.rpartition(":")[2] if server.rpartition(":")[2].isdigit() else ("443" if secure else "80")
        request = Submission(
            method,
            allowed_host(headers, settings, server),
            secure,
            asked_port(headers, settings, port),
            headers.get("origin"),
            headers.get("referer"),
            headers.get(self._visits.csrf.header_name),
            field,
        )
        return self.protection.refusal(request)

    async def login(self, pk: Any, backend: str) -> User:
        """Sign a user in, for this answer on, and note the time. Raises LookupError if the user is gone."""
        authentication = self._visits.authentication
        user = await authentication.users.by_pk(pk)
        if user is None:
            raise LookupError(f"there is no user {pk}")
        await authentication.login(self.session, user, backend)
        await note_login(self._visits.fetch, user)
        self._verdict = Verdict(user)
        self.protection.rotate()
        return user

    async def logout(self) -> None:
        await self._visits.authentication.logout(self.session)
        self._verdict = Verdict(ANONYMOUS)

    async def keep_session(self) -> None:
        """The user's password has been changed: this session goes on, under a new key, and the others end."""
        user = await self._visits.authentication.users.by_pk(self._verdict.user.pk)
        if user is not None:
            await self._visits.authentication.keep_session(self.session, user)
            self._verdict = Verdict(user)

    async def close(self, status: int = 200) -> Closing:
        """Save what has changed. May raise SessionInterrupted: answer 400, as Django does."""
        if self._looked:
            self.session.accessed = True
            await self._visits.authentication.apply(self.session, self._verdict)
        kept = [await self.messages.close(), self.protection.close()]
        name = self._visits.settings.session_cookie_name
        kept.append(await self.session.close(status, had_cookie=name in self.cookies))
        return Closing(tuple(cookie for one in kept for cookie in one.cookies), any(one.vary for one in kept))


class Visits:
    """The visits of one site. `store` holds its sessions, wherever they lie."""

    def __init__(
        self,
        store: Store,
        authentication: Authentication,
        notices: Notices,
        csrf: Csrf,
        settings: LegacySettings,
        fetch: Fetch,
    ) -> None:
        self.store, self.authentication, self.settings = store, authentication, settings
        self.csrf, self.fetch, self._notices = csrf, fetch, notices
        self._users = authentication.users
        self._redis: Redis | None = None
        self._hints: dict[str, Any] = {}
        self._at_once: Callable[[str, Any], Any] | None = None
        if isinstance(store, DatabaseStore):
            model = self._users.model
            statement = f"""
                SELECT (SELECT session_data FROM {store.table} WHERE session_key = $1 AND expire_date > $2),
                       {model.selected}
                FROM (SELECT) AS one LEFT JOIN {quoted(model.table)} u ON {model.where_pk % "$3"}"""  # noqa: S608
            fetch, now = store.fetch, store.now
            self._at_once = lambda key, pk: fetch(statement, key, now(), pk)

    @classmethod
    def of(cls, manifest: Manifest, keys: Keys, fetch: Fetch, redis: Redis | None = None) -> "Visits":
        """The visits of the site that a manifest describes. Raises SettingsError with what to configure.

        `fetch(statement, *values)` asks the site's PostgreSQL; `redis` is needed where its sessions are in Redis.
        """
        settings = manifest.settings

        def cache(alias: str) -> SharedCache:
            return shared_cache(alias, manifest.caches, fetch=fetch, redis=redis)

        store = session_store(settings, keys, fetch, cache)
        users = Users(fetch, UserModel.of(manifest))
        site = cls(
            store, Authentication(users, settings, keys), Notices(settings, keys), Csrf(settings), settings, fetch
        )
        site._redis = redis
        return site

    async def close(self) -> None:
        """Close the connections to Redis, if there are any."""
        if self._redis is not None:
            await self._redis.aclose()

    async def visit(self, cookie: str) -> Visit:
        """The visit of a request with this `Cookie` header."""
        cookies = parse_cookies(cookie) if cookie else {}
        session = Session(self.store, self.settings, cookies.get(self.settings.session_cookie_name))
        user = await self._read(session)
        verdict = self.authentication.judge(session, user)
        session.accessed = False
        messages = await self._notices.open(cookies, session)
        return Visit(cookies, session, messages, self.csrf.open(cookies, session), verdict, self)

    async def _read(self, session: Session) -> User | None:
        """Load the session, and the user it names."""
        key = session.key
        if key is None:
            await session.load()
            return None
        hint = self._hints.get(key)
        user = None
        if hint is not None and self._at_once is not None and isinstance(self.store, DatabaseStore):
            rows = await self._at_once(key, hint)
            session.take(self.store.stored(rows))
            user = self._users.first(rows, skip=1)
        else:
            await session.load()
        claimed = self.authentication.claimed(session)
        if claimed is None:
            self._hints.pop(key, None)
            return None
        if claimed != hint:
            self._remember(key, claimed)
            user = await self._users.by_pk(claimed)
        return user

    def _remember(self, key: str, pk: Any) -> None:
        if len(self._hints) >= MOST_HINTS:
            self._hints.pop(next(iter(self._hints)))
        self._hints[key] = pk

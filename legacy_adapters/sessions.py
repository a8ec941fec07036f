"""Sessions that Django and the new side read and write at the same time (django/contrib/sessions/).

A `Session` is read when it is first asked for, and written only when a handler asks. It keeps these promises:

1. A save replaces what was read and nothing else. If somebody else wrote meanwhile, the keys changed here are merged
   into what they wrote, and the save is tried again: no change of either side is lost.
2. A session that is gone stays gone: saving it raises `SessionInterrupted`, which Django answers with 400.
3. A key that a visitor brings and no store knows is never used for a new session.
4. Logging in moves the data to a new key; logging out deletes it.

`close()` is what Django's middleware does with the answer: saves, sets or deletes the cookie, says `Vary: Cookie`.
"""

import secrets
import string
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from legacy_adapters.cookies import delete_cookie, set_cookie
from legacy_adapters.errors import LegacyError
from legacy_adapters.settings import LegacySettings

KEY_LETTERS = string.ascii_lowercase + string.digits
KEY_LENGTH, SHORTEST_KEY = 32, 8
EXPIRY = "_session_expiry"
USER_ID = "_auth_user_id"
MOST_TRIES = 100
"""Saves of one session that may be overtaken before the last one gives up."""
Data = dict[str, Any]


class SessionInterrupted(LegacyError):
    """The session was deleted while the request ran, by a logout for example. Answer 400, as Django does."""


class SessionBusy(LegacyError):
    """A session is written to faster than it can be read. Answer 503."""


class NotLoaded(LegacyError):
    """A session was asked for its content before `await session.load()`."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A session as a store holds it. `raw` is what `Store.decode` reads; `seen` is what a save may replace, None
    where that has to be asked for first. `key` is set by a store that makes its own.
    """

    data: Data
    raw: str | bytes
    seen: str | bytes | None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Expiry:
    """When a session ends: in `age` seconds, at `date`."""

    age: int
    date: datetime


class Store(Protocol):
    """An engine. Writing methods return what is stored now, None if they stored nothing."""

    async def load(self, key: str) -> Stored | None:
        """The session, for reading: None if it has expired or never was."""

    async def newest(self, key: str) -> Stored | None:
        """The session as it has to be replaced."""

    async def replace(self, key: str, seen: str | bytes, data: Data, expiry: Expiry) -> Stored | None:
        """Store new data in place of exactly what was seen."""

    async def create(self, key: str, data: Data, expiry: Expiry, *, old: str | None, must: bool) -> Stored | None:
        """Store under a new key and delete the old one; with `must`, only if the old one was there."""

    async def delete(self, key: str) -> None: ...

    def decode(self, raw: str | bytes) -> Data: ...


@dataclass(frozen=True, slots=True)
class Closing:
    """What a session adds to an answer: values of `Set-Cookie`, and whether it varies on `Cookie`."""

    cookies: tuple[str, ...] = ()
    vary: bool = False


class Session:
    """One visitor's session during one request: a mapping, once it is loaded."""

    def __init__(
        self, store: Store, settings: LegacySettings, key: str | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self.key = key if key and len(key) >= SHORTEST_KEY and "\0" not in key else None
        self.accessed = False
        self.modified = False
        self._data: Data | None = None
        self._stored: Stored | None = None
        self._moved_from: str | None = None

    # Reading

    async def load(self) -> "Session":
        if self._data is None:
            self.take(await self._store.load(self.key) if self.key else None)
        self.accessed = True
        return self

    def take(self, stored: Stored | None) -> None:
        """Become what a store has been asked for already."""
        self._stored = stored
        self._data = dict(stored.data) if stored else {}
        self.accessed = True
        if stored is None:
            self.key = None

    @property
    def data(self) -> Data:
        if self._data is None:
            raise NotLoaded("await session.load() first")
        self.accessed = True
        return self._data

    def __getitem__(self, name: str) -> Any:
        return self.data[name]

    def __contains__(self, name: str) -> bool:
        return name in self.data

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def get(self, name: str, default: Any = None) -> Any:
        return self.data.get(name, default)

    @property
    def is_empty(self) -> bool:
        """No key and no data: the cookie, if there is one, goes."""
        return not self.key and not self._moved_from and not self._data

    # Changing; a change inside a value shows only if `modified` is set, as in Django

    def __setitem__(self, name: str, value: Any) -> None:
        self.data[name] = value
        self.modified = True

    def __delitem__(self, name: str) -> None:
        del self.data[name]
        self.modified = True

    def pop(self, name: str, default: Any = None) -> Any:
        self.modified = self.modified or name in self.data
        return self.data.pop(name, default)

    def update(self, values: Mapping[str, Any]) -> None:
        self.data.update(values)
        self.modified = True

    def setdefault(self, name: str, value: Any) -> Any:
        if name not in self.data:
            self[name] = value
        return self.data[name]

    async def cycle(self) -> None:
        """Move the data to a new key when it is saved. A signed-in session moves only if it is still there."""
        await self.load()
        self._moved_from = self.key or self._moved_from
        self.key = None
        self.modified = True

    async def flush(self) -> None:
        """Delete the session, data and key."""
        for key in filter(None, (self.key, self._moved_from)):
            await self._store.delete(key)
        self.key = self._moved_from = self._stored = None
        self._data = {}
        self.accessed = self.modified = True

    # Expiry

    def set_expiry(self, value: float | datetime | timedelta | None) -> None:
        """Seconds without use, 0 until the browser closes, a time, or None for the site's own rule."""
        if value is None:
            self.pop(EXPIRY)
            return
        if isinstance(value, timedelta):
            value = self._now() + value
        self[EXPIRY] = value.isoformat() if isinstance(value, datetime) else value

    def expiry(self) -> Expiry:
        return expiry_of(self.data, self._settings, self._now())

    @property
    def ends_with_browser(self) -> bool:
        wanted = self.get(EXPIRY)
        return self._settings.session_expire_at_browser_close if wanted is None else bool(wanted == 0)

    # Writing

    async def save(self) -> None:
        """Store the session. Raises SessionInterrupted if it has been deleted since it was read."""
        await self.load()
        if self.key is None:
            await self._create()
            return
        before = self._store.decode(self._stored.raw) if self._stored else {}
        ours = self.data
        await self._replace(lambda theirs: merged(before, ours, theirs), first=ours)

    async def amend(self, change: Callable[[Data], None]) -> None:
        """Apply a change to the newest data and store it; again, if somebody else was faster. For counting.

        Other changes made here and not saved yet are saved too.
        """
        if self.modified or self.key is None:
            await self.load()
            change(self.data)
            await self.save()
            return

        def changed(theirs: Data) -> Data:
            change(theirs)
            return theirs

        await self._replace(changed)

    async def _replace(self, change: Callable[[Data], Data], first: Data | None = None) -> None:
        assert self.key is not None
        found = self._stored if first is not None and self._stored and self._stored.seen is not None else None
        data = first or {}
        for _ in range(MOST_TRIES):
            if found is None:
                found = await self._store.newest(self.key)
                if found is None:
                    raise SessionInterrupted("the session was deleted before the request completed")
                data = change(found.data)
            assert found.seen is not None
            stored = await self._store.replace(self.key, found.seen, data, expiry_of(data, self._settings, self._now()))
            if stored is not None:
                self._stored, self._data, self.modified = stored, data, False
                self.key = stored.key or self.key
                return
            found = None
        raise SessionBusy(f"a session was written to {MOST_TRIES} times while it was being saved")

    async def _create(self) -> None:
        key = "".join(secrets.choice(KEY_LETTERS) for _ in range(KEY_LENGTH))
        was_signed_in = self._moved_from is not None and USER_ID in (
            self._store.decode(self._stored.raw) if self._stored else {}
        )
        stored = await self._store.create(key, self.data, self.expiry(), old=self._moved_from, must=was_signed_in)
        if stored is None:
            raise SessionInterrupted("the session was deleted before it could move to a new key")
        self.key, self._moved_from, self._stored, self.modified = stored.key or key, None, stored, False

    # The answer

    async def close(self, status: int, *, had_cookie: bool) -> Closing:
        """What the answer with this status carries (django/contrib/sessions/middleware.py: process_response())."""
        settings = self._settings
        place: dict[str, Any] = {
            "path": settings.session_cookie_path,
            "domain": settings.session_cookie_domain,
            "samesite": settings.session_cookie_samesite,
        }
        if had_cookie and self.is_empty:
            return Closing((delete_cookie(settings.session_cookie_name, **place),), True)
        wanted = self.modified or settings.session_save_every_request
        if not wanted or self.is_empty or status >= 500:
            return Closing(vary=self.accessed)
        await self.load()
        if self.is_empty:
            return Closing(vary=True)
        await self.save()
        assert self.key is not None
        cookie = set_cookie(
            settings.session_cookie_name,
            self.key,
            max_age=None if self.ends_with_browser else self.expiry().age,
            secure=settings.session_cookie_secure,
            httponly=settings.session_cookie_httponly,
            clock=self._clock,
            **place,
        )
        return Closing((cookie,), True)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def merged(before: Data, ours: Data, theirs: Data) -> Data:
    """Their data with our changes since `before`: keys set here, keys deleted here."""
    kept = {name: value for name, value in theirs.items() if name in ours or name not in before}
    changed = {name: value for name, value in ours.items() if name not in before or before[name] != value}
    return {**kept, **changed}


def expiry_of(data: Mapping[str, Any], settings: LegacySettings, now: datetime) -> Expiry:
    """When a session with this data ends (django/contrib/sessions/backends/base.py: get_expiry_age(), …_date())."""
    wanted = data.get(EXPIRY)
    if isinstance(wanted, str):
        wanted = datetime.fromisoformat(wanted)
    if isinstance(wanted, datetime):
        if wanted.tzinfo is None:
            wanted = wanted.replace(tzinfo=ZoneInfo(settings.time_zone or "UTC"))
        left = wanted - now
        return Expiry(left.days * 86400 + left.seconds, wanted)
    age = wanted or settings.session_cookie_age
    return Expiry(int(age), now + timedelta(seconds=age))

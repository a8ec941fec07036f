"""The engines of Django's sessions: where they lie, and in which form.

`session_store` finds the engine and the serializer that the manifest's settings name. One that is not Django's own is
refused, unless the caller says which of Django's it behaves like.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from legacy_adapters.sessions import Data, Expiry, Stored
from legacy_adapters.signing import JSON, BadSignature, Keys, Serializer, dumps, loads

Fetch = Callable[..., Awaitable[Sequence[Any]]]
SALT = "django.contrib.sessions.SessionStore"
"""The same for every engine of Django's own: the classes share a name. A subclass of another name has another salt."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Format:
    """Session data as text: signed, compressed where that is shorter (SessionBase.encode(), decode())."""

    keys: Keys
    salt: str = SALT
    serializer: Serializer = JSON
    clock: Callable[[], float] = time.time

    def encode(self, data: Data) -> str:
        return dumps(data, self.keys, self.salt, serializer=self.serializer, compress=True, clock=self.clock)

    def decode(self, text: str) -> Data:
        """The data; none where the signature is not ours. Its age is not asked: the row's is."""
        try:
            data = loads(text, self.keys, self.salt, serializer=self.serializer)
        except BadSignature as error:
            _log.warning("session data corrupted: %s", error)
            return {}
        return data if isinstance(data, dict) else {}


class DatabaseStore:
    """`django.contrib.sessions.backends.db`. `fetch(statement, *values)` asks PostgreSQL; each statement is whole."""

    def __init__(self, fetch: Fetch, format: Format, table: str = "django_session") -> None:
        self._fetch, self._format = fetch, format
        self.table = '"' + table.replace('"', '""') + '"'
        self._load = f"SELECT session_data FROM {self.table} WHERE session_key = $1 AND expire_date > $2"  # noqa: S608
        self._newest = f"SELECT session_data FROM {self.table} WHERE session_key = $1"  # noqa: S608
        self._replace = f"""
            UPDATE {self.table} SET session_data = $3, expire_date = $4
            WHERE session_key = $1 AND session_data = $2 RETURNING session_key"""  # noqa: S608
        self._create = f"""
            WITH old AS (DELETE FROM {self.table} WHERE session_key = $4 RETURNING session_key)
            INSERT INTO {self.table} (session_key, session_data, expire_date)
            SELECT $1, $2, $3 WHERE NOT $5::boolean OR EXISTS (SELECT FROM old)
            ON CONFLICT DO NOTHING RETURNING session_key"""  # noqa: S608
        self._delete = f"DELETE FROM {self.table} WHERE session_key = $1"  # noqa: S608

    async def load(self, key: str) -> Stored | None:
        return self.stored(await self._fetch(self._load, key, self.now()))

    async def newest(self, key: str) -> Stored | None:
        return self.stored(await self._fetch(self._newest, key))

    async def replace(self, key: str, seen: str | bytes, data: Data, expiry: Expiry) -> Stored | None:
        text = self._format.encode(data)
        return Stored(data, text, text) if await self._fetch(self._replace, key, seen, text, expiry.date) else None

    async def create(self, key: str, data: Data, expiry: Expiry, *, old: str | None, must: bool) -> Stored | None:
        text = self._format.encode(data)
        made = await self._fetch(self._create, key, text, expiry.date, old, must)
        return Stored(data, text, text) if made else None

    async def delete(self, key: str) -> None:
        await self._fetch(self._delete, key)

    def decode(self, raw: str | bytes) -> Data:
        return self._format.decode(raw if isinstance(raw, str) else raw.decode())

    def stored(self, rows: Sequence[Any]) -> Stored | None:
        """The session in the first column of a row."""
        if not rows or rows[0][0] is None:
            return None
        text = rows[0][0]
        return Stored(self._format.decode(text), text, text)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._format.clock(), UTC)


class SignedCookieStore:
    """`django.contrib.sessions.backends.signed_cookies`: the key is the data. Nothing can be replaced or taken
    back: the last answer wins, and a copy of the cookie outlives a logout, as in Django.
    """

    SALT = "django.contrib.sessions.backends.signed_cookies"

    def __init__(self, format: Format, max_age: int = 1209600) -> None:
        self._format, self._max_age = replace(format, salt=self.SALT), max_age

    async def load(self, key: str) -> Stored | None:
        format = self._format
        try:
            data = loads(
                *(key, format.keys, format.salt),
                serializer=format.serializer,
                max_age=self._max_age,
                clock=format.clock,
            )
        except BadSignature:
            return None
        return Stored(data, key, key) if isinstance(data, dict) else None

    async def newest(self, key: str) -> Stored | None:
        return await self.load(key)

    async def replace(self, key: str, seen: str | bytes, data: Data, expiry: Expiry) -> Stored | None:
        text = self._format.encode(data)
        return Stored(data, text, text, key=text)

    async def create(self, key: str, data: Data, expiry: Expiry, *, old: str | None, must: bool) -> Stored | None:
        return await self.replace(key, "", data, expiry)

    async def delete(self, key: str) -> None:
        return None

    def decode(self, raw: str | bytes) -> Data:
        return self._format.decode(raw if isinstance(raw, str) else raw.decode())

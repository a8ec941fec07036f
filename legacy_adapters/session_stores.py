"""The engines of Django's sessions that share a store: where they lie, and in which form.

`session_store` finds the engine and the serializer that the manifest's settings name. One that is not Django's own is
refused, unless the caller says which of Django's it behaves like.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from legacy_adapters.errors import SettingsError
from legacy_adapters.session_files import SALT, FileStore, Format, SignedCookieStore
from legacy_adapters.sessions import Data, Expiry, Store, Stored
from legacy_adapters.settings import LegacySettings
from legacy_adapters.shared_cache import PickleSerializer, SharedCache, to_pickle, unpickle
from legacy_adapters.signing import JSON, Keys, Serializer

Fetch = Callable[..., Awaitable[Sequence[Any]]]
ENGINES = "django.contrib.sessions.backends"
SERIALIZERS: Mapping[str, Serializer] = {
    "django.contrib.sessions.serializers.JSONSerializer": JSON,
    "django.core.signing.JSONSerializer": JSON,
    "django.contrib.sessions.serializers.PickleSerializer": PickleSerializer(),
}
_log = logging.getLogger(__name__)


class DatabaseStore:
    """`django.contrib.sessions.backends.db`. `fetch(statement, *values)` asks PostgreSQL; each statement is whole."""

    def __init__(self, fetch: Fetch, format: Format, table: str = "django_session") -> None:
        self.fetch, self._format = fetch, format
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
        return self.stored(await self.fetch(self._load, key, self.now()))

    async def newest(self, key: str) -> Stored | None:
        return self.stored(await self.fetch(self._newest, key))

    async def replace(self, key: str, seen: str | bytes, data: Data, expiry: Expiry) -> Stored | None:
        text = self._format.encode(data)
        return Stored(data, text, text) if await self.fetch(self._replace, key, seen, text, expiry.date) else None

    async def create(self, key: str, data: Data, expiry: Expiry, *, old: str | None, must: bool) -> Stored | None:
        text = self._format.encode(data)
        made = await self.fetch(self._create, key, text, expiry.date, old, must)
        return Stored(data, text, text) if made else None

    async def delete(self, key: str) -> None:
        await self.fetch(self._delete, key)

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


class CacheStore:
    """`django.contrib.sessions.backends.cache`: a pickle in the cache, and nowhere else."""

    PREFIX = "django.contrib.sessions.cache"

    def __init__(self, cache: SharedCache) -> None:
        self._cache = cache

    async def load(self, key: str) -> Stored | None:
        raw = await self._cache.get(self.PREFIX + key)
        try:
            return None if raw is None else Stored(self.decode(raw), raw, raw)
        except ValueError as error:
            _log.warning("a session in the cache is unreadable: %s", error)
            return None

    async def newest(self, key: str) -> Stored | None:
        return await self.load(key)

    async def replace(self, key: str, seen: str | bytes, data: Data, expiry: Expiry) -> Stored | None:
        assert isinstance(seen, bytes)
        raw = to_pickle(data)
        done = await self._cache.replace(self.PREFIX + key, seen, raw, expiry.age)
        return Stored(data, raw, raw) if done else None

    async def create(self, key: str, data: Data, expiry: Expiry, *, old: str | None, must: bool) -> Stored | None:
        raw = to_pickle(data)
        before = self.PREFIX + old if old else None
        done = await self._cache.create(self.PREFIX + key, raw, expiry.age, old=before, must=must)
        return Stored(data, raw, raw) if done else None

    async def delete(self, key: str) -> None:
        await self._cache.delete(self.PREFIX + key)

    def decode(self, raw: str | bytes) -> Data:
        data = unpickle(raw if isinstance(raw, bytes) else raw.encode())
        if not isinstance(data, dict):
            raise ValueError(f"the cache holds {type(data).__name__} where a session was expected")
        return data


class CachedDatabaseStore:
    """`django.contrib.sessions.backends.cached_db`: the row counts, the cache answers first.

    A write deletes the cached copy. Django fills it again when it reads, and two writers cannot leave the older one's.
    """

    PREFIX = "django.contrib.sessions.cached_db"

    def __init__(self, rows: DatabaseStore, cache: SharedCache) -> None:
        self._rows, self._cache = rows, cache

    async def load(self, key: str) -> Stored | None:
        try:
            raw = await self._cache.get(self.PREFIX + key)
        except OSError as error:
            _log.warning("the session cache does not answer: %s", error)
            raw = None
        if raw is not None:
            try:
                return Stored(self.decode(raw), raw, None)
            except ValueError as error:
                _log.warning("a session in the cache is unreadable: %s", error)
        return await self._rows.load(key)

    async def newest(self, key: str) -> Stored | None:
        return await self._rows.newest(key)

    async def replace(self, key: str, seen: str | bytes, data: Data, expiry: Expiry) -> Stored | None:
        stored = await self._rows.replace(key, seen, data, expiry)
        if stored is not None:
            await self._cache.delete(self.PREFIX + key)
        return stored

    async def create(self, key: str, data: Data, expiry: Expiry, *, old: str | None, must: bool) -> Stored | None:
        stored = await self._rows.create(key, data, expiry, old=old, must=must)
        if old is not None:
            await self._cache.delete(self.PREFIX + old)
        return stored

    async def delete(self, key: str) -> None:
        await self._rows.delete(key)
        await self._cache.delete(self.PREFIX + key)

    def decode(self, raw: str | bytes) -> Data:
        return self._rows.decode(raw) if isinstance(raw, str) else CacheStore.decode(CacheStore(self._cache), raw)


def session_store(
    settings: LegacySettings,
    keys: Keys,
    fetch: Fetch,
    cache: Callable[[str], SharedCache] | None = None,
    *,
    like: Mapping[str, str] | None = None,
    serializers: Mapping[str, Serializer] | None = None,
    salt: str = SALT,
) -> Store:
    """The store that SESSION_ENGINE and SESSION_SERIALIZER name.

    `cache` opens a cache by its alias. `like` says of an engine that is not Django's which of Django's it behaves like;
    its `salt` is "django.contrib.sessions." and the name of its class.
    """
    known = {**SERIALIZERS, **(serializers or {})}
    if settings.session_serializer not in known:
        raise SettingsError(
            f"SESSION_SERIALIZER is {settings.session_serializer}: hand in session_store(serializers=…) for it"
        )
    format = Format(keys, salt, known[settings.session_serializer])
    engine = (like or {}).get(settings.session_engine, settings.session_engine)
    if engine == f"{ENGINES}.db":
        return DatabaseStore(fetch, format)
    if engine == f"{ENGINES}.signed_cookies":
        return SignedCookieStore(format, settings.session_cookie_age)
    if engine == f"{ENGINES}.file":
        return FileStore(format, settings)
    if engine in (f"{ENGINES}.cache", f"{ENGINES}.cached_db") and cache is not None:
        shared = cache(settings.session_cache_alias)
        is_cache = engine == f"{ENGINES}.cache"
        return CacheStore(shared) if is_cache else CachedDatabaseStore(DatabaseStore(fetch, format), shared)
    raise SettingsError(
        f"SESSION_ENGINE is {settings.session_engine}: say in session_store(like=…) which of Django's it behaves like"
        + ("" if cache else ", and hand in its cache")
    )

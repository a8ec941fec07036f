"""Sessions in Django's cache: the keys and pickles of its Redis and database caches (django/core/cache/backends/).

A pickle from a cache that others can write to is a program. `unpickle` builds plain values and a few classes that
sessions hold, and refuses everything else by name: nothing that a pickle names is ever imported or called.
"""

import base64
import binascii
import datetime
import decimal
import io
import pickle
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from legacy_adapters.errors import LegacyError, SettingsError

Fetch = Callable[..., Awaitable[Sequence[Any]]]
ALLOWED: Mapping[tuple[str, str], Any] = {
    **{("builtins", kind.__name__): kind for kind in (set, frozenset)},
    **{("datetime", kind.__name__): kind for kind in (datetime.datetime, datetime.date, datetime.time)},
    **{("datetime", kind.__name__): kind for kind in (datetime.timedelta, datetime.timezone)},
    ("decimal", "Decimal"): decimal.Decimal,
    ("uuid", "UUID"): uuid.UUID,
    ("collections", "OrderedDict"): OrderedDict,
}
"""What a session of Django's may hold beside plain values. None of them does anything but exist."""
REDIS = frozenset({"django.core.cache.backends.redis.RedisCache", "django_redis.cache.RedisCache"})
DATABASE = "django.core.cache.backends.db.DatabaseCache"
CREATE = """
if ARGV[1] == '1' and redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
if not redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3], 'NX') then return 0 end
if KEYS[2] ~= '' then redis.call('DEL', KEYS[2]) end
return 1"""
REPLACE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1"""


class ForeignPickle(LegacyError):
    """A pickle names a class that no session needs. The message says which; legacy can serve this visitor."""


class SharedCache(Protocol):
    """Values by key, as Django's cache stores them. Every method is one step for everybody else."""

    async def get(self, key: str) -> bytes | None: ...

    async def create(self, key: str, value: bytes, age: int, *, old: str | None, must: bool) -> bool:
        """Store under a key that is free, and delete the old one; with `must`, only if that was there."""

    async def replace(self, key: str, seen: bytes, value: bytes, age: int) -> bool: ...

    async def delete(self, key: str) -> None: ...


class Redis(Protocol):
    """What is used of `redis.asyncio.Redis`."""

    def get(self, name: Any) -> Awaitable[Any]: ...

    def delete(self, *names: Any) -> Awaitable[Any]: ...

    def aclose(self) -> Awaitable[None]: ...

    def eval(self, script: str, numkeys: int, *keys_and_args: Any) -> Awaitable[Any]: ...


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return ALLOWED[module, name]
        except KeyError:
            raise ForeignPickle(f"a session in the cache holds {module}.{name}: keep plain values there") from None

    def persistent_load(self, pid: Any) -> Any:
        raise ForeignPickle("a session in the cache holds a persistent id: keep plain values there")


def unpickle(data: bytes) -> Any:
    """The plain value in a pickle. Raises ForeignPickle for a class, ValueError for what is no pickle."""
    try:
        return _Plain(io.BytesIO(data)).load()
    except ForeignPickle:
        raise
    except Exception as error:  # a broken pickle raises whatever its broken part makes of it
        raise ValueError(f"not a pickle: {error}") from error


def to_pickle(value: Any) -> bytes:
    return pickle.dumps(value, protocol=5)


class PickleSerializer:
    """Django's of that name, up to 4.2, without its danger."""

    def dumps(self, value: Any) -> bytes:
        return to_pickle(value)

    def loads(self, data: bytes) -> Any:
        return unpickle(data)


class RedisCache:
    """Django's own Redis cache, and django-redis as it comes."""

    def __init__(self, redis: Redis, *, prefix: str = "", version: int = 1) -> None:
        self._redis = redis
        self._prefix = f"{prefix}:{version}:"

    async def get(self, key: str) -> bytes | None:
        found: bytes | None = await self._redis.get(self._prefix + key)
        return found

    async def create(self, key: str, value: bytes, age: int, *, old: str | None, must: bool) -> bool:
        before = self._prefix + old if old else ""
        return bool(await self._redis.eval(CREATE, 2, self._prefix + key, before, int(must), value, max(age, 1)))

    async def replace(self, key: str, seen: bytes, value: bytes, age: int) -> bool:
        return bool(await self._redis.eval(REPLACE, 1, self._prefix + key, seen, value, max(age, 1)))

    async def delete(self, key: str) -> None:
        await self._redis.delete(self._prefix + key)


class TableCache:
    """Django's database cache. `fetch(statement, *values)` asks PostgreSQL."""

    def __init__(self, fetch: Fetch, table: str = "django_cache_table", *, prefix: str = "", version: int = 1) -> None:
        self._fetch = fetch
        self._prefix = f"{prefix}:{version}:"
        quoted = '"' + table.replace('"', '""') + '"'
        until = "date_trunc('second', now()) + $3 * interval '1 second'"
        self._get = f"SELECT value FROM {quoted} WHERE cache_key = $1 AND expires >= now()"  # noqa: S608
        self._create = f"""
            WITH old AS (DELETE FROM {quoted} WHERE cache_key = $4 AND expires >= now() RETURNING cache_key)
            INSERT INTO {quoted} AS kept (cache_key, value, expires)
            SELECT $1, $2, {until} WHERE NOT $5::boolean OR EXISTS (SELECT FROM old)
            ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires
            WHERE kept.expires < now() RETURNING cache_key"""  # noqa: S608
        self._replace = f"""
            UPDATE {quoted} SET value = $2, expires = {until} WHERE cache_key = $1 AND value = $4 AND expires >= now()
            RETURNING cache_key"""  # noqa: S608
        self._delete = f"DELETE FROM {quoted} WHERE cache_key = $1"  # noqa: S608

    async def get(self, key: str) -> bytes | None:
        rows = await self._fetch(self._get, self._prefix + key)
        try:
            return base64.b64decode(rows[0][0]) if rows else None
        except binascii.Error:
            return None

    async def create(self, key: str, value: bytes, age: int, *, old: str | None, must: bool) -> bool:
        before = self._prefix + old if old else None
        text = base64.b64encode(value).decode()
        return bool(await self._fetch(self._create, self._prefix + key, text, age, before, must))

    async def replace(self, key: str, seen: bytes, value: bytes, age: int) -> bool:
        text, was = base64.b64encode(value).decode(), base64.b64encode(seen).decode()
        return bool(await self._fetch(self._replace, self._prefix + key, text, age, was))

    async def delete(self, key: str) -> None:
        await self._fetch(self._delete, self._prefix + key)


def shared_cache(
    alias: str, caches: Mapping[str, Mapping[str, Any]], *, fetch: Fetch | None = None, redis: Redis | None = None
) -> SharedCache:
    """The cache that a manifest's CACHES has under this name. One that two processes cannot share is refused."""
    told = caches.get(alias)
    if told is None:
        raise SettingsError(f"CACHES has no {alias!r}: run `bridge adopt` again")
    backend = told.get("BACKEND")
    prefix, version = str(told.get("KEY_PREFIX") or ""), int(told.get("VERSION") or 1)
    if backend in REDIS:
        if redis is None:
            raise SettingsError(f"CACHES[{alias!r}] is Redis: hand in a client for it")
        return RedisCache(redis, prefix=prefix, version=version)
    if backend == DATABASE and fetch is not None:
        return TableCache(fetch, str(told["LOCATION"]), prefix=prefix, version=version)
    raise SettingsError(
        f"CACHES[{alias!r}] is {backend}, which the new side cannot share: keep sessions in Redis or in the database"
    )

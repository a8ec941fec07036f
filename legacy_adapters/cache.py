"""Counters in Django's database cache: `(cache_key, value, expires)`, the value a base64 pickle.

Only lists of numbers are read and written. Anything else in the table (pickled models, menus, flags) is never loaded:
the unpickler knows no class at all. Writing is a compare-and-swap, so that two requests cannot lose a count between
them; it does not wait for the disk, so a crash of the server may lose those of its last half second.
"""

import base64
import binascii
import io
import pickle
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from legacy_adapters.errors import LegacyError

LONGEST_KEY = 255
CLEAN_EVERY = 60.0
"""Seconds between deletions of expired rows; Django deletes them only when it writes itself."""
Fetch = Callable[..., Awaitable[Sequence[Any]]]


class CacheError(LegacyError):
    """A cache entry that is not a list of numbers. Delete its row; Django makes a new one."""


@dataclass(frozen=True, slots=True)
class Count:
    """A counter as it was read; `seen` is the stored text, None where there was no row."""

    key: str
    times: tuple[float, ...] = ()
    seen: str | None = None


class _NumbersOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise CacheError(f"the cache holds {module}.{name} where numbers were expected")

    def persistent_load(self, pid: Any) -> Any:
        raise CacheError("the cache holds a persistent id where numbers were expected")


def load_numbers(text: str) -> tuple[float, ...]:
    """The list of numbers in a cache value."""
    try:
        value = _NumbersOnly(io.BytesIO(base64.b64decode(text))).load()
    except (
        pickle.UnpicklingError,
        EOFError,
        binascii.Error,
        ValueError,
        IndexError,
        KeyError,
        AttributeError,
    ) as error:
        raise CacheError(f"a cache value cannot be read: {error}") from error
    if not isinstance(value, list) or any(type(item) not in (int, float) for item in value):
        raise CacheError(f"the cache holds {type(value).__name__} where a list of numbers was expected")
    return tuple(value)


def dump_numbers(numbers: Sequence[float]) -> str:
    return base64.b64encode(pickle.dumps(list(numbers), protocol=5)).decode("ascii")


class DatabaseCounters:
    """Lists of numbers in a Django cache table. `fetch(statement, *values)` asks PostgreSQL in autocommit."""

    def __init__(self, fetch: Fetch, *, table: str = "django_cache_table", prefix: str = "", version: int = 1) -> None:
        self._fetch = fetch
        self._prefix = f"{prefix}:{version}:"
        quoted = '"' + table.replace('"', '""') + '"'
        self._load = (
            f"SELECT cache_key, value, expires >= now() AS fresh FROM {quoted} WHERE cache_key = ANY($1::text[])"  # noqa: S608
        )
        self._store = f"""
            INSERT INTO {quoted} AS kept (cache_key, value, expires)
            SELECT key, value, $3 FROM unnest($1::text[], $2::text[]) AS new (key, value),
                (SELECT set_config('synchronous_commit', 'off', true)) AS soon ORDER BY key
            ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires
            WHERE (kept.cache_key, kept.value) IN (SELECT * FROM unnest($1::text[], $4::text[]))
            RETURNING cache_key"""  # noqa: S608
        self._next_clean = 0.0
        self._clean = f"DELETE FROM {quoted} WHERE expires < now()"  # noqa: S608

    async def load(self, keys: Sequence[str]) -> list[Count]:
        """The counters of these keys, in this order; an unknown or expired one is empty."""
        rows = {row[0]: row for row in await self._fetch(self._load, [self._prefix + key for key in keys])}
        counts = []
        for key in keys:
            row = rows.get(self._prefix + key)
            times = load_numbers(row[1]) if row is not None and row[2] else ()
            counts.append(Count(key, times, row[1] if row is not None else None))
        return counts

    async def store(self, counts: Sequence[tuple[Any, Sequence[float]]], keep: int) -> set[str]:
        """Replace the times of each counter; returns the keys that had not changed since they were read.

        A key that is too long for the table counts as stored and is not kept, as in Django.
        """
        done = {count.key for count, _ in counts if len(self._prefix + count.key) > LONGEST_KEY}
        counts = [(count, times) for count, times in counts if count.key not in done]
        if not counts:
            return done
        expires = (datetime.now(UTC) + timedelta(seconds=keep)).replace(microsecond=0)
        keys = [self._prefix + count.key for count, _ in counts]
        values = [dump_numbers(times) for _, times in counts]
        stored = await self._fetch(self._store, keys, values, expires, [count.seen for count, _ in counts])
        if any(count.seen is None for count, _ in counts) and time.monotonic() >= self._next_clean:
            self._next_clean = time.monotonic() + CLEAN_EVERY
            await self._fetch(self._clean)
        return done | {row[0].removeprefix(self._prefix) for row in stored}

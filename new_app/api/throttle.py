"""Throttles whose counters both sides share.

Each library keeps a list of the times of recent requests under a key in Django's cache. `Counters` is where they
live; the composition root hands in Django's cache table. A request counts once, whichever side answers it.
"""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakValueDictionary

HOUR, DAY, WEEK = 3600, 86_400, 604_800
ATTEMPTS = 5
"""How often a count is tried again when another request counted in between; after that it goes uncounted, as in
Django.
"""


class Count(Protocol):
    """One counter as it was read."""

    @property
    def key(self) -> str: ...
    @property
    def times(self) -> Sequence[float]: ...


class Counters(Protocol):
    async def load(self, keys: Sequence[str]) -> Sequence[Count]:
        """The counters of these keys, in this order; an unknown or expired one is empty."""
        ...

    async def store(self, counts: Sequence[tuple[Count, Sequence[float]]], keep: int) -> set[str]:
        """Replace the times of each counter for `keep` seconds; returns the keys that had not changed since they
        were read.
        """
        ...


class Turns:
    """A lock per key, kept while somebody holds it: requests of this process do not race for one counter."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, key: str) -> asyncio.Lock:
        lock = self._locks.get(key)
        if lock is None:
            self._locks[key] = lock = asyncio.Lock()
        return lock


def v1_key(identifier: str) -> str:
    return "".join(c for c in identifier if c.isalnum() or c in "_.-") + "_accesses"


@dataclass(frozen=True, slots=True)
class HourlyThrottle:
    """v1: so many answered requests within an hour. Refused and failed ones do not count."""

    counters: Counters
    limit: int = 600
    clock: Callable[[], float] = time.time
    turns: Turns = field(default_factory=Turns)
    waiting: dict[str, int] = field(default_factory=dict)

    async def wait(self, key: str) -> tuple[int | None, Count]:
        """Seconds until the next request may come, or None where this one may; and the counter as it was."""
        now = int(self.clock())
        (count,) = await self.counters.load([key])
        recent = [moment for moment in count.times if moment >= now - HOUR]
        if len(recent) >= self.limit:
            return int(HOUR - (now - recent[-self.limit])), count
        return None, count

    async def count(self, count: Count) -> None:
        """Count an answered request. Those of one visitor that wait for each other are written together."""
        self.waiting[count.key] = self.waiting.get(count.key, 0) + 1
        async with self.turns.of(count.key):
            if number := self.waiting.pop(count.key, 0):
                await self._add(count, number)

    async def _add(self, count: Count, number: int) -> None:
        for _ in range(ATTEMPTS):
            now = int(self.clock())
            recent = [moment for moment in count.times if moment >= now - HOUR]
            if await self.counters.store([(count, [*recent, *[now] * number])], WEEK):
                return
            (count,) = await self.counters.load([count.key])


@dataclass(frozen=True, slots=True)
class Rate:
    scope: str
    limit: int
    period: int = DAY


ANONYMOUS = Rate("anon", 100)
USER = Rate("user", 3000)


@dataclass(frozen=True, slots=True)
class DailyThrottle:
    """v2: each rate counts every request that it lets pass, even where another rate refuses it."""

    counters: Counters
    clock: Callable[[], float] = time.time
    turns: Turns = field(default_factory=Turns)

    async def take(self, who: Sequence[tuple[Rate, str]]) -> int | None:
        """Count one request; None where it may pass, else the whole seconds to wait."""
        async with self.turns.of(who[-1][1]):
            return await self._take(who)

    async def _take(self, who: Sequence[tuple[Rate, str]]) -> int | None:
        pending = {f"throttle_{rate.scope}_{identity}": rate for rate, identity in who}
        refused: list[float | None] = []
        for _ in range(ATTEMPTS):
            now = self.clock()
            changed: list[tuple[Count, Sequence[float]]] = []
            for count in await self.counters.load(list(pending)):
                rate = pending[count.key]
                recent = [moment for moment in count.times if moment > now - rate.period]
                if len(recent) >= rate.limit:
                    refused.append(_remaining(recent, rate, now))
                    del pending[count.key]
                else:
                    changed.append((count, [now, *recent]))
            if not changed:
                break
            for key in await self.counters.store(changed, DAY):
                del pending[key]
            if not pending:
                break
        if not refused:
            return None
        return math.ceil(max((wait for wait in refused if wait is not None), default=0.0))


def _remaining(recent: Sequence[float], rate: Rate, now: float) -> float | None:
    """The time until the oldest request is forgotten, shared by the requests still free (there is one, then)."""
    free = rate.limit - len(recent) + 1
    return (rate.period - (now - recent[-1])) / free if free > 0 else None


def client_address(remote_addr: str, forwarded_for: str | None, proxies: int) -> str:
    """The visitor's address, counted from the right of X-Forwarded-For by the number of proxies that are ours."""
    if forwarded_for is None:
        return remote_addr
    hops = forwarded_for.split(",")
    return hops[-min(proxies, len(hops))].strip()

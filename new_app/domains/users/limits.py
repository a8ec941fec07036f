"""Limits: how often something may be tried, counted together with the legacy site.

django-allauth keeps a list of times, newest first, under a key in Django's cache. The same keys and lists are kept
here, so that nobody doubles a limit by asking both sides.
"""

import hashlib
import ipaddress
import time
from collections.abc import Sequence
from dataclasses import dataclass

from new_app.api.throttle import ATTEMPTS, Counters, Turns
from new_app.page import Forbidden
from new_app.request import Call

MINUTE = 60
TURNS = Turns()


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `amount` in `seconds`, for each visitor's address (`ip`), user (`user`) or what is tried (`key`)."""

    amount: int
    seconds: int
    per: str


RATES: dict[str, tuple[Rate, ...]] = {
    "login": (Rate(30, MINUTE, "ip"),),
    "login_failed": (Rate(10, MINUTE, "ip"), Rate(5, 300, "key")),
    "signup": (Rate(20, MINUTE, "ip"),),
    "reset_password": (Rate(20, MINUTE, "ip"), Rate(5, MINUTE, "key")),
    "reset_password_from_key": (Rate(20, MINUTE, "ip"),),
    "change_password": (Rate(5, MINUTE, "user"),),
    "manage_email": (Rate(10, MINUTE, "user"),),
    "confirm_email": (Rate(1, 180, "key"),),
    "reauthenticate": (Rate(10, MINUTE, "user"),),
}
"""django-allauth 65's own, which the site has not changed."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a try was counted as, to take it back: keys, seconds that they are kept, and the moment."""

    counted: tuple[tuple[str, int], ...]
    at: float


class Limits:
    def __init__(self, counters: Counters, call: Call) -> None:
        self._counters, self._call = counters, call

    async def use(self, action: str, *, key: str = "", user: object = None) -> Usage | None:
        """Count a try; None if it is one too many. As in allauth, rates before the one that refuses have counted."""
        now, counted = time.time(), []
        for rate in RATES[action]:
            name = self._name(action, rate, key, user)
            if not await self._count(name, rate, now):
                return None
            counted.append((name, rate.seconds))
        return Usage(tuple(counted), now)

    async def take_back(self, usage: Usage) -> None:
        """What was tried succeeded: only failures count."""
        for name, seconds in usage.counted:
            for _ in range(ATTEMPTS):
                [count] = await self._counters.load([name])
                if await self._counters.store([(count, [at for at in count.times if at != usage.at])], seconds):
                    break

    async def clear(self, action: str, *, key: str) -> None:
        """Forget every try, those of this visitor's address included, as allauth does."""
        for rate in RATES[action]:
            [count] = await self._counters.load([self._name(action, rate, key, None)])
            if count.times:
                await self._counters.store([(count, [])], 0)

    async def _count(self, name: str, rate: Rate, now: float) -> bool:
        async with TURNS.of(name):
            for _ in range(ATTEMPTS):
                [count] = await self._counters.load([name])
                times = recent(count.times, now - rate.seconds)
                if len(times) >= rate.amount:
                    return False
                if await self._counters.store([(count, [now, *times])], rate.seconds):
                    break
        return True

    def _name(self, action: str, rate: Rate, key: str, user: object) -> str:
        if rate.per == "ip":
            return f"allauth:rl:{action}:ip:{address(self._call)}"
        if rate.per == "user":
            return f"allauth:rl:{action}:user:{user}"
        return f"allauth:rl:{action}:{hashlib.sha256(key.encode()).hexdigest()}"


def recent(times: Sequence[float], since: float) -> list[float]:
    """The times, newest first, without the old ones at the end."""
    kept = [*times]
    while kept and kept[-1] <= since:
        kept.pop()
    return kept


def address(call: Call) -> str:
    """The visitor's IP address, as the legacy site reads it. Raises Forbidden for what is none."""
    said = (call.forwarded_for or "").split(",")[0] or call.remote_addr
    host, colon, port = said.rpartition(":")
    if colon and port.isdigit() and (host.startswith("[") or ":" not in host):
        said = host.strip("[]")
    try:
        return str(ipaddress.ip_address(said))
    except ValueError as error:
        raise Forbidden from error

"""Runner: ask both sides about every case and say how it went, one event per case.

Bounded on purpose: `concurrency` cases are under way, as many wait, and an observation is let go as soon as its event
is handled; a same answer carries none at all. Where a difference shows, legacy is asked a second time: what legacy does
not repeat itself is noise and is not held against new. Where new was asked and legacy answered in its place, legacy was
compared with itself: that is `given back`, never the same. Cases come from any iterable, also an endless one.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any

from parity.capture import SAFE, Ask, Case, Observation
from parity.clean import Rules
from parity.compare import compare
from parity.difference import Difference
from parity.likeness import Likeness, bytes_difference, in_the_tree, is_page
from parity.waivers import Accepted

THROTTLED = 429
"""Two sides that both refuse have shown nothing of the page: that must not pass as the same."""


class Result(StrEnum):
    SAME = "same"
    WAIVED = "waived"
    DIFFERS = "differs"
    NOISY = "noisy"
    GIVEN_BACK = "given back"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case, compared. `differences` are the unexplained ones; the observations are there unless it is the same.

    `given_back` is why legacy answered in new's place; differences found all the same make the result `differs`.
    `page` says how like the two are where legacy's answer is an HTML page that new answered itself.
    """

    case: Case
    result: Result
    differences: tuple[Difference, ...] = ()
    waived: tuple[tuple[Difference, str], ...] = ()
    noise: tuple[Difference, ...] = ()
    legacy: Observation | None = None
    new: Observation | None = None
    seconds: tuple[float, float] = (0.0, 0.0)
    given_back: str = ""
    page: Likeness | None = None

    @property
    def error(self) -> str:
        """Which side could not be asked, and why."""
        sides = (("legacy", self.legacy), ("new", self.new))
        return "; ".join(f"{name}: {side.error}" for name, side in sides if side is not None and side.error)


async def run(
    cases: AsyncIterable[Case] | Iterable[Case],
    *,
    legacy: Ask,
    new: Ask,
    rules: Rules,
    accepted: Accepted,
    concurrency: int = 8,
) -> AsyncGenerator[Outcome, None]:
    """Outcomes in the order in which they are ready."""
    waiting: asyncio.Queue[Case | None] = asyncio.Queue(concurrency)
    ready: asyncio.Queue[Outcome | BaseException | None] = asyncio.Queue(concurrency)

    async def produce() -> None:
        async for case in _each(cases):
            await waiting.put(case)
        for _ in range(concurrency):
            await waiting.put(None)

    async def work() -> None:
        while (case := await waiting.get()) is not None:
            await ready.put(await examine(case, legacy=legacy, new=new, rules=rules, accepted=accepted))

    async def all_of_it() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(produce())
                for _ in range(concurrency):
                    group.create_task(work())
        except BaseExceptionGroup as failed:
            await ready.put(failed.exceptions[0])
        await ready.put(None)

    task = asyncio.create_task(all_of_it())
    try:
        while (outcome := await ready.get()) is not None:
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _each(cases: AsyncIterable[Case] | Iterable[Case]) -> AsyncIterator[Case]:
    if isinstance(cases, AsyncIterable):
        async for case in cases:
            yield case
    else:
        for case in cases:
            yield case


async def examine(case: Case, *, legacy: Ask, new: Ask, rules: Rules, accepted: Accepted) -> Outcome:
    """One case through all steps: ask, compare, take noise away, match waivers."""
    accepted.see(case.route)
    if case.method in SAFE:
        old, fresh = await asyncio.gather(legacy.ask(case), new.ask(case))
    else:
        old, fresh = await legacy.ask(case), await new.ask(case)
    seconds = old.seconds, fresh.seconds
    if old.status == fresh.status == THROTTLED:
        old = replace(old, error="rate limited (429): clear its counters, ask as a known user, or as many (--visitors)")
    if old.error or fresh.error:
        return Outcome(case, Result.ERROR, legacy=old, new=fresh, seconds=seconds)
    why = rules.given_back(fresh)
    found = compare(old, fresh, rules=rules)
    is_own_page = is_page(old) and not why
    byte = bytes_difference(old, fresh, rules) if is_own_page else None
    if not found and byte is None:
        page = Likeness(Result.SAME, Result.SAME) if is_own_page else None
        return Outcome(case, Result.GIVEN_BACK if why else Result.SAME, seconds=seconds, given_back=why, page=page)
    # A request that changes something is not repeated to learn what is noise.
    again = await legacy.ask(case) if case.method in SAFE else old
    found, noise = without_noise(found, old, again, fresh, rules)
    status = f"{old.status} -> {fresh.status}" if old.status != fresh.status else ""
    left, waived = accepted.split(case, found, status)
    if is_own_page:
        bytes_result = _bytes(case, byte, (old, again, fresh), rules, partial(accepted.split, status=status))
        page = Likeness(_tree(left, waived, noise), bytes_result, byte)
        if rules.exact and byte and bytes_result is Result.DIFFERS:
            left.append(byte)
    else:
        page = None
    explained = Result.GIVEN_BACK if why else Result.WAIVED if waived else Result.NOISY if noise else Result.SAME
    result = Result.DIFFERS if left else explained
    if result is Result.SAME:
        return Outcome(case, result, seconds=seconds, page=page)
    return Outcome(case, result, tuple(left), tuple(waived), noise, old, fresh, seconds, why, page)


def _tree(left: list[Difference], waived: list[tuple[Difference, str]], noise: tuple[Difference, ...]) -> Result:
    if in_the_tree(left):
        return Result.DIFFERS
    if in_the_tree(difference for difference, _ in waived):
        return Result.WAIVED
    return Result.NOISY if in_the_tree(noise) else Result.SAME


def _bytes(
    case: Case,
    found: Difference | None,
    answers: tuple[Observation, Observation, Observation],
    rules: Rules,
    split: Callable[..., tuple[list[Difference], Any]],
) -> Result:
    """The second column: a waiver for it is of kind `HTML bytes`; what legacy does not repeat itself is noise."""
    if found is None:
        return Result.SAME
    old, again, fresh = answers
    restless = not again.error and bytes_difference(old, again, rules)
    if restless and (restless.location == found.location or not bytes_difference(again, fresh, rules)):
        return Result.NOISY
    left, _ = split(case, [found])
    return Result.DIFFERS if left else Result.WAIVED


def without_noise(
    found: tuple[Difference, ...], old: Observation, again: Observation, fresh: Observation, rules: Rules
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """What stays a difference, and what is noise: legacy contradicts itself there, or agrees with new when asked again.

    A place is a kind and a full location: a list whose third item flickers excuses nothing in its fifth.
    """
    if again.error:
        return found, ()
    restless = {(d.kind, d.location) for d in compare(old, again, rules=rules)}
    if not restless:
        return found, ()
    still = {(d.kind, d.location) for d in compare(again, fresh, rules=rules)}
    real = tuple(d for d in found if (at := (d.kind, d.location)) in still and at not in restless)
    return real, tuple(d for d in found if d not in real)

"""Memory: values made from the database, remembered until a table that they were made from changes.

    menu = await memory.get(("menu", name), lambda: load_menu(session, name))

Nobody lists tables: the statements that run while the value is made are traced (trace.py), and the change feed knows
what they read (feed.py). The promises, in this order:

1. **never older than the feed**: a value is gone when the change of one of its tables is heard, and a change that is
   heard while a value is being made keeps that value from being remembered;
2. while the feed is blind, nothing is remembered and every value is made afresh;
3. a value made from something that nobody tells of (a table without triggers, a view, the clock, whatever
   `trace.never` named) is not remembered; one made from the clock is, where `seconds` or `trace.lasts` bounds it;
4. requests that ask for the same value while it is made wait for the one that makes it (`get`), unless they came after
   a change that the making may have missed; a failure is theirs as well;
5. at most `room` bytes are taken, as `weight` reckons: what was not asked for longest goes first.

A value made from other remembered values depends on their tables too. Values are shared: whoever gets one must not
change it. A load asks its own questions: rows that its caller had loaded before are not in its trace. One memory
belongs to one event loop and is not for other threads.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from new_app import trace
from new_app.feed import Change, Feed
from new_app.trace import Trace

T = TypeVar("T")
_log = logging.getLogger(__name__)
ROOM = 64 * 2**20
OVERHEAD = 512
ASSUMED = 4096
"""What a value is reckoned to take that does not say so by `weight`."""
MOST_SAID = 100
PATIENCE = 5.0  # seconds that a request waits for another one's making before it makes its own


def weight(value: object) -> int:
    """The bytes that a value takes, roughly: its own reckoning, the length of a text, or an assumption."""
    own = getattr(value, "weight", None)
    if isinstance(own, int):
        return own
    return len(value) if isinstance(value, bytes | str) else ASSUMED


@dataclass(frozen=True, slots=True)
class Entry:
    """A remembered value; `until` is a moment of the monotonic clock."""

    value: Any
    tables: frozenset[str]
    until: float
    weight: int


class _Making:
    """A value that is being made: since which change, from what so far, how it ended, and who waits for that."""

    __slots__ = ("_ended", "began", "entry", "error", "made", "trace")

    def __init__(self, began: int) -> None:
        self.began, self.trace = began, Trace()
        self.entry: Entry | None = None
        self.error: Exception | None = None
        self.made = False
        self._ended: asyncio.Event | None = None

    async def wait(self) -> None:
        if self._ended is None:
            self._ended = asyncio.Event()
        await asyncio.wait_for(self._ended.wait(), PATIENCE)

    def end(self) -> None:
        if self._ended is not None:
            self._ended.set()


class Memory:
    """Remembered values of one process."""

    def __init__(self, feed: Feed, *, room: int = ROOM) -> None:
        self.feed, self.room, self.taken = feed, room, 0
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._made_from: dict[str, set[Hashable]] = {}
        self._makings: dict[Hashable, _Making] = {}
        self._changes = self._all_changed = 0
        self._changed: dict[str, int] = {}
        self._said: set[str] = set()
        feed.heed(self._hear)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._entries

    async def get(self, key: Hashable, load: Callable[[], Awaitable[T]], *, seconds: float | None = None) -> T:
        """The value under `key`, made by `load` where it is not remembered; it lives for `seconds` at most."""
        if (entry := self._find(key) or await self._wait(key)) is not None:
            return entry.value  # type: ignore[no-any-return]
        with self._making(key) as making:
            value = await load()
            self._keep(key, making, value, seconds)
        return value

    def get_now(self, key: Hashable, load: Callable[[], T], *, seconds: float | None = None) -> T:
        """As `get`, from sync code inside `run_sync`.

        It does not wait for somebody else's making: its caller may hold the connection that the other one needs.
        """
        if (entry := self._find(key)) is not None:
            return entry.value  # type: ignore[no-any-return]
        with self._making(key) as making:
            value = load()
            self._keep(key, making, value, seconds)
        return value

    def forget(self, key: Hashable) -> None:
        """As if `key` had never been asked for."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.taken -= entry.weight
            for table in entry.tables:
                self._made_from[table].discard(key)

    def _find(self, key: Hashable) -> Entry | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.until <= time.monotonic():
            self.forget(key)
            return None
        self._entries.move_to_end(key)
        if (around := trace.current()) is not None:
            around.take_remembered(entry.tables, entry.until)
        return entry

    async def _wait(self, key: Hashable) -> Entry | None:
        """What others make under `key` just now; None where it is for us to make."""
        while (making := self._makings.get(key)) is not None and self._is_untouched(making):
            try:
                await making.wait()
            except TimeoutError:
                return None
            around = trace.current()
            if making.error is not None:
                if around is not None:
                    around.take(making.trace)
                raise making.error
            if making.entry is not None:
                if around is not None:
                    around.take_remembered(making.entry.tables, making.entry.until)
                return making.entry
            if making.made:
                return None  # nobody may have it but the one it was made for
        return None

    @contextmanager
    def _making(self, key: Hashable) -> Iterator[_Making]:
        making = _Making(self._changes)
        if self.feed.sees:
            self._makings[key] = making
        try:
            with trace.tracing(making.trace):
                yield making
        except Exception as error:
            making.error = error
            raise
        finally:
            if self._makings.get(key) is making:
                del self._makings[key]
            making.end()
            if (around := trace.current()) is not None:
                if making.entry is None:
                    around.take(making.trace)
                else:
                    around.take_remembered(making.entry.tables, making.entry.until)

    def _keep(self, key: Hashable, making: _Making, value: object, seconds: float | None) -> None:
        """Remember a value, if anybody can tell when it will have changed."""
        making.made = True
        made = making.trace
        if seconds is not None:
            made.hold(seconds)
        reading = self.feed.reading(made.statements)
        why = made.refusal or reading.refusal
        if not why and (made.timed or reading.timed) and not made.bounded:
            why = "it asked the clock and says not for how long it holds"
        if why:
            self._say(key, why)
        if why or not self.feed.sees or not self._is_untouched(making):
            return
        entry = Entry(value, reading.tables | made.tables, made.until, OVERHEAD + weight(value))
        if entry.weight > self.room:
            return
        self.forget(key)
        self._entries[key] = making.entry = entry
        self.taken += entry.weight
        for table in entry.tables:
            self._made_from.setdefault(table, set()).add(key)
        while self.taken > self.room:
            self.forget(next(iter(self._entries)))

    def _say(self, key: Hashable, why: str) -> None:
        """Log a refusal once for each reason: whoever wonders why a page is slow finds it there."""
        if why not in self._said and len(self._said) < MOST_SAID:
            self._said.add(why)
            _log.info("%s and others like it are not remembered: %s", key, why)

    def _is_untouched(self, making: _Making) -> bool:
        """Has nothing changed, since it began, of what it was made from until now?"""
        if self._all_changed > making.began:
            return False
        if self._changes == making.began:
            return True
        tables = self.feed.reading(making.trace.statements).tables | making.trace.tables
        return all(self._changed.get(table, 0) <= making.began for table in tables)

    def _hear(self, change: Change) -> None:
        self._changes += 1
        if change.table is None:
            self._all_changed = self._changes
            self._entries.clear()
            self._made_from.clear()
            self._changed.clear()
            self.taken = 0
            return
        self._changed[change.table] = self._changes
        for key in [*self._made_from.get(change.table, ())]:
            self.forget(key)

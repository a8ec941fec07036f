"""Trace: which statements ran while a value was made, so that nobody has to list what the value depends on.

`Rows.fetch` and every engine of `db.py` say each statement to the trace of the current context, if there is one. Tasks
and threads that are started inside of it see the same trace. A parameter that is today, or within a minute of now,
means that the clock was asked. What a value owes to anything else is for its maker to say: `lasts` where it holds for
a time, `never` where it cannot be remembered at all.
"""

import math
import time
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from typing import Any

NOW = timedelta(minutes=1)
_current: ContextVar["Trace | None"] = ContextVar("trace", default=None)


class Trace:
    """What one value was made from. `until` is the moment, of the monotonic clock, up to which it holds; `timed` says
    that the clock was asked for it, `bounded` that its maker thought of that.
    """

    __slots__ = ("bounded", "refusal", "statements", "tables", "timed", "until")

    def __init__(self) -> None:
        self.statements: set[str] = set()
        self.tables: set[str] = set()
        self.until = math.inf
        self.refusal = ""
        self.timed = self.bounded = False

    def hold(self, seconds: float) -> None:
        self.bounded = True
        self.until = min(self.until, time.monotonic() + seconds)

    def take(self, other: "Trace") -> None:
        """This value was made from that one."""
        self.statements |= other.statements
        self.refusal = self.refusal or other.refusal
        self.timed = self.timed or (other.timed and not other.bounded)
        self.take_remembered(other.tables, other.until)

    def take_remembered(self, tables: Set[str], until: float) -> None:
        """This value was made from one whose tables are known."""
        self.tables |= tables
        self.until = min(self.until, until)


def current() -> Trace | None:
    return _current.get()


def saw(statement: str, values: Iterable[object] = ()) -> None:
    """A statement is about to run with these parameters."""
    trace = _current.get()
    if trace is not None:
        trace.statements.add(statement)
        trace.timed = trace.timed or any(isinstance(value, date) and _is_now(value) for value in values)


def _is_now(value: date) -> bool:
    now = datetime.now(UTC)
    if isinstance(value, datetime):
        return abs(now - (value if value.tzinfo else value.replace(tzinfo=UTC))) < NOW
    return abs(now.date() - value) <= timedelta(days=1)  # wherever today is


def lasts(seconds: float) -> None:
    """What is being made holds for so many seconds at most, even if nothing changes."""
    trace = _current.get()
    if trace is not None:
        trace.hold(seconds)


def never(why: str) -> None:
    """What is being made must not be remembered."""
    trace = _current.get()
    if trace is not None:
        trace.refusal = trace.refusal or why


@contextmanager
def tracing(trace: Trace) -> Iterator[Trace]:
    """Trace the block. The trace around it learns nothing by itself: `take` is how it does."""
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)


def of_cursor(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
    """SQLAlchemy's `before_cursor_execute`."""
    if _current.get() is None:
        return
    for values in parameters if isinstance(parameters, list) else [parameters]:
        saw(statement, values.values() if isinstance(values, dict) else values or ())

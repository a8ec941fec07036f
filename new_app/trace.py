"""Trace: which statements ran while a value was made, so that nobody has to list what the value depends on.

`Rows.fetch` and every engine of `db.py` say each statement to the trace of the current context, if there is one. Tasks
and threads that are started inside of it see the same trace. What a value owes to anything but the database is for its
maker to say: `never` where it cannot be remembered at all.
"""

import math
from collections.abc import Iterator, Set
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_current: ContextVar["Trace | None"] = ContextVar("trace", default=None)


class Trace:
    """What one value was made from. `until` is the moment, of the monotonic clock, up to which it holds."""

    __slots__ = ("refusal", "statements", "tables", "until")

    def __init__(self) -> None:
        self.statements: set[str] = set()
        self.tables: set[str] = set()
        self.until = math.inf
        self.refusal = ""

    def take(self, other: "Trace") -> None:
        """This value was made from that one."""
        self.statements |= other.statements
        self.refusal = self.refusal or other.refusal
        self.take_remembered(other.tables, other.until)

    def take_remembered(self, tables: Set[str], until: float) -> None:
        """This value was made from one whose tables are known."""
        self.tables |= tables
        self.until = min(self.until, until)


def current() -> Trace | None:
    return _current.get()


def saw(statement: str) -> None:
    """A statement is about to run."""
    trace = _current.get()
    if trace is not None:
        trace.statements.add(statement)


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


def of_cursor(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    """SQLAlchemy's `before_cursor_execute`."""
    saw(statement)

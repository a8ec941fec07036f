"""An import, step by step: extract → plan → apply in batches → ledger → verify; and undo, the way back.

Promises, in the order in which they are kept:
1. one import of a kind runs at a time (advisory lock); a run that was killed is resumed, never repeated;
2. the plan is complete before anything is written, and `--strict` refuses it while it names a bad record;
3. a batch is one transaction: its rows and its ledger entries stand or fall together; files follow their ledger entry;
4. what was written is read back and compared with the ledger;
5. `undo` puts back exactly what a run replaced, and refuses each record that somebody changed since.

It refuses to write over a person's work: a target that differs from what the ledger last wrote is left alone.
"""

import contextlib
import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from importers import ledger
from importers.ledger import Entry
from importers.sources import Bad, Source

Connection = Any
"""An asyncpg connection; the package has no types."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and how many there are."""

BATCH = 5_000


class ImportRefused(Exception):
    """The import did not start, or stopped before it wrote anything. The message says what to do."""


class Action(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    SAME = "same"
    SKIP = "skip"


@dataclass(slots=True)
class Step:
    """What will happen to one record. `key` names it on every source; `before` and `after` hold the columns we own."""

    key: str
    action: Action
    reason: str
    target: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    seen: str = ""  # the target's hash when the plan was made; it is checked again before writing
    hash: str = ""
    files: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Every record's step, the records that are bad, and what a person should know."""

    steps: list[Step]
    bad: list[Bad] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        tally = Counter(step.action.value for step in self.steps)
        return {action.value: tally[action.value] for action in Action} | {"bad": len(self.bad)}

    @property
    def work(self) -> list[Step]:
        return [step for step in self.steps if step.action in {Action.CREATE, Action.CHANGE}]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that undo left alone, and why."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a run did. `differs` names the records that do not read back as they were written."""

    run: int | None
    counts: dict[str, int]
    differs: list[str] = field(default_factory=list)
    resumed: bool = False


class Target(Protocol):
    """Where an importer writes: rows of a table, or files of a folder."""

    place: str

    async def mark(self, connection: Connection) -> dict[str, Any]:
        """What `rewind` needs beyond the records themselves: a sequence's place, whether a folder existed."""

    async def rewind(self, connection: Connection, start: dict[str, Any], end: dict[str, Any]) -> None: ...

    async def write(self, connection: Connection, steps: list[Step]) -> None:
        """Inside the transaction: write, and fill `target` and `hash`; a step may turn into a skip."""

    async def settle(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """After the commit: bring the files in line with these entries. Doing it twice does it once."""

    async def present(self, connection: Connection, targets: Sequence[str]) -> dict[str, str]:
        """Hash by target, without those that are gone."""

    async def restore(self, connection: Connection, entries: Sequence[Entry]) -> list[Refusal]:
        """Inside the transaction: put back what was before."""


class Importer(Protocol):
    name: str

    @property
    def target(self) -> Target: ...

    async def plan(self, connection: Connection, source: Source, earlier: Mapping[str, Entry]) -> Plan: ...


def silent(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


async def plan(connection: Connection, importer: Importer, source: Source) -> Plan:
    """Read both ends and decide; writes nothing."""
    return await importer.plan(connection, source, await ledger.latest(connection, importer.name))


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Hundreds of thousands of live records make Python's cycle collector walk them over and over; none is garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


async def run(
    connection: Connection,
    importer: Importer,
    source: Source,
    *,
    by: str,
    strict: bool = False,
    batch: int = BATCH,
    progress: Progress = silent,
    announce: Callable[[Plan], None] = lambda _: None,
) -> Result:
    """Import; resume the run that was killed, if there is one. `announce` is shown the plan before it is applied."""
    with _uncollected():
        return await _run(connection, importer, source, by, strict, batch, progress, announce)


async def _run(
    connection: Connection,
    importer: Importer,
    source: Source,
    by: str,
    strict: bool,
    batch: int,
    progress: Progress,
    announce: Callable[[Plan], None],
) -> Result:
    async with ledger.exclusive(connection, importer.name):
        way = f"{source.name} → {importer.target.place}"
        unfinished = await ledger.unfinished(connection, importer.name, way)
        if unfinished is not None:
            await importer.target.settle(connection, await ledger.entries(connection, unfinished))
        made = await plan(connection, importer, source)
        announce(made)
        if strict and made.bad:
            raise ImportRefused(
                f"{len(made.bad)} bad records and --strict: nothing was written. Mend them, or drop it."
            )
        if not made.work and unfinished is None:
            return Result(None, made.counts())
        number = unfinished
        if number is None:
            mark = await importer.target.mark(connection)
            number = await ledger.start(connection, importer.name, way, by, mark)
        await _apply(connection, importer, made, number, batch, progress, again=unfinished is not None)
        differs = await verify(connection, importer, number, batch, progress)
        await ledger.finish(connection, number, made.counts(), differs)
        return Result(number, made.counts(), differs, resumed=unfinished is not None)


async def _apply(
    connection: Connection,
    importer: Importer,
    made: Plan,
    number: int,
    batch: int,
    progress: Progress,
    *,
    again: bool,
) -> None:
    work = made.work
    for first in range(0, len(work), batch):
        progress("apply", first, len(work))
        steps = work[first : first + batch]
        async with connection.transaction():
            await importer.target.write(connection, steps)
            entries = [_entry(number, step) for step in steps if step.action is not Action.SKIP]
            await ledger.record(connection, entries, again=again)
            await ledger.mark_end(connection, number, await importer.target.mark(connection))
        await importer.target.settle(connection, entries)
    progress("apply", len(work), len(work))


def _entry(number: int, step: Step) -> Entry:
    return Entry(
        number, step.key, step.target, step.action.value, step.before, step.after, step.hash, step.reason, step.files
    )


async def verify(
    connection: Connection, importer: Importer, number: int, batch: int = BATCH, progress: Progress = silent
) -> list[str]:
    """Read back what a run wrote; returns the keys whose target is gone or has another content."""
    expected = await ledger.hashes(connection, number)
    differs: list[str] = []
    for first in range(0, len(expected), batch):
        progress("verify", first, len(expected))
        rows = expected[first : first + batch]
        present = await importer.target.present(connection, [target for _, target, _ in rows])
        differs += [key for key, target, digest in rows if present.get(target) != digest]
    progress("verify", len(expected), len(expected))
    return differs


async def undo(
    connection: Connection, importer: Importer, number: int, *, batch: int = BATCH, progress: Progress = silent
) -> list[Refusal]:
    """Take a run back; returns what was left alone. A second undo takes up what the first one refused."""
    async with ledger.exclusive(connection, importer.name):
        entries = (await ledger.entries(connection, number))[::-1]
        newer = await ledger.overwritten(connection, importer.name, number)
        refused = [
            Refusal(e.key, f"run {newer[e.key]} wrote it since; undo that run first") for e in entries if e.key in newer
        ]
        entries = [entry for entry in entries if entry.key not in newer]
        for first in range(0, len(entries), batch):
            progress("undo", first, len(entries))
            part = entries[first : first + batch]
            async with connection.transaction():
                kept = await importer.target.restore(connection, part)
                names = {refusal.key for refusal in kept}
                await ledger.forget(connection, number, [entry.key for entry in part if entry.key not in names])
            refused += kept
        progress("undo", len(entries), len(entries))
        start, end = await ledger.marks(connection, number)
        async with connection.transaction():
            if not refused:
                await importer.target.rewind(connection, start, end)
            await ledger.undone(connection, number, complete=not refused)
        return refused

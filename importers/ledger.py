"""The ledger of imports: `bridge.import_run`, one row a run; `bridge.import_row`, one row a record that a run wrote.

It is what makes a second run change nothing, a killed run resumable and any run undoable. Records that were the same
have no row: the run counts them. `hash` covers the whole target after the write, so that a later edit shows.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

LOCK = 0x62726467  # "brdg": the first half of the advisory lock's key
PATIENCE = "10s"  # how long a killed run's connection may keep its lock

_ROW = ["run_id", "key", "target", "action", "before", "after", "hash", "reason", "files"]


class LedgerMissing(Exception):
    """The schema `bridge` has no ledger."""


class ImportRunning(Exception):
    """Another process is importing the same thing."""


@dataclass(slots=True)
class Entry:
    """What a run did to one record."""

    run: int
    key: str
    target: str
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: str
    reason: str = ""
    files: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One line of `bridge import runs`."""

    id: int
    importer: str
    source: str
    by: str
    state: str
    started: datetime
    finished: datetime | None
    counts: dict[str, int]


@contextlib.asynccontextmanager
async def exclusive(connection: Any, importer: str) -> AsyncIterator[None]:
    """Hold the importer's advisory lock. A killed process's connection lets it go within moments, so wait a little."""
    if await connection.fetchval("SELECT to_regclass('bridge.import_row')") is None:
        raise LedgerMissing("the table bridge.import_row does not exist: run `bridge migrate` first")
    await connection.execute(f"SET lock_timeout = '{PATIENCE}'")
    try:
        await connection.execute("SELECT pg_advisory_lock($1, hashtext($2))", LOCK, importer)
    except asyncpg.LockNotAvailableError:
        raise ImportRunning(f"another import of {importer} is running: wait for it, then run this again") from None
    finally:
        await connection.execute("RESET lock_timeout")
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute("SELECT pg_advisory_unlock($1, hashtext($2))", LOCK, importer)


async def start(connection: Any, importer: str, source: str, by: str, mark: dict[str, Any]) -> int:
    number: int = await connection.fetchval(
        "INSERT INTO bridge.import_run (importer, source, started_by, started_at, state, mark_start, mark_end)"
        " VALUES ($1, $2, $3, now(), 'running', $4, $4) RETURNING id",
        *(importer, source, by, _json(mark)),
    )
    return number


async def unfinished(connection: Any, importer: str, source: str) -> int | None:
    """The run to resume: killed, on the same source. One on another source is closed as `killed` and stays undoable."""
    await connection.execute(
        "UPDATE bridge.import_run SET state = 'killed' WHERE importer = $1 AND state = 'running' AND source <> $2",
        *(importer, source),
    )
    number: int | None = await connection.fetchval(
        "SELECT max(id) FROM bridge.import_run WHERE importer = $1 AND state = 'running' AND source = $2",
        *(importer, source),
    )
    return number


async def finish(connection: Any, number: int, counts: dict[str, int], differs: Sequence[str]) -> None:
    """Close a run. A resumed run counts what it wrote in all, not only since it was resumed."""
    written = await connection.fetch(
        "SELECT action, count(*) FROM bridge.import_row WHERE run_id = $1 GROUP BY action", number
    )
    whole = counts | {"create": 0, "change": 0} | dict(map(tuple, written))
    await connection.execute(
        "UPDATE bridge.import_run SET state = $2, finished_at = now(), counts = $3 WHERE id = $1",
        *(number, "differs" if differs else "done", _json(whole)),
    )


async def record(connection: Any, entries: Sequence[Entry], *, again: bool) -> None:
    """Write entries. `again`: the run was resumed, and may have entries for files that it did not come to write."""
    if not entries:
        return
    if again:
        await connection.execute(
            "DELETE FROM bridge.import_row WHERE run_id = $1 AND key = ANY($2)",
            *(entries[0].run, [entry.key for entry in entries]),
        )
    rows = [
        (e.run, e.key, e.target, e.action, _json(e.before), _json(e.after), e.hash, e.reason, _json(e.files) or "[]")
        for e in entries
    ]
    await connection.copy_records_to_table("import_row", schema_name="bridge", columns=_ROW, records=rows)


async def mark_end(connection: Any, number: int, mark: dict[str, Any]) -> None:
    await connection.execute("UPDATE bridge.import_run SET mark_end = $2 WHERE id = $1", number, _json(mark))


async def marks(connection: Any, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    row = await connection.fetchrow("SELECT mark_start, mark_end FROM bridge.import_run WHERE id = $1", number)
    return msgspec.json.decode(row[0]), msgspec.json.decode(row[1])


async def entries(connection: Any, number: int) -> list[Entry]:
    """What a run wrote and has not taken back, in the order of the keys."""
    rows = await connection.fetch(
        f"SELECT {', '.join(_ROW)} FROM bridge.import_row WHERE run_id = $1 AND undone_at IS NULL ORDER BY key",  # noqa: S608
        number,
    )
    return [_entry(row) for row in rows]


async def latest(connection: Any, importer: str) -> dict[str, Entry]:
    """By key, the last entry that was not taken back. Empty where there is no ledger yet: a dry run needs none."""
    if await connection.fetchval("SELECT to_regclass('bridge.import_row')") is None:
        return {}
    columns = ", ".join("w." + column for column in _ROW)
    rows = await connection.fetch(
        f"SELECT DISTINCT ON (w.key) {columns} FROM bridge.import_row w JOIN bridge.import_run r ON r.id = w.run_id"  # noqa: S608
        " WHERE r.importer = $1 AND w.undone_at IS NULL ORDER BY w.key, w.run_id DESC",
        importer,
    )
    return {row["key"]: _entry(row) for row in rows}


async def hashes(connection: Any, number: int) -> list[tuple[str, str, str]]:
    rows = await connection.fetch(
        "SELECT key, target, hash FROM bridge.import_row WHERE run_id = $1 AND undone_at IS NULL", number
    )
    return [tuple(row) for row in rows]


async def overwritten(connection: Any, importer: str, number: int) -> dict[str, int]:
    """Keys of this run that a later run wrote again, with that run."""
    rows = await connection.fetch(
        "SELECT mine.key, max(later.run_id) AS run FROM bridge.import_row mine"
        " JOIN bridge.import_row later ON later.key = mine.key AND later.run_id > mine.run_id"
        " JOIN bridge.import_run r ON r.id = later.run_id AND r.importer = $1"
        " WHERE mine.run_id = $2 AND mine.undone_at IS NULL AND later.undone_at IS NULL GROUP BY mine.key",
        *(importer, number),
    )
    return {row["key"]: row["run"] for row in rows}


async def forget(connection: Any, number: int, keys: Sequence[str]) -> None:
    await connection.execute(
        "UPDATE bridge.import_row SET undone_at = now() WHERE run_id = $1 AND key = ANY($2)", number, list(keys)
    )


async def undone(connection: Any, number: int, *, complete: bool) -> None:
    await connection.execute(
        "UPDATE bridge.import_run SET state = $2, undone_at = now() WHERE id = $1",
        *(number, "undone" if complete else "undone in part"),
    )


async def runs(connection: Any) -> list[Run]:
    """All runs, the last one first."""
    if await connection.fetchval("SELECT to_regclass('bridge.import_run')") is None:
        return []
    rows = await connection.fetch(
        "SELECT id, importer, source, started_by, state, started_at, finished_at, counts"
        " FROM bridge.import_run ORDER BY id DESC"
    )
    return [
        Run(id, importer, source, by, state, started, finished, msgspec.json.decode(counts))
        for id, importer, source, by, state, started, finished, counts in rows
    ]


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _entry(row: Any) -> Entry:
    run, key, target, action, before, after, digest, reason, files = row
    return Entry(
        *(run, key, target, action),
        before=None if before is None else msgspec.json.decode(before),
        after=None if after is None else msgspec.json.decode(after),
        hash=digest,
        reason=reason,
        files=tuple(msgspec.json.decode(files)),
    )

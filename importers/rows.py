"""The rows of a table that Django owns, as the target of an import.

New rows go in by COPY with ids taken from the table's own sequence. A row is locked and compared with what the plan
saw before it is changed, and with what the run left before it is taken back. Hashes leave out the columns that
Django's admin writes on a save that changes nothing. Undo refuses a row that another row refers to.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from importers.core import Action, Refusal, Step
from importers.ledger import Entry

STAMPS = frozenset({"created", "updated", "last_modified_by_id"})


class Rows:
    """A table with an `id` from a sequence and Django's `created` and `updated`. `defaults` are those of the model,
    which live in Python and not in the table."""

    def __init__(self, table: Table, defaults: Mapping[str, Any]) -> None:
        self.table = table
        self.name = self.place = table.name
        self.columns = [column.name for column in table.columns]
        self.content = [name for name in self.columns if name not in STAMPS | {"id"}]
        self._defaults = {name: defaults.get(name) for name in self.content}
        self._types = {c.name: c.type.compile(dialect=postgresql.dialect()) for c in table.columns}  # type: ignore[no-untyped-call]
        self._times = {c.name for c in table.columns if "TIMESTAMP" in self._types[c.name]}
        self._listed = ", ".join(f'"{name}"' for name in self.columns)

    def hash(self, row: Mapping[str, Any]) -> str:
        return _digest([row[name] for name in self.content])

    async def load(self, connection: Any) -> list[Any]:
        rows: list[Any] = await connection.fetch(f'SELECT {self._listed} FROM "{self.name}" ORDER BY id')  # noqa: S608
        return rows

    async def present(self, connection: Any, targets: Sequence[str]) -> dict[str, str]:
        return {str(i): self.hash(row) for i, row in (await self._rows(connection, targets)).items()}

    async def _rows(self, connection: Any, targets: Sequence[str], lock: str = "") -> dict[int, Any]:
        query = f'SELECT {self._listed} FROM "{self.name}" WHERE id = ANY($1::int[]) {lock}'  # noqa: S608
        return {row["id"]: row for row in await connection.fetch(query, [int(target) for target in targets])}

    async def write(self, connection: Any, steps: list[Step]) -> None:
        now = datetime.now(UTC)
        await self._create(connection, [step for step in steps if step.action is Action.CREATE], now)
        await self._change(connection, [step for step in steps if step.action is Action.CHANGE], now)

    async def _create(self, connection: Any, steps: list[Step], now: datetime) -> None:
        if not steps:
            return
        ids = await connection.fetch(
            "SELECT nextval(pg_get_serial_sequence($1, 'id')) FROM generate_series(1, $2::int)", self.name, len(steps)
        )
        names, stamps = self.content, {"created", "updated"} & set(self.columns)
        times = (now,) * len(stamps)
        rows = []
        for step, (number,) in zip(steps, ids, strict=True):
            step.target = str(number)
            values = list((self._defaults | (step.after or {})).values())
            step.hash = _digest(values)
            rows.append((number, *values, *times))
        await connection.copy_records_to_table(self.name, columns=["id", *names, *stamps], records=rows)

    async def _change(self, connection: Any, steps: list[Step], now: datetime) -> None:
        rows = await self._rows(connection, [step.target for step in steps], "FOR UPDATE") if steps else {}
        writes: list[tuple[int, dict[str, Any]]] = []
        for step in steps:
            row = rows.get(int(step.target))
            if row is None or self.hash(row) != step.seen:
                step.action, step.reason = Action.SKIP, f"{self.name} {step.target} changed while this import ran"
                continue
            after = step.after or {}
            step.before = {name: row[name] for name in (*after, "updated") if name not in (step.before or {})} | (
                step.before or {}
            )
            step.hash = self.hash(dict(row) | after)
            writes.append((row["id"], after | {"updated": now}))
        await self._update(connection, writes)

    async def _update(self, connection: Any, writes: list[tuple[int, dict[str, Any]]]) -> None:
        """One UPDATE for all rows that change the same columns."""
        groups: dict[tuple[str, ...], list[tuple[int, dict[str, Any]]]] = {}
        for number, values in writes:
            groups.setdefault(tuple(sorted(values)), []).append((number, values))
        for names, rows in groups.items():
            arrays = ", ".join(f"${i}::{self._types[name]}[]" for i, name in enumerate(names, 2))
            sets = ", ".join(f'"{name}" = v."{name}"' for name in names)
            listed = ", ".join(f'"{name}"' for name in names)
            await connection.execute(
                f'UPDATE "{self.name}" t SET {sets} FROM unnest($1::int[], {arrays}) AS v(id, {listed})'  # noqa: S608
                " WHERE t.id = v.id",
                [number for number, _ in rows],
                *([values[name] for _, values in rows] for name in names),
            )

    async def settle(self, connection: Any, entries: Sequence[Entry]) -> None:
        """Copy the files that the rows name into the media folder."""
        for file in (file for entry in entries for file in entry.files):
            _copy(Path(file["from"]), Path(file["to"]))

    async def restore(self, connection: Any, entries: Sequence[Entry]) -> list[Refusal]:
        rows = await self._rows(connection, [entry.target for entry in entries], "FOR UPDATE")
        created = [int(entry.target) for entry in entries if entry.action == Action.CREATE]
        used = await self._references(connection, created)
        refused, delete, writes = [], [], []
        for entry in entries:
            number = int(entry.target)
            row = rows.get(number)
            if row is None and entry.action == Action.CREATE:
                refused_for = ""  # somebody deleted it already: what undo would have done
            else:
                refused_for = self._objection(entry, row, used.get(number))
            if refused_for:
                refused.append(Refusal(entry.key, refused_for))
                continue
            if entry.action == Action.CREATE:
                delete.append(number)
            else:
                writes.append((number, self._typed(entry.before or {})))
            _remove(entry.files)
        await connection.execute(f'DELETE FROM "{self.name}" WHERE id = ANY($1::int[])', delete)  # noqa: S608
        await self._update(connection, writes)
        return refused

    def _objection(self, entry: Entry, row: Any, user: str | None) -> str:
        if row is None:
            return f"{self.name} {entry.target} was deleted since"
        if self.hash(row) != entry.hash:
            return f"{self.name} {entry.target} was changed since"
        if user:
            return f"{self.name} {entry.target} is used by {user}; remove that first"
        return ""

    def _typed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """JSON has no time: read it back as the column's type."""
        return {
            name: datetime.fromisoformat(value) if name in self._times and value is not None else value
            for name, value in values.items()
        }

    async def _references(self, connection: Any, ids: list[int]) -> dict[int, str]:
        """Which of these rows another row refers to: by foreign key, or by Django's generic one."""
        if not ids:
            return {}
        used: dict[int, str] = {}
        keys = await connection.fetch(
            "SELECT c.conrelid::regclass::text AS name, a.attname AS column, '' AS condition FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
            " WHERE c.contype = 'f' AND c.confrelid = $1::regclass",
            self.name,
        )
        for name, column in [(key["name"], key["column"]) for key in keys]:
            rows = await connection.fetch(
                f'SELECT DISTINCT "{column}" FROM {name} WHERE "{column}" = ANY($1::int[])',  # noqa: S608 - from the catalog
                ids,
            )
            used |= {row[0]: name for row in rows}
        return used | await self._generic_references(connection, ids)

    async def _generic_references(self, connection: Any, ids: list[int]) -> dict[int, str]:
        app, _, model = self.name.partition("_")
        if await connection.fetchval("SELECT to_regclass('django_content_type')") is None:
            return {}
        kind = await connection.fetchval(
            "SELECT id FROM django_content_type WHERE app_label = $1 AND model = $2", app, model
        )
        tables = await connection.fetch(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND column_name IN ('content_type_id', 'object_id') AND data_type = 'integer'"
            " GROUP BY table_name HAVING count(*) = 2"
        )
        used: dict[int, str] = {}
        for (name,) in tables:
            rows = await connection.fetch(
                f'SELECT DISTINCT object_id FROM "{name}" WHERE content_type_id = $1 AND object_id = ANY($2::int[])',  # noqa: S608
                *(kind, ids),
            )
            used |= {row[0]: name for row in rows}
        return used

    async def mark(self, connection: Any) -> dict[str, Any]:
        """Where the sequence stands."""
        sequence = await connection.fetchval("SELECT pg_get_serial_sequence($1, 'id')", self.name)
        row = await connection.fetchrow(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608 - from the catalog
        return {"last_value": row[0], "is_called": row[1]}

    async def rewind(self, connection: Any, start: dict[str, Any], end: dict[str, Any]) -> None:
        """Put the sequence back, if nobody took a number since. The lock keeps others from taking one meanwhile."""
        await connection.execute(f'LOCK TABLE "{self.name}" IN SHARE ROW EXCLUSIVE MODE')
        if await self.mark(connection) == end and start != end:
            await connection.execute(
                "SELECT setval(pg_get_serial_sequence($1, 'id'), $2, $3)",
                *(self.name, start["last_value"], start["is_called"]),
            )


def _digest(values: list[Any]) -> str:
    return hashlib.blake2b(msgspec.json.encode(values), digest_size=16).hexdigest()


def file_hash(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


def _copy(source: Path, target: Path) -> None:
    if source.is_file() and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        shutil.copyfile(source, part)
        os.replace(part, target)


def _remove(files: Sequence[dict[str, Any]]) -> None:
    """Delete the copies that are still what was copied."""
    for file in files:
        path = Path(file["to"])
        if path.is_file() and file_hash(path) == file["hash"]:
            path.unlink()

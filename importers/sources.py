"""Where records come from: the shared database, another database, or Django fixture JSON (a file or a folder of them).

A source only reads. A record that cannot be used is named with its place, field and fault; it is never half-read.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import asyncpg
import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class SourceError(Exception):
    """The source as a whole cannot be read. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that cannot be imported: where it is, which field, what is wrong with it."""

    place: str
    field: str
    fault: str

    def __str__(self) -> str:
        return f"{self.place}: {self.field}: {self.fault}" if self.field else f"{self.place}: {self.fault}"


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as it was read."""

    place: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Checked(Generic[T]):
    """A record whose fields have the right types."""

    place: str
    value: T


class Source(Protocol):
    name: str

    async def read(self, model: str, columns: Sequence[str]) -> tuple[list[Raw], list[Bad]]:
        """Records of a Django model (`app.model`), ordered by primary key, with at most these columns."""


def field_names(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The columns a struct asks for, by their names in the database."""
    return tuple(one.encode_name for one in msgspec.structs.fields(kind))


async def extract(source: Source, model: str, kind: type[T], key: str) -> tuple[list[Checked[T]], list[Bad]]:
    """Read and check. `key` is the attribute that no two records may share."""
    raw, bad = await source.read(model, field_names(kind))
    good: list[Checked[T]] = []
    seen: dict[Any, str] = {}
    for record in raw:
        try:
            value = msgspec.convert(record.values, kind)
        except msgspec.ValidationError as error:
            bad.append(_named(record.place, str(error)))
            continue
        identity = getattr(value, key)
        if identity in seen:
            bad.append(Bad(record.place, key, f"{identity!r} is also at {seen[identity]}; only that one is used"))
            continue
        seen[identity] = record.place
        good.append(Checked(record.place, value))
    return good, bad


def _named(place: str, message: str) -> Bad:
    """msgspec says "… - at `$.name`", or "… required field `name`"."""
    fault, _, path = message.partition(" - at `$.")
    if path:
        return Bad(place, path.rstrip("`"), fault)
    if "required field" in fault:
        return Bad(place, fault.rpartition("`")[0].rpartition("`")[2], "is missing")
    return Bad(place, "", fault)


class DatabaseSource:
    """A database with Django's tables: the shared one by its open connection, another one by its URL."""

    def __init__(self, name: str, *, connection: Any = None, url: str = "") -> None:
        self.name = name
        self._connection = connection
        self._url = url

    async def read(self, model: str, columns: Sequence[str]) -> tuple[list[Raw], list[Bad]]:
        if self._connection is not None:
            return await self._read(self._connection, model, columns), []
        try:
            connection = await asyncpg.connect(self._url, timeout=10)
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            raise SourceError(f"cannot connect to the source {self.name}: {error}; check --source") from error
        try:
            return await self._read(connection, model, columns), []
        finally:
            await connection.close()

    async def _read(self, connection: Any, model: str, columns: Sequence[str]) -> list[Raw]:
        table = model.replace(".", "_")
        listed = ", ".join(f'"{column}"' for column in columns)
        try:
            rows = await connection.fetch(f'SELECT id, {listed} FROM "{table}" ORDER BY id')  # noqa: S608 - our own names
        except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
            raise SourceError(f"{self.name}: {error}; is this the database of the Django site, migrated?") from error
        return [Raw(f"{table} id {row['id']}", dict(row)) for row in rows]


class FixtureSource:
    """What `manage.py dumpdata` writes. Broken JSON is one bad record, named with its line; other files still count."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path

    async def read(self, model: str, columns: Sequence[str]) -> tuple[list[Raw], list[Bad]]:
        files = sorted(self._path.glob("*.json")) if self._path.is_dir() else [self._path]
        if not files or not all(file.is_file() for file in files):
            raise SourceError(f"{self._path} is no fixture file and no folder with *.json files; check --source")
        found: list[tuple[Any, Raw]] = []
        bad: list[Bad] = []
        for file in files:
            for index, item in enumerate(_items(file, bad)):
                self._take(file, index, item, model, found, bad)
        found.sort(key=lambda pair: (not isinstance(pair[0], int), pair[0] if isinstance(pair[0], int) else 0))
        wanted = set(columns)
        return [Raw(r.place, {k: v for k, v in r.values.items() if k in wanted}) for _, r in found], bad

    @staticmethod
    def _take(file: Path, index: int, item: Any, model: str, found: list[tuple[Any, Raw]], bad: list[Bad]) -> None:
        place = f"{file.name}[{index}]"
        if not isinstance(item, dict) or not isinstance(item.get("model"), str):
            bad.append(Bad(place, "model", "is missing: a fixture record is an object with model, pk and fields"))
            return
        if item["model"].lower() != model:
            return
        place += f" pk {item['pk']!r}" if "pk" in item else ""
        fields = item.get("fields")
        if not isinstance(fields, dict):
            bad.append(Bad(place, "fields", "is missing or no object"))
        elif fault := next(((k, f) for k, v in fields.items() if (f := _unstorable(v))), None):
            bad.append(Bad(place, *fault))
        else:
            found.append((item.get("pk"), Raw(place, fields)))


def _items(file: Path, bad: list[Bad]) -> list[Any]:
    try:
        data = json.loads(file.read_bytes())
    except json.JSONDecodeError as error:
        bad.append(Bad(f"{file.name}:{error.lineno}:{error.colno}", "", f"broken JSON: {error.msg}"))
        return []
    except (UnicodeDecodeError, RecursionError) as error:
        bad.append(Bad(file.name, "", f"broken JSON: {error}"))
        return []
    if not isinstance(data, list):
        bad.append(Bad(file.name, "", "is no fixture: a JSON list of records was expected"))
        return []
    return data


def _unstorable(value: Any) -> str | None:
    """PostgreSQL stores neither NUL nor half a surrogate pair in text; JSON can write both."""
    if not isinstance(value, str):
        return None
    if "\0" in value:
        return "holds a NUL character"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "holds half a surrogate pair"
    return None

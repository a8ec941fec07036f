"""The schema lock: does a mapping still fit the live database?

PostgreSQL is asked twice for the same facts: of the live tables, and of the mapped tables, created as temporary ones in
a transaction that is always rolled back. So types, checks and predicates are compared as PostgreSQL writes them, and no
real table is locked or changed. Names of indexes and constraints do not matter, what they say does.

Drift is what could break a read or a write of ours. A live table or nullable column that nobody maps is listed, and is
no drift; neither is an additional index that is not unique. The role needs the TEMPORARY privilege, on a primary.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, MetaData, text

COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, a.attidentity <> '',
        a.attgenerated <> '' OR d.oid IS NOT NULL
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname, a.attnum
"""
CONSTRAINTS = """
    SELECT c.relname, k.contype::text, pg_get_constraintdef(k.oid),
        ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u(num, place)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.place),
        f.relname,
        ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u(num, place)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.place),
        k.condeferrable, k.condeferred, k.confdeltype::text
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_class f ON f.oid = k.confrelid
    WHERE n.nspname = :schema AND k.contype IN ('p', 'f', 'c')
"""
INDEXES = """
    SELECT c.relname, x.indisunique, m.amname, x.indimmediate, pg_get_expr(x.indpred, x.indrelid, true),
        ARRAY(SELECT pg_get_indexdef(x.indexrelid, place, true)
                || CASE WHEN o.opcdefault THEN '' ELSE ' ' || o.opcname END
            FROM generate_series(1, x.indnkeyatts) AS place
            JOIN pg_opclass o ON o.oid = x.indclass[place - 1] ORDER BY place)
    FROM pg_index x
    JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_am m ON m.oid = i.relam
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND x.indisvalid AND NOT x.indisprimary
"""
ON_DELETE = {"a": "", "r": " ON DELETE RESTRICT", "c": " ON DELETE CASCADE", "n": " ON DELETE SET NULL", "d": ""}


@dataclass(frozen=True, slots=True)
class Drift:
    """One place where the live database is not what the mapping says."""

    table: str
    what: str
    detail: str

    def __str__(self) -> str:
        return f"{self.table}: {self.what}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Lock:
    """The result. `unmapped` names live tables, and nullable columns of mapped ones, that nothing maps."""

    drifts: tuple[Drift, ...]
    unmapped: tuple[str, ...]
    tables: int


@dataclass(frozen=True, slots=True)
class Column:
    type: str
    nullable: bool
    identity: bool
    default: bool

    def __str__(self) -> str:
        return self.type + ("" if self.nullable else " NOT NULL") + (" IDENTITY" if self.identity else "")


@dataclass(slots=True)
class Facts:
    """What PostgreSQL says about a table, in its own words."""

    columns: dict[str, Column] = field(default_factory=dict)
    primary_key: str = ""
    foreign_keys: set[str] = field(default_factory=set)
    checks: set[str] = field(default_factory=set)
    uniques: set[str] = field(default_factory=set)
    indexes: set[str] = field(default_factory=set)


def compare_schema(connection: Connection, metadata: MetaData, *, schema: str = "public") -> Lock:
    """Compare the tables of `metadata` that name no schema with those of `schema`, in a transaction of its own."""
    with connection.begin() as transaction:
        live = read_facts(connection, schema)
        mapped = _facts_of_mapping(connection, metadata)
        transaction.rollback()
    drifts = tuple(drift for table in sorted(mapped) for drift in _table_drifts(table, mapped[table], live.get(table)))
    return Lock(drifts, tuple(_unmapped(mapped, live)), len(mapped))


def read_facts(connection: Connection, schema: str) -> dict[str, Facts]:
    """The facts about every table of a schema."""
    named = {"schema": schema}
    tables: dict[str, Facts] = {}
    for table, name, kind, nullable, identity, default in connection.execute(text(COLUMNS), named):
        tables.setdefault(table, Facts()).columns[name] = Column(kind, nullable, identity, default)
    for row in connection.execute(text(CONSTRAINTS), named):
        if row[0] in tables:
            _add_constraint(tables[row[0]], *row[1:])
    for table, unique, method, immediate, predicate, columns in connection.execute(text(INDEXES), named):
        words = f"({', '.join(columns)})" + (f" WHERE {predicate}" if predicate else "")
        words = (words if method == "btree" else f"{method} {words}") + ("" if immediate else " DEFERRABLE")
        (tables[table].uniques if unique else tables[table].indexes).add(words)
    return tables


def _add_constraint(
    facts: Facts,
    kind: str,
    definition: str,
    columns: list[str],
    target: str | None,
    target_columns: list[str],
    deferrable: bool,
    deferred: bool,
    on_delete: str,
) -> None:
    here = f"({', '.join(columns)})"
    if kind == "p":
        facts.primary_key = here
    elif kind == "c":
        facts.checks.add(definition)
    else:
        when = " DEFERRABLE" * deferrable + " INITIALLY DEFERRED" * deferred
        facts.foreign_keys.add(f"{here} → {target} ({', '.join(target_columns)}){ON_DELETE[on_delete]}{when}")


def _facts_of_mapping(connection: Connection, metadata: MetaData) -> dict[str, Facts]:
    temporary = connection.execution_options(schema_translate_map={None: "pg_temp"})
    try:
        metadata.create_all(temporary, [t for t in metadata.sorted_tables if t.schema is None], checkfirst=False)
        schema = connection.scalar(text("SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()"))
        return read_facts(connection, str(schema))
    finally:
        connection.execution_options(schema_translate_map={})


def _table_drifts(table: str, mapped: Facts, live: Facts | None) -> Iterator[Drift]:
    if live is None:
        yield Drift(table, "table", "is missing")
        return
    for name, column in mapped.columns.items():
        yield from _column_drifts(table, name, column, live.columns.get(name))
    for name, column in live.columns.items():
        if name not in mapped.columns and not (column.nullable or column.identity or column.default):
            yield Drift(table, f"column {name}", f"is {column} without a default and unmapped: our inserts would fail")
    if mapped.primary_key != live.primary_key:
        yield Drift(table, "primary key", f"is {live.primary_key or 'missing'}, mapped {mapped.primary_key}")
    yield from _set_drifts(table, "foreign key", mapped.foreign_keys, live.foreign_keys)
    yield from _set_drifts(table, "unique", mapped.uniques, live.uniques)
    yield from _set_drifts(table, "check", mapped.checks, live.checks)
    gone = mapped.columns.keys() - live.columns.keys()
    for index in sorted(mapped.indexes - live.indexes - live.uniques):
        if any(name in index for name in gone):
            continue  # it went with its column, which has been named
        yield Drift(table, f"index {index}", "is missing: queries that rely on it will scan")


def _column_drifts(table: str, name: str, mapped: Column, live: Column | None) -> Iterator[Drift]:
    if live is None:
        yield Drift(table, f"column {name}", f"is missing, mapped {mapped}")
        return
    if live.type != mapped.type:
        yield Drift(table, f"column {name}", f"is {live.type}, mapped {mapped.type}")
    if live.nullable != mapped.nullable:
        now, then = ("NULL", "NOT NULL") if live.nullable else ("NOT NULL", "NULL")
        yield Drift(table, f"column {name}", f"is {now}, mapped {then}")
    if mapped.identity and not (live.identity or live.default):
        yield Drift(table, f"column {name}", "numbers no new rows: it is mapped as an identity")


def _set_drifts(table: str, kind: str, mapped: set[str], live: set[str]) -> Iterator[Drift]:
    for words in sorted(mapped - live):
        yield Drift(table, f"{kind} {words}", "is missing")
    for words in sorted(live - mapped):
        yield Drift(table, f"{kind} {words}", "is not in the mapping")


def _unmapped(mapped: Mapping[str, Facts], live: Mapping[str, Facts]) -> Iterator[str]:
    for table, facts in sorted(live.items()):
        if table not in mapped:
            yield table
            continue
        for name, column in facts.columns.items():
            if name not in mapped[table].columns and (column.nullable or column.identity or column.default):
                yield f"{table}.{name}"


def migration_drifts(applied: Mapping[str, set[str]], heads: Mapping[str, list[str]]) -> Iterator[Drift]:
    """Heads that are recorded for a site and not applied in this database; `applied` is migration names by app."""
    for app, names in sorted(heads.items()):
        for name in sorted(set(names) - applied.get(app, set())):
            yield Drift(app, f"migration {name}", "is in the site's code and not applied")

"""Two descriptions of a PostgreSQL schema, compared: `read` takes one from a live database, `described` one from JSON.

Compared are columns (type, nullability, default, identity), primary keys, foreign keys with deferrability, unique and
check constraints, and indexes with method, operator classes and predicate. Names of constraints and indexes are not,
since Django generates them from the history of a table. NOT NULL constraints count as nullability, whatever catalog
the server keeps them in.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg2

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
       CASE a.attidentity WHEN 'd' THEN 'BY DEFAULT' WHEN 'a' THEN 'ALWAYS' END
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS = """
SELECT c.relname, k.contype, k.condeferrable, k.condeferred, k.confdeltype, k.confupdtype, f.relname, pg_get_constraintdef(k.oid),
       (SELECT array_agg(a.attname::text ORDER BY n) FROM unnest(k.conkey) WITH ORDINALITY AS u(num, n)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num),
       (SELECT array_agg(a.attname::text ORDER BY n) FROM unnest(k.confkey) WITH ORDINALITY AS u(num, n)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class f ON f.oid = k.confrelid
WHERE c.relnamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f', 'c')
"""
INDEXES = """
SELECT c.relname, m.amname, i.indisunique, pg_get_expr(i.indpred, i.indrelid),
       (SELECT array_agg(pg_get_indexdef(i.indexrelid, n, false) ORDER BY n) FROM generate_series(1, i.indnkeyatts) AS n),
       (SELECT array_agg(o.opcname::text ORDER BY n) FROM unnest(i.indclass) WITH ORDINALITY AS u(class, n)
        JOIN pg_opclass o ON o.oid = u.class)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisprimary
"""
ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


@dataclass(slots=True)
class Table:
    columns: dict[str, str]
    facts: Counter[str]
    """Keys, constraints and indexes, each as one line; counted, since a table can have the same index twice."""


Schema = dict[str, Table]


def read(url: str) -> Schema:
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        schema: Schema = {}
        cursor.execute(COLUMNS)
        for table, column, kind, nullable, default, identity in cursor:
            schema.setdefault(table, Table({}, Counter())).columns[column] = _column(kind, nullable, default, identity)
        cursor.execute(CONSTRAINTS)
        for table, kind, deferrable, deferred, delete, update, other, definition, columns, theirs in cursor:
            when = _when(deferrable, deferred)
            schema[table].facts[
                {
                    "p": f"primary key {_list(columns)}",
                    "u": f"unique {_list(columns)}{_when(deferrable, False)}",
                    "c": definition,
                    "f": f"foreign key {_list(columns)} to {other}.{', '.join(theirs or ())} "
                    f"on delete {ACTIONS.get(delete)} on update {ACTIONS.get(update)}{when}",
                }[kind]
            ] += 1
        cursor.execute(INDEXES)
        for table, method, unique, predicate, columns, classes in cursor:
            schema[table].facts[_index(method, unique, predicate, columns, classes)] += 1
    connection.close()
    return schema


def described(tables: Mapping[str, Any]) -> Schema:
    """The schema that a JSON description of another database holds (`tables` of schema.json)."""
    schema: Schema = {}
    for name, table in tables.items():
        facts: Counter[str] = Counter()
        if table["primary_key"]:
            facts[f"primary key {_list(table['primary_key']['columns'])}"] += 1
        for key in table["foreign_keys"]:
            facts[
                f"foreign key {_list(key['columns'])} to {key['references']} on delete {key['on_delete']} "
                f"on update {key['on_update']}{_when(key['deferrable'], key['initially_deferred'])}"
            ] += 1
        for unique in table["unique_constraints"]:
            facts[f"unique {_list(unique['columns'])}{_when(unique['deferrable'], False)}"] += 1
        for check in table["check_constraints"]:
            facts[check["definition"]] += 1
        for index in table["indexes"]:
            if not index["primary"]:
                parts = (index[key] for key in ("method", "unique", "predicate", "columns", "opclasses"))
                facts[_index(*parts)] += 1
        columns = {
            column["name"]: _column(column["type"], column["nullable"], column["default"], column["identity"])
            for column in table["columns"]
        }
        schema[name] = Table(columns, facts)
    return schema


def differences(wanted: Schema, found: Schema) -> Iterator[str]:
    """Every difference as a line that says what to change in `found`."""
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            yield f"{name}: the table is missing"
        elif name not in wanted:
            yield f"{name}: the table should not be there"
        else:
            yield from _table(name, wanted[name], found[name])


def _table(name: str, wanted: Table, found: Table) -> Iterator[str]:
    for column in sorted(wanted.columns.keys() | found.columns.keys()):
        ours, theirs = wanted.columns.get(column), found.columns.get(column)
        if ours != theirs:
            yield f"{name}.{column}: should be {ours or 'absent'}, is {theirs or 'absent'}"
    for fact in sorted((wanted.facts - found.facts).elements()):
        yield f"{name}: missing: {fact}"
    for fact in sorted((found.facts - wanted.facts).elements()):
        yield f"{name}: should not be there: {fact}"


def _column(kind: str, nullable: bool, default: str | None, identity: str | None) -> str:
    line = f"{kind} {'NULL' if nullable else 'NOT NULL'}"
    return line + (f" default {default}" if default else "") + (f" identity {identity}" if identity else "")


def _index(method: str, unique: bool, predicate: str | None, columns: list[str], classes: list[str]) -> str:
    plain = [column.strip('"') if column.startswith('"') else column.strip("()") for column in columns]
    where = f" where {predicate}" if predicate else ""
    keys = ", ".join(f"{column} {kind}" for column, kind in zip(plain, classes, strict=True))
    return f"{'unique ' if unique else ''}index {method} ({keys}){where}"


def _list(columns: list[str]) -> str:
    return f"({', '.join(columns)})"


def _when(deferrable: bool, deferred: bool) -> str:
    return (" deferrable" if deferrable else "") + (" initially deferred" if deferred else "")

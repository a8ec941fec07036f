"""The fence around the schema `bridge`: a migration that reached outside is found out before it is committed.

It judges what a migration did, not what it wrote, so dynamic SQL and DO blocks are held to the same rule:

1. a statement that would end the transaction, or run outside of it, is refused before it is sent;
2. the catalogue of everything outside the schema must be the same after the last step as before the first one;
3. no table outside the schema may have been locked as a write locks it.

One thing of ours may stand outside: an AFTER trigger whose function is in the schema. It cannot change what is written,
does not keep Django's migrate from altering or dropping its table, and goes with the schema.

The transaction is REPEATABLE READ: what Django's migrate commits meanwhile is not seen, and so is not held against us.
"""

import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, event, text

TRANSACTION_CONTROL = re.compile(
    r"^(?:\s+|--[^\n]*\n|/\*.*?\*/)*(?:begin|start|commit|end|rollback|abort|prepare\s+transaction)\b", re.I | re.S
)

OURS = (
    "tgfoid IN (SELECT oid FROM pg_proc WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = :schema))"
    " AND tgtype & 66 = 0"  # neither BEFORE (2) nor INSTEAD OF (64)
)
RELATION = "(SELECT nspname FROM pg_namespace WHERE oid = c.relnamespace) || '.' || c.relname"
"""A name as the snapshot has it: a cast to regclass looks up what others have committed since."""
OUTSIDE = "SELECT oid FROM pg_namespace WHERE nspname <> :schema AND nspname !~ '^pg_(toast|temp)'"
CATALOGUES = {
    "relation": "SELECT {relation}, c.oid, relname, relkind, relowner, relfilenode, relnatts, relchecks,"
    " relrowsecurity, relacl, reloptions, relnamespace FROM pg_class c"
    " WHERE relnamespace IN ({outside})",
    "column": "SELECT {relation} || '.' || attname, a.attrelid, attnum, attname, atttypid, atttypmod,"
    " attnotnull, atthasdef, attidentity, attgenerated, attisdropped, attcollation, attacl, attoptions"
    " FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace IN ({outside}) AND attnum > 0",
    "default": "SELECT {relation}, d.oid, adnum, adbin::text FROM pg_attrdef d"
    " JOIN pg_class c ON c.oid = adrelid WHERE relnamespace IN ({outside})",
    "constraint": "SELECT coalesce({relation}, 'domain') || '.' || conname, k::text FROM pg_constraint k"
    " LEFT JOIN pg_class c ON c.oid = conrelid WHERE connamespace IN ({outside})",
    "trigger": "SELECT {relation} || '.' || tgname, t::text FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid"
    " WHERE relnamespace IN ({outside}) AND NOT ({ours})",
    "rule": "SELECT {relation} || '.' || rulename, r.oid, rulename, ev_enabled, ev_action::text"
    " FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class WHERE relnamespace IN ({outside})",
    "policy": "SELECT polname::text, p::text FROM pg_policy p JOIN pg_class c ON c.oid = polrelid"
    " WHERE relnamespace IN ({outside})",
    "function": "SELECT proname::text, p::text FROM pg_proc p WHERE pronamespace IN ({outside})",
    "type": "SELECT typname::text, t::text FROM pg_type t WHERE typnamespace IN ({outside})",
    "operator": "SELECT oprname::text, o::text FROM pg_operator o WHERE oprnamespace IN ({outside})",
    "schema": "SELECT nspname::text, n::text FROM pg_namespace n WHERE n.oid IN ({outside})",
    "extension": "SELECT extname::text, e::text FROM pg_extension e",
    "event trigger": "SELECT evtname::text, e::text FROM pg_event_trigger e",
    "cast": "SELECT 'cast ' || c.oid, c::text FROM pg_cast c",
    "publication": "SELECT pubname::text, p::text FROM pg_publication p",
    "role": "SELECT rolname::text, oid, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles",
    "setting": "SELECT 'role ' || setrole || ' in database ' || setdatabase, s::text FROM pg_db_role_setting s",
    "default privilege": "SELECT 'default privilege ' || oid, d::text FROM pg_default_acl d",
    "comment": "SELECT objoid || ' ' || objsubid, description FROM pg_description d JOIN pg_class c ON c.oid = objoid"
    " WHERE relnamespace IN ({outside}) AND classoid = 'pg_class'::regclass",
}
WRITTEN = """
SELECT DISTINCT coalesce(n.nspname || '.' || c.relname, 'table ' || l.relation)
FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.database <> 0 AND n.nspname <> :schema
  AND n.nspname !~ '^(pg_|information_schema$)' AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
  AND NOT (l.mode IN ('ShareRowExclusiveLock', 'AccessExclusiveLock') AND l.relation = ANY(:watched))
"""
WATCHED = f"SELECT DISTINCT tgrelid FROM pg_trigger WHERE {OURS}"  # noqa: S608 - no value of anybody's


class ForeignSchemaError(Exception):
    """A migration was refused, and nothing of it was kept. The message says what it reached for."""


def is_ours(schema: str, name: str | None, kind: str, parents: Mapping[Any, str | None]) -> bool:
    """Alembic's `include_name`: what autogenerate may look at."""
    return name == schema if kind == "schema" else parents.get("schema_name") == schema


class Fence:
    """Made before the first step; used as `with fence:` around the steps."""

    def __init__(self, connection: Connection, schema: str) -> None:
        self.connection, self.schema = connection, schema
        self.before = self._catalogue()
        self.watched = self._watched()

    def __enter__(self) -> None:
        event.listen(self.connection, "before_cursor_execute", self._refuse)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        event.remove(self.connection, "before_cursor_execute", self._refuse)
        if error is None:
            self._check()

    def _refuse(self, connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            raise ForeignSchemaError(f"A migration runs in its transaction; not outside of it: {statement[:200]}")
        if TRANSACTION_CONTROL.match(statement):
            raise ForeignSchemaError(f"A migration may not end its own transaction: {statement[:200]}")

    def _check(self) -> None:
        watched = [*(self.watched | self._watched())]  # making and dropping a trigger locks its table
        written = list(self.connection.execute(text(WRITTEN), {"schema": self.schema, "watched": watched}).scalars())
        changed = sorted(self.before ^ self._catalogue())
        names = [*dict.fromkeys([*(f"{kind} {name}" for kind, name, _ in changed), *written])]
        if names:
            raise ForeignSchemaError(
                f"A migration may change the schema {self.schema} only, and this one changed {', '.join(names[:5])}"
                + (f" and {len(names) - 5} more" if len(names) > 5 else "")
                + f". Nothing was kept. What belongs to {self.schema} must be created in it."
            )

    def _watched(self) -> frozenset[int]:
        return frozenset(self.connection.execute(text(WATCHED), {"schema": self.schema}).scalars())

    def _catalogue(self) -> frozenset[tuple[str, str, str]]:
        return frozenset(
            (kind, str(row[0]), repr(tuple(row[1:])))
            for kind, query in CATALOGUES.items()
            for row in self.connection.execute(
                text(query.format(outside=OUTSIDE, ours=OURS, relation=RELATION)), {"schema": self.schema}
            )
        )

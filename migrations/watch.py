"""Watching: the triggers by which a table of Django's tells the change feed what happened to it.

`install` gives each table its four triggers and takes those of ours from every other one; it is run again after each
migration of Django's, and locks nothing where nothing is to do. A table that is not there yet is left for the next
time. One table, one transaction, and a short wait for its lock: a visitor's write never queues behind us for long.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg

from new_app.db import plain_url
from new_app.feed import RELATIONS, TELLER

LOCK_TIMEOUT = "2s"
TRIGGERS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
    "TRUNCATE": "",
}
OURS = f"""
    SELECT c.oid::regclass::text AS relation, quote_ident(tgname) AS name, c.relname = ANY($1::text[]) AS wanted
    FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE tgfoid = to_regprocedure('{TELLER}')"""  # noqa: S608
EVERYTHING = """SELECT pg_notify('bridge_change', '{"relation": null}')"""


@dataclass(frozen=True, slots=True)
class Watch:
    """What `install` did. `busy` tables could not be locked in time: run it again."""

    watched: tuple[str, ...]
    absent: tuple[str, ...]
    busy: tuple[str, ...]

    def __str__(self) -> str:
        said = [f"{len(self.watched)} tables watched"]
        said += [f"{len(self.absent)} not there yet"] if self.absent else []
        said += [f"busy, run this again: {', '.join(self.busy)}"] if self.busy else []
        return "; ".join(said)


async def install(database_url: str, tables: Iterable[str]) -> Watch:
    """Watch these tables and no others. Whoever follows the feed forgets what it remembers."""
    wanted = sorted(set(tables))
    connection = await asyncpg.connect(plain_url(database_url))
    try:
        state = await _state(connection)
        busy = []
        for table in wanted:
            if state.get(table) is False and not await _change(connection, _creation(table)):
                busy.append(table)
        for row in await connection.fetch(OURS, wanted):
            if not row["wanted"]:
                await _change(connection, [f"DROP TRIGGER {row['name']} ON {row['relation']}"])
        await connection.execute(EVERYTHING)
        state = await _state(connection)
    finally:
        await connection.close()
    return Watch(
        tuple(table for table in wanted if state.get(table)),
        tuple(table for table in wanted if table not in state),
        tuple(busy),
    )


async def unwatched(database_url: str, tables: Iterable[str]) -> list[str]:
    """Which of these tables are there and tell nobody of a change."""
    connection = await asyncpg.connect(plain_url(database_url), timeout=5)
    try:
        state = await _state(connection)
    finally:
        await connection.close()
    return [table for table in sorted(set(tables)) if state.get(table) is False]


async def _state(connection: asyncpg.Connection) -> dict[str, bool]:
    return {row[0]: row[1] for row in await connection.fetch(RELATIONS)}


def _creation(table: str) -> list[str]:
    quoted = '"' + table.replace('"', '""') + '"'
    statements = []
    for event, rows in TRIGGERS.items():
        name = f"bridge_change_{event.lower()}"
        statements.append(f"DROP TRIGGER IF EXISTS {name} ON {quoted}")  # one that somebody disabled, or a rest
        statements.append(
            f"CREATE TRIGGER {name} AFTER {event} ON {quoted} {rows} FOR EACH STATEMENT EXECUTE FUNCTION {TELLER}"
        )
    return statements


async def _change(connection: asyncpg.Connection, statements: Iterable[str]) -> bool:
    """Run these in one transaction; False where the table's lock was not to be had in time."""
    try:
        async with connection.transaction():
            await connection.execute(
                f"SET LOCAL client_min_messages = warning; SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"
            )
            for statement in statements:
                await connection.execute(statement)
    except asyncpg.LockNotAvailableError:
        return False
    return True

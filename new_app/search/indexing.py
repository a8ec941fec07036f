"""Indexing: an engine is filled with every document, and then follows what either side writes.

`reindex` reads everything in batches by primary key and takes out what is there no more at the end: whoever searches
meanwhile finds the old or the new, never nothing. `Follower` reads `bridge.change`, in this order:

1. one follower per engine, by an advisory lock; the others wait for their turn
2. how far it has read stands in `bridge.search_reader`; where that is too long ago, or unknown, it reads everything
3. a notice wakes it, and so does every POLL seconds: a notice that was lost costs no more
4. what changed is read and put; only then is it noted as read: whoever dies in between does it once more

An engine that does not answer is asked again later, and nothing is lost: what was not put was not noted as read.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import asyncpg
from sqlalchemy import Select
from sqlalchemy.orm import Session

from new_app.db import Database, plain_url
from new_app.feed import CHANNEL
from new_app.search import Document, Engine, EngineError, Searched

BATCH = 500
POLL, RETRY = 1.0, 5.0
FRESH = "12 hours"
"""How old a reading may be: `bridge.change` is pruned after a day."""
LOCK = 0x5EA7C4
"""The advisory lock's first number; the second is the engine's."""
_SINCE = """
    SELECT relation, keys FROM bridge.change
    WHERE xid >= pg_snapshot_xmin($1::text::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
    ORDER BY id"""
_NOTED = """
    INSERT INTO bridge.search_reader (engine, snapshot) VALUES ($1, $2)
    ON CONFLICT (engine) DO UPDATE SET snapshot = $2, read_at = now()"""
_READ = f"SELECT snapshot FROM bridge.search_reader WHERE engine = $1 AND read_at > now() - interval '{FRESH}'"  # noqa: S608
_log = logging.getLogger(__name__)


async def reindex(
    database: Database, engine: Engine, searched: Sequence[Searched], *, told: Callable[[str, int], None] | None = None
) -> int:
    """Read every document of these kinds into the engine; gives how many. `told` hears of each batch: kind, number."""
    await engine.prepare()
    run, total = time.time_ns(), 0
    for one in searched:
        after = 0
        while True:
            question = one.question().where(one.model.id > after).order_by(None).order_by(one.model.id).limit(BATCH)
            keys, documents = await read(database, one, question)
            if not keys:
                break
            await engine.put(documents, run)
            after, total = max(keys), total + len(documents)
            if told is not None:
                told(one.kind, len(documents))
    await engine.sweep([one.kind for one in searched], run)
    return total


async def read(database: Database, one: Searched, question: Select[Any]) -> tuple[list[int], list[Document]]:
    """The primary keys of the rows, and their documents."""

    def asked(open_session: Callable[[], Session]) -> tuple[list[int], list[Document]]:
        rows = open_session().scalars(question).unique().all()
        return [row.id for row in rows], [one.document(row) for row in rows]

    return await database.ask(asked)


async def renew(database: Database, engine: Engine, one: Searched, keys: Collection[int]) -> None:
    """Put the documents of these rows, and take out those that are documents no more."""
    for batch in batches(sorted(keys)):
        found, documents = await read(database, one, one.question().where(one.model.id.in_(batch)))
        await engine.put(documents, time.time_ns())
        if gone := set(batch) - set(found):
            await engine.remove(one.kind, gone)


def batches(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


class Follower:
    """Keeps an engine up with the database. `start` and `stop` belong to a process that runs as long as the site."""

    def __init__(self, database: Database, engine: Engine, searched: Sequence[Searched], database_url: str) -> None:
        self._database, self._engine, self._searched = database, engine, searched
        self._url = plain_url(database_url)
        self._woken = asyncio.Event()
        self._said = ""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._follow(), name="search index")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _follow(self) -> None:
        while True:
            try:
                await self._lead()
            except (EngineError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                self._say(f"{type(error).__name__}: {error}")
            except Exception:  # this task must outlive everything: nobody else would start it again
                _log.exception("search index: a change could not be read")
            await asyncio.sleep(RETRY)

    async def _lead(self) -> None:
        connection = await asyncpg.connect(self._url, timeout=5, command_timeout=30)
        try:
            number = sum(self._engine.name.encode())
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", LOCK, number):  # 1
                return
            await connection.add_listener(CHANNEL, lambda *_: self._woken.set())
            snapshot = await connection.fetchval(_READ, self._engine.name)  # 2
            if snapshot is None:
                snapshot = await connection.fetchval("SELECT pg_current_snapshot()::text")
                count = await reindex(self._database, self._engine, self._searched)
                _log.info("search index: %s documents read", count)
                await connection.execute(_NOTED, self._engine.name, snapshot)
            while True:
                snapshot = await self._catch_up(connection, snapshot)
                self._said = ""
                with contextlib.suppress(TimeoutError):  # 3
                    await asyncio.wait_for(self._woken.wait(), POLL)
                self._woken.clear()
        finally:
            connection.terminate()

    async def _catch_up(self, connection: Any, snapshot: str) -> str:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            now: str = await connection.fetchval("SELECT pg_current_snapshot()::text")
            changes = await connection.fetch(_SINCE, snapshot) if now != snapshot else []
        for one in self._searched:
            mine = {key for relation, keys in changes if relation == one.table for key in keys or ()}
            await renew(self._database, self._engine, one, {int(key) for key in mine})
        anew = {relation for relation, keys in changes if keys is None}
        touched = {relation for relation, _ in changes}
        for one in self._searched:
            if one.table in anew or touched & {*one.related}:
                await reindex(self._database, self._engine, [one])
        if now != snapshot:
            await connection.execute(_NOTED, self._engine.name, now)  # 4
        return now

    def _say(self, line: str) -> None:
        if line != self._said:
            _log.warning("search index: %s; it is tried again", line)
        self._said = line

"""Listening: the connection by which this process hears of changes.

1. connect, LISTEN, and hear an echo of our own: behind a pool that shares connections between transactions LISTEN does
   nothing, and says so to nobody;
2. the feed sees; each notice is told as it comes;
3. every POLL seconds, and whenever a caller wants to be sure (`settled`), the connection proves that it lives. The poll
   also reads `bridge.change`, so a notice that got lost costs no more than POLL, and which tables have triggers;
4. a connection that ends makes the feed blind at once; one that hangs, after POLL + PATIENCE at the latest. Then again
   from 1, with longer and longer waits.

Whose commit is known to be done has been heard once `settled` returns: PostgreSQL signals the listeners before it
answers a COMMIT, and a listening session sends its notices before the end of its next answer.

Refuses: to raise, to hold up a request while the database is away, to be in a transaction longer than one poll.
"""

import asyncio
import contextlib
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from new_app.db import plain_url
from new_app.feed import CHANNEL, RELATIONS, Change, Feed, Relations, read_notice

POLL = 2.0
PATIENCE = 2.0
FIRST_WAIT, LONGEST_WAIT = 0.1, 5.0
PRUNE_EVERY = 600.0
SNAPSHOT = "SELECT pg_current_snapshot()::text"
SINCE = """
    SELECT id, relation, keys FROM bridge.change
    WHERE xid >= pg_snapshot_xmin($1::text::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
    ORDER BY id"""
PRUNE = "DELETE FROM bridge.change WHERE at < now() - interval '1 day'"
_log = logging.getLogger(__name__)


class DeafError(Exception):
    """The connection cannot hear notices."""


class Listening:
    """Keeps `feed` told. `start` and `stop` belong to the server's lifespan; `start` waits for nothing."""

    def __init__(self, feed: Feed, database_url: str, *, poll: float = POLL) -> None:
        self.feed, self.poll = feed, poll
        self._url = plain_url(database_url)
        self._connection: Any = None
        self._turn = asyncio.Lock()  # asyncpg asks one thing at a time on a connection
        self._ended = asyncio.Event()
        self._echo = ""
        self._snapshot = ""
        self._told: tuple[set[int], set[int]] = set(), set()
        """Changes told since the last poll, and since the one before: a notice and a poll may come in any order."""
        self._prune_at = 0.0
        self._said = ""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._follow(), name="change feed")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def settled(self) -> None:
        """Return when every change has been told whose commit was done before this call."""
        connection = self._connection
        if connection is None:
            return  # blind, so nothing is remembered
        try:
            async with self._turn:
                await connection.execute("SELECT 1")
        except Exception:  # whatever it was, it does not hear reliably any more
            self.feed.lose()
            connection.terminate()

    async def _follow(self) -> None:
        wait = FIRST_WAIT
        while True:
            try:
                async with self._listening() as connection:  # 1
                    while not self._ended.is_set():
                        async with self._turn:
                            await self._read(connection)  # 2 3
                        wait, self._said = FIRST_WAIT, ""
                        with contextlib.suppress(TimeoutError):
                            await asyncio.wait_for(self._ended.wait(), self.poll)
                self._say("the connection was closed")
            except asyncpg.UndefinedTableError:
                self._say("this database has no change feed; run `bridge migrate`")
            except Exception as error:  # this task must outlive everything: nobody else would start it again
                self._say(repr(error))
            await asyncio.sleep(wait)  # 4
            wait = min(wait * 2, LONGEST_WAIT)

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator[Any]:
        connection = await asyncpg.connect(self._url, timeout=PATIENCE, command_timeout=PATIENCE)
        self._ended, self._snapshot, self._told = asyncio.Event(), "", (set(), set())
        try:
            connection.add_termination_listener(self._lost)
            await connection.add_listener(CHANNEL, self._hear)
            token = secrets.token_hex(8)
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, json.dumps({"echo": token}))
            if self._echo != token:
                raise DeafError("notices do not arrive here: give a DATABASE_URL that is not a transaction pool's")
            self._connection = connection
            yield connection
        finally:
            self._connection = None
            self.feed.lose()
            connection.terminate()

    def _lost(self, _connection: Any) -> None:
        self.feed.lose()
        self._ended.set()

    def _hear(self, _connection: Any, _process: int, _channel: str, payload: str) -> None:
        if payload.startswith('{"echo"'):
            self._echo = json.loads(payload)["echo"]
        else:
            self._tell(*read_notice(payload))

    def _tell(self, number: int | None, change: Change) -> None:
        if number is None:
            self.feed.tell(change)
        elif number not in self._told[0] and number not in self._told[1]:
            self._told[0].add(number)
            self.feed.tell(change)

    async def _read(self, connection: Any) -> None:
        """One look at the database: what changed since the last look, and what is watched."""
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await connection.fetchval(SNAPSHOT)
            missed = await connection.fetch(SINCE, self._snapshot or snapshot)
            relations = await connection.fetch(RELATIONS)
        for number, table, keys in missed:
            self._tell(number, Change(table, None if keys is None else frozenset(keys)))
        self._told = set(), self._told[0]
        self._snapshot = snapshot
        watched = frozenset(name for name, told in relations if told)
        self.feed.see(Relations(watched, frozenset(name for name, told in relations if not told)))
        if time.monotonic() >= self._prune_at:
            self._prune_at = time.monotonic() + PRUNE_EVERY
            with contextlib.suppress(asyncpg.PostgresError):  # a role that may not, an operator who must
                await connection.execute(PRUNE)

    def _say(self, line: str) -> None:
        if line != self._said:
            _log.warning("change feed: %s; nothing is remembered until it is heard again", line)
        self._said = line

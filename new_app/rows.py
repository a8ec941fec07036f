"""Rows: statements that are written once and asked often, straight over asyncpg.

A session costs more than the query of a hot page does. These reads have no transaction and no objects; whatever needs a
model uses `Database.read_only()`. Values are always parameters, never text. Nothing is asked twice: a lost connection
is named, and whoever asked decides; the next statement opens another.

RowsError
├── PoolFull         every connection was busy for as long as a statement may wait
└── ConnectionLost   the database is away: no connection, or it broke while the statement ran
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import asyncpg

from new_app import trace
from new_app.db import plain_url


class RowsError(Exception):
    """The database could not be asked; what is wrong with a statement is asyncpg's error."""


class PoolFull(RowsError):
    """No connection came free in time."""


class ConnectionLost(RowsError):
    """The database did not answer, or no longer."""


AWAY = (
    *(asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError),
    *(asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError, OSError),
)


class Reader(Protocol):
    """What a query needs: ask, and get rows whose values are found by position and by name."""

    async def fetch(self, statement: str, *values: object) -> Sequence[Any]: ...


class Rows:
    """Autocommit connections, opened when they are needed, `size` of them at most, closed by `close()`.

    asyncpg's own pool resets a connection and starts a task for each that comes back. No statement here leaves anything
    behind, so these are simply used again; one that failed in any way but an error of the statement is thrown away.
    `timeout` bounds the opening of a connection and each statement, `wait` the time for a connection to come free.
    """

    def __init__(self, database_url: str, *, size: int = 8, timeout: float = 10.0, wait: float = 5.0) -> None:
        self._dsn = plain_url(database_url)
        self._timeout, self._wait, self._size = timeout, wait, size
        self._slots = asyncio.Semaphore(size)
        self._idle: list[asyncpg.Connection] = []

    async def fetch(self, statement: str, *values: object) -> Sequence[Any]:
        """Raises PoolFull, ConnectionLost, TimeoutError, and asyncpg's errors for the statement itself."""
        trace.saw(statement, values)
        await self._slot()
        try:
            connection = await self._take()
            return await self._asked(connection, statement, values)
        finally:
            self._slots.release()

    async def _slot(self) -> None:
        if not self._slots.locked():
            await self._slots.acquire()
            return
        try:
            async with asyncio.timeout(self._wait):
                await self._slots.acquire()
        except TimeoutError as error:
            raise PoolFull(f"all {self._size} connections were busy for {self._wait} s") from error

    async def _asked(self, connection: asyncpg.Connection, statement: str, values: Sequence[object]) -> Sequence[Any]:
        try:
            rows: Sequence[Any] = await connection.fetch(statement, *values)
        except TimeoutError:  # an OSError too, but it is the statement that took too long
            connection.terminate()
            raise
        except AWAY as error:
            connection.terminate()
            raise ConnectionLost(f"the connection broke: {error}") from error
        except asyncpg.PostgresError:
            self._idle.append(connection)
            raise
        except BaseException as error:
            # A server's goodbye that arrives between two statements leaves asyncpg in a state that it calls internal.
            lost = isinstance(error, asyncpg.InternalClientError) or (
                isinstance(error, asyncpg.InterfaceError) and connection.is_closed()
            )
            connection.terminate()
            if lost:
                raise ConnectionLost(f"the connection was closed: {error}") from error
            raise
        self._idle.append(connection)
        return rows

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().close(timeout=2)

    async def _take(self) -> asyncpg.Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        try:
            return await asyncpg.connect(self._dsn, timeout=self._timeout, command_timeout=self._timeout)
        except (*AWAY, TimeoutError) as error:
            raise ConnectionLost(f"no connection to the database: {error or 'it does not answer'}") from error

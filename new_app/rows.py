"""Rows: statements that are written once and asked often, straight over asyncpg.

A session costs more than the query of a hot page does. These reads have no transaction and no objects; whatever needs a
model uses `Database.read_only()`. Values are always parameters, never text.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import asyncpg

from new_app import trace
from new_app.db import plain_url


class Reader(Protocol):
    """What a query needs: ask, and get rows whose values are found by position and by name."""

    async def fetch(self, statement: str, *values: object) -> Sequence[Any]: ...


class Rows:
    """Autocommit connections, opened when they are needed, `size` of them at most, closed by `close()`.

    asyncpg's own pool resets a connection and starts a task for each that comes back. No statement here leaves anything
    behind, so these are simply used again; one that failed in any way but an error of the statement is thrown away.
    """

    def __init__(self, database_url: str, *, size: int = 8, timeout: float = 10.0) -> None:
        self._dsn = plain_url(database_url)
        self._timeout = timeout
        self._slots = asyncio.Semaphore(size)
        self._idle: list[asyncpg.Connection] = []

    async def fetch(self, statement: str, *values: object) -> Sequence[Any]:
        trace.saw(statement, values)
        async with self._slots:
            connection = await self._take()
            try:
                rows: Sequence[Any] = await connection.fetch(statement, *values)
            except asyncpg.PostgresError:
                self._idle.append(connection)
                raise
            except BaseException:
                connection.terminate()
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
        return await asyncpg.connect(self._dsn, timeout=self._timeout, command_timeout=self._timeout)

"""Rows: statements that are written once and asked often, straight over asyncpg.

A session costs more than the query of a hot page does. These reads have no transaction and no objects; whatever needs a
model uses `Database.read_only()`. Values are always parameters, never text.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import asyncpg
from sqlalchemy.engine import make_url


class Reader(Protocol):
    """What a query needs: ask, and get rows whose values are found by position and by name."""

    async def fetch(self, statement: str, *values: object) -> Sequence[Any]: ...


class Rows:
    """A pool of autocommit connections, opened at the first question and closed by `close()`."""

    def __init__(self, database_url: str, *, size: int = 8) -> None:
        self._dsn = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._size = size
        self._pool: asyncpg.Pool | None = None
        self._opening: asyncio.Lock | None = None

    async def fetch(self, statement: str, *values: object) -> Sequence[Any]:
        pool = self._pool or await self._open()
        connection = await pool.acquire()
        try:
            return await connection.fetch(statement, *values)  # type: ignore[no-any-return]
        finally:
            await pool.release(connection)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def _open(self) -> asyncpg.Pool:
        self._opening = self._opening or asyncio.Lock()
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn, min_size=1, max_size=self._size, reset=_nothing_to_reset
                )
            return self._pool


async def _nothing_to_reset(_connection: object) -> None:
    """No statement here leaves anything behind on its connection, so giving it back costs no round trip."""

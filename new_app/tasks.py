"""Tasks: what is done at its time and not at a visitor's: feeds that are read, rows that end.

A task that the old site has too, as a management command, is done by one side at a time: by its flag, legacy's until it
is moved (`bridge tasks move`). Moving it pauses the entries of django-celery-beat that run the command, in the same
transaction; moving it back wakes those, and no others. It promises, in this order:

1. nobody else does the task now: an advisory lock, which goes with the process that holds it
2. it is ours: the flag is read inside the lock
3. its beginning is noted before it begins, and what came of it after: a run without an end was killed
4. done twice, it changes nothing the second time

A failure is noted with its reason and hurts no other task; the next time it is tried again.
"""

import asyncio
import logging
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
from croniter import croniter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.db import Database, plain_url

LOCK = 0x7A5C
LONGEST_WORDS = 500
_log = logging.getLogger(__name__)
_PAUSED = """
    WITH paused AS (
        UPDATE django_celery_beat_periodictask SET enabled = false, date_changed = now()
        WHERE enabled AND (task ~ :called OR args ~ :argued) RETURNING id
    ), kept AS (
        INSERT INTO bridge.task_paused (task, periodic_task) SELECT :task, id FROM paused
        ON CONFLICT DO NOTHING RETURNING 1
    ) SELECT count(*) FROM paused"""
_WOKEN = """
    WITH ours AS (DELETE FROM bridge.task_paused WHERE task = :task RETURNING periodic_task)
    UPDATE django_celery_beat_periodictask SET enabled = true, date_changed = now()
    WHERE id IN (SELECT periodic_task FROM ours)"""
_TOLD = """
    INSERT INTO django_celery_beat_periodictasks (ident, last_update) VALUES (1, now())
    ON CONFLICT (ident) DO UPDATE SET last_update = now()"""
"""What beat looks at to see that its schedule has changed."""


@dataclass(frozen=True, slots=True)
class Work:
    """What tasks do their work with: `render` prints a template of the theme, `reindex` reads every document anew and
    gives how many.
    """

    database: Database
    render: Callable[[Sequence[str], Mapping[str, Any]], str]
    reindex: Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Task:
    """`name` is the management command's where the old site has it (`is_shared`); `cron` says when, in UTC.

    `do` gives in some words what it has done. It has `timeout` seconds.
    """

    name: str
    cron: str
    do: Callable[[Work], Awaitable[str]]
    is_shared: bool = True
    timeout: float = 600.0

    def next_run(self, now: datetime) -> datetime:
        found: datetime = croniter(self.cron, now).get_next(datetime)
        return found


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a task. `outcome` is done, failed, running or killed."""

    outcome: str
    said: str
    started_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """A task as operators see it. `beat` counts the entries of legacy's schedule that run it, and are not paused."""

    task: Task
    owner: str
    beat: int
    last: Run | None


class Tasks:
    """The tasks of the site, run by whoever holds the lock of each."""

    def __init__(self, work: Work, tasks: Sequence[Task], database_url: str) -> None:
        self.work, self.tasks = work, {task.name: task for task in tasks}
        self._url = plain_url(database_url)

    async def run(self, name: str) -> Run | None:
        """Do a task now, if it is ours and nobody else is at it; None if not. A failure is an outcome."""
        task = self.tasks[name]
        async with self._alone(name) as connection:
            if connection is None or await owner_of(connection, task) != "new":  # 1 2
                return None
            await connection.execute(  # 3
                "UPDATE bridge.task_run SET outcome = 'killed' WHERE name = $1 AND outcome = 'running'", name
            )
            number = await connection.fetchval("INSERT INTO bridge.task_run (name) VALUES ($1) RETURNING id", name)
            outcome, said = await self._done(task)
            row = await connection.fetchrow(
                """UPDATE bridge.task_run SET outcome = $2, said = $3, finished_at = clock_timestamp() WHERE id = $1
                RETURNING outcome, said, started_at, finished_at""",
                *(number, outcome, said[:LONGEST_WORDS]),
            )
            return Run(**row)

    async def _done(self, task: Task) -> tuple[str, str]:
        began = time.monotonic()
        try:
            async with asyncio.timeout(task.timeout):
                said = await task.do(self.work)
        except TimeoutError:
            said = f"it was given up after {task.timeout:.0f} s"
        except Exception as error:  # whatever it is, the worker goes on to the next task
            _log.exception("task %s failed", task.name)
            said = f"{type(error).__name__}: {error}"
        else:
            _log.info("task %s: %s (%.1f s)", task.name, said, time.monotonic() - began)
            return "done", said
        return "failed", said

    @asynccontextmanager
    async def _alone(self, name: str) -> Any:
        """A connection that holds the task's lock while the block runs, None if another has it."""
        connection = await asyncpg.connect(self._url, timeout=5)
        try:
            mine = await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", LOCK, number_of(name))
            yield connection if mine else None
        finally:
            await connection.close(timeout=5)

    async def board(self) -> list[Status]:
        """Every task, by name."""
        connection = await asyncpg.connect(self._url, timeout=5)
        try:
            return [await status_of(connection, task) for _, task in sorted(self.tasks.items())]
        finally:
            await connection.close(timeout=5)


async def status_of(connection: Any, task: Task) -> Status:
    owner, beat = await owner_of(connection, task), await beat_of(connection, task)
    return Status(task, owner, beat, await last_of(connection, task))


def number_of(name: str) -> int:
    return zlib.crc32(name.encode()) - 2**31


async def owner_of(connection: Any, task: Task) -> str:
    """Who does the task: legacy, unless it is moved or legacy does not have it."""
    stage = await connection.fetchval("SELECT stage FROM bridge.flag WHERE kind = 'task' AND name = $1", task.name)
    return str(stage or ("legacy" if task.is_shared else "new"))


async def beat_of(connection: Any, task: Task) -> int:
    if not await connection.fetchval("SELECT to_regclass('django_celery_beat_periodictask') IS NOT NULL"):
        return 0
    counted = "SELECT count(*) FROM django_celery_beat_periodictask WHERE enabled AND (task ~ $1 OR args ~ $2)"
    return int(await connection.fetchval(counted, *patterns(task.name))) if task.is_shared else 0


async def last_of(connection: Any, task: Task) -> Run | None:
    """What came of it last. One that runs while nobody holds its lock was killed."""
    row = await connection.fetchrow(
        "SELECT outcome, said, started_at, finished_at FROM bridge.task_run WHERE name = $1 ORDER BY id DESC LIMIT 1",
        task.name,
    )
    if row is None:
        return None
    held = await connection.fetchval(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid::bigint = $2",
        *(LOCK, number_of(task.name) % 2**32),
    )
    return Run(**{**row, "outcome": "killed"} if row["outcome"] == "running" and not held else row)


def patterns(command: str) -> tuple[str, str]:
    """How an entry of beat's schedule names the command: as its own task, or as a task's first argument."""
    return rf"(^|\.){command}$", rf'^\s*\[\s*"{command}"'


async def hand_over(session: AsyncSession, name: str, *, to_new: bool) -> int:
    """Pause legacy's schedule of a command, or wake what was paused; gives how many entries."""
    if not await session.scalar(text("SELECT to_regclass('django_celery_beat_periodictask') IS NOT NULL")):
        return 0
    called, argued = patterns(name)
    if to_new:
        count = await session.scalar(text(_PAUSED), {"called": called, "argued": argued, "task": name}) or 0
    else:
        count = (await session.execute(text(_WOKEN), {"task": name})).rowcount  # type: ignore[attr-defined]
    if count:
        await session.execute(text(_TOLD))
    return int(count)

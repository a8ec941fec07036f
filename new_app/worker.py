"""The composition root of the worker: SAQ on Redis or Valkey, with the follower of the search index beside it.

Each task has its time (`new_app/tasks.py` says whose it is); once an hour our mapping is compared with the live tables,
and each drift is logged, since Django's migrations may change them while both sides run.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from saq import CronJob, Queue

from legacy_adapters.manifest import read_manifest
from new_app.config import Settings
from new_app.db import Database
from new_app.domains import SEARCHED, TASKS
from new_app.models import metadata
from new_app.rows import Rows
from new_app.search import Engine
from new_app.search.choice import search_engine
from new_app.search.indexing import Follower, reindex
from new_app.tasks import Tasks, Work
from new_app.theme import open_theme
from parity.schema import compare_schema

_log = logging.getLogger("new_app.worker")
SCHEMA = "17 * * * *"


async def check_schema(_context: Any) -> int:
    """Log every drift between the mapping and the database; gives their number."""
    database = Database(Settings().database_url, pool_size=1)
    try:
        async with database.engine.connect() as connection:
            lock = await connection.run_sync(compare_schema, metadata)
    finally:
        await database.dispose()
    for drift in lock.drifts:
        _log.warning("schema: %s", drift)
    return len(lock.drifts)


def site_tasks(settings: Settings, database: Database, engine: Engine) -> Tasks:
    """The tasks of all domains, with what they do their work with."""
    known = read_manifest(settings.manifest) if settings.manifest.exists() else None
    theme = open_theme(settings, known)

    async def read_anew() -> int:
        return await reindex(database, engine, SEARCHED)

    return Tasks(Work(database, theme.render, read_anew), TASKS, settings.database_url)


def at_its_time(name: str) -> Callable[[Any], Awaitable[str]]:
    """The task as SAQ calls it, under its own name."""

    async def run(context: Any) -> str:
        done = await context["tasks"].run(name)
        return f"{done.outcome}: {done.said}" if done else "not ours"

    run.__qualname__ = run.__name__ = name
    return run


async def startup(context: Any) -> None:
    known, opened = Settings(), AsyncExitStack()
    rows, database = Rows(known.database_url), Database(known.database_url, pool_size=2)
    engine = search_engine(known, rows)
    follower = Follower(database, engine, SEARCHED, known.database_url)
    for close in (rows.close, database.dispose, engine.close, follower.stop):
        opened.push_async_callback(close)
    context |= {"tasks": site_tasks(known, database, engine), "opened": opened}
    await follower.start()


async def shutdown(context: Any) -> None:
    await context["opened"].aclose()


JOBS = {task: at_its_time(task.name) for task in TASKS}
settings = {
    "queue": Queue.from_url(Settings().redis_url or "redis://127.0.0.1:6379/0"),
    "functions": [check_schema, *JOBS.values()],
    "cron_jobs": [
        CronJob(check_schema, cron=SCHEMA),
        *(CronJob(job, cron=task.cron, timeout=int(task.timeout) + 60) for task, job in JOBS.items()),
    ],
    "concurrency": 4,
    "startup": startup,
    "shutdown": shutdown,
}

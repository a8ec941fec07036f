"""The composition root of the worker: SAQ on Redis or Valkey, and the follower of the search index beside it.

Once an hour our mapping is compared with the live tables, and each drift is logged, since Django's migrations may
change them while both sides run. It reads only, so running it twice changes nothing.
"""

import logging
from typing import Any

from saq import CronJob, Queue

from new_app.config import Settings
from new_app.db import Database
from new_app.domains import SEARCHED
from new_app.models import metadata
from new_app.rows import Rows
from new_app.search.choice import search_engine
from new_app.search.indexing import Follower
from parity.schema import compare_schema

_log = logging.getLogger("new_app.worker")


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


async def startup(context: dict[str, Any]) -> None:
    """Begin to follow what is written, for search."""
    known = Settings()
    rows, database = Rows(known.database_url), Database(known.database_url, pool_size=1)
    engine = search_engine(known, rows)
    follower = Follower(database, engine, SEARCHED, known.database_url)
    context |= {"rows": rows, "database": database, "engine": engine, "follower": follower}
    await follower.start()


async def shutdown(context: dict[str, Any]) -> None:
    await context["follower"].stop()
    await context["engine"].close()
    await context["database"].dispose()
    await context["rows"].close()


settings = {
    "queue": Queue.from_url(Settings().redis_url or "redis://127.0.0.1:6379/0"),
    "functions": [check_schema],
    "cron_jobs": [CronJob(check_schema, cron="17 * * * *")],
    "concurrency": 4,
    "startup": startup,
    "shutdown": shutdown,
}

"""The composition root of the worker: SAQ on Redis or Valkey.

One task today: once an hour, compare our mapping with the live tables and log each drift, since Django's migrations may
change them while both sides run. It reads only, so running it twice changes nothing.
"""

import logging
from typing import Any

from saq import CronJob, Queue

from new_app.config import Settings
from new_app.db import Database
from new_app.models import metadata
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


settings = {
    "queue": Queue.from_url(Settings().redis_url or "redis://127.0.0.1:6379/0"),
    "functions": [check_schema],
    "cron_jobs": [CronJob(check_schema, cron="17 * * * *")],
    "concurrency": 4,
}

"""The feed of vacancies: the twenty newest that were approved, their last day past or not.

No item says when it was published, so the feed says it was built at the moment it is asked for, and is not remembered.
"""

from datetime import UTC, datetime
from typing import Any

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency

from new_app.answer import Answer
from new_app.request import Call
from new_app.rows import Rows
from new_app.rss import Channel, Item, feed_of

CHANNEL = Channel("Python.org Jobs Feed", "/jobs/", "Python jobs from Python.org")
_NEWEST = """
    SELECT id, job_title, company_name,
        concat_ws(', ', nullif(city, ''), nullif(region, ''), nullif(country, '')) AS place,
        _description_rendered AS description, _requirements_rendered AS requirements
    FROM jobs_job WHERE status = 'approved' ORDER BY created DESC LIMIT 20"""


@route("/jobs/feed/rss", http_method=["GET", "HEAD", "OPTIONS"], opt={"guard": "public"})
async def feed(request: Request[Any, Any, Any], read: NamedDependency[Rows]) -> Answer:
    call = Call.of(request)
    items = [
        Item(
            f"{job['job_title']}, {job['company_name']}",
            f"/jobs/{job['id']}/",
            f"{job['place']}\n{job['description']}\n{job['requirements']}",
        )
        for job in await read.fetch(_NEWEST)
    ]
    return await feed_of(call, read, CHANNEL, items, datetime.now(UTC))

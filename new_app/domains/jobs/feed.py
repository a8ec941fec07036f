"""The feed of vacancies: the twenty newest that were approved, their last day past or not.

No item says when it was published, so the feed says it was built at the moment it is asked for, and is not remembered.
"""

from datetime import UTC, datetime
from typing import Any

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency

from new_app.answer import Answer, ask_legacy
from new_app.request import Call
from new_app.rows import Rows
from new_app.rss import RSS, Channel, Item, Unwritable, written

CHANNEL = Channel("Python.org Jobs Feed", "/jobs/", "Python jobs from Python.org")
_DOMAIN = "SELECT domain FROM django_site WHERE id = $1"
_NEWEST = """
    SELECT id, job_title, company_name,
        concat_ws(', ', nullif(city, ''), nullif(region, ''), nullif(country, '')) AS place,
        _description_rendered AS description, _requirements_rendered AS requirements
    FROM jobs_job WHERE status = 'approved' ORDER BY created DESC LIMIT 20"""


@route("/jobs/feed/rss", http_method=["GET", "HEAD", "OPTIONS"], opt={"guard": "public"})
async def feed(request: Request[Any, Any, Any], read: NamedDependency[Rows]) -> Answer:
    call = Call.of(request)
    sites = await read.fetch(_DOMAIN, call.public.site_id)
    if not sites:
        return ask_legacy(500)
    items = [
        Item(
            f"{job['job_title']}, {job['company_name']}",
            f"/jobs/{job['id']}/",
            f"{job['place']}\n{job['description']}\n{job['requirements']}",
        )
        for job in await read.fetch(_NEWEST)
    ]
    try:
        body = written(f"{call.scheme}://{sites[0][0]}", call.path, CHANNEL, items, datetime.now(UTC))
    except Unwritable:
        return ask_legacy(500)
    return Answer(body.encode(), content_type=RSS)

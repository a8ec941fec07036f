"""The feed of vacancies: the twenty newest that were approved, their last day past or not.

No item says when it was published, so the feed says it was built at the moment it is asked for, and is not remembered.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency

from new_app.answer import Answer, ask_legacy
from new_app.request import Call, iri_to_uri
from new_app.rows import Rows

RSS = "application/rss+xml; charset=utf-8"
TITLE = "Python.org Jobs Feed"
DESCRIPTION = "Python jobs from Python.org"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
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
    body = rss(f"{call.scheme}://{sites[0][0]}", iri_to_uri(call.path), await read.fetch(_NEWEST), datetime.now(UTC))
    return ask_legacy(500) if _CONTROL.search(body) else Answer(body.encode(), content_type=RSS)


def rss(origin: str, path: str, jobs: Sequence[Any], built: datetime) -> str:
    """The feed as RSS 2.0."""
    return "".join(
        (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>',
            f"<title>{TITLE}</title><link>{escape(origin)}/jobs/</link><description>{DESCRIPTION}</description>",
            f'<atom:link href={quoteattr(origin + path)} rel="self"/><language>en-us</language>',
            f"<lastBuildDate>{format_datetime(built)}</lastBuildDate>",
            *(_item(origin, job) for job in jobs),
            "</channel></rss>",
        )
    )


def _item(origin: str, job: Any) -> str:
    link = f"{escape(origin)}/jobs/{job['id']}/"
    title = escape(f"{job['job_title']}, {job['company_name']}")
    text = escape(f"{job['place']}\n{job['description']}\n{job['requirements']}")
    return f"<item><title>{title}</title><link>{link}</link><description>{text}</description><guid>{link}</guid></item>"

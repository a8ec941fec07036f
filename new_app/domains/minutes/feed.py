"""The feed of minutes: the twenty latest that are published, each said to be published at midnight of its day."""

from datetime import UTC, datetime, time
from typing import Any

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency

from new_app import trace
from new_app.answer import Answer
from new_app.cache import ANONYMOUS
from new_app.request import Call
from new_app.rows import Rows
from new_app.rss import Channel, Item, feed_of, last_modified

CHANNEL = Channel("PSF Board Meeting Minutes Feed", "/psf/records/board/minutes/", "PSF Board Meeting Minutes")
_LATEST = """
    SELECT date, _content_rendered AS description FROM minutes_minutes
    WHERE is_published ORDER BY date DESC LIMIT 20"""


@route(
    "/psf/records/board/minutes/feed",
    http_method=["GET", "HEAD", "OPTIONS"],
    opt={"guard": "public", "cache": ANONYMOUS},
)
async def feed(request: Request[Any, Any, Any], read: NamedDependency[Rows]) -> Answer:
    call = Call.of(request)
    items = [
        Item(
            f"PSF Meeting Minutes for {row['date']}",
            f"{CHANNEL.path}{row['date']}/",
            row["description"],
            datetime.combine(row["date"], time(), UTC),
        )
        for row in await read.fetch(_LATEST)
    ]
    if not items:
        trace.never("an empty feed tells the hour")
    newest = items[0].published if items and items[0].published else datetime.now(UTC)
    return await feed_of(call, read, CHANNEL, items, newest, [last_modified(newest)])

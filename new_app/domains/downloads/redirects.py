"""Redirects to the newest releases, and the feed of them."""

import re
from datetime import UTC, datetime
from functools import partial
from typing import Any

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency

from new_app import trace
from new_app.answer import Answer, ask_legacy, redirect
from new_app.cache import ANONYMOUS
from new_app.domains.downloads import queries
from new_app.memory import Memory
from new_app.request import Call, iri_to_uri
from new_app.rows import Reader, Rows
from new_app.rss import RSS, Channel, Item, Unwritable, last_modified, written

_SERIES = re.compile(r"python3\.(\d+)")
LATEST = {
    "latest": queries.PYTHON3,
    "python3": queries.PYTHON3,
    "python2": queries.PYTHON2,
    "pymanager": queries.INSTALL_MANAGER,
}
CHANNEL = Channel("Python Releases", "/downloads/", "Latest Python releases from Python.org")


@route(
    [
        "/downloads/latest",
        "/downloads/latest/{which:str}",
        "/getit/latest",
        "/getit/latest/{which:str}",
    ],
    http_method=["GET", "HEAD", "OPTIONS"],
    opt={"guard": "public"},
)
async def latest(request: Request[Any, Any, Any], read: NamedDependency[Rows]) -> Answer:
    """To a release, else to the list of them; legacy fails where there is no Python 2 or no install manager."""
    which = request.scope["path"].rstrip("/").rpartition("/")[2]
    if which not in (*LATEST, "prerelease") and not _SERIES.fullmatch(which):
        return ask_legacy()
    release = await _wanted(read, which)
    return redirect(iri_to_uri(release.get_absolute_url()) if release else "/downloads/")


async def _wanted(read: Reader, which: str) -> queries.Release | None:
    if which in LATEST:
        return await queries.latest(read, LATEST[which])
    if series := _SERIES.fullmatch(which):
        return await queries.latest_of_series(read, int(series[1]))
    return await queries.latest_prerelease(read)


@route(
    ["/downloads/feed.rss", "/getit/feed.rss"],
    http_method=["GET", "HEAD", "OPTIONS"],
    opt={"guard": "public", "cache": ANONYMOUS},
)
async def feed(request: Request[Any, Any, Any], read: NamedDependency[Rows], memory: NamedDependency[Memory]) -> Answer:
    call = Call.of(request)
    site = call.public.site_id
    domain, releases = await memory.get(("newest releases", site), partial(queries.newest, read, site))
    if not releases:
        trace.never("an empty feed tells the hour")
    newest = max((release.release_date for release in releases), default=datetime.now(UTC))
    items = [
        Item(release.name, release.get_absolute_url(), f"Release date: {release.release_date}", release.release_date)
        for release in releases
    ]
    try:
        body = written(f"{call.scheme}://{domain}", call.path, CHANNEL, items, newest)
    except Unwritable:
        return ask_legacy(500)
    return Answer(body.encode(), content_type=RSS, headers=[last_modified(newest)])

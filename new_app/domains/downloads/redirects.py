"""Redirects to the newest releases, and the feed of them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency

from new_app import trace
from new_app.answer import Answer, ask_legacy, redirect
from new_app.cache import ANONYMOUS
from new_app.domains.downloads import queries
from new_app.request import Call, iri_to_uri
from new_app.rows import Reader, Rows

_SERIES = re.compile(r"python3\.(\d+)")
RSS = "application/rss+xml; charset=utf-8"
LATEST = {
    "latest": queries.PYTHON3,
    "python3": queries.PYTHON3,
    "python2": queries.PYTHON2,
    "pymanager": queries.INSTALL_MANAGER,
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TITLE = "Python Releases"
DESCRIPTION = "Latest Python releases from Python.org"


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
    """To a release, else to the list of them. Python 2 and the install manager have no list: legacy fails, and
    knows how.
    """
    which = request.scope["path"].rstrip("/").rpartition("/")[2]
    if which not in (*LATEST, "prerelease") and not _SERIES.fullmatch(which):
        return ask_legacy()
    release = await _wanted(read, which)
    if release is None and which in ("python2", "pymanager"):
        return ask_legacy(500)
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
async def feed(request: Request[Any, Any, Any], read: NamedDependency[Rows]) -> Answer:
    call = Call.of(request)
    domain, releases = await queries.newest(read, call.public.site_id)
    if not releases:
        trace.never("an empty feed tells the hour")
    newest = max((release.release_date for release in releases), default=datetime.now(UTC))
    if any(_CONTROL.search(release.name) for release in releases):
        return ask_legacy(500)
    body = rss(f"{call.scheme}://{domain}", iri_to_uri(call.path), releases, newest)
    modified = rfc2822(newest).replace("+0000", "GMT").encode()
    return Answer(body.encode(), content_type=RSS, headers=[(b"last-modified", modified)])


def rss(origin: str, path: str, releases: Sequence[queries.Release], newest: datetime) -> str:
    """The feed as RSS 2.0."""
    return "".join(
        (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>',
            f"<title>{TITLE}</title><link>{escape(origin)}/downloads/</link><description>{DESCRIPTION}</description>",
            f'<atom:link href={quoteattr(origin + path)} rel="self"/><language>en-us</language>',
            f"<lastBuildDate>{rfc2822(newest)}</lastBuildDate>",
            *(_item(origin, release) for release in releases),
            "</channel></rss>",
        )
    )


def rfc2822(moment: datetime) -> str:
    """A moment in UTC as mail and feeds write it; `email.utils` takes ten times as long."""
    return f"{DAYS[moment.weekday()]}, {moment.day:02} {MONTHS[moment.month - 1]} {moment:%Y %H:%M:%S} +0000"


def _item(origin: str, release: queries.Release) -> str:
    link = escape(origin + iri_to_uri(release.get_absolute_url()))
    return (
        f"<item><title>{escape(release.name)}</title><link>{link}</link>"
        f"<description>Release date: {release.release_date}</description>"
        f"<pubDate>{rfc2822(release.release_date)}</pubDate><guid>{link}</guid></item>"
    )

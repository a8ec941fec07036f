"""`update_blogs`: the entries of each feed, the newest of the foundation's blog in the menu, and the linked blogs.

A feed is asked whether it has changed (ETag, Last-Modified) and read in a transaction of its own: one that fails, or
says what cannot be stored, hurts itself only. What the old command does with a feed it cannot read is to end.
"""

import asyncio
import logging
from calendar import timegm
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from time import struct_time
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.columns import now
from new_app.domains.blogs.models import BlogEntry, Feed, RelatedBlog
from new_app.domains.boxes import Box
from new_app.fetch import Fetched, FetchError, fetch
from new_app.markup import rendered
from new_app.tasks import Task, Work

OURS = "https://blog.python.org/feeds/posts/default?alt=rss"
MENU = "supernav-python-blog"
FORMERLY, TODAY = "pythoninsider.blogspot.com", ("https", "blog.python.org")
"""Blogger names the blog by the first host; visitors know it by the other."""
MOST, PATIENCE = 10_000_000, 30.0
"""Bytes of a feed, and seconds for it."""
_log = logging.getLogger(__name__)


async def update_blogs(work: Work) -> str:
    linked = select(RelatedBlog.id, RelatedBlog.feed_url).order_by(RelatedBlog.id)
    async with work.database.read_only() as session:
        feeds = (await session.execute(select(Feed.id, Feed.feed_url).order_by(Feed.id))).all()
        blogs = (await session.execute(linked)).all()
    counts, failed = [0, 0], 0
    for pk, url in feeds:
        try:
            for number, count in enumerate(await read_feed(work, pk, url)):
                counts[number] += count
        except Exception as error:  # a feed of somebody else's must not stop the others
            failed += 1
            _log.warning("feed %s: %s", url, error)
    await show_newest(work)
    for pk, url in blogs:
        try:
            await read_related(work, pk, url)
        except Exception as error:
            failed += 1
            _log.warning("blog %s: %s", url, error)
    return f"{counts[0]} entries new, {counts[1]} changed, of {len(feeds) + len(blogs)} feeds; {failed} failed"


async def read_feed(work: Work, pk: int, url: str) -> tuple[int, int]:
    """How many entries are new and how many have changed. Raises FetchError."""
    asked = text("SELECT etag, modified FROM bridge.fetched WHERE url = :url")
    async with work.database.read_only() as session:
        etag, modified = (await session.execute(asked, {"url": url})).first() or ("", "")
    found = await fetch(url, etag=etag, modified=modified, most=MOST, patience=PATIENCE)
    entries = [*entries_of(await parsed(found, url))] if found.body is not None else []
    made = changed = 0
    async with work.database.unit_of_work() as session:
        for entry in entries:
            is_new, is_other = await store(session, pk, entry)
            made, changed = made + is_new, changed + is_other
        await session.execute(update(Feed).where(Feed.id == pk).values(last_import=now()))
        kept = """INSERT INTO bridge.fetched (url, etag, modified) VALUES (:url, :etag, :modified)
            ON CONFLICT (url) DO UPDATE SET etag = :etag, modified = :modified"""
        await session.execute(text(kept), {"url": url, "etag": found.etag, "modified": found.modified})
    return made, changed


async def parsed(found: Fetched, url: str) -> Any:
    """The feed; raises FetchError for what is none."""
    import feedparser  # 12 MB: the worker's

    headers = {"content-location": url, **found.headers}
    feed = await asyncio.to_thread(feedparser.parse, found.body, response_headers=headers)
    if feed.bozo and not feed.entries and not feed.version:
        raise FetchError(f"{url} is no feed: {feed.get('bozo_exception')}")
    return feed


def entries_of(feed: Any) -> Iterator[dict[str, Any]]:
    """The columns of each entry that has them all. What does not fit is left out, and the log says so."""
    for entry in feed.entries:
        try:
            found = {
                "title": entry["title"],
                "summary": entry.get("summary", ""),
                "pub_date": published(entry["published_parsed"]),
                "url": canonical(entry["link"]),
            }
        except (KeyError, TypeError, ValueError) as error:
            _log.warning("an entry of %s is left out: %s", feed.get("href", "a feed"), error)
            continue
        if len(found["title"]) > 200 or len(found["url"]) > 200 or "\0" in "".join(map(str, found.values())):
            _log.warning("the entry %.80r does not fit", found["url"])
            continue
        yield found


def moment(parsed: struct_time) -> datetime:
    return datetime.fromtimestamp(timegm(parsed), UTC)


def published(parsed: struct_time) -> datetime:
    """With the day of the week as microseconds, as the old command stores it: else each side would write it anew."""
    return moment(parsed).replace(microsecond=parsed.tm_wday)


def canonical(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(scheme=TODAY[0], netloc=TODAY[1]).geturl() if parts.hostname == FORMERLY else url


async def store(session: AsyncSession, feed: int, entry: dict[str, Any]) -> tuple[bool, bool]:
    """Whether the entry is new, and whether it says something else than before."""
    mine = (BlogEntry.feed_id == feed, BlogEntry.url == entry["url"])
    rows: Sequence[BlogEntry] = (await session.scalars(select(BlogEntry).where(*mine))).all()
    if not rows:
        await session.execute(insert(BlogEntry).values(feed_id=feed, **entry))
        return True, False
    changed = [row for row in rows if any(getattr(row, name) != value for name, value in entry.items())]
    for row in changed:
        for name, value in entry.items():
            setattr(row, name, value)
    return False, bool(changed)


async def show_newest(work: Work) -> None:
    """The box in the menu shows the newest entry of the foundation's own blog, where there is one."""
    newest = select(BlogEntry).join(Feed).where(Feed.feed_url == OURS).order_by(BlogEntry.pub_date.desc()).limit(1)
    async with work.database.unit_of_work() as session:
        entry = await session.scalar(newest)
        if entry is None:
            return
        content = rendered(work.render(["blogs/supernav.html"], {"entry": entry}), "html")
        box = await session.scalar(select(Box).where(Box.label == MENU))
        if box is None:
            session.add(Box(label=MENU, content=content))
        elif box.content != content:
            box.content = content


async def read_related(work: Work, pk: int, url: str) -> None:
    """What a linked blog says of itself. The old command fails to store when it was updated."""
    feed = await parsed(await fetch(url, most=MOST, patience=PATIENCE), url)
    updated = dict.get(feed.feed, "updated_parsed") or dict.get(feed.feed, "published_parsed")
    updated = updated or feed.entries[0]["published_parsed"]
    said = {
        "blog_name": feed.feed["title"],
        "blog_url": feed.feed["link"],
        "last_entry_published": moment(updated),
        "last_entry_title": feed.entries[0]["title"],
    }
    async with work.database.unit_of_work() as session:
        blog = await session.get_one(RelatedBlog, pk)
        for name, value in said.items():
            if getattr(blog, name) != value:
                setattr(blog, name, value)


UPDATE = Task("update_blogs", "*/15 * * * *", update_blogs)

"""RSS: a feed of what is new, as django/utils/feedgenerator.py writes it.

Refuses text that XML cannot hold: `Unwritable`, where Django fails too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from new_app.answer import Answer, Headers, ask_legacy
from new_app.request import Call, iri_to_uri
from new_app.rows import Rows

RSS = "application/rss+xml; charset=utf-8"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Unwritable(ValueError):
    """Text with a control character, which no XML can hold."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of the feed; `path` is its page, on the site that has the feed."""

    title: str
    path: str
    description: str
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """What the feed says of itself; `path` is the page that shows the same."""

    title: str
    path: str
    description: str


_DOMAIN = "SELECT domain FROM django_site WHERE id = $1"


async def feed_of(
    call: Call, read: Rows, channel: Channel, items: Sequence[Item], newest: datetime, headers: Headers = ()
) -> Answer:
    """The answer with a feed, on the site's own domain; legacy fails, and knows how, where it cannot be written."""
    sites = await read.fetch(_DOMAIN, call.public.site_id)
    if not sites:
        return ask_legacy(500)
    try:
        body = written(f"{call.scheme}://{sites[0][0]}", call.path, channel, items, newest)
    except Unwritable:
        return ask_legacy(500)
    return Answer(body.encode(), content_type=RSS, headers=headers)


def written(origin: str, path: str, channel: Channel, items: Sequence[Item], newest: datetime) -> str:
    """The feed at `path` as RSS 2.0."""
    if any(_CONTROL.search(text) for item in items for text in (item.title, item.description)):
        raise Unwritable("a title or a description has a control character")
    link = escape(origin + channel.path)
    return "".join(
        (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>',
            f"<title>{escape(channel.title)}</title><link>{link}</link>",
            f"<description>{escape(channel.description)}</description>",
            f'<atom:link href={quoteattr(origin + iri_to_uri(path))} rel="self"/><language>en-us</language>',
            f"<lastBuildDate>{rfc2822(newest)}</lastBuildDate>",
            *(_item(origin, item) for item in items),
            "</channel></rss>",
        )
    )


def rfc2822(moment: datetime) -> str:
    """A moment in UTC as mail and feeds write it; `email.utils` takes ten times as long."""
    date = f"{moment.day:02} {MONTHS[moment.month - 1]} {moment.year:04}"
    return f"{DAYS[moment.weekday()]}, {date} {moment:%H:%M:%S} +0000"


def last_modified(moment: datetime) -> tuple[bytes, bytes]:
    """The header that says when the newest of it was published."""
    return b"last-modified", rfc2822(moment).replace("+0000", "GMT").encode()


def _item(origin: str, item: Item) -> str:
    link = escape(origin + iri_to_uri(item.path))
    when = f"<pubDate>{rfc2822(item.published)}</pubDate>" if item.published else ""
    return (
        f"<item><title>{escape(item.title)}</title><link>{link}</link><description>{escape(item.description)}</description>"
        f"{when}<guid>{link}</guid></item>"
    )

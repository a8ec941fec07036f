"""Atom (RFC 4287): a feed of what is new, for readers that want to know when a thing was changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml.builder import ElementMaker
from lxml.etree import tostring

ATOM = "application/atom+xml; charset=utf-8"
E = ElementMaker(namespace="http://www.w3.org/2005/Atom", nsmap={None: "http://www.w3.org/2005/Atom"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of the feed; `path` is its page, `html` what it says."""

    title: str
    path: str
    html: str
    updated: datetime


def written(origin: str, path: str, page: str, title: str, entries: Sequence[Entry], updated: datetime) -> bytes:
    """The feed at `path` of what `page` shows. What XML cannot hold is left out of its texts."""
    return tostring(
        E.feed(
            E.id(origin + page),
            E.title(text(title)),
            E.updated(updated.isoformat()),
            E.author(E.name(origin.partition("://")[2])),
            E.link(href=origin + page),
            E.link(href=origin + path, rel="self"),
            *(
                E.entry(
                    E.id(origin + one.path),
                    E.title(text(one.title)),
                    E.updated(one.updated.isoformat()),
                    E.link(href=origin + one.path),
                    E.content(text(one.html), type="html"),
                )
                for one in entries
            ),
        ),
        xml_declaration=True,
        encoding="utf-8",
    )


def text(said: str) -> str:
    """Without control characters, which no XML can hold (XML 1.0, 2.2)."""
    return "".join(
        letter
        for letter in said
        if letter in "\t\n\r" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter > "\uffff"
    )

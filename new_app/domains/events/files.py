"""Calendars for programs, which the old site does not have: iCalendar (RFC 5545), RSS and Atom.

A rule of an event is a VEVENT of its own: one that occurs says when, one that recurs says how often (RRULE). What the
importer reads as all day is written as days again, the last of them before DTEND.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import select
from sqlalchemy.orm import Session

from new_app import atom, rss, trace
from new_app.answer import Answer
from new_app.cache import ANONYMOUS
from new_app.columns import LARGEST_KEY, now
from new_app.db import Results
from new_app.domains.events import queries
from new_app.domains.events.models import Calendar, Event, OccurringRule, RecurringRule
from new_app.page import TELLS_TIME, Missing, Pages
from new_app.request import Call
from new_app.search import plain
from new_app.tables import Site

MOST, NEWEST = 1_000, 50
"""Events of a calendar's file, those to come; and of its feeds, the latest that were changed."""
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
DAY = timedelta(days=1)
ICALENDAR = "text/calendar; charset=utf-8"
PRODUCT = "-//python.org//events//EN"


# -- iCalendar --------------------------------------------------------------------------------------------------------


def written(name: str, events: list[Event], origin: str) -> bytes:
    made = icalendar.Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    for event in events:
        for one in components(event, origin):
            made.add_component(one)
    found: bytes = made.to_ical()
    return found


def components(event: Event, origin: str) -> Iterator[icalendar.Event]:
    once = [event.occurring_rule] if event.occurring_rule else []
    rules: list[OccurringRule | RecurringRule] = [*once, *event.recurring_rules]
    for rule in rules:
        made = icalendar.Event()
        made.add("uid", uid_of(event, rule, origin))
        made.add("dtstamp", event.updated)
        made.add("last-modified", event.updated)
        made.add("summary", event.title)
        made.add("url", origin + event.get_absolute_url())
        if words := plain(event.description.rendered or ""):
            made.add("description", words)
        if event.venue is not None:
            made.add("location", event.venue.name)
        if event.categories:
            made.add("categories", [category.name for category in event.categories])
        add_times(made, rule)
        yield made


def uid_of(event: Event, rule: OccurringRule | RecurringRule, origin: str) -> str:
    """The UID that the event came with; of ours, and of what recurs besides, one that stays the same."""
    host = origin.partition("://")[2]
    if isinstance(rule, RecurringRule):
        return f"event-{event.id}-rule-{rule.id}@{host}"
    return event.uid or f"event-{event.id}@{host}"


def add_times(made: icalendar.Event, rule: OccurringRule | RecurringRule) -> None:
    begins = rule.begin.astimezone(UTC)
    ends = begins + rule.duration_internal if isinstance(rule, RecurringRule) else rule.finish.astimezone(UTC)
    if rule.all_day:
        made.add("dtstart", begins.date())
        made.add("dtend", max(ends.date(), begins.date()) + DAY)
    else:
        made.add("dtstart", begins)
        if ends > begins:
            made.add("dtend", ends)
    if isinstance(rule, RecurringRule):
        until: Any = rule.finish.astimezone(UTC)
        frequency = FREQUENCIES[rule.frequency] if rule.frequency < len(FREQUENCIES) else FREQUENCIES[0]
        made.add(
            "rrule", {"freq": frequency, "interval": rule.interval, "until": until.date() if rule.all_day else until}
        )


# -- what is asked ----------------------------------------------------------------------------------------------------


def to_come(session: Session, slug: str, moment: datetime) -> tuple[Calendar, list[Event]] | None:
    """A calendar, and its events that are not over, once each."""
    calendar = queries.calendar(session, slug)
    if calendar is None:
        return None
    question = queries.of_calendar(queries.from_moment(moment), slug).order_by(queries.EARLIEST).limit(MOST)
    return calendar, [*dict.fromkeys(queries.whole(session, question))]


def latest(session: Session, slug: str) -> tuple[Calendar, list[Event]] | None:
    calendar = queries.calendar(session, slug)
    if calendar is None:
        return None
    newest = (
        select(Event).where(Event.calendar_id == calendar.id).order_by(Event.updated.desc(), Event.id).limit(NEWEST)
    )
    return calendar, [*queries.whole(session, newest)]


def one(session: Session, pk: int) -> tuple[str, Results[Event]] | None:
    found = queries.whole(session, select(Event).where(Event.id == pk)) if pk <= LARGEST_KEY else Results[Event]()
    return (found[0].title, found) if found else None


def asks(path: str, answer: Any) -> HTTPRouteHandler:
    """A handler of a file; one of a calendar that there is not is a missing page."""

    @route(path, http_method=["GET", "HEAD"], opt={"guard": "public", "cache": ANONYMOUS})
    async def file(request: Request[Any, Any, Any], pages: NamedDependency[Pages]) -> Answer:
        call = Call.of(request)

        def asked(session: Any) -> Answer | None:
            open_session = session()
            site = open_session.get(Site, call.public.site_id)
            origin = f"{call.scheme}://{site.domain if site else call.host}"
            made: Answer | None = answer(open_session, call, origin, **request.path_params)
            return made

        trace.lasts(TELLS_TIME)
        try:
            found = await pages.database.ask(asked)
        except Missing:
            found = None
        return found if found is not None else await pages.missing(call)

    return file


def calendar_file(session: Session, _call: Call, origin: str, calendar_slug: str) -> Answer | None:
    found = to_come(session, calendar_slug, now())
    if found is None:
        return None
    calendar, events = found
    named = [(b"content-disposition", f'inline; filename="{calendar.slug}.ics"'.encode())]
    return Answer(written(calendar.name, events, origin), content_type=ICALENDAR, headers=named)


def event_file(session: Session, _call: Call, origin: str, calendar_slug: str, pk: int) -> Answer | None:
    found = one(session, pk)
    if found is None or found[1][0].calendar.slug != calendar_slug:
        return None
    named = [(b"content-disposition", f'attachment; filename="event-{pk}.ics"'.encode())]
    return Answer(written(found[0], [*found[1]], origin), content_type=ICALENDAR, headers=named)


def atom_feed(session: Session, call: Call, origin: str, calendar_slug: str) -> Answer | None:
    found = latest(session, calendar_slug)
    if found is None:
        return None
    calendar, events = found
    entries = [atom.Entry(e.title, e.get_absolute_url(), e.description.rendered or "", e.updated) for e in events]
    newest = max((event.updated for event in events), default=calendar.updated)
    page = calendar.get_absolute_url()
    body = atom.written(origin, call.path, page, calendar.name, entries, newest)
    return Answer(body, content_type=atom.ATOM, headers=[rss.last_modified(newest)])


def rss_feed(session: Session, call: Call, origin: str, calendar_slug: str) -> Answer | None:
    found = latest(session, calendar_slug)
    if found is None:
        return None
    calendar, events = found
    channel = rss.Channel(atom.text(calendar.name), calendar.get_absolute_url(), atom.text(calendar.description or ""))
    items = [
        rss.Item(atom.text(e.title), e.get_absolute_url(), atom.text(e.description.rendered or ""), e.updated)
        for e in events
    ]
    newest = max((event.updated for event in events), default=calendar.updated)
    body = rss.written(origin, call.path, channel, items, newest)
    return Answer(body.encode(), content_type=rss.RSS, headers=[rss.last_modified(newest)])


OF_CALENDAR = "/events/{calendar_slug:str}"
HANDLERS = (
    asks(OF_CALENDAR + "/events.ics", calendar_file),
    asks(OF_CALENDAR + "/{pk:int}/event.ics", event_file),
    asks(OF_CALENDAR + "/feed.atom", atom_feed),
    asks(OF_CALENDAR + "/feed.rss", rss_feed),
)

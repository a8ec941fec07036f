"""What is found of events: calendars, and every event, those to come before those that are over."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from legacy_adapters.dtl.safe import escape
from new_app.domains.events.models import Calendar, Event
from new_app.search import Document, Searched
from new_app.search.words import beginning

_TIMES = (selectinload(Event.recurring_rules), selectinload(Event.occurring_rule))


def calendars() -> Select[Any]:
    return select(Calendar)


def calendar(one: Calendar) -> Document:
    shown = {
        "name": one.name,
        "description": beginning(one.description),
        "path": one.get_absolute_url(),
        "rss": one.rss,
        "twitter": one.twitter,
        "ical_url": one.url,
    }
    text = f"{escape(one.name)}\n{escape(one.description or '')}\n{one.get_absolute_url()}"
    return Document("events.calendar", one.id, one.name, text, 4.0, shown)


def events() -> Select[Any]:
    return select(Event).options(joinedload(Event.calendar), joinedload(Event.venue), *_TIMES)


def event(one: Event) -> Document:
    content = str(one.description)
    venue = one.venue.name if one.venue else None
    shown = {"name": one.title, "description": beginning(content), "venue": venue, "path": one.get_absolute_url()}
    boost = 0.9 if one.is_past else 1.2 if one.featured else 1.1
    text = f"{escape(one.title)}\n{escape(venue or '')}\n{content}"
    return Document("events.event", one.id, one.title, text, boost, shown)


def with_times(session: Session, keys: Collection[int]) -> Mapping[int, Event]:
    """The events behind results, which say when they are."""
    return {one.id: one for one in session.scalars(select(Event).where(Event.id.in_(keys)).options(*_TIMES))}


KINDS = (
    Searched("events.calendar", "Calendars", "search/includes/events.calendar.html", Calendar, calendars, calendar),
    Searched(
        "events.event",
        "Events",
        "search/includes/events.event.html",
        Event,
        events,
        event,
        related=("events_calendar", "events_eventlocation", "events_occurringrule", "events_recurringrule"),
        load=with_times,
    ),
)

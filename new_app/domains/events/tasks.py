"""`import_ics_calendars`: the events of calendars that are kept elsewhere, as iCalendar files (RFC 5545).

An event is known by its UID and stored in a transaction of its own; one without UID, SUMMARY, LOCATION or DTSTART is
left out, as in the old command. A day is a moment at midnight UTC; what takes a day or longer is all day, and its last
day is the day before DTEND.
"""

import asyncio
import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Calendar as ICalendar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.domains.events.models import Calendar, Event, EventLocation, OccurringRule
from new_app.fetch import FetchError, fetch
from new_app.markup import clean, rendered
from new_app.tasks import Task, Work

MOST, PATIENCE = 20_000_000, 30.0
"""Bytes of a calendar, and seconds for it."""
DAY = timedelta(days=1)
_log = logging.getLogger(__name__)


async def import_calendars(work: Work) -> str:
    async with work.database.read_only() as session:
        question = select(Calendar.id, Calendar.url).where(Calendar.url.is_not(None)).order_by(Calendar.id)
        calendars = [(row.id, row.url) for row in await session.execute(question)]
    stored = left_out = failed = 0
    for pk, url in calendars:
        try:
            found = await fetch(url, most=MOST, patience=PATIENCE)
            events = await asyncio.to_thread(events_of, found.body or b"")
        except (FetchError, ValueError, IndexError, KeyError, TypeError) as error:
            failed += 1
            _log.warning("calendar %s: %s", url, error)
            continue
        for event in events:
            try:
                await store(work, pk, event)
                stored += 1
            except Exception as error:  # one event must not stop the others
                left_out += 1
                _log.warning("an event of calendar %s is left out: %s: %s", pk, type(error).__name__, error)
    return f"{stored} events of {len(calendars)} calendars stored, {left_out} left out; {failed} calendars failed"


def events_of(body: bytes) -> list[Any]:
    """Raises ValueError for what is no calendar."""
    return list(ICalendar.from_ical(body).walk("VEVENT"))


async def store(work: Work, calendar: int, said: Any) -> None:
    uid, title, place = str(said["UID"]), str(said["SUMMARY"]), str(said["LOCATION"])
    starts = moment(said["DTSTART"].dt)
    ends = moment(said["DTEND"].dt) if "DTEND" in said else starts
    all_day = ends - starts >= DAY
    description = rendered(clean(str(said.get("DESCRIPTION", ""))), "html")
    async with work.database.unit_of_work() as session:
        venue = await location(session, calendar, place)
        event = await session.scalar(select(Event).where(Event.uid == uid))
        if event is None:
            event = Event(uid=uid)
            session.add(event)
        change(event, title=title, calendar_id=calendar, venue_id=venue, description=description)
        await session.flush()
        rule = await session.scalar(select(OccurringRule).where(OccurringRule.event_id == event.id))
        if rule is None:
            rule = OccurringRule(event_id=event.id)
            session.add(rule)
        change(rule, dt_start=starts, dt_end=ends - DAY if all_day else ends, all_day=all_day)


def change(row: Any, **values: Any) -> None:
    """Set what is other: a row that says the same already is not written."""
    for name, value in values.items():
        if getattr(row, name, None) != value:
            setattr(row, name, value)


async def location(session: AsyncSession, calendar: int, name: str) -> int:
    mine = select(EventLocation.id).where(EventLocation.calendar_id == calendar, EventLocation.name == name)
    known = await session.scalar(mine.order_by(EventLocation.id).limit(1))
    if known is not None:
        return known
    made = EventLocation(calendar_id=calendar, name=name)
    session.add(made)
    await session.flush()
    return made.id


def moment(value: date | datetime) -> datetime:
    """A date is its midnight, and what names no zone is in UTC."""
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


IMPORT = Task("import_ics_calendars", "*/30 * * * *", import_calendars)

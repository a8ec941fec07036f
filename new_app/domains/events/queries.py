"""Questions about events.

They join rules as Django does: an event is found once for each of its recurring rules, also where pages are counted,
and one that does not occur comes first where the latest does. What is to come on other pages shrinks as time passes and
grows only by a change of rows: it is remembered as it was, and what has begun since is left out.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from new_app.content import results
from new_app.db import Results
from new_app.domains.events.models import (
    Calendar,
    Event,
    EventCategory,
    EventLocation,
    OccurringRule,
    RecurringRule,
    event_categories,
)
from new_app.page import Page

AHEAD = 100
"""Events that are remembered beyond those that are shown: so many may begin until they are asked for again."""
Found = Select[Any]
Upcoming = tuple[datetime | None, datetime | None, Event]
"""When its one occurrence begins, when one of its recurrences ends, and the event."""


def upcoming(page: Page, limit: int = 5, only_featured: bool = False) -> list[Event]:
    """Events to come, by when they begin; one that only recurs comes last, once for each of its rules."""
    key, most = ("events to come", only_featured, limit), limit + AHEAD

    def load(session: Session) -> Sequence[Upcoming]:
        return coming(session, page.now, only_featured, most)

    known = page.remember(key, load, seconds=3600)
    found = still_to_come(known, page.now)
    if len(found) < limit and len(known) == most:  # so many have begun that others are missing
        page.site.memory.forget(key)
        found = still_to_come(page.remember(key, load, seconds=3600), page.now)
    return found[:limit]


def still_to_come(known: Sequence[Upcoming], moment: datetime) -> list[Event]:
    return [
        event
        for starts, ends, event in known
        if (starts is not None and starts > moment) or (ends is not None and ends > moment)
    ]


def coming(session: Session, moment: datetime, only_featured: bool, limit: int) -> Sequence[Upcoming]:
    """The first rows, one for each event and each of its recurring rules, as legacy joins them."""
    question = (
        select(OccurringRule.dt_start, RecurringRule.finish, Event)
        .select_from(Event)
        .outerjoin(OccurringRule, OccurringRule.event_id == Event.id)
        .outerjoin(RecurringRule, RecurringRule.event_id == Event.id)
        .where(or_(OccurringRule.dt_start > moment, RecurringRule.finish > moment))
        .where(*[Event.featured] if only_featured else [])
        .limit(limit)
        .order_by(OccurringRule.dt_start)
        .options(
            joinedload(Event.calendar),
            joinedload(Event.venue),
            selectinload(Event.categories),
            selectinload(Event.recurring_rules),
            contains_eager(Event.occurring_rule),
        )
    )
    return [(starts, ends, event) for starts, ends, event in session.execute(question)]


EARLIEST, LATEST = OccurringRule.dt_start.asc(), OccurringRule.dt_start.desc()
_MANY = (
    selectinload(Event.categories).joinedload(EventCategory.calendar),
    selectinload(Event.recurring_rules),
)
_WHOLE = (
    *_MANY,
    selectinload(Event.calendar),
    selectinload(Event.venue).joinedload(EventLocation.calendar),
    selectinload(Event.occurring_rule),
)
"""Asked apart: of events that begin at once PostgreSQL finds another first if a question joins more."""
_ONE_WHOLE = (
    *_MANY,
    joinedload(Event.calendar),
    joinedload(Event.venue).joinedload(EventLocation.calendar),
    joinedload(Event.occurring_rule),
)


def _joined() -> Found:
    return (
        select(Event)
        .outerjoin(OccurringRule, OccurringRule.event_id == Event.id)
        .outerjoin(RecurringRule, RecurringRule.event_id == Event.id)
    )


def from_moment(moment: datetime) -> Found:
    """Events that begin after a moment, or recur after it."""
    return _joined().where(or_(OccurringRule.dt_start > moment, RecurringRule.finish > moment))


def until_moment(moment: datetime) -> Found:
    """Events that ended before a moment, or have recurred since before it."""
    return _joined().where(or_(OccurringRule.dt_end < moment, RecurringRule.begin < moment))


def of_calendar(question: Found, slug: str) -> Found:
    return question.join(Calendar, Calendar.id == Event.calendar_id).where(Calendar.slug == slug)


def of_category(question: Found, slug: str) -> Found:
    question = question.join(event_categories, event_categories.c.event_id == Event.id)
    return question.join(EventCategory, EventCategory.id == event_categories.c.eventcategory_id).where(
        EventCategory.slug == slug
    )


def whole(session: Session, question: Found) -> Results[Event]:
    """Events with all that a template may show of them."""
    return results(session, question.options(*_WHOLE))


def count(session: Session, question: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(question.order_by(None).subquery())) or 0


def everything(session: Session) -> Results[Event]:
    question = select(Event).outerjoin(OccurringRule, OccurringRule.event_id == Event.id)
    return whole(session, question.order_by(EARLIEST))


def happening(session: Session, moment: datetime) -> Results[Event]:
    """Two events that have begun and not ended."""
    question = select(Event).join(OccurringRule, OccurringRule.event_id == Event.id)
    question = question.where(OccurringRule.dt_start <= moment, OccurringRule.dt_end >= moment)
    return whole(session, question.order_by(EARLIEST).limit(2))


def calendar(session: Session, slug: str) -> Calendar | None:
    return session.scalars(select(Calendar).where(Calendar.slug == slug)).first()


def calendars(session: Session) -> Results[Calendar]:
    return results(session, select(Calendar))


def category(session: Session, calendar_slug: str, slug: str) -> EventCategory | None:
    question = categories_of(calendar_slug).where(EventCategory.slug == slug)
    return session.scalars(question).first()


def location(session: Session, calendar_slug: str, pk: int) -> EventLocation | None:
    question = locations_of(calendar_slug).where(EventLocation.id == pk)
    return session.scalars(question).first()


def categories_of(calendar_slug: str) -> Select[Any]:
    question = select(EventCategory).join(EventCategory.calendar).options(contains_eager(EventCategory.calendar))
    return question.where(Calendar.slug == calendar_slug).order_by(EventCategory.name)


def locations_of(calendar_slug: str) -> Select[Any]:
    question = select(EventLocation).join(EventLocation.calendar).options(contains_eager(EventLocation.calendar))
    return question.where(Calendar.slug == calendar_slug).order_by(EventLocation.name)


def first_categories(session: Session) -> Results[EventCategory]:
    """Ten categories of all calendars."""
    question = select(EventCategory).order_by(EventCategory.name).limit(10)
    return results(session, question.options(joinedload(EventCategory.calendar)))


def first_locations(session: Session) -> Results[EventLocation]:
    """Ten places of all calendars."""
    question = select(EventLocation).order_by(EventLocation.name).limit(10)
    return results(session, question.options(joinedload(EventLocation.calendar)))


def with_events_of_categories(session: Session, question: Select[Any]) -> Results[EventCategory]:
    found = results(session, question)
    _give_events(session, found)
    return found


def with_events_of_locations(session: Session, question: Select[Any]) -> Results[EventLocation]:
    found = results(session, question)
    _give_events(session, found)
    return found


def _give_events(session: Session, owners: Sequence[EventCategory | EventLocation]) -> None:
    """Set the events of categories, or of places, the latest first: one question for all of them."""
    if not owners:
        return
    if isinstance(owners[0], EventCategory):
        column: ColumnElement[int | None] = event_categories.c.eventcategory_id
        question = select(column, Event).join(event_categories, event_categories.c.event_id == Event.id)
    else:
        column = Event.venue_id.expression
        question = select(column, Event)
    question = question.outerjoin(OccurringRule, OccurringRule.event_id == Event.id).order_by(LATEST)
    events: dict[int | None, Results[Event]] = {}
    for owner, event in session.execute(question.where(column.in_([one.id for one in owners])).options(*_WHOLE)):
        events.setdefault(owner, Results()).append(event)
    for one in owners:
        set_committed_value(one, "events", events.get(one.id, Results()))


def by_key(session: Session, pk: int) -> Event | None:
    """An event with what a page of its own shows: its neighbours, and the events of its place and categories."""
    found = session.scalars(select(Event).where(Event.id == pk).options(*_ONE_WHOLE)).first()
    if found is None:
        return None
    _give_events(session, [found.venue] if found.venue is not None else [])
    _give_events(session, found.categories)
    following = found.next_time
    if following is not None:
        found.stand_between(
            _first_of(session, until_moment(following.dt_end), found.calendar_id),
            _first_of(session, from_moment(following.dt_start), found.calendar_id),
        )
    return found


def _first_of(session: Session, question: Found, calendar_id: int) -> Event | None:
    return whole(session, question.where(Event.calendar_id == calendar_id).order_by(LATEST).limit(1)).first()

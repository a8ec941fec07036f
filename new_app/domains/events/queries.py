"""Questions about events.

What is to come shrinks as time passes and grows only by a change of rows: it is remembered as it was, and what has
begun since is left out.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from new_app.domains.events.models import Event, OccurringRule, RecurringRule
from new_app.page import Page

Upcoming = tuple[datetime | None, datetime | None, Event]
"""When its one occurrence begins, when one of its recurrences ends, and the event."""


def upcoming(page: Page, limit: int = 5, only_featured: bool = False) -> list[Event]:
    """Events to come, by when they begin; one that only recurs comes last, once for each of its rules."""
    known = page.remember("events to come", lambda session: coming(session, page.now), seconds=3600)
    found = [
        event
        for starts, ends, event in known
        if ((starts is not None and starts > page.now) or (ends is not None and ends > page.now))
        and (event.featured or not only_featured)
    ]
    return found[:limit]


def coming(session: Session, moment: datetime) -> Sequence[Upcoming]:
    """A row for each event and each of its recurring rules, as legacy joins them."""
    question = (
        select(OccurringRule.dt_start, RecurringRule.finish, Event)
        .select_from(Event)
        .outerjoin(OccurringRule, OccurringRule.event_id == Event.id)
        .outerjoin(RecurringRule, RecurringRule.event_id == Event.id)
        .where(or_(OccurringRule.dt_start > moment, RecurringRule.finish > moment))
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

"""Pages of events: what happens now and next, calendars, what a calendar has by time, category and place, one event.

Lists ask the clock and are remembered for as long as a page is. An impossible date is an error in legacy and stays
legacy's to tell; so does the form by which visitors submit events.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

from new_app.columns import LARGEST_KEY, now
from new_app.content import results
from new_app.domains.events import queries
from new_app.domains.events.models import Event, RecurringRule
from new_app.domains.events.queries import EARLIEST, LATEST, Found
from new_app.page import TELLS_TIME, Missing, Page, shown
from new_app.paging import UNPAGED, Paginator, paged

T = TypeVar("T")
EVENTS_PER_PAGE, NAMES_PER_PAGE, NAMES_BESIDE = 6, 30, 10
WINDOWS = (7, 30, 90, 365)
"""So many days from when an event begins are offered as lists."""


def asked(page: Page, what: str, load: Callable[[Session], T], *more: int) -> T:
    """What holds at this time for this path, whatever its query says; `more` tells two of it apart."""
    return page.remember(("events", what, page.call.path, *more), load, seconds=TELLS_TIME)


def view(**kwargs: Any) -> dict[str, Any]:
    """The variable `view`, of which templates know what the URL said."""
    return {"view": {"kwargs": kwargs}}


def home(page: Page) -> dict[str, Any]:
    """All events: what one missed, what is to come and what happens now."""
    moment = page.now

    def past(session: Session) -> Sequence[Event]:
        return missed(queries.whole(session, queries.until_moment(moment).order_by(LATEST)))[:2]

    def coming(session: Session) -> Sequence[Event]:
        return sorted(queries.whole(session, queries.from_moment(moment).order_by(LATEST)), key=begins_next)

    def every() -> Sequence[Event]:
        return page.remember("every event", queries.everything)

    return {
        **UNPAGED,
        **view(),
        "object_list": every,
        "event_list": every,
        "events_just_missed": asked(page, "missed", past),
        "upcoming_events": asked(page, "coming", coming),
        "events_now": asked(page, "now", lambda session: queries.happening(session, moment)),
    }


def begins_next(event: Event) -> datetime:
    rule = event.next_time
    return rule.dt_start if rule is not None else now()


def just_missed(session: Session, past: Found) -> list[Event]:
    """The two of these that were last. Only of what recurs must each be asked: the others stand in order already."""
    once = queries.whole(session, past.where(RecurringRule.id.is_(None)).limit(2))
    return missed([*queries.whole(session, past.where(RecurringRule.id.is_not(None))), *once])[:2]


def missed(events: Sequence[Event]) -> list[Event]:
    """Events by their previous time, the latest first; each is asked at its own moment, which tells apart the past."""

    def began(event: Event) -> datetime:
        rule = event.previous_time
        return rule.dt_start if rule is not None else now()

    return sorted(events, key=began, reverse=True)


def calendars(page: Page) -> dict[str, Any]:
    found = page.remember("calendars", queries.calendars)
    return {**UNPAGED, **view(), "object_list": found, "calendar_list": found}


def listed(page: Page, slug: str, question: Found, said: dict[str, Any], shows: Any = None) -> dict[str, Any]:
    """A page of the events that a question finds, with what stands beside it; `shows` is what the list is about."""
    known = asked(page, "calendar", partial(queries.calendar, slug=slug))
    if known is None:
        raise Missing
    made = slices(page, question, EVENTS_PER_PAGE, queries.whole)
    past = queries.of_calendar(queries.until_moment(page.now), slug).order_by(LATEST)
    featured = question.where(Event.featured).limit(1)
    first = asked(page, "featured", lambda session: queries.whole(session, featured).first())
    return {
        **made,
        **view(calendar_slug=slug, **said),
        "event_list": made["object_list"],
        "upcoming_events": made["object_list"],
        **({"featured": first} if first is not None else {}),
        "event_categories": page.remember("first categories of events", queries.first_categories),
        "event_locations": page.remember("first places of events", queries.first_locations),
        "events_today": lambda: asked(page, "today", lambda session: just_missed(session, past)),
        "calendar": known,
        "object": shows,
    }


def slices(
    page: Page,
    question: Select[Any],
    size: int,
    load: Callable[[Session, Select[Any]], Sequence[T]],
) -> dict[str, Any]:
    """The page of a list that `?page=` says."""
    pages = Paginator(asked(page, "count", lambda session: queries.count(session, question)), size)

    def part(_number: int, before: int) -> Sequence[T]:
        shown = min(size, pages.count - before)
        limited = question.limit(shown).offset(before) if before else question.limit(shown)
        return asked(page, "page", lambda session: load(session, limited), before)

    return paged(pages, page.call.params.get("page"), part)


def to_come(page: Page, slug: str) -> Found:
    return queries.of_calendar(queries.from_moment(page.now), slug).order_by(EARLIEST)


def calendar(page: Page, calendar_slug: str) -> dict[str, Any]:
    return listed(page, calendar_slug, to_come(page, calendar_slug), {})


def past(page: Page, calendar_slug: str) -> dict[str, Any]:
    question = queries.of_calendar(queries.until_moment(page.now), calendar_slug).order_by(LATEST)
    return listed(page, calendar_slug, question, {})


def by_date(page: Page, calendar_slug: str, year: str, month: str, day: str) -> dict[str, Any]:
    """What is to come after midnight of a day, UTC."""
    try:
        said = date(int(year), int(month), int(day))
    except ValueError:
        raise Missing from None
    midnight = datetime(said.year, said.month, said.day, tzinfo=UTC)
    question = queries.of_calendar(queries.from_moment(midnight), calendar_slug).order_by(LATEST)
    return listed(page, calendar_slug, question, {"year": year, "month": month, "day": day}, said)


def by_category(page: Page, calendar_slug: str, slug: str) -> dict[str, Any]:
    found = asked(page, "category", lambda session: queries.category(session, calendar_slug, slug))
    if found is None:
        raise Missing
    question = queries.of_category(to_come(page, calendar_slug), slug)
    return listed(page, calendar_slug, question, {"slug": slug}, found)


def by_location(page: Page, calendar_slug: str, pk: int) -> dict[str, Any]:
    found = None
    if pk <= LARGEST_KEY:
        found = asked(page, "place", lambda session: queries.location(session, calendar_slug, pk))
    if found is None:
        raise Missing
    question = to_come(page, calendar_slug).where(Event.venue_id == pk)
    return listed(page, calendar_slug, question, {"pk": pk}, found)


def categories(page: Page, calendar_slug: str) -> dict[str, Any]:
    """The categories of a calendar; of none, if there is no such calendar."""
    question = queries.categories_of(calendar_slug)
    made = slices(page, question, NAMES_PER_PAGE, queries.with_events_of_categories)
    beside = asked(page, "beside", lambda session: results(session, question.limit(NAMES_BESIDE)))
    return {
        **made,
        **view(calendar_slug=calendar_slug),
        "eventcategory_list": made["object_list"],
        "event_categories": beside,
    }


def locations(page: Page, calendar_slug: str) -> dict[str, Any]:
    """The places of a calendar; of none, if there is no such calendar."""
    made = slices(page, queries.locations_of(calendar_slug), NAMES_PER_PAGE, queries.with_events_of_locations)
    return {**made, **view(calendar_slug=calendar_slug), "eventlocation_list": made["object_list"]}


def event(page: Page, calendar_slug: str, pk: int) -> dict[str, Any]:
    """One event, under any calendar's name: legacy does not look at it."""
    found = asked(page, "event", lambda session: queries.by_key(session, pk)) if pk <= LARGEST_KEY else None
    if found is None:
        raise Missing
    rule = found.next_time
    begins = rule.dt_start if rule is not None else None
    return {
        **view(calendar_slug=calendar_slug, pk=pk),
        "object": found,
        "event": found,
        **({f"next_{days}": begins + timedelta(days=days) for days in WINDOWS} if begins is not None else {}),
    }


def thanks(_page: Page) -> dict[str, Any]:
    return view()


LIST = "events/event_list.html"
OF_CALENDAR = "/events/{calendar_slug:str}"
HANDLERS = (
    shown("/events", LIST, home),
    shown("/events/calendars", "events/calendar_list.html", calendars),
    shown("/events/submit/thanks", "events/event_form_thanks.html", thanks),
    shown(OF_CALENDAR + "/categories/{slug:str}", LIST, by_category),
    shown(OF_CALENDAR + "/categories", "events/eventcategory_list.html", categories),
    shown(OF_CALENDAR + "/locations/{pk:int}", LIST, by_location),
    shown(OF_CALENDAR + "/locations", "events/eventlocation_list.html", locations),
    shown(OF_CALENDAR + "/date/{year:str}/{month:str}/{day:str}", LIST, by_date),
    shown(OF_CALENDAR + "/{pk:int}", "events/event_detail.html", event),
    shown(OF_CALENDAR + "/past", "events/event_list_past.html", past),
    shown(OF_CALENDAR, LIST, calendar),
)

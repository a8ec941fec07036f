"""URLs of events that parity compares: every kind of page, its pages, and what is not there."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_PAGES = (
    *("", "?page=1", "?page=2", "?page=last", "?page=999", "?page=0", "?page=-1", "?page=x", "?page=", "?page=1.0"),
    *("past/", "past/?page=2", "past/?page=last", "past/?page=99", "categories/", "categories/?page=2", "locations/"),
    *("locations/?page=last", "categories/no-such/", "locations/999999/", "locations/99999999999/", "no-such/"),
    *("date/2020/02/29/", "date/2039/12/31/", "date/2026/03/29/?page=2", "date/2026/3/29/", "date/2060/01/01/"),
    *("past", "categories", "999999/", "99999999999/"),
)


async def sample_urls(session: AsyncSession) -> list[str]:
    """Lists of every calendar, each category and place, and some events."""
    slugs = (await session.execute(text("SELECT slug FROM events_calendar ORDER BY id LIMIT 3"))).scalars().all()
    events = (await session.execute(text("SELECT id FROM events_event ORDER BY id LIMIT 40"))).scalars().all()
    named = "SELECT slug FROM events_eventcategory ORDER BY id LIMIT 10"
    categories = (await session.execute(text(named))).scalars().all()
    places = (await session.execute(text("SELECT id FROM events_eventlocation ORDER BY id LIMIT 10"))).scalars().all()
    of_calendars = (f"/events/{slug}/{page}" for slug in [*slugs, "no-such-calendar"] for page in _PAGES)
    return [
        *("/events/", "/events/?page=2", "/events", "/events/calendars/", "/events/submit/thanks/"),
        *of_calendars,
        *(f"/events/{slug}/categories/{name}/" for slug in slugs for name in categories),
        *(f"/events/{slug}/locations/{key}/" for slug in slugs for key in places),
        *(f"/events/{slug}/{key}/" for slug in [*slugs[:1], "any-calendar"] for key in events),
    ]

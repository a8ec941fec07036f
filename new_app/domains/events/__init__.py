"""Events: calendars of what happens, and when. Submitting one is legacy's."""

from sqlalchemy.orm import joinedload

from new_app.domain import Claim, Domain
from new_app.domains.events import files, pages, searched
from new_app.domains.events.models import Calendar, Event
from new_app.domains.events.queries import upcoming
from new_app.domains.events.samples import sample_urls
from new_app.domains.events.tasks import IMPORT
from new_app.sitemap import Listed

_OF_CALENDAR = "events/<slug:calendar_slug>/"
_FILES = frozenset({"GET", "HEAD"})

domain = Domain(
    name="events",
    claims=(
        Claim("events/calendars/", "events:calendar_list"),
        Claim("events/submit/thanks/", "events:event_thanks"),
        Claim(f"{_OF_CALENDAR}categories/<slug:slug>/", "events:eventlist_category"),
        Claim(f"{_OF_CALENDAR}categories/", "events:eventcategory_list"),
        Claim(f"{_OF_CALENDAR}locations/<int:pk>/", "events:eventlist_location"),
        Claim(f"{_OF_CALENDAR}locations/", "events:eventlocation_list"),
        Claim(
            r"^events/(?P<calendar_slug>[-a-zA-Z0-9_]+)/date/(?P<year>\d{4})/(?P<month>\d{2})/(?P<day>\d{2})/$",
            "events:eventlist_date",
        ),
        Claim(f"{_OF_CALENDAR}<int:pk>/", "events:event_detail"),
        Claim(f"{_OF_CALENDAR}past/", "events:event_list_past"),
        Claim(_OF_CALENDAR, "events:event_list"),
        Claim("events/", "events:events"),
        Claim(f"{_OF_CALENDAR}events.ics", "events:calendar_file", _FILES, added=True),
        Claim(f"{_OF_CALENDAR}<int:pk>/event.ics", "events:event_file", _FILES, added=True),
        Claim(f"{_OF_CALENDAR}feed.atom", "events:calendar_atom", _FILES, added=True),
        Claim(f"{_OF_CALENDAR}feed.rss", "events:calendar_rss", _FILES, added=True),
    ),
    handlers=(*pages.HANDLERS, *files.HANDLERS),
    watches=(
        "events_calendar",
        "events_eventcategory",
        "events_event_categories",
        "events_eventlocation",
        "events_event",
        "events_occurringrule",
        "events_recurringrule",
    ),
    tags={"get_events_upcoming": upcoming},
    samples=sample_urls,
    listed=(Listed("calendars", Calendar), Listed("events", Event, options=[joinedload(Event.calendar)])),
    tasks=(IMPORT,),
    searched=searched.KINDS,
)

"""Events: calendars of what happens, and when. Only what other pages show of them has moved."""

from new_app.domain import Domain
from new_app.domains.events.queries import upcoming

domain = Domain(
    name="events",
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
)

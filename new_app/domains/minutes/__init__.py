"""Minutes: what the board decided, by the day of its meeting; drafts are for staff."""

from new_app.domain import Claim, Domain
from new_app.domains.minutes import feed, pages
from new_app.domains.minutes.models import Minutes
from new_app.domains.minutes.samples import sample_urls
from new_app.sitemap import Listed

_ALL = "psf/records/board/minutes/"

domain = Domain(
    name="minutes",
    claims=(
        Claim(_ALL, "minutes_list"),
        Claim(f"{_ALL}feed/", "minutes_feed"),
        Claim(rf"^{_ALL}(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})/$", "minutes_detail"),
    ),
    handlers=(feed.feed, *pages.HANDLERS),
    watches=("minutes_minutes",),
    samples=sample_urls,
    listed=(Listed("minutes", Minutes, lambda: [Minutes.is_published]),),
)

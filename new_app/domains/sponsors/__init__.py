"""Sponsors: who supports the site, and where their logos show. Only what other pages show of them has moved."""

from new_app.domain import Domain
from new_app.domains.sponsors.tags import ideal_size, list_sponsors

domain = Domain(
    name="sponsors",
    watches=(
        "thumbnail_kvstore",
        "sponsors_benefitfeature",
        "sponsors_logoplacement",
        "sponsors_sponsor",
        "sponsors_sponsorbenefit",
        "sponsors_sponsorcontact",
        "sponsors_sponsorship",
        "sponsors_sponsorshippackage",
    ),
    tags={"list_sponsors": list_sponsors},
    filters={"ideal_size": ideal_size},
)

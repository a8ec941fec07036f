"""Sponsors: who supports the site, where their logos show, and what their people see of their sponsorships."""

from new_app.domain import Claim, Domain
from new_app.domains.sponsors import dashboard
from new_app.domains.sponsors.tags import ideal_size, list_sponsors

domain = Domain(
    name="sponsors",
    claims=(
        Claim("users/sponsorships/", "users:user_sponsorships_dashboard"),
        Claim("users/sponsorships/sponsor/edit/", "users:edit_sponsor_info_implicit"),
    ),
    handlers=dashboard.HANDLERS,
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

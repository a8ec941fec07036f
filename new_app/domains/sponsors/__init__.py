"""Sponsors: who supports the site, where their logos show, and what their people see of their sponsorships."""

from new_app.api.handlers import READS
from new_app.domain import Claim, Domain
from new_app.domains.sponsors import application, dashboard
from new_app.domains.sponsors.api import VIEWS
from new_app.domains.sponsors.samples import sample_urls
from new_app.domains.sponsors.tags import ideal_size, list_sponsors

domain = Domain(
    name="sponsors",
    claims=(
        Claim("sponsors/application/", "select_sponsorship_application_benefits"),
        Claim("users/sponsorships/", "users:user_sponsorships_dashboard"),
        Claim("users/sponsorships/sponsor/edit/", "users:edit_sponsor_info_implicit"),
        Claim("users/sponsorships/<int:pk>/", "users:sponsorship_application_detail"),
        Claim("users/sponsorships/<int:pk>/assets/", "users:update_sponsorship_assets"),
        Claim("users/sponsorships/<int:pk>/provided-assets/", "users:view_provided_sponsorship_assets"),
        Claim("^api/v2/(?s:.*)sponsors/logo-placement/", "logo_placement_list", READS),
        Claim("^api/v2/(?s:.*)sponsors/sponsorship-assets/", "assets_list", READS),
    ),
    api_views=VIEWS,
    handlers=(*application.HANDLERS, *dashboard.HANDLERS),
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
    tags={
        "list_sponsors": list_sponsors,
        "benefit_quantity_for_package": application.benefit_quantity_for_package,
    },
    filters={"ideal_size": ideal_size},
    samples=sample_urls,
)

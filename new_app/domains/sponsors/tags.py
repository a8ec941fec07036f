"""What templates of other pages call: the lists of sponsors by placement of their logo."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from new_app.columns import StoredFile
from new_app.content import results
from new_app.db import Results
from new_app.domains.sponsors.features import LogoPlacement
from new_app.domains.sponsors.models import SponsorBenefit, Sponsorship, SponsorshipPackage
from new_app.page import Page

FOUNDATION = "psf"
ON_THE_LIST = "sponsors"
AREA = 100
"""A logo is drawn on this many pixels, times its dimension."""


def list_sponsors(page: Page, logo_place: str, publisher: str = FOUNDATION) -> Markup:
    """The list for one placement; on the page of sponsors, by package."""
    today = page.now.date()
    sponsorships = page.remember(
        ("sponsorships", logo_place, publisher, today),
        lambda session: shown_at(session, logo_place, publisher, today),
        seconds=3600,
    )
    variables: dict[str, Any] = {"logo_place": logo_place, "sponsorships": sponsorships}
    if logo_place == ON_THE_LIST:
        packages = page.remember("sponsorship packages", all_packages)
        variables["packages"] = packages
        variables["sponsorships_by_package"] = by_package(packages, sponsorships)
    return page.fragment("sponsors/partials/sponsors-list.html", **variables)


def shown_at(session: Session, place: str, publisher: str, today: date) -> Results[Sponsorship]:
    """Final sponsorships of today whose benefits place a logo there, by package; renewed ones are not among them."""
    logos = select(SponsorBenefit.sponsorship_id).join(LogoPlacement)
    if place:
        logos = logos.where(LogoPlacement.logo_place == place)
    if publisher:
        logos = logos.where(LogoPlacement.publisher == publisher)
    question = (
        select(Sponsorship)
        .outerjoin(Sponsorship.package)
        .where(
            Sponsorship.status == Sponsorship.FINALIZED,
            Sponsorship.start_date <= today,
            Sponsorship.end_date >= today,
            Sponsorship.overlapped_by_id.is_(None),
            Sponsorship.id.in_(logos),
        )
        .order_by(SponsorshipPackage.year.desc(), SponsorshipPackage.order, Sponsorship.id)
        .options(joinedload(Sponsorship.sponsor), joinedload(Sponsorship.package))
    )
    return results(session, question)


def all_packages(session: Session) -> Results[SponsorshipPackage]:
    return results(
        session, select(SponsorshipPackage).order_by(SponsorshipPackage.year.desc(), SponsorshipPackage.order)
    )


def by_package(packages: Sequence[SponsorshipPackage], sponsorships: Sequence[Sponsorship]) -> dict[str, Any]:
    """Slug to name, dimension and sponsorships; of packages with one slug, the last says the name."""
    return {
        package.slug: {
            "label": package.name,
            "logo_dimension": str(package.logo_dimension),
            "sponsorships": [found for found in sponsorships if found.package and found.package.slug == package.slug],
        }
        for package in packages
    }


def ideal_size(image: StoredFile, ideal_dimension: str) -> int:
    """The width at which a logo covers its share of the page; a missing file counts as a square."""
    dimension = int(ideal_dimension)
    try:
        width, height = image.width, image.height
    except FileNotFoundError:
        width = height = dimension
    return int(width * math.sqrt((AREA * dimension) / (width * height)))

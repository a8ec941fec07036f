"""Sponsors whose logos are shown: several in one package, one drawn as SVG, and those that must not be shown.

Not shown are: one whose year is over, one that another followed, and one that was never finalized.
"""

from datetime import date

from apps.sponsors import models as s
from apps.sponsors.models.features import LogoPlace, Publisher

from . import moment

# number, name, package, places, columns
SHOWN = [
    (10, "Mango Mocks", "Gold", "download sponsors jobs", {}),
    (11, "Nested Nodes & Sons", "Gold", "download sponsors", {}),
    (12, "Ouroboros “Loops”", "Bronze", "sponsors", {}),
    (13, "Py <Pies>", "Silver", "download sponsors jobs", {}),
    (14, "Quine Quarters", "Bronze", "sponsors docs", {}),
    (15, "Lambda Drawings", "Silver", "download", {}),
    (16, "Last Year's", "Gold", "download sponsors", {"end_date": date(2025, 12, 31)}),
    (17, "Not Yet", "Gold", "download sponsors", {"status": "approved"}),
    (18, "Overlapped", "Gold", "download sponsors", {"overlapped": True}),
]
USUAL = {"status": "finalized", "start_date": date(2025, 1, 1), "end_date": date(2045, 12, 31)}


def add() -> None:
    packages = {package.name: package for package in s.SponsorshipPackage.objects.all()}
    for number, name, package, places, columns in SHOWN:
        sponsor = s.Sponsor.objects.create(
            pk=number,
            name=name,
            description=f"{name} uses Python.",
            landing_page_url=f"https://sponsor-{number}.example/?a=1&b=2" if number != 12 else None,
            web_logo="sponsor_web_logos/lambda.SVG" if number == 15 else f"sponsor_web_logos/{min(number, 15)}.png",
            primary_phone="+1 555 0100",
            city="Springfield",
            country="US",
            created=moment(number - 400),
        )
        values = USUAL | columns
        overlapped = values.pop("overlapped", False)
        sponsorship = s.Sponsorship.objects.create(
            sponsor=sponsor, package=packages[package], submited_by_id=4, year=2026, **values
        )
        if overlapped:
            sponsorship.overlapped_by_id = s.Sponsorship.objects.get(sponsor_id=10).pk
            sponsorship.save()
        _place(sponsorship, places.split())
    s.Sponsor.objects.filter(pk__gte=10).update(updated=moment())
    s.Sponsorship.objects.filter(sponsor_id__gte=10).update(applied_on=moment().date())


def _place(sponsorship: s.Sponsorship, places: list[str]) -> None:
    for place in places:
        benefit = s.SponsorBenefit.objects.create(
            sponsorship=sponsorship, program_name="Foundation", name=f"Logo: {LogoPlace(place).label}"
        )
        s.LogoPlacement.objects.create(
            sponsor_benefit=benefit,
            publisher=Publisher.FOUNDATION,
            logo_place=LogoPlace(place),
            link_to_sponsors_page=place == "sponsors",
            describe_as_sponsor=place == "jobs",
        )

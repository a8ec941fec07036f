"""Companies and sponsors that partly are the same: by slug, by name but for its legal form, by web domain, by chance.

Also one year's offer, sponsorships in every state, and a feature, configuration and asset of every kind.
"""

from collections.abc import Iterator
from datetime import date

from apps.companies.models import Company
from apps.sponsors import models as s
from apps.sponsors.models.features import LogoPlace, Owner, Publisher

from . import moment

COMPANIES = [
    # name, url, logo, about
    ("Anaconda Estates", "https://anaconda.example/", "companies/logos/anaconda.png", "Land for **snakes**."),
    ("Blue Bytes, Inc.", "https://www.bluebytes.example/about", "companies/logos/blue.png", "Bytes, *blue* ones."),
    ("Cobra Computing", "https://cobra.example", "", "Computers.\n\n- fast\n- poisonous"),
    ("Data & Daughters", "http://data-daughters.example/", "companies/logos/dd.svg", "Data since 1999."),
    ("Eggs Ltd", None, None, ""),
    ("Frozen Sets", "https://shared-host.example/frozen", "", "Sets that stay."),
    ("Générateurs Réunis", "https://generateurs.example/", "companies/logos/gr.png", "Générateurs — « yield »."),
    ("Hash Tables AG", "https://hash.example/", "", "Tables."),
    ("Iterators", "not a url", None, "No address."),
    ("Jupiter Notebooks", "https://jupiter.example/", "companies/logos/jupiter.png", "Paper."),
]
SPONSORS = [
    # name, url
    ("Anaconda Estates", "https://anaconda.example/python"),  # same slug
    ("Blue Bytes", "https://elsewhere.example/"),  # same name but for its legal form
    ("Cobra Cloud", "https://www.cobra.example/cloud"),  # same web domain
    ("Frozen Foods", "https://shared-host.example/foods"),  # a domain that two sponsors share: ambiguous
    ("Frozen Yoghurt", "https://shared-host.example/yoghurt"),
    ("Hash Tables", "https://tables.example/"),  # two sponsors of one name: ambiguous
    ("Hash-Tables GmbH", None),
    ("Kelvin Kernels", "https://kelvin.example/"),  # no company
    ("Lambda Lodge", None),
]
STATES = ["applied", "rejected", "approved", "finalized", "finalized", "applied", "approved", "finalized", "applied"]
YEAR = 2026


def add() -> None:
    Company.objects.bulk_create(
        Company(
            pk=number,
            name=name,
            slug=name.lower()
            .replace("é", "e")
            .replace("&", "")
            .replace(",", "")
            .replace(".", "")
            .replace("  ", " ")
            .replace(" ", "-"),
            url=url,
            logo=logo,
            about=about,
            about_markup_type="markdown" if number % 4 == 1 else "restructuredtext",
            email=f"hello@{name.split()[0].lower()}.example" if number % 3 and name.isascii() else None,
            contact="Front desk" if number % 2 else None,
        )
        for number, (name, url, logo, about) in enumerate(COMPANIES, start=1)
    )
    sponsors = s.Sponsor.objects.bulk_create(_sponsors())
    benefits = _add_offer()
    _add_sponsorships(sponsors, benefits)


def _sponsors() -> Iterator[s.Sponsor]:
    for number, (name, url) in enumerate(SPONSORS, start=1):
        yield s.Sponsor(
            pk=number,
            name=name,
            description=f"{name} uses Python.",
            landing_page_url=url,
            web_logo=f"sponsor_web_logos/{number}.png",
            print_logo="",
            white_logo="",
            primary_phone="+1 555 0100",
            mailing_address_line_1=f"{number} Main Street",
            city="Springfield",
            postal_code="12345",
            country=["US", "DE", "FR"][number % 3],
            created=moment(number - 400),
            updated=moment(number - 300),
        )


def _add_offer() -> list[s.SponsorshipBenefit]:
    s.SponsorshipCurrentYear.objects.create(year=YEAR)
    programs = [s.SponsorshipProgram.objects.create(name=name) for name in ("Foundation", "Conference")]
    packages = [
        s.SponsorshipPackage.objects.create(
            name=name, slug=name.lower(), sponsorship_amount=amount, advertise=True, year=YEAR
        )
        for name, amount in (("Gold", 30_000), ("Silver", 15_000), ("Bronze", 5_000))
    ]
    clause = s.LegalClause.objects.create(internal_name="Logos", clause="Logos are shown **as they are**.")
    benefits = [
        s.SponsorshipBenefit.objects.create(
            name=f"{kind.__name__} for a year", program=programs[number % 2], year=YEAR, internal_value=100 * number
        )
        for number, (kind, _, _) in enumerate(KINDS)
    ]
    for number, (benefit, (kind, _, columns)) in enumerate(zip(benefits, KINDS, strict=True)):
        benefit.packages.set(packages[: 1 + number % 3])
        values = columns(packages[0])
        if "internal_name" in values:
            values["internal_name"] = f"{values['internal_name']}-{number}"
        kind.objects.create(benefit=benefit, **values)
    for name, columns in (("A ticket", {}), ("A booth", {"standalone": True}), ("A yacht", {"unavailable": True})):
        s.SponsorshipBenefit.objects.create(name=name, program=programs[1], year=YEAR, **columns)
    benefits[0].legal_clauses.add(clause)
    benefits[0].conflicts.add(benefits[1])
    return benefits


def _asset(name: str, **more: object) -> dict[str, object]:
    return {"related_to": Owner.SPONSORSHIP, "internal_name": name, "label": name.capitalize(), **more}


DUE = date(2026, 12, 24)
SIZES = {"min_width": 10, "max_width": 900, "min_height": 10, "max_height": 900}
KINDS = [
    # configuration, feature, columns of both
    (
        s.LogoPlacementConfiguration,
        s.LogoPlacement,
        lambda package: {"publisher": Publisher.FOUNDATION, "logo_place": LogoPlace.DOWNLOAD_PAGE},
    ),
    (s.TieredBenefitConfiguration, s.TieredBenefit, lambda package: {"package": package, "quantity": 4}),
    (s.EmailTargetableConfiguration, s.EmailTargetable, lambda package: {}),
    (s.RequiredImgAssetConfiguration, s.RequiredImgAsset, lambda package: _asset("slide", due_date=DUE, **SIZES)),
    (s.RequiredTextAssetConfiguration, s.RequiredTextAsset, lambda package: _asset("listing", max_length=200)),
    (s.RequiredResponseAssetConfiguration, s.RequiredResponseAsset, lambda package: _asset("dinner")),
    (
        s.ProvidedTextAssetConfiguration,
        s.ProvidedTextAsset,
        lambda package: _asset("voucher", shared=True, shared_text="CODE"),
    ),
    (s.ProvidedFileAssetConfiguration, s.ProvidedFileAsset, lambda package: _asset("kit", shared_file="kit.pdf")),
]


def _add_sponsorships(sponsors: list[s.Sponsor], benefits: list[s.SponsorshipBenefit]) -> None:
    for number, (sponsor, state) in enumerate(zip(sponsors, STATES, strict=True)):
        package = benefits[0].packages.first()
        day = moment(number - 200).date()
        sponsorship = s.Sponsorship.objects.create(
            sponsor=sponsor,
            submited_by_id=4,
            status=state,
            year=YEAR,
            package=package,
            sponsorship_fee=package.sponsorship_amount,
            start_date=day if state == "finalized" else None,
            end_date=day.replace(year=2045) if state == "finalized" else None,
            finalized_on=day if state == "finalized" else None,
        )
        s.Sponsorship.objects.filter(pk=sponsorship.pk).update(applied_on=day)
        s.SponsorContact.objects.create(
            sponsor=sponsor,
            user_id=4 if number % 2 else None,
            primary=True,
            name="Con Tact",
            email=f"c{number}@example.com",
            phone="1",
        )
        if state == "finalized":
            _add_promises(sponsorship, benefits)
        elif state == "applied":  # one takes the package as it is offered, others less of it
            _add_choice(sponsorship, benefits[number:])
    s.SponsorEmailNotificationTemplate.objects.create(
        internal_name="Welcome", subject="Hello", content="Dear {{ sponsor_name }}"
    )
    s.SponsorEmailNotificationTemplate.objects.update(created_at=moment(), updated_at=moment())


def _add_choice(sponsorship: s.Sponsorship, benefits: list[s.SponsorshipBenefit]) -> None:
    for benefit in benefits:
        s.SponsorBenefit.objects.create(
            sponsorship=sponsorship,
            sponsorship_benefit=benefit,
            program=benefit.program,
            program_name=benefit.program.name,
            name=benefit.name,
            description=f"What “{benefit.name}” is",
        )


def _add_promises(sponsorship: s.Sponsorship, benefits: list[s.SponsorshipBenefit]) -> None:
    for benefit, (_, feature, columns) in zip(benefits, KINDS, strict=True):
        promise = s.SponsorBenefit.objects.create(
            sponsorship=sponsorship,
            sponsorship_benefit=benefit,
            program=benefit.program,
            program_name=benefit.program.name,
            name=benefit.name,
            benefit_internal_value=benefit.internal_value,
        )
        feature.objects.create(sponsor_benefit=promise, **columns(sponsorship.package))
    handed_in = [
        (s.ImgAsset, "slide", {"image": ""}),
        (s.TextAsset, "listing", {"text": "Words & <more>: https://listing.example/?a=1&b=2"}),
        (s.FileAsset, "kit", {"file": "sponsors-app-assets/kit é.pdf"}),
        (s.ResponseAsset, "dinner", {"response": "YES"}),
    ]
    for number, (kind, name, values) in enumerate(handed_in):
        uuid = f"00000000-0000-4000-8000-{sponsorship.pk:06d}{number:06d}"
        if sponsorship.sponsor_id % 2:  # some have handed in nothing yet
            values = dict.fromkeys(values, "")
        kind.objects.create(content_object=sponsorship, internal_name=name, uuid=uuid, **values)
    s.Contract.objects.create(
        sponsorship=sponsorship,
        status="executed",
        sponsor_info=f"{sponsorship.sponsor.name}, a company",
        sponsor_contact="Con Tact - 1 | c@example.com",
        benefits_list="- a logo [^1]",
        legal_clauses="[^1]: as it is",
    )
    s.Contract.objects.update(created_on=moment().date(), last_update=moment().date())

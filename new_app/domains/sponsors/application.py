"""The first page of an application: a year's packages and the benefits that can be chosen with them.

What somebody has chosen before comes back in a cookie. Whether anything is offered at all is the template's to ask, of
the flag `sponsorship-applications-open`. What is chosen here is sent to legacy.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from legacy_adapters.forms import CheckboxSelectMultiple, Form, ModelChoiceField, ModelMultipleChoiceField, RadioSelect
from new_app.action import Action, NotOurs, acts
from new_app.answer import Answer
from new_app.content import results, slugify
from new_app.db import Results
from new_app.domains.sponsors.features import TieredBenefitConfiguration
from new_app.domains.sponsors.models import (
    SponsorshipBenefit,
    SponsorshipCurrentYear,
    SponsorshipPackage,
    SponsorshipProgram,
    benefit_packages,
)
from new_app.page import Page

PATH = "/sponsors/application/"
CHOSEN = "sponsorship_selected_benefits"
"""The cookie that keeps what was chosen, for a day."""
QUANTITIES = "quantities of benefits in packages"
TEST_COOKIE, WORKED = "testcookie", "worked"
"""What Django's session keeps to find out whether a browser keeps cookies; legacy asks when the form comes back."""


class Benefits(ModelMultipleChoiceField):
    widget = CheckboxSelectMultiple

    def label_from_instance(self, row: SponsorshipBenefit) -> str:
        return row.name


class BenefitsForm(Form):
    """A package, and benefits: one field for those of each program, for those apart from packages, for others."""

    def __init__(self, offer: "Offer", initial: Mapping[str, Any]) -> None:
        super().__init__(initial=initial)
        self.offer = offer
        self.fields["package"] = ModelChoiceField(
            offer.packages, widget=RadioSelect(), required=False, empty_label=None
        )
        self.fields["a_la_carte_benefits"] = Benefits(offer.a_la_carte, required=False)
        self.fields["standalone_benefits"] = Benefits(offer.standalone, required=False)
        for program in offer.programs:
            of_program = Results(one for one in offer.of_packages if one.program_id == program.id)
            name = f"benefits_{slugify(program.name).replace('-', '_')}"
            self.fields[name] = Benefits(of_program, required=False, label=f"{program.name} Benefits")

    @property
    def benefits_programs(self) -> list[Any]:
        return [field for field in self if field.name.startswith("benefits_")]

    @property
    def benefits_conflicts(self) -> dict[int, list[int]]:
        """Benefit to those that it cannot be had with."""
        every = self.offer.every
        return {one.id: [rival.id for rival in one.conflicts] for one in every if one.conflicts}


class Offer:
    """What can be applied for in a year, and all packages and benefits there are, loaded for the page."""

    def __init__(self, session: Session, year: int | None) -> None:
        is_listed = benefit_packages.c.sponsorshipbenefit_id == SponsorshipBenefit.id
        load = (joinedload(SponsorshipBenefit.program), selectinload(SponsorshipBenefit.conflicts))
        self.every = results(session, select(SponsorshipBenefit).order_by(SponsorshipBenefit.order).options(*load))
        order = (SponsorshipPackage.year.desc(), SponsorshipPackage.order)
        self.every_package = results(session, select(SponsorshipPackage).order_by(*order))
        for package in self.every_package:  # one by one, as legacy asks: benefits that share a place come in its order
            of_package = select(SponsorshipBenefit).join(benefit_packages, is_listed).order_by(SponsorshipBenefit.order)
            listed = results(session, of_package.where(benefit_packages.c.sponsorshippackage_id == package.id))
            set_committed_value(package, "benefits", listed)
        self.programs = results(session, select(SponsorshipProgram).order_by(SponsorshipProgram.order))
        tiers = session.scalars(select(TieredBenefitConfiguration).order_by(TieredBenefitConfiguration.id.desc()))
        self.quantities = {
            (tier.benefit_id, tier.package_id): tier.display_label or tier.quantity for tier in tiers
        }  # of two for one package the older counts
        tiered = {benefit for benefit, _ in self.quantities}
        counted = select(benefit_packages.c.sponsorshipbenefit_id, func.count()).group_by(
            benefit_packages.c.sponsorshipbenefit_id
        )
        packages: dict[int, int] = {row[0]: row[1] for row in session.execute(counted)}
        for benefit in self.every:
            benefit.num_packages, benefit.has_tiers = packages.get(benefit.id, 0), benefit.id in tiered
        offered = [one for one in self.every if one.year == year and year is not None and not one.unavailable]
        self.packages = Results(one for one in self.every_package if one.year == year and one.advertise)
        self.standalone = Results(one for one in offered if one.standalone)
        self.a_la_carte = Results(one for one in offered if not one.standalone and not one.num_packages)
        packaged = (one for one in offered if not one.standalone and one.num_packages)
        self.of_packages = Results(sorted(packaged, key=lambda one: (-one.num_packages, one.order)))


async def offer(action: Action) -> Answer:
    if action.is_post:
        raise NotOurs
    action.visitor.session[TEST_COOKIE] = WORKED
    return await action.show("sponsors/sponsorship_benefits_form.html", variables)


def variables(page: Page) -> dict[str, Any]:
    session = page.session
    current = session.scalar(select(SponsorshipCurrentYear.year))
    other = asked_year(page, current)
    found = Offer(session, other or current)
    page.state[QUANTITIES] = found.quantities
    return {
        "form": BenefitsForm(found, chosen(page.call.cookies)),
        "benefit_model": SponsorshipBenefit,
        "sponsorship_packages": found.every_package,
        "capacities_met": not all(one.has_capacity for one in found.every),
        "custom_year": other,
    }


def asked_year(page: Page, current: int | None) -> int | None:
    """Another year than the current one, which staff may look at; what is no number is none, where legacy fails."""
    said = page.call.params.get("config_year")
    if not (page.user.is_staff and said):
        return None
    try:
        year = int(said)
    except ValueError:
        return None
    return year if year != current else None


def chosen(cookies: Mapping[str, str]) -> dict[str, Any]:
    try:
        found = json.loads(cookies.get(CHOSEN) or "{}")
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def benefit_quantity_for_package(page: Page, benefit: SponsorshipBenefit, package: SponsorshipPackage) -> Any:
    """How many of a benefit a package has, or the label for it, on the page of the application."""
    return page.state[QUANTITIES].get((benefit.id, package.id), "")


HANDLERS = (acts(PATH, offer),)

"""Sponsors, their sponsorships and contracts, and the packages and benefits that can be sponsored.

What a benefit consists of, and what sponsors hand in for it, is in `features.py`. Columns named `order` count from 0
without gaps over a whole table: who inserts a row gives it the highest plus one.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import ColumnElement, Index, String, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import (
    Country,
    CountryType,
    Key,
    Markup,
    StoredFile,
    markup,
    not_negative,
    now,
    reference,
    stored_file,
)
from new_app.content import ContentManageable, slugify
from new_app.db import LegacyBase
from new_app.domains.users.models import User
from new_app.tables import many_to_many

if TYPE_CHECKING:
    from new_app.domains.sponsors.features import TieredBenefit

benefit_packages = many_to_many(
    "sponsors_sponsorshipbenefit_packages",
    *("sponsorshipbenefit_id", "sponsorshippackage_id"),
    *("sponsors_sponsorshipbenefit", "sponsors_sponsorshippackage"),
)
benefit_legal_clauses = many_to_many(
    "sponsors_sponsorshipbenefit_legal_clauses",
    *("sponsorshipbenefit_id", "legalclause_id"),
    *("sponsors_sponsorshipbenefit", "sponsors_legalclause"),
)
benefit_conflicts = many_to_many(
    "sponsors_sponsorshipbenefit_conflicts",
    *("from_sponsorshipbenefit_id", "to_sponsorshipbenefit_id"),
    *("sponsors_sponsorshipbenefit", "sponsors_sponsorshipbenefit"),
)


def today() -> date:
    """The date that Django's `auto_now_add` writes while TIME_ZONE is UTC."""
    return datetime.now(UTC).date()


class Ordered:
    """A place in the table's one sequence."""

    order: Mapped[int] = mapped_column(not_negative("order"), index=True)


class Sponsor(ContentManageable, LegacyBase):
    """An organisation that sponsors. Its slug is made of its name and is not a column."""

    __tablename__ = "sponsors_sponsor"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str]
    landing_page_url: Mapped[str | None] = mapped_column(String(200))
    twitter_handle: Mapped[str | None] = mapped_column(String(32))
    linked_in_page_url: Mapped[str | None] = mapped_column(String(200))
    web_logo: Mapped[StoredFile] = stored_file()
    print_logo: Mapped[StoredFile] = stored_file(nullable=True)
    white_logo: Mapped[StoredFile] = stored_file(nullable=True)
    primary_phone: Mapped[str] = mapped_column(String(32))
    mailing_address_line_1: Mapped[str] = mapped_column(String(128), default="")
    mailing_address_line_2: Mapped[str] = mapped_column(String(128), default="")
    city: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(64), default="")
    postal_code: Mapped[str] = mapped_column(String(64), default="")
    country: Mapped[Country] = mapped_column(CountryType, default=Country(""))
    country_of_incorporation: Mapped[Country | None] = mapped_column(CountryType)
    state_of_incorporation: Mapped[str | None] = mapped_column(String(64), default="")

    contacts: Mapped[list["SponsorContact"]] = relationship(back_populates="sponsor")
    sponsorship_set: Mapped[list["Sponsorship"]] = relationship(back_populates="sponsor")

    def __str__(self) -> str:
        return self.name

    @property
    def slug(self) -> str:
        return slugify(self.name)


class SponsorContact(LegacyBase):
    """A person to talk to at a sponsor; one with a user may manage the sponsorship here."""

    __tablename__ = "sponsors_sponsorcontact"

    id: Mapped[Key]
    sponsor_id: Mapped[int] = reference("sponsors_sponsor.id")
    user_id: Mapped[int | None] = reference("users_user.id")
    primary: Mapped[bool] = mapped_column(default=False)
    administrative: Mapped[bool] = mapped_column(default=False)
    accounting: Mapped[bool] = mapped_column(default=False)
    manager: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str] = mapped_column(String(256))
    phone: Mapped[str] = mapped_column(String(32))

    sponsor: Mapped[Sponsor] = relationship(back_populates="contacts")
    user: Mapped[User | None] = relationship()


class SponsorshipProgram(Ordered, LegacyBase):
    """What the money is for."""

    __tablename__ = "sponsors_sponsorshipprogram"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(64))
    description: Mapped[str | None]

    def __str__(self) -> str:
        return self.name


class SponsorshipPackage(Ordered, LegacyBase):
    """A level of sponsorship in one year. Ordered latest year first, then by place."""

    __tablename__ = "sponsors_sponsorshippackage"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(64))
    sponsorship_amount: Mapped[int] = mapped_column(not_negative("sponsorship_amount"))
    advertise: Mapped[bool] = mapped_column(default=False)
    logo_dimension: Mapped[int] = mapped_column(not_negative("logo_dimension"), default=175)
    slug: Mapped[str] = mapped_column(String(50), index=True)
    year: Mapped[int | None] = mapped_column(not_negative("year"), index=True)
    allow_a_la_carte: Mapped[bool] = mapped_column(default=True)

    benefits: Mapped[list["SponsorshipBenefit"]] = relationship(
        secondary=benefit_packages, back_populates="packages", order_by="SponsorshipBenefit.order"
    )

    def has_user_customization(self, chosen: Collection["SponsorshipBenefit | None"]) -> bool:
        """Whether these are other benefits than the package's: all of it, and of those that conflict one at least."""
        rivals = {benefit for benefit in self.benefits if benefit.conflicts}
        settled = {benefit for benefit in chosen if benefit not in rivals}
        if settled != {benefit for benefit in self.benefits if benefit not in rivals}:
            return True
        left, covered = set(chosen) - settled, set[SponsorshipBenefit]()
        for rival in sorted(rivals, key=lambda benefit: benefit.id):
            if rival not in covered:
                covered |= (group := {rival, *rival.conflicts})
                if not left & group:
                    return True
        return False


class LegalClause(Ordered, LegacyBase):
    """A clause for contracts."""

    __tablename__ = "sponsors_legalclause"

    id: Mapped[Key]
    internal_name: Mapped[str] = mapped_column(String(1024))
    clause: Mapped[str]
    notes: Mapped[str] = mapped_column(default="")

    benefits: Mapped[list["SponsorshipBenefit"]] = relationship(
        secondary=benefit_legal_clauses, back_populates="legal_clauses", order_by="SponsorshipBenefit.order"
    )


class SponsorshipBenefit(Ordered, LegacyBase):
    """A benefit that can be sponsored. Conflicts are stored in both directions: write both."""

    __tablename__ = "sponsors_sponsorshipbenefit"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(1024))
    description: Mapped[str | None]
    program_id: Mapped[int] = reference("sponsors_sponsorshipprogram.id")
    package_only: Mapped[bool] = mapped_column(default=False)
    new: Mapped[bool] = mapped_column(default=False)
    unavailable: Mapped[bool] = mapped_column(default=False)
    standalone: Mapped[bool] = mapped_column(default=False)
    internal_description: Mapped[str | None]
    internal_value: Mapped[int | None] = mapped_column(not_negative("internal_value"))
    capacity: Mapped[int | None] = mapped_column(not_negative("capacity"))
    soft_capacity: Mapped[bool] = mapped_column(default=False)
    year: Mapped[int | None] = mapped_column(not_negative("year"), index=True)

    program: Mapped[SponsorshipProgram] = relationship()
    packages: Mapped[list[SponsorshipPackage]] = relationship(secondary=benefit_packages, back_populates="benefits")
    legal_clauses: Mapped[list[LegalClause]] = relationship(
        secondary=benefit_legal_clauses, back_populates="benefits", order_by=LegalClause.order
    )
    conflicts: Mapped[list["SponsorshipBenefit"]] = relationship(
        secondary=benefit_conflicts,
        primaryjoin=lambda: SponsorshipBenefit.id == benefit_conflicts.c.from_sponsorshipbenefit_id,
        secondaryjoin=lambda: SponsorshipBenefit.id == benefit_conflicts.c.to_sponsorshipbenefit_id,
        order_by=lambda: SponsorshipBenefit.order,
    )

    NEW_MESSAGE: ClassVar = "New benefit this year!"
    PACKAGE_ONLY_MESSAGE: ClassVar = "Benefit only available as part of a sponsor package"
    NO_CAPACITY_MESSAGE: ClassVar = "This benefit is currently at capacity"
    num_packages: int = 0
    """How many packages have it, and whether some has so many of it: once whoever loaded the benefit has counted."""
    has_tiers: bool = False

    @property
    def has_capacity(self) -> bool:
        full = self.capacity is not None and self.capacity <= 0 and not self.soft_capacity
        return not (self.unavailable or full)

    @property
    def unavailability_message(self) -> str:
        if self.package_only:
            return self.PACKAGE_ONLY_MESSAGE
        return "" if self.has_capacity else self.NO_CAPACITY_MESSAGE


class Sponsorship(LegacyBase):
    """A sponsor's application for a package, and what became of it. Django spells `submited_by` so."""

    __tablename__ = "sponsors_sponsorship"

    APPLIED, REJECTED, APPROVED, FINALIZED = "applied", "rejected", "approved", "finalized"

    id: Mapped[Key]
    submited_by_id: Mapped[int | None] = reference("users_user.id")
    sponsor_id: Mapped[int | None] = reference("sponsors_sponsor.id")
    status: Mapped[str] = mapped_column(String(20), default=APPLIED, index=True)
    locked: Mapped[bool] = mapped_column(default=False)
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    applied_on: Mapped[date] = mapped_column(default=today)
    approved_on: Mapped[date | None]
    rejected_on: Mapped[date | None]
    finalized_on: Mapped[date | None]
    year: Mapped[int | None] = mapped_column(not_negative("year"), index=True)
    for_modified_package: Mapped[bool] = mapped_column(default=False)
    level_name_old: Mapped[str] = mapped_column(String(64), default="")
    package_id: Mapped[int | None] = reference("sponsors_sponsorshippackage.id")
    sponsorship_fee: Mapped[int | None] = mapped_column(not_negative("sponsorship_fee"))
    overlapped_by_id: Mapped[int | None] = reference("sponsors_sponsorship.id")
    renewal: Mapped[bool | None]

    submited_by: Mapped[User | None] = relationship()
    sponsor: Mapped[Sponsor | None] = relationship(back_populates="sponsorship_set")
    package: Mapped[SponsorshipPackage | None] = relationship()
    overlapped_by: Mapped["Sponsorship | None"] = relationship(remote_side="Sponsorship.id")
    benefits: Mapped[list["SponsorBenefit"]] = relationship(
        back_populates="sponsorship", order_by="SponsorBenefit.order"
    )
    contract: Mapped["Contract | None"] = relationship(back_populates="sponsorship")

    LATEST_FIRST: ClassVar = (
        (FINALIZED, "Finalized"),
        (APPROVED, "Approved"),
        (REJECTED, "Rejected"),
        (APPLIED, "Applied"),
    )

    def __str__(self) -> str:
        term = f" [{self.start_date:%m/%d/%Y} - {self.end_date:%m/%d/%Y}]" if self.start_date and self.end_date else ""
        return f"{self.level_name} - {self.year} - ({self.get_status_display()}) for sponsor {self.sponsor}{term}"

    def get_status_display(self) -> str:
        return dict(self.LATEST_FIRST).get(self.status, self.status)

    @property
    def level_name(self) -> str:
        return self.package.name if self.package else self.level_name_old

    @property
    def agreed_fee(self) -> int | None:
        """The fee once it is agreed on; before, that of a package that was taken as it is."""
        if self.status in (self.APPROVED, self.FINALIZED):
            return self.sponsorship_fee
        chosen = [benefit.sponsorship_benefit for benefit in self.benefits if not benefit.added_by_user]
        as_it_is = self.package is not None and not self.package.has_user_customization(chosen)
        return self.sponsorship_fee if as_it_is else None

    @property
    def is_active(self) -> bool:
        return bool(self.status == self.FINALIZED and self.end_date and self.end_date > today())

    @property
    def detail_url(self) -> str:
        return f"/users/sponsorships/{self.id}/"


def visible_to(pk: Any) -> tuple[ColumnElement[bool], ...]:
    """The sponsorships that somebody applied for, or is a contact of the sponsor of; not those that were rejected."""
    of_contact = select(SponsorContact.sponsor_id).where(SponsorContact.user_id == pk)
    own = or_(Sponsorship.submited_by_id == pk, Sponsorship.sponsor_id.in_(of_contact))
    return own, Sponsorship.status.in_((Sponsorship.APPLIED, Sponsorship.APPROVED, Sponsorship.FINALIZED))


class SponsorBenefit(Ordered, LegacyBase):
    """A benefit of one sponsorship: a copy of the general one as it was then."""

    __tablename__ = "sponsors_sponsorbenefit"

    id: Mapped[Key]
    sponsorship_id: Mapped[int] = reference("sponsors_sponsorship.id")
    sponsorship_benefit_id: Mapped[int | None] = reference("sponsors_sponsorshipbenefit.id")
    program_name: Mapped[str] = mapped_column(String(1024))
    name: Mapped[str] = mapped_column(String(1024))
    description: Mapped[str | None]
    program_id: Mapped[int | None] = reference("sponsors_sponsorshipprogram.id")
    benefit_internal_value: Mapped[int | None] = mapped_column(not_negative("benefit_internal_value"))
    added_by_user: Mapped[bool] = mapped_column(default=False)
    standalone: Mapped[bool] = mapped_column(default=False)

    sponsorship: Mapped[Sponsorship] = relationship(back_populates="benefits")
    sponsorship_benefit: Mapped[SponsorshipBenefit | None] = relationship()
    program: Mapped[SponsorshipProgram | None] = relationship()
    tiers: Mapped[list["TieredBenefit"]] = relationship(viewonly=True, order_by="TieredBenefit.id")

    def __str__(self) -> str:
        return f"{self.program.name if self.program is not None else self.program_name} > {self.name}"

    @property
    def name_for_display(self) -> str:
        return self.name + "".join(f" ({tier.display_label or tier.quantity})" for tier in self.tiers)


class Contract(LegacyBase):
    """The contract of a sponsorship. `revision` grows by one at each save while it is a draft."""

    __tablename__ = "sponsors_contract"

    DRAFT, OUTDATED, AWAITING_SIGNATURE = "draft", "outdated", "awaiting signature"
    EXECUTED, NULLIFIED = "executed", "nullified"

    id: Mapped[Key]
    sponsorship_id: Mapped[int | None] = reference("sponsors_sponsorship.id", unique=True)
    status: Mapped[str] = mapped_column(String(20), default=DRAFT, index=True)
    revision: Mapped[int] = mapped_column(not_negative("revision"), default=0)
    document: Mapped[StoredFile] = stored_file()
    document_docx: Mapped[StoredFile] = stored_file()
    signed_document: Mapped[StoredFile] = stored_file()
    sponsor_info: Mapped[str]
    sponsor_contact: Mapped[str]
    benefits_list: Mapped[Markup] = markup("benefits_list", "markdown")
    legal_clauses: Mapped[Markup] = markup("legal_clauses", "markdown")
    created_on: Mapped[date] = mapped_column(default=today)
    last_update: Mapped[date] = mapped_column(default=today, onupdate=today)
    sent_on: Mapped[date | None]

    sponsorship: Mapped[Sponsorship | None] = relationship(back_populates="contract")


class SponsorshipCurrentYear(LegacyBase):
    """The year that applications are for. The table has one row, and Django caches it for ever."""

    __tablename__ = "sponsors_sponsorshipcurrentyear"
    __table_args__ = (Index("sponsorship_current_year_singleton_idx", text("(true)"), unique=True),)

    id: Mapped[Key]
    year: Mapped[int] = mapped_column(not_negative("year"))


class SponsorEmailNotificationTemplate(LegacyBase):
    """A mail to sponsors. `content` is a Django template."""

    __tablename__ = "sponsors_sponsoremailnotificationtemplate"

    id: Mapped[Key]
    internal_name: Mapped[str] = mapped_column(String(128))
    subject: Mapped[str] = mapped_column(String(128))
    content: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

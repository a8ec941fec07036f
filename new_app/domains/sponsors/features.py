"""What a benefit consists of: as configured for everyone, and as copied into one sponsorship; and what is handed in.

Django's polymorphic models: a row of a parent table and a row of a child table with the same key. A parent loads as the
parent; ask for the child class to get the child's columns. Who inserts sets `polymorphic_ctype_id` to the content type
of the child, else Django drops the row or takes it for another class.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from new_app.columns import Key, StoredFile, not_negative, reference, stored_file
from new_app.db import LegacyBase
from new_app.domains.sponsors.models import SponsorBenefit, SponsorshipBenefit, SponsorshipPackage


@dataclass(frozen=True, slots=True)
class Kind:
    """A model as Django names it to people."""

    name: str


class Polymorphic:
    """The parent's columns in every polymorphic family."""

    id: Mapped[Key]
    polymorphic_ctype_id: Mapped[int | None] = reference("django_content_type.id")


class BenefitFeatureConfiguration(Polymorphic, LegacyBase):
    """What sponsors who take a benefit will get, or must hand in."""

    __tablename__ = "sponsors_benefitfeatureconfiguration"

    benefit_id: Mapped[int] = reference("sponsors_sponsorshipbenefit.id")

    benefit: Mapped[SponsorshipBenefit] = relationship()


class BenefitFeature(Polymorphic, LegacyBase):
    """What one sponsorship gets, or must hand in."""

    __tablename__ = "sponsors_benefitfeature"

    sponsor_benefit_id: Mapped[int] = reference("sponsors_sponsorbenefit.id")

    sponsor_benefit: Mapped[SponsorBenefit] = relationship()

    @property
    def user_edit_url(self) -> str:
        return f"{self.sponsor_benefit.sponsorship.detail_url}assets/?required_asset={self.id}"

    @property
    def user_view_url(self) -> str:
        return f"{self.sponsor_benefit.sponsorship.detail_url}provided-assets/?provided_asset={self.id}"


class OfConfiguration:
    """A child of BenefitFeatureConfiguration."""

    benefitfeatureconfiguration_ptr_id: Mapped[int] = reference(
        "sponsors_benefitfeatureconfiguration.id", primary_key=True
    )


class OfFeature:
    """A child of BenefitFeature."""

    benefitfeature_ptr_id: Mapped[int] = reference("sponsors_benefitfeature.id", primary_key=True)


class UniqueName:
    """A configuration's name in code; no other of its kind has it."""

    internal_name: Mapped[str] = mapped_column(String(128), unique=True)


class SharedName:
    """The name in code of the configuration that a feature was copied from."""

    internal_name: Mapped[str] = mapped_column(String(128), index=True)


class Placement:
    """A logo on a site."""

    publisher: Mapped[str] = mapped_column(String(30))
    logo_place: Mapped[str] = mapped_column(String(30))
    link_to_sponsors_page: Mapped[bool] = mapped_column(default=False)
    describe_as_sponsor: Mapped[bool] = mapped_column(default=False)


class Tier:
    """So many of something, in one package."""

    quantity: Mapped[int] = mapped_column(not_negative("quantity"))
    display_label: Mapped[str] = mapped_column(String(32), default="")
    package_id: Mapped[int] = reference("sponsors_sponsorshippackage.id")

    @declared_attr
    @classmethod
    def package(cls) -> Mapped[SponsorshipPackage]:
        return relationship(SponsorshipPackage)


class Asset:
    """Something handed over; `related_to` says for a `sponsor` or for a `sponsorship`.

    `value` is what was handed over, once whoever loaded the asset has put it there.
    """

    OF_SPONSOR, OF_SPONSORSHIP = "sponsor", "sponsorship"
    value: Any = None

    related_to: Mapped[str] = mapped_column(String(30))
    label: Mapped[str] = mapped_column(String(256))
    help_text: Mapped[str] = mapped_column(String(256), default="")


class Due:
    """When a sponsor must hand it in."""

    due_date: Mapped[date | None]


class Image(Asset, Due):
    """An image that a sponsor hands in, with the sizes that are accepted, in pixels."""

    min_width: Mapped[int] = mapped_column(not_negative("min_width"))
    max_width: Mapped[int] = mapped_column(not_negative("max_width"))
    min_height: Mapped[int] = mapped_column(not_negative("min_height"))
    max_height: Mapped[int] = mapped_column(not_negative("max_height"))


class Text(Asset, Due):
    """A text that a sponsor hands in."""

    max_length: Mapped[int | None]


class Response(Asset, Due):
    """A yes or no that a sponsor gives."""


class ProvidedText(Asset):
    """A text that the sponsor is given."""

    shared: Mapped[bool] = mapped_column(default=False)
    shared_text: Mapped[str | None]


class ProvidedFile(Asset):
    """A file that the sponsor is given."""

    shared: Mapped[bool] = mapped_column(default=False)
    shared_file: Mapped[StoredFile] = stored_file(nullable=True)


class LogoPlacementConfiguration(OfConfiguration, Placement, BenefitFeatureConfiguration):
    __tablename__ = "sponsors_logoplacementconfiguration"


class LogoPlacement(OfFeature, Placement, BenefitFeature):
    __tablename__ = "sponsors_logoplacement"


class TieredBenefitConfiguration(OfConfiguration, Tier, BenefitFeatureConfiguration):
    __tablename__ = "sponsors_tieredbenefitconfiguration"


class TieredBenefit(OfFeature, Tier, BenefitFeature):
    __tablename__ = "sponsors_tieredbenefit"


class EmailTargetableConfiguration(OfConfiguration, BenefitFeatureConfiguration):
    __tablename__ = "sponsors_emailtargetableconfiguration"


class EmailTargetable(OfFeature, BenefitFeature):
    __tablename__ = "sponsors_emailtargetable"


class RequiredImgAssetConfiguration(OfConfiguration, UniqueName, Image, BenefitFeatureConfiguration):
    __tablename__ = "sponsors_requiredimgassetconfiguration"


class RequiredImgAsset(OfFeature, SharedName, Image, BenefitFeature):
    __tablename__ = "sponsors_requiredimgasset"


class RequiredTextAssetConfiguration(OfConfiguration, UniqueName, Text, BenefitFeatureConfiguration):
    __tablename__ = "sponsors_requiredtextassetconfiguration"


class RequiredTextAsset(OfFeature, SharedName, Text, BenefitFeature):
    __tablename__ = "sponsors_requiredtextasset"


class RequiredResponseAssetConfiguration(OfConfiguration, UniqueName, Response, BenefitFeatureConfiguration):
    __tablename__ = "sponsors_requiredresponseassetconfiguration"


class RequiredResponseAsset(OfFeature, SharedName, Response, BenefitFeature):
    __tablename__ = "sponsors_requiredresponseasset"


class ProvidedTextAssetConfiguration(OfConfiguration, UniqueName, ProvidedText, BenefitFeatureConfiguration):
    __tablename__ = "sponsors_providedtextassetconfiguration"


class ProvidedTextAsset(OfFeature, SharedName, ProvidedText, BenefitFeature):
    __tablename__ = "sponsors_providedtextasset"

    polymorphic_ctype: ClassVar = Kind("Provided Text")

    @property
    def shared_value(self) -> str | None:
        return self.shared_text


class ProvidedFileAssetConfiguration(OfConfiguration, UniqueName, ProvidedFile, BenefitFeatureConfiguration):
    __tablename__ = "sponsors_providedfileassetconfiguration"


class ProvidedFileAsset(OfFeature, SharedName, ProvidedFile, BenefitFeature):
    __tablename__ = "sponsors_providedfileasset"

    polymorphic_ctype: ClassVar = Kind("Provided File")

    @property
    def shared_value(self) -> StoredFile:
        return self.shared_file


class GenericAsset(Polymorphic, LegacyBase):
    """What was handed over, for a sponsor or a sponsorship: `content_type_id` and `object_id` say for which.

    The database does not check that key. Who deletes the owner deletes its assets too.
    """

    __tablename__ = "sponsors_genericasset"
    __table_args__ = (UniqueConstraint("content_type_id", "object_id", "internal_name"),)

    uuid: Mapped[UUID] = mapped_column(default=uuid4)
    content_type_id: Mapped[int] = reference("django_content_type.id")
    object_id: Mapped[int] = mapped_column(not_negative("object_id"))
    internal_name: Mapped[str] = mapped_column(String(128), index=True)


class OfAsset:
    """A child of GenericAsset."""

    genericasset_ptr_id: Mapped[int] = reference("sponsors_genericasset.id", primary_key=True)


class ImgAsset(OfAsset, GenericAsset):
    __tablename__ = "sponsors_imgasset"

    image: Mapped[StoredFile] = stored_file(nullable=True)


class TextAsset(OfAsset, GenericAsset):
    __tablename__ = "sponsors_textasset"

    text: Mapped[str] = mapped_column(default="")


class FileAsset(OfAsset, GenericAsset):
    __tablename__ = "sponsors_fileasset"

    file: Mapped[StoredFile] = stored_file(nullable=True)


class ResponseAsset(OfAsset, GenericAsset):
    __tablename__ = "sponsors_responseasset"

    response: Mapped[str | None] = mapped_column(String(32))

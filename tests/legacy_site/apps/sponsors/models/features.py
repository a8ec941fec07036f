"""What a benefit does: shows a logo, gives a quantity, asks for an asset or provides one.

Each kind is two tables with the same columns: the configuration on a benefit that is offered, and the feature on the
benefit that a sponsor has. Both are polymorphic: a row of the base and a row of the kind.
"""

from django.db import models
from django.urls import reverse
from polymorphic.managers import PolymorphicManager
from polymorphic.models import PolymorphicModel

from .offer import SponsorshipBenefit, SponsorshipPackage


class Publisher(models.TextChoices):
    FOUNDATION = "psf", "Foundation"
    PYCON = "pycon", "Pycon"
    PYPI = "pypi", "Pypi"
    CORE_DEV = "core", "Core Dev"


class LogoPlace(models.TextChoices):
    SIDEBAR = "sidebar", "Sidebar"
    SPONSORS_PAGE = "sponsors", "Sponsors Page"
    JOBS = "jobs", "Jobs"
    BLOG = "blogpost", "Blog"
    FOOTER = "footer", "Footer"
    DOCS = "docs", "Docs"
    DOWNLOAD_PAGE = "download", "Download Page"
    DEV_GUIDE = "devguide", "Dev Guide"


class Owner(models.TextChoices):
    SPONSOR = "sponsor", "Sponsor"
    SPONSORSHIP = "sponsorship", "Sponsorship"


class LogoColumns(models.Model):
    publisher = models.CharField(max_length=30, choices=Publisher)
    logo_place = models.CharField(max_length=30, choices=LogoPlace)
    link_to_sponsors_page = models.BooleanField(default=False)
    describe_as_sponsor = models.BooleanField(default=False)

    class Meta:
        abstract = True


class TierColumns(models.Model):
    package = models.ForeignKey(SponsorshipPackage, models.CASCADE)
    quantity = models.PositiveIntegerField()
    display_label = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        abstract = True


class AssetColumns(models.Model):
    @property
    def value(self):
        """What was sent in under the asset's name, at the sponsor or the sponsorship."""
        owner = self.sponsor_benefit.sponsorship
        if self.related_to == Owner.SPONSOR:
            owner = owner.sponsor
        return owner.assets.get(internal_name=self.internal_name).value

    @property
    def user_edit_url(self):
        path = reverse("users:update_sponsorship_assets", args=[self.sponsor_benefit.sponsorship_id])
        return f"{path}?required_asset={self.pk}"

    related_to = models.CharField(max_length=30, choices=Owner)
    internal_name = models.CharField(max_length=128, db_index=True)
    label = models.CharField(max_length=256)
    help_text = models.CharField(max_length=256, blank=True, default="")

    class Meta:
        abstract = True


class RequiredColumns(AssetColumns):
    due_date = models.DateField(default=None, null=True, blank=True)

    class Meta:
        abstract = True


class RequiredImgColumns(RequiredColumns):
    min_width = models.PositiveIntegerField()
    max_width = models.PositiveIntegerField()
    min_height = models.PositiveIntegerField()
    max_height = models.PositiveIntegerField()

    class Meta:
        abstract = True


class RequiredTextColumns(RequiredColumns):
    max_length = models.IntegerField(default=None, null=True, blank=True)

    class Meta:
        abstract = True


class ProvidedTextColumns(AssetColumns):
    shared = models.BooleanField(default=False)
    shared_text = models.TextField(null=True, blank=True)

    class Meta:
        abstract = True


class ProvidedFileColumns(AssetColumns):
    shared = models.BooleanField(default=False)
    shared_file = models.FileField(null=True, blank=True)

    class Meta:
        abstract = True


def one_per_name(name):
    return [models.UniqueConstraint(fields=["internal_name"], name=name)]


class BenefitFeatureConfiguration(PolymorphicModel):
    benefit = models.ForeignKey(SponsorshipBenefit, models.CASCADE)

    objects = PolymorphicManager()
    non_polymorphic = models.Manager()

    class Meta:
        base_manager_name = "non_polymorphic"


class LogoPlacementConfiguration(LogoColumns, BenefitFeatureConfiguration):
    class Meta(BenefitFeatureConfiguration.Meta):
        pass


class TieredBenefitConfiguration(TierColumns, BenefitFeatureConfiguration):
    class Meta(BenefitFeatureConfiguration.Meta):
        pass


class EmailTargetableConfiguration(BenefitFeatureConfiguration):
    class Meta(BenefitFeatureConfiguration.Meta):
        pass


class RequiredImgAssetConfiguration(RequiredImgColumns, BenefitFeatureConfiguration):
    class Meta(BenefitFeatureConfiguration.Meta):
        constraints = one_per_name("uniq_img_asset_cfg")


class RequiredTextAssetConfiguration(RequiredTextColumns, BenefitFeatureConfiguration):
    class Meta(BenefitFeatureConfiguration.Meta):
        constraints = one_per_name("uniq_text_asset_cfg")


class RequiredResponseAssetConfiguration(RequiredColumns, BenefitFeatureConfiguration):
    class Meta(BenefitFeatureConfiguration.Meta):
        constraints = one_per_name("uniq_response_asset_cfg")


class ProvidedTextAssetConfiguration(ProvidedTextColumns, BenefitFeatureConfiguration):
    class Meta(BenefitFeatureConfiguration.Meta):
        constraints = one_per_name("uniq_provided_text_asset_cfg")


class ProvidedFileAssetConfiguration(ProvidedFileColumns, BenefitFeatureConfiguration):
    class Meta(BenefitFeatureConfiguration.Meta):
        constraints = one_per_name("uniq_provided_file_asset_cfg")


class BenefitFeature(PolymorphicModel):
    sponsor_benefit = models.ForeignKey("sponsors.SponsorBenefit", models.CASCADE)

    objects = PolymorphicManager()
    non_polymorphic = models.Manager()

    class Meta:
        base_manager_name = "non_polymorphic"


class LogoPlacement(LogoColumns, BenefitFeature):
    class Meta(BenefitFeature.Meta):
        pass


class TieredBenefit(TierColumns, BenefitFeature):
    class Meta(BenefitFeature.Meta):
        pass


class EmailTargetable(BenefitFeature):
    class Meta(BenefitFeature.Meta):
        pass


class RequiredImgAsset(RequiredImgColumns, BenefitFeature):
    class Meta(BenefitFeature.Meta):
        pass


class RequiredTextAsset(RequiredTextColumns, BenefitFeature):
    class Meta(BenefitFeature.Meta):
        pass


class RequiredResponseAsset(RequiredColumns, BenefitFeature):
    class Meta(BenefitFeature.Meta):
        pass


class ProvidedTextAsset(ProvidedTextColumns, BenefitFeature):
    class Meta(BenefitFeature.Meta):
        verbose_name = "Provided Text"

    @property
    def value(self):
        return self.shared_text if self.shared else super().value


class ProvidedFileAsset(ProvidedFileColumns, BenefitFeature):
    class Meta(BenefitFeature.Meta):
        verbose_name = "Provided File"

    @property
    def value(self):
        return self.shared_file if self.shared else super().value

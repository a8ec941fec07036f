"""Sponsors, their sponsorships with the benefits they got, and the contract.

A sponsorship past `applied` is locked by every save that does not name `locked`. A contract counts up its revision
each time it is saved as a draft.
"""

import uuid
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.validators import FileExtensionValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django_countries.fields import CountryField
from markupfield.fields import MarkupField
from ordered_model.models import OrderedModel

from apps.cms.models import ContentManageable

from .assets import GenericAsset
from .offer import SPONSORED_YEARS, SponsorshipBenefit, SponsorshipPackage, SponsorshipProgram


class Sponsor(ContentManageable):
    name = models.CharField(max_length=100)
    description = models.TextField()
    landing_page_url = models.URLField(null=True, blank=True)
    twitter_handle = models.CharField(max_length=32, null=True, blank=True)
    linked_in_page_url = models.URLField(null=True, blank=True)
    web_logo = models.ImageField(upload_to="sponsor_web_logos")
    white_logo = models.ImageField(upload_to="sponsor_white_logos", null=True, blank=True)
    print_logo = models.FileField(
        upload_to="sponsor_print_logos",
        validators=[FileExtensionValidator(["eps", "epsf", "epsi", "svg", "png"])],
        null=True,
        blank=True,
    )
    primary_phone = models.CharField(max_length=32)
    mailing_address_line_1 = models.CharField(max_length=128, default="")
    mailing_address_line_2 = models.CharField(max_length=128, default="", blank=True)
    city = models.CharField(max_length=64, default="")
    state = models.CharField(max_length=64, default="", blank=True)
    postal_code = models.CharField(max_length=64, default="")
    country = CountryField(default="")
    country_of_incorporation = CountryField(null=True, blank=True)
    state_of_incorporation = models.CharField(max_length=64, default="", null=True, blank=True)
    assets = GenericRelation(GenericAsset)

    def __str__(self):
        return self.name

    @property
    def slug(self):
        return slugify(self.name)


class SponsorContact(models.Model):
    sponsor = models.ForeignKey(Sponsor, models.CASCADE, related_name="contacts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True)
    primary = models.BooleanField(default=False)
    administrative = models.BooleanField(default=False)
    accounting = models.BooleanField(default=False)
    manager = models.BooleanField(default=False)
    name = models.CharField(max_length=100)
    email = models.EmailField(max_length=256)
    phone = models.CharField("Contact Phone", max_length=32)

    def __str__(self):
        return f"{self.name} of {self.sponsor}"


class SponsorshipQuerySet(models.QuerySet):
    def enabled(self):
        """Finalized, within their dates today, and not followed by another one yet."""
        today = timezone.now().date()
        return self.filter(
            status=Sponsorship.Status.FINALIZED, start_date__lte=today, end_date__gte=today, overlapped_by=None
        )

    def with_logo_placement(self, logo_place=None, publisher=None):
        from .features import LogoPlacement  # it refers to this module

        wanted = {"logo_place": logo_place, "publisher": publisher}
        placements = LogoPlacement.objects.filter(**{column: value for column, value in wanted.items() if value})
        benefits = SponsorBenefit.objects.filter(pk__in=placements.values("sponsor_benefit_id"))
        return self.filter(pk__in=benefits.values("sponsorship_id"))

    def visible_to(self, user):
        """Submitted by the user, or by somebody for a sponsor that the user is a contact of; not the rejected ones."""
        mine = models.Q(submited_by=user) | models.Q(sponsor__in=user.sponsorcontact_set.values("sponsor"))
        kinds = Sponsorship.Status
        found = self.filter(mine, status__in=(kinds.APPLIED, kinds.APPROVED, kinds.FINALIZED))
        return found.select_related("sponsor")


class Sponsorship(models.Model):
    class Status(models.TextChoices):
        APPLIED = "applied", "Applied"
        REJECTED = "rejected", "Rejected"
        APPROVED = "approved", "Approved"
        FINALIZED = "finalized", "Finalized"

    submited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    sponsor = models.ForeignKey(Sponsor, models.SET_NULL, null=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.APPLIED, db_index=True)
    locked = models.BooleanField(default=False)
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)
    applied_on = models.DateField(auto_now_add=True)
    approved_on = models.DateField(null=True, blank=True)
    rejected_on = models.DateField(null=True, blank=True)
    finalized_on = models.DateField(null=True, blank=True)
    year = models.PositiveIntegerField(null=True, validators=SPONSORED_YEARS, db_index=True)
    for_modified_package = models.BooleanField(default=False)
    level_name_old = models.CharField(max_length=64, default="", blank=True)
    package = models.ForeignKey(SponsorshipPackage, models.SET_NULL, null=True)
    sponsorship_fee = models.PositiveIntegerField(null=True, blank=True)
    overlapped_by = models.ForeignKey("self", models.SET_NULL, null=True)
    renewal = models.BooleanField(null=True, blank=True)
    assets = GenericRelation(GenericAsset)

    objects = SponsorshipQuerySet.as_manager()

    class Meta:
        permissions = [("sponsor_publisher", "Can access sponsor placement API")]

    def __str__(self):
        level = self.package.name if self.package else self.level_name_old
        said = f"{level} - {self.year} - ({self.get_status_display()}) for sponsor {self.sponsor}"
        if self.start_date and self.end_date:
            said += f" [{self.start_date:%m/%d/%Y} - {self.end_date:%m/%d/%Y}]"
        return said

    @property
    def agreed_fee(self):
        taken = {benefit.sponsorship_benefit_id for benefit in self.benefits.filter(added_by_user=False)}
        as_offered = self.package is not None and taken == {benefit.pk for benefit in self.package.benefits.all()}
        agreed = self.status in (self.Status.APPROVED, self.Status.FINALIZED)
        return self.sponsorship_fee if agreed or as_offered else None

    @property
    def detail_url(self):
        return reverse("users:sponsorship_application_detail", args=[self.pk])

    def save(self, *args, **kwargs):
        if "locked" not in (kwargs.get("update_fields") or ()) and self.status != self.Status.APPLIED:
            self.locked = True
        super().save(*args, **kwargs)


class SponsorBenefit(OrderedModel):
    sponsorship = models.ForeignKey(Sponsorship, models.CASCADE, related_name="benefits")
    sponsorship_benefit = models.ForeignKey(SponsorshipBenefit, models.SET_NULL, null=True)
    program_name = models.CharField(max_length=1024)
    name = models.CharField(max_length=1024)
    description = models.TextField(null=True, blank=True)
    program = models.ForeignKey(SponsorshipProgram, models.SET_NULL, null=True)
    benefit_internal_value = models.PositiveIntegerField(null=True, blank=True)
    added_by_user = models.BooleanField(default=False, blank=True)
    standalone = models.BooleanField(default=False)

    class Meta(OrderedModel.Meta):
        pass

    def __str__(self):
        return f"{self.program_name} > {self.name}"

    @property
    def name_for_display(self):
        from .features import TieredBenefit  # it refers to this module

        tiers = TieredBenefit.objects.filter(sponsor_benefit=self)
        return " ".join([self.name, *(f"({tier.display_label or tier.quantity})" for tier in tiers)])


def signed_contract_random_path(contract, filename):
    return f"sponsors/contracts/signed/{uuid.uuid4()}{''.join(Path(filename).suffixes)}"


class Contract(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        OUTDATED = "outdated", "Outdated"
        AWAITING_SIGNATURE = "awaiting signature", "Awaiting signature"
        EXECUTED = "executed", "Executed"
        NULLIFIED = "nullified", "Nullified"

    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT, db_index=True)
    revision = models.PositiveIntegerField(default=0)
    document = models.FileField(upload_to="sponsors/contracts/", blank=True)
    document_docx = models.FileField(upload_to="sponsors/contracts/docx/", blank=True)
    signed_document = models.FileField(upload_to=signed_contract_random_path, blank=True)
    sponsorship = models.OneToOneField(Sponsorship, models.SET_NULL, related_name="contract", null=True)
    sponsor_info = models.TextField()
    sponsor_contact = models.TextField()
    benefits_list = MarkupField(markup_type="markdown")
    legal_clauses = MarkupField(markup_type="markdown", default="", blank=True)
    created_on = models.DateField(auto_now_add=True)
    last_update = models.DateField(auto_now=True)
    sent_on = models.DateField(null=True)

    def __str__(self):
        return f"Contract: {self.sponsorship}"

    def save(self, *args, **kwargs):
        if self.pk and self.status == self.Status.DRAFT:
            self.revision += 1
        super().save(*args, **kwargs)

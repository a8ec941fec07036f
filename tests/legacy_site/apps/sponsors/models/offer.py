"""What a sponsor can buy: programs of benefits, packages, and the clauses that come with them.

`order` is one sequence per table. The current year is one row, held so by a unique index on a constant, and is kept in
the cache for ever: whoever changes it deletes the key.
"""

from django.core.cache import cache
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Value
from ordered_model.models import OrderedModel

from apps.mailing.models import BaseEmailTemplate

CURRENT_YEAR_KEY = "current_year"
SPONSORED_YEARS = [MinValueValidator(2022), MaxValueValidator(2050)]


class SponsorshipCurrentYear(models.Model):
    year = models.PositiveIntegerField(validators=SPONSORED_YEARS)

    class Meta:
        constraints = [models.UniqueConstraint(Value(True), name="sponsorship_current_year_singleton_idx")]

    def __str__(self):
        return f"Active year: {self.year}"

    def save(self, *args, **kwargs):
        cache.delete(CURRENT_YEAR_KEY)
        super().save(*args, **kwargs)

    @classmethod
    def get_year(cls):
        year = cache.get(CURRENT_YEAR_KEY)
        if not year:
            year = cls.objects.get().year
            cache.set(CURRENT_YEAR_KEY, year, timeout=None)
        return year


class SponsorshipPackage(OrderedModel):
    name = models.CharField(max_length=64)
    sponsorship_amount = models.PositiveIntegerField()
    advertise = models.BooleanField(default=False, blank=True)
    logo_dimension = models.PositiveIntegerField(default=175, blank=True)
    slug = models.SlugField()
    year = models.PositiveIntegerField(null=True, validators=SPONSORED_YEARS, db_index=True)
    allow_a_la_carte = models.BooleanField(default=True)

    class Meta(OrderedModel.Meta):
        ordering = ["-year", "order"]

    def __str__(self):
        return f"{self.name} ({self.year})"


class SponsorshipProgram(OrderedModel):
    name = models.CharField(max_length=64)
    description = models.TextField(null=True, blank=True)

    class Meta(OrderedModel.Meta):
        pass

    def __str__(self):
        return self.name


class LegalClause(OrderedModel):
    internal_name = models.CharField(max_length=1024)
    clause = models.TextField()
    notes = models.TextField(default="", blank=True)

    class Meta(OrderedModel.Meta):
        pass

    def __str__(self):
        return f"Clause: {self.internal_name}"


class SponsorshipBenefit(OrderedModel):
    name = models.CharField(max_length=1024)
    description = models.TextField(null=True, blank=True)
    program = models.ForeignKey(SponsorshipProgram, models.CASCADE)
    packages = models.ManyToManyField(SponsorshipPackage, related_name="benefits", blank=True)
    package_only = models.BooleanField(default=False)
    new = models.BooleanField(default=False)
    unavailable = models.BooleanField(default=False)
    standalone = models.BooleanField(default=False)
    legal_clauses = models.ManyToManyField(LegalClause, related_name="benefits", blank=True)
    internal_description = models.TextField(null=True, blank=True)
    internal_value = models.PositiveIntegerField(null=True, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    soft_capacity = models.BooleanField(default=False)
    conflicts = models.ManyToManyField("self", symmetrical=True, blank=True)
    year = models.PositiveIntegerField(null=True, validators=SPONSORED_YEARS, db_index=True)

    class Meta(OrderedModel.Meta):
        pass

    def __str__(self):
        return f"{self.program} > {self.name} ({self.year})"


class SponsorEmailNotificationTemplate(BaseEmailTemplate):
    pass

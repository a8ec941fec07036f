"""Elections and who was nominated for them. Slugs follow the name on every save, so that a new name is a new URL."""

from colorfield.fields import ColorField
from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from markupfield.fields import MarkupField


class ElectionKind(models.Model):
    class Form(models.TextChoices):
        BOARD = "board", "PSF Board"
        PACKAGING_COUNCIL = "packaging_council", "Packaging Council"

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=120, unique=True, null=True, blank=True)
    accent_color = ColorField(default="#0073b7")
    nomination_form = models.CharField(max_length=32, choices=Form, default=Form.BOARD)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.slug = slugify(self.name)
        super().save(*args, **kwargs)

    @property
    def previous_service_label(self):
        return f"Previous {'Packaging Council' if self.nomination_form == 'packaging_council' else 'Board'} Service"


class Election(models.Model):
    name = models.CharField(max_length=100)
    date = models.DateField()
    kind = models.ForeignKey(ElectionKind, models.SET_NULL, related_name="elections", null=True, blank=True)
    nominations_open_at = models.DateTimeField(null=True, blank=True)
    nominations_close_at = models.DateTimeField(null=True, blank=True)
    description = MarkupField(null=True, escape_html=False, markup_type="markdown")
    hide_previous_service = models.BooleanField(default=False)
    slug = models.SlugField(max_length=255, null=True, blank=True)

    class Meta:
        ordering = ["-date"]

    def __str__(self):
        return f"{self.name} - {self.date}"

    def save(self, *args, **kwargs):
        self.slug = slugify(self.name)
        super().save(*args, **kwargs)

    @property
    def accent_color(self):
        return self.kind.accent_color if self.kind else "#0073b7"

    @property
    def has_term(self):
        return bool(self.nominations_open_at and self.nominations_close_at)

    @property
    def nominations_open(self):
        return self.has_term and self.nominations_open_at < timezone.now() < self.nominations_close_at

    @property
    def nominations_complete(self):
        return bool(self.nominations_close_at) and self.nominations_close_at < timezone.now()

    @property
    def status(self):
        if not self.has_term:
            return "Commenced" if self.date >= timezone.now().date() else "Voting Not Yet Begun"
        if self.nominations_open:
            return "Nominations Open"
        return "Nominations Not Yet Open" if self.nominations_open_at > timezone.now() else "Nominations Closed"


class Nominee(models.Model):
    election = models.ForeignKey(Election, models.CASCADE, related_name="nominees")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="nominations_recieved", null=True, blank=True
    )
    accepted = models.BooleanField(default=False)
    approved = models.BooleanField(default=False)
    slug = models.SlugField(max_length=255, null=True, blank=True)

    class Meta:
        unique_together = [("user", "election")]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.slug = slugify(self.name)
        super().save(*args, **kwargs)

    @property
    def name(self):
        return f"{self.user.first_name} {self.user.last_name}"

    def get_absolute_url(self):
        return reverse("nominations:nominee_detail", args=[self.election.slug, self.slug])

    @property
    def nominations_received(self):
        return self.nominations.filter(accepted=True, approved=True).exclude(nominator=self.user)

    @property
    def self_nomination(self):
        return self.nominations.filter(nominator=self.user).first()

    @property
    def display_employer(self):
        own = self.self_nomination
        return own.employer if own and own.employer else self.nominations.first().employer

    def visible(self, user):
        decided = self.accepted and self.approved and not self.election.nominations_open
        return decided or user.is_staff or user == self.user


class Nomination(models.Model):
    election = models.ForeignKey(Election, models.CASCADE)
    name = models.CharField(max_length=1024, null=True)
    email = models.CharField(max_length=1024, null=True)
    previous_board_service = models.CharField(max_length=1024, null=True)
    employer = models.CharField(max_length=1024, null=True)
    other_affiliations = models.CharField(max_length=2048, null=True, blank=True)
    nomination_statement = MarkupField(null=True, escape_html=False, markup_type="markdown")
    nominator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="nominations_made")
    nominee = models.ForeignKey(Nominee, models.CASCADE, related_name="nominations", null=True, blank=True)
    accepted = models.BooleanField(default=False)
    approved = models.BooleanField(default=False)
    coc_acknowledged = models.BooleanField(default=False)
    mission_alignment = models.BooleanField(default=False)
    eligibility_confirmed = models.BooleanField(default=False)

    def __str__(self):
        return f"{self.name} <{self.email}>"

    def get_absolute_url(self):
        return reverse("nominations:nomination_detail", args=[self.election.slug, self.pk])

    def editable(self, user):
        if not self.election.nominations_open:
            return False
        mine = user == self.nominator and not (self.accepted or self.approved)
        return mine or bool(self.nominee and self.nominee.user == user)

    def visible(self, user):
        if self.accepted and self.approved and not self.election.nominations_open_at:
            return True
        return user.is_staff or user == self.nominator or bool(self.nominee and self.nominee.user == user)

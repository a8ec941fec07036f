"""Jobs, their types and categories, and the comments of reviewers.

Saving a job names its place anew (`location_slug`, `country_slug`) and gives an approved one its last day.
"""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from markupfield.fields import MarkupField

from apps.cms.models import ContentManageable, NameSlugModel


class JobType(NameSlugModel):
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]


class JobCategory(NameSlugModel):
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "job categories"
        ordering = ["name"]


class JobQuerySet(models.QuerySet):
    def approved(self):
        return self.filter(status=Job.Status.APPROVED)

    def visible(self):
        return self.approved().filter(expires__gte=timezone.now())

    def review(self):
        recent = timezone.now() - timedelta(days=120)
        return self.filter(status=Job.Status.REVIEW, created__gte=recent).order_by("created")

    def moderate(self):
        return self.exclude(status=Job.Status.REVIEW)

    def editable(self):
        return self.exclude(status=Job.Status.APPROVED)

    def by(self, user):
        return self.filter(creator=user)


class Job(ContentManageable):
    class Status(models.TextChoices):
        DRAFT = "draft", "draft"
        REVIEW = "review", "review"
        APPROVED = "approved", "approved"
        REJECTED = "rejected", "rejected"
        ARCHIVED = "archived", "archived"
        REMOVED = "removed", "removed"
        EXPIRED = "expired", "expired"

    category = models.ForeignKey(JobCategory, models.CASCADE, related_name="jobs")
    job_types = models.ManyToManyField(JobType, related_name="jobs", blank=True)
    other_job_type = models.CharField(max_length=100, blank=True)
    company_name = models.CharField(max_length=100, null=True)
    company_description = MarkupField(blank=True, default_markup_type="restructuredtext")
    job_title = models.CharField(max_length=100)
    city = models.CharField(max_length=100)
    region = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=100, db_index=True)
    location_slug = models.SlugField(max_length=350, editable=False)
    country_slug = models.SlugField(max_length=100, editable=False)
    description = MarkupField(default_markup_type="restructuredtext")
    requirements = MarkupField(default_markup_type="restructuredtext")
    contact = models.CharField(max_length=100, null=True, blank=True)
    email = models.EmailField()
    url = models.URLField("URL", null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.REVIEW, db_index=True)
    expires = models.DateTimeField(null=True, blank=True)
    telecommuting = models.BooleanField(default=False)
    agencies = models.BooleanField(default=True)
    is_featured = models.BooleanField(default=False, db_index=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created"]
        get_latest_by = "created"
        permissions = [("can_moderate_jobs", "Can moderate Job listings")]

    def __str__(self):
        return f"Job Listing #{self.pk}"

    def save(self, *args, **kwargs):
        self.location_slug = slugify(f"{self.city} {self.region} {self.country}")
        self.country_slug = slugify(self.country)
        if self.status == self.Status.APPROVED and not self.expires:
            self.expires = timezone.now() + timedelta(days=settings.JOB_THRESHOLD_DAYS)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("jobs:job_detail", kwargs={"pk": self.pk})

    @property
    def display_name(self):
        return f"{self.job_title}, {self.company_name}"

    @property
    def display_description(self):
        return self.company_description

    @property
    def display_location(self):
        return ", ".join(filter(None, (self.city, self.region, self.country)))

    @property
    def is_new(self):
        return timezone.now() - self.created < timedelta(days=30)

    @property
    def editable(self):
        return self.status in {Job.Status.DRAFT, Job.Status.REVIEW, Job.Status.REJECTED}

    def get_previous_listing(self):
        return self.get_previous_by_created(status=Job.Status.APPROVED)

    def get_next_listing(self):
        return self.get_next_by_created(status=Job.Status.APPROVED)


class JobReviewComment(ContentManageable):
    job = models.ForeignKey(Job, models.CASCADE, related_name="review_comments")
    comment = MarkupField(default_markup_type="restructuredtext")

    class Meta:
        ordering = ["created"]

    def __str__(self):
        return f"Comment on {self.job}"

"""Stories and their categories."""

import random

from django.conf import settings
from django.db import models
from django.urls import reverse
from markupfield.fields import MarkupField

from apps.cms.models import ContentManageable, NameSlugModel
from apps.companies.models import Company


class StoryCategory(NameSlugModel):
    class Meta:
        verbose_name_plural = "story categories"
        ordering = ["name"]

    def get_absolute_url(self):
        return reverse("success_story_list_category", kwargs={"slug": self.slug})


class StoryQuerySet(models.QuerySet):
    def published(self):
        return self.filter(is_published=True)

    def draft(self):
        return self.filter(is_published=False)

    def featured(self):
        return self.published().filter(featured=True)

    def latest(self):
        return self.published()[:4]

    def random_featured(self):
        """One of the featured stories; the empty queryset when there is none."""
        featured = self.featured()
        count = featured.count()
        return featured[random.randrange(count)] if count else self.none()


class Story(NameSlugModel, ContentManageable):
    company_name = models.CharField(max_length=500)
    company_url = models.URLField("Company URL")
    company = models.ForeignKey(Company, models.CASCADE, related_name="success_stories", null=True, blank=True)
    category = models.ForeignKey(StoryCategory, models.CASCADE, related_name="success_stories")
    author = models.CharField(max_length=500)
    author_email = models.EmailField(max_length=100, null=True, blank=True)
    pull_quote = models.TextField()
    content = MarkupField(default_markup_type="restructuredtext")
    is_published = models.BooleanField(default=False, db_index=True)
    featured = models.BooleanField(default=False)
    image = models.ImageField(upload_to="successstories", null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)

    objects = StoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "stories"
        ordering = ["-created"]

    def get_absolute_url(self):
        return reverse("success_story_detail", kwargs={"slug": self.slug})

    def get_admin_url(self):
        return reverse("admin:successstories_story_change", args=[self.pk])

    def get_company_name(self):
        return self.company.name if self.company else self.company_name

    def get_company_url(self):
        return self.company.url if self.company else self.company_url

"""The minutes of one meeting. Two meetings on one day are possible in the table."""

from django.db import models
from django.urls import reverse
from markupfield.fields import MarkupField

from apps.cms.models import ContentManageable


class MinutesQuerySet(models.QuerySet):
    def published(self):
        return self.filter(is_published=True)

    def draft(self):
        return self.filter(is_published=False)


class Minutes(ContentManageable):
    date = models.DateField("Meeting Date", db_index=True)
    content = MarkupField(default_markup_type="restructuredtext")
    is_published = models.BooleanField(default=False, db_index=True)

    objects = MinutesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "minutes"

    def __str__(self):
        return f"PSF Meeting Minutes {self.date:%B %d, %Y}"

    def get_absolute_url(self):
        day = {"year": f"{self.date:%Y}", "month": f"{self.date:%m}", "day": f"{self.date:%d}"}
        return reverse("minutes_detail", kwargs=day)

"""The company."""

from django.db import models
from markupfield.fields import MarkupField

from apps.cms.models import NameSlugModel


class Company(NameSlugModel):
    about = MarkupField(blank=True, default_markup_type="restructuredtext")
    contact = models.CharField(max_length=100, null=True, blank=True)
    email = models.EmailField(null=True, blank=True)
    url = models.URLField("URL", null=True, blank=True)
    logo = models.ImageField(upload_to="companies/logos/", null=True, blank=True)

    class Meta:
        verbose_name_plural = "companies"
        ordering = ["name"]

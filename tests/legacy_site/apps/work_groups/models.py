"""A work group: six texts about itself, its organizers and members."""

from django.conf import settings
from django.db import models
from markupfield.fields import MarkupField

from apps.cms.models import ContentManageable, NameSlugModel


class WorkGroup(ContentManageable, NameSlugModel):
    active = models.BooleanField(default=True, db_index=True)
    approved = models.BooleanField(default=False, db_index=True)
    short_description = models.TextField(blank=True)
    purpose = MarkupField(default_markup_type="restructuredtext")
    active_time = MarkupField(default_markup_type="restructuredtext")
    core_values = MarkupField(default_markup_type="restructuredtext")
    rules = MarkupField(default_markup_type="restructuredtext")
    communication = MarkupField(default_markup_type="restructuredtext")
    support = MarkupField(blank=True, default_markup_type="restructuredtext")
    url = models.URLField("URL", blank=True)
    organizers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="working_groups")

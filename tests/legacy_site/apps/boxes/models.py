"""The box: a label and its markup."""

from django.db import models
from markupfield.fields import MarkupField

from apps.cms.models import ContentManageable


class Box(ContentManageable):
    label = models.SlugField(max_length=100, unique=True)
    content = MarkupField(default_markup_type="restructuredtext")

    class Meta:
        verbose_name_plural = "boxes"

    def __str__(self):
        return self.label

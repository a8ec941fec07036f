"""A snippet of code and the words beside it."""

from django.db import models
from django.template.defaultfilters import striptags, truncatechars
from markupfield.fields import MarkupField

from apps.cms.models import ContentManageable


class CodeSampleQuerySet(models.QuerySet):
    def published(self):
        return self.filter(is_published=True)

    def draft(self):
        return self.filter(is_published=False)


class CodeSample(ContentManageable):
    code = MarkupField(blank=True, default_markup_type="html")
    copy = MarkupField(blank=True, default_markup_type="html")
    is_published = models.BooleanField(default=False, db_index=True)

    objects = CodeSampleQuerySet.as_manager()

    def __str__(self):
        return truncatechars(striptags(self.copy), 20)

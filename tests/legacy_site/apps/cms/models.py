"""Abstract bases. ContentManageable sets `updated` on every save(), never on a bulk update; NameSlugModel fills an empty slug."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.text import slugify


class ContentManageable(models.Model):
    created = models.DateTimeField(default=timezone.now, blank=True, db_index=True)
    updated = models.DateTimeField(default=timezone.now, blank=True)
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="%(app_label)s_%(class)s_creator", null=True, blank=True
    )
    last_modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="%(app_label)s_%(class)s_modified", null=True, blank=True
    )

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.updated = timezone.now()
        super().save(*args, **kwargs)


class NameSlugModel(models.Model):
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, unique=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = slugify(self.name)
        super().save(*args, **kwargs)

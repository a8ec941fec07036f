"""The banner. Several may be active; templates show the first by id."""

from django.db import models


class Banner(models.Model):
    title = models.CharField(max_length=1024)
    message = models.CharField(max_length=2048)
    link = models.CharField(max_length=1024)
    active = models.BooleanField(default=False)
    psf_pages_only = models.BooleanField(default=True)

    def __str__(self):
        return self.title

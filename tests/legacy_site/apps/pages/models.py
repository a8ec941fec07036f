"""CMS pages with their images and files. A path is stored without its slashes; forms check its letters, the table does not."""

from django.core.validators import RegexValidator
from django.db import models
from markupfield.fields import MarkupField

from apps.cms.models import ContentManageable
from legacy.markup import PAGE_TYPES

SEGMENT = r"[a-z0-9\-.]+"
page_path = RegexValidator(
    rf"^/?{SEGMENT}(/{SEGMENT})*/?$", "Small letters, digits, dashes and dots, in segments parted by slashes."
)


class PageQuerySet(models.QuerySet):
    def published(self):
        return self.filter(is_published=True)

    def draft(self):
        return self.filter(is_published=False)


class Page(ContentManageable):
    title = models.CharField(max_length=500)
    keywords = models.CharField(max_length=1000, blank=True)
    description = models.TextField(blank=True)
    path = models.CharField(max_length=500, unique=True, validators=[page_path])
    content = MarkupField(markup_choices=PAGE_TYPES, default_markup_type="restructuredtext")
    is_published = models.BooleanField(default=True, db_index=True)
    content_type = models.CharField(max_length=150, default="text/html")
    template_name = models.CharField(max_length=100, blank=True)

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["title", "path"]

    def __str__(self):
        return self.title

    def clean(self):
        self.path = self.path.strip("/")

    def get_absolute_url(self):
        return f"/{self.path}/"

    def get_title(self):
        return self.title or "** No Title **"


def page_image_path(image, filename):
    return f"{image.page.path}/{filename}"


class Image(models.Model):
    page = models.ForeignKey(Page, models.CASCADE)
    image = models.ImageField(upload_to=page_image_path, max_length=400)

    def __str__(self):
        return self.image.url


class DocumentFile(models.Model):
    page = models.ForeignKey(Page, models.CASCADE)
    document = models.FileField(upload_to="files/", max_length=500)

    def __str__(self):
        return self.document.url

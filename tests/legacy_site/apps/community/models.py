"""Posts of four kinds, and what hangs on them."""

from django.db import models
from django.urls import reverse
from markupfield.fields import MarkupField

from apps.cms.models import ContentManageable


class PostQuerySet(models.QuerySet):
    def public(self):
        return self.filter(status=Post.Status.PUBLIC)

    def private(self):
        return self.filter(status=Post.Status.PRIVATE)


class Post(ContentManageable):
    class Media(models.IntegerChoices):
        TEXT = 1, "text"
        PHOTO = 2, "photo"
        VIDEO = 3, "video"
        LINK = 4, "link"

    class Status(models.IntegerChoices):
        PRIVATE = 1, "private"
        PUBLIC = 2, "public"

    title = models.CharField(max_length=200, null=True, blank=True)
    content = MarkupField(default_markup_type="html")
    abstract = models.TextField(null=True, blank=True)
    media_type = models.IntegerField(choices=Media, default=Media.TEXT)
    source_url = models.URLField(max_length=1000, blank=True)
    meta = models.JSONField(blank=True, default=dict)
    status = models.IntegerField(choices=Status, default=Status.PRIVATE, db_index=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-created"]
        get_latest_by = "created"

    def __str__(self):
        return f"Post {self.get_media_type_display()} ({self.pk})"

    def get_absolute_url(self):
        return reverse("community:post_detail", kwargs={"pk": self.pk})


class Attachment(ContentManageable):
    post = models.ForeignKey(Post, models.CASCADE, related_name="related_%(class)s", null=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["-created"]
        get_latest_by = "created"

    def __str__(self):
        return f"{type(self).__name__} ({self.pk})"


class Link(Attachment):
    url = models.URLField("URL", max_length=1000, blank=True)


class Photo(Attachment):
    image = models.ImageField(upload_to="community/photos/", blank=True)
    image_url = models.URLField("Image URL", max_length=1000, blank=True)
    caption = models.TextField(blank=True)
    click_through_url = models.URLField(blank=True)


class Video(Attachment):
    video_embed = models.TextField(blank=True)
    video_data = models.FileField(upload_to="community/videos/", blank=True)
    caption = models.TextField(blank=True)
    click_through_url = models.URLField(blank=True)

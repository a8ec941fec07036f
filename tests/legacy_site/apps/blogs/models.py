"""Feeds, their entries, and named groups of feeds."""

from django.db import models

from apps.cms.models import ContentManageable


class Feed(models.Model):
    name = models.CharField(max_length=200)
    website_url = models.URLField()
    feed_url = models.URLField()
    last_import = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return self.name


class BlogEntry(models.Model):
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    pub_date = models.DateTimeField()
    url = models.URLField("URL")
    feed = models.ForeignKey(Feed, models.CASCADE)

    class Meta:
        verbose_name_plural = "blog entries"
        get_latest_by = "pub_date"

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return self.url


class FeedAggregate(models.Model):
    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    description = models.TextField()
    feeds = models.ManyToManyField(Feed)

    def __str__(self):
        return self.name


class RelatedBlog(ContentManageable):
    name = models.CharField(max_length=100)
    feed_url = models.URLField("feed URL")
    blog_url = models.URLField("blog URL")
    blog_name = models.CharField(max_length=200)
    last_entry_published = models.DateTimeField(db_index=True)
    last_entry_title = models.CharField(max_length=500)

    def __str__(self):
        return self.name

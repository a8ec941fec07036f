"""Feeds, their entries, and named groups of feeds."""

from html.parser import HTMLParser

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

    @property
    def excerpt(self):
        """The text of the summary, as far as it is inside of elements."""
        reader = Words()
        reader.feed(self.summary)
        reader.close()
        return " ".join(reader.words)


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


class Words(HTMLParser):
    """Collects text at any depth but the first; knows no element that has no end."""

    def __init__(self):
        super().__init__()
        self.depth, self.words = 0, []

    def handle_starttag(self, tag, attrs):
        self.depth += 1

    def handle_endtag(self, tag):
        self.depth -= 1

    def handle_data(self, data):
        if self.depth:
            self.words.append(data.strip())

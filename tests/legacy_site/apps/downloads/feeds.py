"""The ten newest published releases as RSS."""

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed

from apps.downloads.models import Release


class ReleaseFeed(Feed):
    feed_type = Rss201rev2Feed
    title = "Python Releases"
    description = "Latest Python releases from Python.org"

    def link(self):
        return reverse("downloads:download")

    def items(self):
        return Release.objects.published().order_by("-release_date")[:10]

    def item_title(self, item):
        return item.name

    def item_description(self, item):
        return f"Release date: {item.release_date}"

    def item_pubdate(self, item):
        return item.release_date

"""Blog entries, newest first: of all feeds, or of a named group of feeds."""

from django import template

from apps.blogs.models import BlogEntry

register = template.Library()


@register.simple_tag
def get_latest_blog_entries(limit=5):
    return BlogEntry.objects.order_by("-pub_date")[:limit]


@register.simple_tag
def feed_list(slug, limit=10):
    return BlogEntry.objects.filter(feed__feedaggregate__slug=slug).order_by("-pub_date")[:limit]

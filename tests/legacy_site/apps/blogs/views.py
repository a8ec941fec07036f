"""The page of blogs: the newest entry, and five more."""

from django.views.generic import TemplateView

from apps.blogs.models import BlogEntry


class Blog(TemplateView):
    template_name = "blogs/index.html"

    def get_context_data(self, **kwargs):
        newest = list(BlogEntry.objects.order_by("-pub_date")[:6])
        return super().get_context_data(latest_entry=newest[0] if newest else None, entries=newest[1:], **kwargs)

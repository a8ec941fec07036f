"""One page of the CMS, in the template and with the content type that its row names."""

import re

from django.shortcuts import redirect
from django.views.generic import DetailView

from apps.downloads.models import Release
from apps.pages.models import Page


def visible_pages(request):
    return Page.objects.all() if request.user.is_staff else Page.objects.published()


class PageView(DetailView):
    context_object_name = "page"
    slug_field = slug_url_kwarg = "path"

    def get_queryset(self):
        return visible_pages(self.request)

    @property
    def content_type(self):
        return self.object.content_type

    def get_template_names(self):
        return [name for name in (self.object.template_name, "pages/default.html") if name]

    def get_context_data(self, **kwargs):
        return super().get_context_data(in_pages_app=True, **kwargs)

    def get(self, request, *args, **kwargs):
        """An old release page gives way to the release of today, unless that one points back to it."""
        old = re.match(r"/download/releases/([\d.]+)/$", request.path)
        if old:
            slug = "python-" + old[1].replace(".", "")
            if Release.objects.filter(slug=slug, release_page=None).exists():
                return redirect("download:download_release_detail", release_slug=slug, permanent=True)
        return super().get(request, *args, **kwargs)

"""The download pages, and the redirects to the latest releases.

`latest/python2` and `latest/pymanager` answer 500 while there is no such release: the page that they fall back to has a
name that no URL has. Drafts are shown to whoever knows their slug.
"""

import re

from django.db.models import Case, IntegerField, Prefetch, When
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import DetailView, ListView, RedirectView, TemplateView

from apps.downloads.models import OS, Release, ReleaseFile


class Latest(RedirectView):
    permanent = False
    fallback = "downloads:download"

    def get_redirect_url(self, **kwargs):
        release = self.release(**kwargs)
        return release.get_absolute_url() if release else reverse(self.fallback)


class LatestPython2(Latest):
    fallback = "download"

    def release(self, **kwargs):
        return Release.objects.latest_python2()


class LatestPython3(Latest):
    def release(self, minor=None, **kwargs):
        try:
            return Release.objects.latest_python3(int(minor) if minor else None)
        except ValueError:  # Python reads no number of more than 4300 digits
            return None


class LatestPrerelease(Latest):
    def release(self, **kwargs):
        return Release.objects.latest_prerelease()


class LatestPyManager(Latest):
    fallback = "downloads"

    def release(self, **kwargs):
        return Release.objects.latest_pymanager()


class WithLatest:
    def get_context_data(self, **kwargs):
        return super().get_context_data(
            latest_python2=Release.objects.latest_python2(),
            latest_python3=Release.objects.latest_python3(),
            latest_pymanager=Release.objects.latest_pymanager(),
            **kwargs,
        )


def numbers(release):
    """The release's version as a tuple to sort by; (0,) where it has none."""
    try:
        return tuple(int(part) for part in release.get_version().split("."))
    except ValueError:
        return (0,)


class Home(WithLatest, TemplateView):
    template_name = "downloads/index.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        latest = {kind: context[f"latest_{kind}"] for kind in ("python2", "python3", "pymanager")}
        context["releases"] = sorted(Release.objects.downloads(), key=numbers, reverse=True)
        context["python_files"] = [
            {"os": os}
            | {kind: release.download_file_for_os(os.slug) for kind, release in latest.items() if release is not None}
            for os in OS.objects.all()
        ]
        return context


class SystemList(WithLatest, ListView):
    template_name = "downloads/full_os_list.html"
    context_object_name = "os_list"
    model = OS


class SystemDetail(WithLatest, DetailView):
    template_name = "downloads/os_list.html"
    context_object_name = "os"
    model = OS

    def get_context_data(self, **kwargs):
        files = Prefetch("files", ReleaseFile.objects.select_related("os").filter(os=self.object))
        published = Release.objects.published().prefetch_related(files).order_by("-release_date")
        return super().get_context_data(
            os_slug=self.object.slug,
            releases=published.filter(pre_release=False),
            pre_releases=published.filter(pre_release=True),
            **kwargs,
        )


class ReleaseDetail(WithLatest, DetailView):
    template_name = "downloads/release_detail.html"
    context_object_name = "release"
    model = Release

    def get_object(self, queryset=None):
        return get_object_or_404(Release.objects.select_related(), slug=self.kwargs["release_slug"])

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        files = self.object.files
        place = Case(
            *(When(os__slug=slug, then=place) for place, slug in enumerate(("macos", "windows", "source"), 1)),
            default=4,
            output_field=IntegerField(),
        )
        context["featured_files"] = files.filter(download_button=True).annotate(os_order=place).order_by("os_order")
        context["release_files"] = [
            *files.filter(os__slug="source").order_by("name"),
            *files.exclude(os__slug="source").order_by("os__slug", "name"),
        ]
        if newer := self.newest_of_series():
            context["latest_in_series"] = newer
        return context

    def newest_of_series(self):
        series = re.match(r"3\.(\d+)", self.object.get_version())
        if self.object.version != Release.Version.PYTHON3 or not series:
            return None
        newest = Release.objects.latest_python3(int(series[1]))
        return newest if newest and newest.pk != self.object.pk else None


class EditButton(TemplateView):
    """A link for staff, fetched by the page's script so that the page itself can be cached."""

    template_name = "downloads/release_edit_button.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(release_pk=self.kwargs["pk"], **kwargs)

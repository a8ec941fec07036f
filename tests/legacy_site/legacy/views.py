"""Pages of the site itself: home, health, the docs' versions, and the files that machines read."""

import json
import re
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import RedirectView, TemplateView

from apps.codesamples.models import CodeSample
from apps.downloads.models import Release

WITHOUT_DOCS = {"2.3.6", "2.3.7", "2.4.5", "2.4.6", "2.5.5", "2.5.6"}
BEFORE_THE_DATABASE = {
    "2.2": "2.2p1 2002-03-29",
    "2.1": "2.1.2 2002-01-16, 2.1.1 2001-07-20, 2.1 2001-04-15",
    "2.0": "2.0 2000-10-16",
    "1.6": "1.6 2000-09-05",
    "1.5": (
        "1.5.2p2 2000-03-22, 1.5.2p1 1999-07-06, 1.5.2 1999-04-30, 1.5.1p1 1998-08-06, 1.5.1 1998-04-14, 1.5 1998-02-17"
    ),
    "1.4": "1.4 1996-10-25",
}
"""Releases of the first years, by series: version and date."""


def health(request):
    return HttpResponse("OK")


def funding(request):
    """The file, parsed and written again."""
    try:
        return JsonResponse(json.loads((settings.BASE / "static" / "funding.json").read_text()))
    except FileNotFoundError:
        return JsonResponse({"error": "funding.json not found"}, status=404)
    except json.JSONDecodeError:
        return JsonResponse({"error": "Invalid JSON in funding.json"}, status=500)


def not_found(request, exception):
    """Every 404 with a page; the content network may keep it for five minutes."""
    context = {
        "legacy_path": f"http://legacy.python.org{quote(request.path, safe='/%')}",
        "download_path": reverse("download:download"),
        "doc_path": reverse("documentation"),
        "pypi_path": "https://pypi.org/",
    }
    response = render(request, "404.html", context, status=404)
    response["Cache-Control"] = "max-age=300"
    return response


class Home(TemplateView):
    template_name = "python/index.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(code_samples=CodeSample.objects.published()[:5], **kwargs)


class Documentation(TemplateView):
    template_name = "python/documentation.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            latest_python2=Release.objects.latest_python2(), latest_python3=Release.objects.latest_python3(), **kwargs
        )


def stage(version):
    """The version as the list shows it: without its last `.0` up to 3.2."""
    parts = version.split(".")
    if len(parts) == 3 and tuple(map(int, parts)) <= (3, 2, 0) and int(parts[2]) == 0:
        return ".".join(parts[:2])
    return version


def documented_versions():
    """Versions with their date, by series (`3.14`): those of published releases, then those of the first years."""
    series = defaultdict(list)
    for release in Release.objects.released().order_by("-release_date"):
        found = re.match(r"Python ([\d.]+)", release.name)
        if found and found[1] not in WITHOUT_DOCS:
            parts = found[1].split(".")
            series[f"{parts[0]}.{parts[1]}"].append((stage(found[1]), release.release_date))
    for name, releases in BEFORE_THE_DATABASE.items():
        for version, date in (release.split() for release in releases.split(", ")):
            series[name].append((version, datetime.fromisoformat(date).replace(tzinfo=UTC)))
    return series


class DocumentedVersions(TemplateView):
    template_name = "python/versions.html"

    def get_context_data(self, **kwargs):
        listed = [
            {
                "version": name,
                "releases": [
                    {"stage": version, "date": date.strftime("%-d %B %Y")}
                    for version, date in sorted(releases, key=lambda release: release[1], reverse=True)
                ],
            }
            for name, releases in documented_versions().items()
        ]
        listed.sort(
            key=lambda series: [int(part) if part.isdigit() else part for part in series["version"].split(".")],
            reverse=True,
        )
        return super().get_context_data(version_list=listed, **kwargs)


class Media(RedirectView):
    """Media that has moved to a store of its own. Without the store's settings it fails, as on the site it stands for."""

    permanent = True

    def get_redirect_url(self, url):
        parts = [part for part in PurePosixPath(url).parts if part not in ("/", ".", "..")]
        return "/".join([settings.AWS_S3_ENDPOINT_URL, settings.AWS_STORAGE_BUCKET_NAME, "media", *parts])

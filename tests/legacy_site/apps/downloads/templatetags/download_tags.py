"""What the download pages ask of the release cycle and of lists of files.

The cycle is fetched from RELEASE_CYCLE_URL and kept for an hour in the cache. A failed fetch is not kept: pages then show
no table and no end of life, and the next one tries again.
"""

import json
import logging
import re
from urllib.request import urlopen

from django import template
from django.conf import settings
from django.core.cache import cache
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from apps.downloads.models import Release

register = template.Library()
log = logging.getLogger(__name__)
CACHE_KEY = "python_release_cycle"
BREAK = mark_safe("<wbr>")
WINDOWS_NAMES = (
    "installer (64-bit), installer (32-bit), installer (ARM64), help file, "
    "embeddable package (64-bit), embeddable package (32-bit), embeddable package (ARM64)"
)
WINDOWS = {f"Windows {name}": place for place, name in enumerate(WINDOWS_NAMES.split(", "))}
"""The names that files for Windows usually have, in the order in which they are shown."""


def release_cycle():
    cycle = cache.get(CACHE_KEY)
    if cycle is None:
        try:
            with urlopen(settings.RELEASE_CYCLE_URL, timeout=5) as answer:
                cycle = json.load(answer)
        except (OSError, ValueError) as error:
            log.warning("the release cycle could not be fetched: %s", error)
            return None
        cache.set(CACHE_KEY, cycle, 3600)
    return cycle


@register.simple_tag
def get_eol_info(release):
    """Whether the release's series has ended, and when. Python 2 has, also where the cycle does not tell."""
    unknown = {"is_eol": False, "eol_date": None}
    found = re.match(r"((\d+)\.\d+)", release.get_version())
    cycle = release_cycle() if found else None
    if cycle is None:
        return unknown
    series = cycle.get(found[1])
    if series is None:
        return unknown | {"is_eol": int(found[2]) <= 2}
    if series.get("status") == "end-of-life":
        return {"is_eol": True, "eol_date": series.get("end_of_life")}
    return unknown


@register.inclusion_tag("downloads/active-releases.html")
def render_active_releases():
    """The series newest first: those to come once they have a release, of those that ended only the newest."""
    cycle = release_cycle() or {}
    rows = []
    ended = False
    for version in sorted(cycle, key=lambda name: [int(part) for part in name.split(".")], reverse=True):
        series = cycle[version]
        status, first = series.get("status", ""), series.get("first_release", "")
        newest = Release.objects.latest_python3(int(version.split(".")[1]))
        if status in ("planned", "feature", "prerelease"):
            if newest is None:
                continue
            status, first = "pre-release", f"{first} (planned)" if first else first
        elif status == "end-of-life":
            if ended:
                continue
            ended = True
            if newest is not None:
                link = format_html('<a href="{}">{}</a>', newest.get_absolute_url(), newest.get_version())
                status = format_html("end-of-life, last release was {}", link)
        rows.append(
            {
                "version": version,
                "status": status,
                "first_release": first,
                "end_of_life": series.get("end_of_life", ""),
                "pep": series.get("pep"),
            }
        )
    return {"releases": rows}


@register.filter
def strip_minor_version(version):
    return ".".join(version.split(".")[:2])


@register.filter
def has_gpg(files):
    return any(file.gpg_signature_file for file in files)


@register.filter
def has_sigstore_materials(files):
    return any(file.sigstore_bundle_file or file.sigstore_cert_file or file.sigstore_signature_file for file in files)


@register.filter
def has_sbom(files):
    return any(file.sbom_spdx2_file for file in files)


@register.filter
def has_md5(files):
    return any(file.md5_sum for file in files)


@register.filter
def has_sha256(files):
    return any(file.sha256_sum for file in files)


@register.filter
def wbr_wrap(checksum):
    """The checksum in two halves of pieces of 16, with a place to break the line between all of them."""
    if not checksum:
        return ""
    pieces = [(checksum[start : start + 16],) for start in range(0, len(checksum), 16)]
    middle = len(pieces) // 2
    halves = [(format_html_join(BREAK, "{}", half),) for half in (pieces[:middle], pieces[middle:])]
    return format_html_join(BREAK, '<span class="checksum-half">{}</span>', halves)


@register.filter
def sort_windows(files):
    """The files for Windows at the end, the usual ones first among them."""
    if not files:
        return files
    others = [file for file in files if not file.name.startswith("Windows")]
    windows = [file for file in files if file.name.startswith("Windows")]
    return others + sorted(windows, key=lambda file: WINDOWS.get(file.name, len(WINDOWS)))

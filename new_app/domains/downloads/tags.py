"""What templates of downloads call: filters over files, and the table of supported versions.

The release cycle is a JSON document of another site: version ("3.14") to status, dates and the number of its PEP. Where
it cannot be had, no release is said to be at its end and the table is empty.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy.util import await_only

from new_app.domains.downloads import queries
from new_app.domains.downloads.models import Release, ReleaseFile
from new_app.fetch import Document
from new_app.page import Page, steady

CYCLE = "release cycle"
COMING = frozenset({"planned", "feature", "prerelease"})
ENDED = "end-of-life"
LAST_WITHOUT_DATA = 2
"""A version of this major number or below that the cycle does not list is at its end."""
CHUNK = 16
WINDOWS = (
    "Windows installer (64-bit)",
    "Windows installer (32-bit)",
    "Windows installer (ARM64)",
    "Windows help file",
    "Windows embeddable package (64-bit)",
    "Windows embeddable package (32-bit)",
    "Windows embeddable package (ARM64)",
)


def end_of_life(page: Page, release: Release) -> dict[str, Any]:
    """`is_eol` and, where it is known, `eol_date`."""
    found = re.match(r"(\d+)\.(\d+)", release.get_version())
    cycle = _cycle(page) if found else None
    if not found or cycle is None:
        return {"is_eol": False, "eol_date": None}
    info = cycle.get(found[0])
    if info is None:
        return {"is_eol": int(found[1]) <= LAST_WITHOUT_DATA, "eol_date": None}
    ended = info.get("status") == ENDED
    return {"is_eol": ended, "eol_date": info.get("end_of_life") if ended else None}


def active_releases(page: Page) -> Markup:
    """The table: newest first, coming versions only once something of theirs is out, and the last one that ended."""
    cycle = _cycle(page) or {}
    versions = sorted(cycle, key=lambda version: [int(part) for part in version.split(".")], reverse=True)
    rows, ended = [], False
    for version in versions:
        info = cycle[version]
        status, first = info.get("status", ""), info.get("first_release", "")
        newest = (
            _newest(page, int(version.split(".")[1])) if status in COMING or (status == ENDED and not ended) else None
        )
        if (status in COMING and newest is None) or (status == ENDED and ended):
            continue
        if status in COMING:
            status, first = "pre-release", f"{first} (planned)" if first else first
        elif status == ENDED:
            ended = True
            status = _with_last(newest) if newest else status
        rows.append(
            {
                "version": version,
                "status": status,
                "first_release": first,
                "end_of_life": info.get("end_of_life", ""),
                "pep": info.get("pep"),
            }
        )
    return page.fragment("downloads/active-releases.html", releases=rows)


def _with_last(release: Release) -> Markup:
    return Markup('end-of-life, last release was <a href="{}">{}</a>').format(
        release.get_absolute_url(), release.get_version()
    )


def _newest(page: Page, minor: int) -> Release | None:
    return page.remember(("newest release", minor), lambda session: queries.newest_of_series(session, minor))


def _cycle(page: Page) -> Mapping[str, Mapping[str, Any]] | None:
    """What the handler fetched before the page began, or else what can be fetched now."""
    if CYCLE not in page.state:
        document: Document = page.site.documents[CYCLE]
        page.state[CYCLE] = await_only(document.get())
    found: Mapping[str, Mapping[str, Any]] | None = page.state[CYCLE]
    return found or None


def strip_minor_version(version: str) -> str:
    return ".".join(version.split(".")[:2])


def has_gpg(files: Iterable[ReleaseFile]) -> bool:
    return any(file.gpg_signature_file for file in files)


def has_sigstore_materials(files: Iterable[ReleaseFile]) -> bool:
    return any(file.sigstore_bundle_file or file.sigstore_cert_file or file.sigstore_signature_file for file in files)


def has_sbom(files: Iterable[ReleaseFile]) -> bool:
    return any(file.sbom_spdx2_file for file in files)


def has_md5(files: Iterable[ReleaseFile]) -> bool:
    return any(file.md5_sum for file in files)


def has_sha256(files: Iterable[ReleaseFile]) -> bool:
    return any(file.sha256_sum for file in files)


@steady
def wbr_wrap(value: str | None) -> Markup | str:
    """A checksum with places to break: best in the middle, else after each sixteenth character."""
    if not value:
        return value or ""
    chunks = [value[at : at + CHUNK] for at in range(0, len(value), CHUNK)]
    middle = len(chunks) // 2
    half = Markup('<span class="checksum-half">{}</span>')
    wbr = Markup("<wbr>")
    return (
        half.format(wbr.join(map(escape, chunks[:middle]))) + wbr + half.format(wbr.join(map(escape, chunks[middle:])))
    )


def sort_windows(files: Sequence[ReleaseFile]) -> Sequence[ReleaseFile]:
    """Files for Windows last, those that most people want first among them."""
    if not files:
        return files
    left = list(files)
    wanted = []
    for name in WINDOWS:
        if found := next((file for file in left if file.name == name), None):
            wanted.append(found)
            left.remove(found)
    windows = [file for file in left if file.name.startswith("Windows")]
    return [*(file for file in left if not file.name.startswith("Windows")), *wanted, *windows]


TAGS: Mapping[str, Callable[..., Any]] = {"get_eol_info": end_of_life, "render_active_releases": active_releases}
FILTERS: Mapping[str, Callable[..., Any]] = {
    "strip_minor_version": strip_minor_version,
    "has_gpg": has_gpg,
    "has_sigstore_materials": has_sigstore_materials,
    "has_sbom": has_sbom,
    "has_md5": has_md5,
    "has_sha256": has_sha256,
    "wbr_wrap": wbr_wrap,
    "sort_windows": sort_windows,
}

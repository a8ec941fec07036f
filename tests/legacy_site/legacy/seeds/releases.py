"""Releases of Python 1, 2 and 3 and of the install manager, with their files: about 210 and 1,300.

Newest first in time runs the version number. Some names are odd, some releases are drafts, some show a CMS page.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta

from apps.downloads.models import OS, SIDECARS, Release, ReleaseFile
from apps.pages.models import Page

from . import moment

SYSTEMS = ["Source release", "macOS", "Windows", "Android", "iOS", "Other systems"]
SLUGS = ["source", "macos", "windows", "android", "ios", "other"]
MICROS = {
    (3, 0): 2,
    (3, 1): 6,
    (3, 2): 7,
    (3, 3): 8,
    (3, 4): 11,
    (3, 5): 11,
    (3, 6): 16,
    (3, 7): 18,
    (3, 8): 21,
    (3, 9): 24,
    (3, 10): 20,
    (3, 11): 15,
    (3, 12): 13,
    (3, 13): 12,
    (3, 14): 3,
    (2, 5): 5,
    (2, 6): 10,
    (2, 7): 19,
}
"""How many micro versions of each series there are."""
OLD = ["1.5.2", "1.6.1", "2.0.1", "2.1.3", "2.2.3", "2.3.7", "2.4.6"]
EARLY = ["3.12.0rc3", "3.13.0b4", "3.14.0a7", "3.14.0rc2", "3.15.0a1", "3.15.0a2"]
MANAGER = ["25.0b3", "25.0", "25.2"]
ODD = [
    # name, version, slug, columns
    ("Python 3.14.0 “free-threaded” & <experimental>", 3, "python-3140-free-threaded", {}),
    ("Python 3.9.99  with two  spaces", 3, "python-3999-spaces", {"show_on_download_page": False}),
    ("Pÿthon 3.6.77", 3, "pythn-3677", {}),
    ("Legacy 0.9.1", 1, "legacy-091", {}),
    ("Python", 3, "python", {"is_published": False}),
    ("Python 3.99.0", 3, "python-3990", {"is_published": False, "pre_release": True}),
    ("Python 3.98.1 it's a draft", 3, "python-3981-draft", {"is_published": False}),
    ("Python 2.7.98", 2, "python-2798", {"is_published": False, "is_latest": True}),
]
LATEST = {"Python 3.14.2", "Python 2.7.18", "Python 1.6.1", "Python install manager 25.2"}
NOTES = {
    "markdown": "## Python {version}\n\nA release of the **{series}** series: *fewer* surprises, `print()` still works.\n\n"
    "- <a href='https://docs.python.org/{series}/'>What is new</a>\n- [PEP 8](https://peps.python.org/pep-0008/)\n\n"
    '<div class="note" style="color: red">Raw HTML & entities: &copy; “quoted” — ünïcode</div>\n\n    >>> {version!r}\n',
    "restructuredtext": "Python {version}\n--------------------------------\n\nA release of the *{series}* series.\n\n"
    ".. code:: python\n\n    print('{version}')\n\nSee `the notes <https://docs.python.org/{series}/>`_.\n",
    "html": '<h2 id="notes">Python {version}</h2><p onclick="x()">Series {series} &amp; friends.</p><script>1</script>',
    "plain": "Python {version} <series {series}>\n\nSee https://docs.python.org/{series}/ for more.",
}


def add() -> None:
    OS.objects.bulk_create(
        OS(pk=number, name=name, slug=slug, created=moment(-3000), updated=moment(-3000))
        for number, (name, slug) in enumerate(zip(SYSTEMS, SLUGS, strict=True), start=1)
    )
    releases = Release.objects.bulk_create(list(all_releases()))
    ReleaseFile.objects.bulk_create(file for release in releases for file in files_of(release))


def all_releases() -> Iterator[Release]:
    names = [(f"Python {version}", int(version[0])) for version in OLD]
    names += [
        (f"Python {major}.{minor}.{micro}", major)
        for (major, minor), count in sorted(MICROS.items())
        for micro in range(count)
    ]
    names += [(f"Python {version}", 3) for version in EARLY]
    names += [(f"Python install manager {version}", 100) for version in MANAGER]
    rows = [(name, version, "", {}) for name, version in names] + ODD
    pages = list(Page.objects.filter(path__startswith="download/releases/").order_by("path"))
    for number, (name, version, slug, columns) in enumerate(rows, start=1):
        day = moment(20 * (number - len(rows)))
        usual = {
            "is_latest": name in LATEST,
            "is_published": True,
            "pre_release": re.search(r"\d(a|b|rc)\d", name) is not None,
            "creator_id": 3 if number % 4 else None,
        }
        release = Release(
            pk=number,
            name=name,
            slug=slug or slug_of(name),
            version=version,
            release_date=day + timedelta(microseconds=number * 1001),
            created=day,
            updated=day,
            **usual | columns,
        )
        _write_notes(release, number, pages)
        yield release


def slug_of(name: str) -> str:
    """`python-3142` of `Python 3.14.2`, as release managers have always written it."""
    return name.lower().replace("python install manager", "pymanager").replace(" ", "-").replace(".", "")


def _write_notes(release: Release, number: int, pages: list[Page]) -> None:
    if number % 23 == 5:  # shown by a CMS page; every other one has words of its own besides
        release.release_page = pages[number // 23 % len(pages)]
    if number % 3 == 0:
        release.release_notes_url = f"https://docs.python.org/release/{release.get_version()}/whatsnew/"
    if number % 46 != 5:
        kinds = ["markdown"] * 7 + ["restructuredtext", "html", "plain"]
        release.content_markup_type = kinds[number % 10]
        version = release.get_version() or release.name.split()[-1]
        series = ".".join(version.split(".")[:2])
        release.content = NOTES[release.content_markup_type].format(version=version, series=series)


def files_of(release: Release) -> Iterator[ReleaseFile]:
    if release.name == "Python 3.15.0a2":
        return  # announced, nothing uploaded yet
    version = release.get_version() or release.slug
    if release.version == Release.Version.PYMANAGER:
        version = release.name.split()[-1]
        names = [
            ("windows", f"python-manager-{version}.msix", True),
            ("windows", f"python-manager-{version}.msi", False),
        ]
    else:
        names = [("source", f"Python-{version}.tar.xz", True), ("source", f"Python-{version}.tgz", False)]
        if release.version > 1:
            names.append(("macos", f"python-{version}-macos11.pkg", True))
            names.append(("windows", f"python-{version}-amd64.exe", True))
            names.append(("windows", f"python-{version}.exe", False))
            names.append(("windows", f"python-{version}-embed-amd64.zip", False))
        if release.is_version_at_least_3_9:
            names.append(("windows", f"python-{version}-arm64.exe", False))
        if release.is_version_at_least_3_14:
            names.append(("android", f"python-{version}-aarch64-linux-android.tar.gz", True))
            names.append(("ios", f"python-{version}-iOS-XCframework.tar.gz", True))
        if release.is_version_at_least((3, 5)) and release.get_version().endswith(".0"):
            names.append(("other", f"Python-{version}-docs.zip", False))
    for number, (system, filename, button) in enumerate(names, start=1):
        yield _file(release, number, system, f"https://www.python.org/ftp/python/{release.slug}/{filename}", button)


def _file(release: Release, number: int, system: str, url: str, button: bool) -> ReleaseFile:
    digest = hashlib.sha256(url.encode()).hexdigest()
    sidecars = dict.fromkeys(SIDECARS, "")
    if release.version < 100 and (not release.is_version_at_least_3_14 or system == "source"):
        sidecars["gpg_signature_file"] = f"{url}.asc"
    if release.is_version_at_least_3_9:
        sidecars["sigstore_bundle_file"] = f"{url}.sigstore"
    elif release.is_version_at_least((3, 7)):
        sidecars |= {"sigstore_signature_file": f"{url}.sig", "sigstore_cert_file": f"{url}.crt"}
    if release.is_version_at_least((3, 12)):
        sidecars["sbom_spdx2_file"] = f"{url}.spdx.json"
    filename = url.rpartition("/")[2]
    return ReleaseFile(
        os_id=SLUGS.index(system) + 1,
        release=release,
        name=_title(filename, number),
        slug=f"{release.slug}-{number}-{system}",
        description="for 64-bit systems" if "64" in filename else "",
        is_source=system == "source",
        url=url,
        md5_sum=hashlib.md5(url.encode()).hexdigest(),
        sha256_sum=digest if release.is_version_at_least_3_5 else "",
        filesize=int(digest[:6], 16) + 1_000_000,
        download_button=button,
        created=release.created,
        updated=release.updated,
        creator_id=release.creator_id,
        **sidecars,
    )


TITLES = {
    ".tar.xz": "XZ compressed source tarball",
    ".tgz": "Gzipped source tarball",
    ".pkg": "macOS installer",
    "docs.zip": "Documentation, zipped & bound",
    "-embed-amd64.zip": "Windows embeddable package (64-bit)",
    "-amd64.exe": "Windows installer (64-bit)",
    "-arm64.exe": "Windows installer (ARM64)",
    ".exe": "Windows installer (32-bit)",
    ".msix": "MSIX package",
}
"""What a file is called, by the end of its name: the first that fits."""


def _title(filename: str, number: int) -> str:
    title = next((title for end, title in TITLES.items() if filename.endswith(end)), f"Installer ({number})")
    return f"{title} ({number})" if title == "macOS installer" and number % 2 else title

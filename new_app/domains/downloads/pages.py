"""The pages of downloads: the list, a system's releases, one release; and the pages of documentation by release.

Everything they show is remembered until a release, a file, a system or a page changes.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from new_app.answer import Answer
from new_app.domains.downloads import queries
from new_app.domains.downloads.models import OS, Release, ReleaseFile
from new_app.domains.downloads.tags import CYCLE
from new_app.page import ALLOW, PUBLIC, Make, Missing, Page, Pages, shown
from new_app.request import Call

NO_DOCUMENTATION = frozenset({"2.3.6", "2.3.7", "2.4.5", "2.4.6", "2.5.5", "2.5.6"})
BEFORE_THE_DATABASE = {
    "2.2": {"2.2p1": (2002, 3, 29)},
    "2.1": {"2.1.2": (2002, 1, 16), "2.1.1": (2001, 7, 20), "2.1": (2001, 4, 15)},
    "2.0": {"2.0": (2000, 10, 16)},
    "1.6": {"1.6": (2000, 9, 5)},
    "1.5": {
        "1.5.2p2": (2000, 3, 22),
        "1.5.2p1": (1999, 7, 6),
        "1.5.2": (1999, 4, 30),
        "1.5.1p1": (1998, 8, 6),
        "1.5.1": (1998, 4, 14),
        "1.5": (1998, 2, 17),
    },
    "1.4": {"1.4": (1996, 10, 25)},
}
"""Releases with documentation that are in no table, by series: name to date."""
WITHOUT_PATCH = (3, 2, 0)
"""Up to this release, one with patch 0 is called by its series."""
FEATURED_ORDER = {"macos": 1, "windows": 2, "source": 3}


def mounted(path: str, template: str, make: Make, *, cycle: bool = False) -> Any:
    """A page under both prefixes; `cycle` where its template shows the release cycle, which is fetched first."""
    paths = [f"/downloads{path}", f"/getit{path}"]
    if not cycle:
        return shown(paths, template, make)

    @route(paths, http_method=["GET", "HEAD", "OPTIONS"], opt=PUBLIC | {"template": template})
    async def page(request: Request[Any, Any, Any], pages: NamedDependency[Pages]) -> Answer:
        if request.scope["method"] == "OPTIONS":
            return Answer(headers=[ALLOW])
        data, said = await pages.documents[CYCLE].get(), request.path_params

        def made(page: Page) -> Mapping[str, Any]:
            page.state[CYCLE] = data
            return make(page, **said)

        return await pages.show(Call.of(request), template, make=made)

    return page


def latest(page: Page) -> dict[str, Release | None]:
    """The latest release of each kind, as every page of downloads has them."""
    versions = {"latest_python2": 2, "latest_python3": 3, "latest_pymanager": 100}
    return {
        name: page.remember(("latest release", version), partial(queries.marked_latest, version=version))
        for name, version in versions.items()
    }


def index(page: Page) -> dict[str, Any]:
    """The list of downloads, by number, and the file behind each system's button."""
    newest = latest(page)
    releases = page.remember("releases by number", _by_number)
    files = [
        {"os": system, **{key: release.download_file_for_os(system.slug) for key, release in _present(newest)}}
        for system in page.remember("systems", queries.systems)
    ]
    return {**newest, "releases": releases, "python_files": files}


def _present(newest: Mapping[str, Release | None]) -> list[tuple[str, Release]]:
    return [(name.removeprefix("latest_"), release) for name, release in newest.items() if release is not None]


def _by_number(session: Session) -> list[Release]:
    return sorted(queries.on_download_page(session), key=_number, reverse=True)


def _number(release: Release) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in release.get_version().split("."))
    except ValueError:
        return (0,)


def systems(page: Page) -> dict[str, Any]:
    found = page.remember("systems", queries.systems)
    return {**latest(page), "os_list": found, "object_list": found, "is_paginated": False}


def system(page: Page, slug: str) -> dict[str, Any]:
    """The releases of one system, each with the files for it."""

    def loaded(session: Session) -> tuple[OS, Sequence[Release], Sequence[Release]] | None:
        found = queries.system(session, slug)
        if found is None:
            return None
        releases = queries.of_system(session, found.id, pre_release=False)
        return found, releases, queries.of_system(session, found.id, pre_release=True)

    known = page.remember(("system", slug), loaded)
    if known is None:
        raise Missing
    found, releases, pre_releases = known
    return {
        **latest(page),
        "os": found,
        "object": found,
        "os_slug": found.slug,
        "releases": releases,
        "pre_releases": pre_releases,
    }


def release(page: Page, release_slug: str) -> dict[str, Any]:
    """One release; a draft for staff only, where legacy shows it to everybody."""
    found = page.remember(("release", release_slug), partial(queries.by_slug, slug=release_slug))
    if found is None or not (found.is_published or page.user.is_staff):
        raise Missing
    made = {
        **latest(page),
        "release": found,
        "object": found,
        "featured_files": featured(found.files),
        "release_files": in_order(found.files),
    }
    series = re.match(r"3\.(\d+)", found.get_version())
    if series and found.version == Release.PYTHON3:
        minor = int(series[1])
        newest = page.remember(("newest release", minor), partial(queries.newest_of_series, minor=minor))
        if newest is not None and newest.id != found.id:
            made["latest_in_series"] = newest
    return made


def featured(files: Sequence[ReleaseFile]) -> list[ReleaseFile]:
    """The files with a button: for macOS, for Windows, the source, any other."""
    return sorted(
        (file for file in files if file.download_button), key=lambda file: FEATURED_ORDER.get(file.os.slug, 4)
    )


def in_order(files: Sequence[ReleaseFile]) -> list[ReleaseFile]:
    """The source files by name, then those of the systems by system and name. They come by system and name."""
    return [
        *(file for file in files if file.os.slug == "source"),
        *(file for file in files if file.os.slug != "source"),
    ]


def documentation(page: Page) -> dict[str, Any]:
    newest = latest(page)
    return {name: newest[name] for name in ("latest_python2", "latest_python3")}


def versions(page: Page) -> dict[str, Any]:
    """Every release that has documentation, by series."""
    return {"version_list": page.remember("documented versions", lambda session: by_series(queries.released(session)))}


def by_series(releases: Sequence[Release]) -> list[dict[str, Any]]:
    """Series from newest to oldest, each with its releases from newest to oldest.

    Raises IndexError for a name with one number only ("Python 3"), as legacy does.
    """
    series: dict[str, list[tuple[str, datetime]]] = {}
    for release in releases:
        found = re.match(r"Python ([\d.]+)", release.name)
        if found and found[1] not in NO_DOCUMENTATION:
            parts = found[1].split(".")
            name = f"{parts[0]}.{parts[1]}"
            series.setdefault(name, []).append((_shown_number(found[1], name), release.release_date))
    for name, known in BEFORE_THE_DATABASE.items():
        series.setdefault(name, []).extend((stage, datetime(*date, tzinfo=UTC)) for stage, date in known.items())
    ordered = sorted(series.items(), key=lambda item: [int(n) if n.isdigit() else n for n in item[0].split(".")])
    return [{"version": name, "releases": _dated(stages)} for name, stages in reversed(ordered)]


def _shown_number(number: str, series: str) -> str:
    parts = number.split(".")
    if len(parts) != len(WITHOUT_PATCH):
        return number
    found = tuple(int(part) for part in parts)
    return series if found <= WITHOUT_PATCH and found[2] == 0 else number


def _dated(stages: Sequence[tuple[str, datetime]]) -> list[dict[str, str]]:
    newest_first = sorted(stages, key=lambda stage: stage[1], reverse=True)
    return [{"stage": stage, "date": f"{date.day} {date:%B %Y}"} for stage, date in newest_first]


HANDLERS = (
    mounted("/", "downloads/index.html", index, cycle=True),
    mounted("/operating-systems", "downloads/full_os_list.html", systems),
    mounted("/release/{release_slug:str}", "downloads/release_detail.html", release, cycle=True),
    mounted("/{slug:str}", "downloads/os_list.html", system),
    shown("/doc", "python/documentation.html", documentation),
    shown("/doc/versions", "python/versions.html", versions),
)

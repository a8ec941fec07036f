"""Questions about releases: of hot redirects and the feed, straight; of pages, with objects that templates show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, immediateload, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from new_app.content import results
from new_app.db import Results
from new_app.domains.downloads import models
from new_app.rows import Reader

PYTHON2, PYTHON3, INSTALL_MANAGER = 2, 3, 100

_COLUMNS = """
    release.name, release.slug, release.release_date,
    CASE WHEN release.content = '' THEN page.path END AS page_path
    FROM downloads_release AS release LEFT JOIN pages_page AS page ON page.id = release.release_page_id"""
_LATEST = f"SELECT {_COLUMNS} WHERE release.is_published AND release.version = $1 AND release.is_latest ORDER BY release.name LIMIT 1"  # noqa: E501
_SERIES = f"SELECT {_COLUMNS} WHERE release.is_published AND release.version = 3 AND release.name ~ $1 ORDER BY release.release_date DESC LIMIT 1"  # noqa: E501
_EARLY = f"SELECT {_COLUMNS} WHERE release.is_published AND release.version = 3 AND release.pre_release ORDER BY release.release_date DESC LIMIT 1"  # noqa: E501
_DOMAIN = "SELECT domain FROM django_site WHERE id = $1"
_NEWEST = f"SELECT ({_DOMAIN}), {_COLUMNS} WHERE release.is_published ORDER BY release.release_date DESC LIMIT 10"


@dataclass(frozen=True, slots=True)
class Release:
    """A release as redirects and the feed need it."""

    name: str
    slug: str
    release_date: datetime
    page_path: str | None

    def get_absolute_url(self) -> str:
        """Its page where it has one and no text of its own."""
        return f"/{self.page_path}/" if self.page_path is not None else f"/downloads/release/{self.slug}/"


async def latest(read: Reader, version: int) -> Release | None:
    """The release marked as the latest of a version; of several, the first by name."""
    return _one(await read.fetch(_LATEST, version))


async def latest_of_series(read: Reader, minor: int) -> Release | None:
    """The newest release of Python 3.`minor`, pre-releases included."""
    return _one(await read.fetch(_SERIES, rf"^Python 3\.{minor}\."))


async def latest_prerelease(read: Reader) -> Release | None:
    return _one(await read.fetch(_EARLY))


async def newest(read: Reader, site_id: int) -> tuple[str, list[Release]]:
    """The site's domain, and the ten newest releases."""
    rows = await read.fetch(_NEWEST, site_id) or await read.fetch(_DOMAIN, site_id)
    if not rows or rows[0][0] is None:
        raise LookupError(f"django_site has no row {site_id}; set SITE_ID to the legacy site's")
    return rows[0][0], [Release(*row[1:]) for row in rows if len(row) > 1]


def _one(rows: Sequence[Sequence[object]]) -> Release | None:
    return Release(*rows[0]) if rows else None  # type: ignore[arg-type]


_PUBLISHED = select(models.Release).where(models.Release.is_published)
_WITH_PAGE = joinedload(models.Release.release_page)
_OF_FILE = (joinedload(models.ReleaseFile.os), immediateload(models.ReleaseFile.release))
"""A file knows its system and, by then in the session, its release."""
_WITH_FILES = selectinload(models.Release.files).options(*_OF_FILE)


def marked_latest(session: Session, version: int) -> models.Release | None:
    """The release marked as the latest of a version, with its page and its files; of several, the first by name."""
    question = _PUBLISHED.where(models.Release.version == version, models.Release.is_latest)
    return session.scalars(question.order_by(models.Release.name).limit(1).options(_WITH_PAGE, _WITH_FILES)).first()


def newest_of_series(session: Session, minor: int) -> models.Release | None:
    """The newest release of Python 3.`minor`, pre-releases included, with its page."""
    named = models.Release.name.regexp_match(rf"^Python 3\.{minor}\.")
    question = _PUBLISHED.where(models.Release.version == PYTHON3, named).options(_WITH_PAGE)
    return session.scalars(question.order_by(models.Release.release_date.desc()).limit(1)).first()


def systems(session: Session) -> Results[models.OS]:
    return results(session, select(models.OS).order_by(models.OS.name))


def on_download_page(session: Session) -> Results[models.Release]:
    """What the page of downloads lists, newest first, with their pages."""
    shown = models.Release.show_on_download_page & ~models.Release.pre_release
    return results(session, _PUBLISHED.where(shown).order_by(models.Release.release_date.desc()).options(_WITH_PAGE))


def released(session: Session) -> Results[models.Release]:
    """Releases that are out and no pre-releases, newest first."""
    return results(session, _PUBLISHED.where(~models.Release.pre_release).order_by(models.Release.release_date.desc()))


def system(session: Session, slug: str) -> models.OS | None:
    return session.scalars(select(models.OS).where(models.OS.slug == slug)).first()


def of_system(session: Session, os_id: int, *, pre_release: bool) -> Results[models.Release]:
    """Releases, newest first, each with its page and those of its files that are for one system."""
    files = selectinload(models.Release.files.and_(models.ReleaseFile.os_id == os_id)).options(*_OF_FILE)
    question = _PUBLISHED.where(models.Release.pre_release.is_(pre_release)).options(_WITH_PAGE, files)
    return results(session, question.order_by(models.Release.release_date.desc()))


def by_slug(session: Session, slug: str) -> models.Release | None:
    """A release, published or not, with its page, who made it, and its files by system and name."""
    whole = (_WITH_PAGE, joinedload(models.Release.creator), joinedload(models.Release.last_modified_by))
    found = session.scalars(select(models.Release).where(models.Release.slug == slug).options(*whole)).first()
    if found is not None:
        files = select(models.ReleaseFile).join(models.OS).where(models.ReleaseFile.release_id == found.id)
        in_order = files.order_by(models.OS.slug, models.ReleaseFile.name).options(
            contains_eager(models.ReleaseFile.os), immediateload(models.ReleaseFile.release)
        )
        set_committed_value(found, "files", Results(session.scalars(in_order)))
    return found

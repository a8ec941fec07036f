"""Questions about releases, each one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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

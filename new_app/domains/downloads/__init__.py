"""Downloads: releases of Python, their files, and the systems they run on.

Mounted twice, at /downloads/ and /getit/; the pages of documentation by release are here too.
"""

from sqlalchemy import ColumnElement, or_

from new_app.api.handlers import claims as api_claims
from new_app.domain import Claim, Domain
from new_app.domains.downloads import api, pages, redirects
from new_app.domains.downloads.models import Release
from new_app.domains.downloads.samples import sample_urls
from new_app.domains.downloads.searched import RELEASES
from new_app.domains.downloads.tags import FILTERS, TAGS
from new_app.sitemap import Listed

_LATEST = (
    (r"latest/python2/?$", "download_latest_python2"),
    (r"latest/python3/?$", "download_latest_python3"),
    (r"latest/python3\.(?P<minor>\d+)/?$", "download_latest_python3x"),
    (r"latest/prerelease/?$", "download_latest_prerelease"),
    (r"latest/pymanager/?$", "download_latest_pymanager"),
    (r"latest/?$", "download_latest_python3"),
)


def _mounted(prefix: str, namespace: str) -> tuple[Claim, ...]:
    latest = (Claim(f"^{prefix}/{pattern}", f"{namespace}:{name}") for pattern, name in _LATEST)
    return (
        *latest,
        Claim(f"{prefix}/operating-systems/", f"{namespace}:download_full_os_list"),
        Claim(f"{prefix}/release/<slug:release_slug>/", f"{namespace}:download_release_detail"),
        Claim(f"{prefix}/<slug:slug>/", f"{namespace}:download_os_list"),
        Claim(f"{prefix}/", f"{namespace}:download"),
        Claim(f"{prefix}/feed.rss", f"{namespace}:feed"),
    )


def has_a_page_of_its_own() -> ColumnElement[bool]:
    """One without a text is shown by a page of the editors', which is listed, or not, with the pages."""
    return or_(Release.__table__.c.content_raw != "", Release.release_page_id.is_(None))


domain = Domain(
    name="downloads",
    claims=(
        *_mounted("getit", "getit"),
        *_mounted("downloads", "download"),
        Claim("doc/", "documentation"),
        Claim("doc/versions/", "docs-versions"),
        *api_claims(api.OS, "os"),
        *api_claims(api.RELEASE, "release"),
        *api_claims(api.RELEASE_FILE, "releasefile"),
    ),
    handlers=(redirects.latest, redirects.feed, *pages.HANDLERS),
    resources=(api.OS, api.RELEASE, api.RELEASE_FILE),
    watches=("downloads_os", "downloads_release", "downloads_releasefile", "pages_page", "django_site"),
    tags=TAGS,
    filters=FILTERS,
    samples=sample_urls,
    listed=(Listed("releases", Release, lambda: [Release.is_published, has_a_page_of_its_own()]),),
    searched=(RELEASES,),
)

"""Downloads: releases of Python, their files, and the systems they run on.

Mounted twice, at /downloads/ and /getit/; the redirects to the newest releases, the feed and the JSON APIs have moved.
"""

from new_app.api.handlers import claims as api_claims
from new_app.domain import Claim, Domain
from new_app.domains.downloads import api, pages
from new_app.domains.downloads.samples import sample_urls

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
    return (*latest, Claim(f"{prefix}/feed.rss", f"{namespace}:feed"))


domain = Domain(
    name="downloads",
    claims=(
        *_mounted("getit", "getit"),
        *_mounted("downloads", "download"),
        *api_claims(api.OS, "os"),
        *api_claims(api.RELEASE, "release"),
        *api_claims(api.RELEASE_FILE, "releasefile"),
    ),
    handlers=(pages.latest, pages.feed),
    resources=(api.OS, api.RELEASE, api.RELEASE_FILE),
    watches=("downloads_os", "downloads_release", "downloads_releasefile", "pages_page", "django_site"),
    samples=sample_urls,
)

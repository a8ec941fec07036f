"""Every sample of every domain answers alike on both sides, for everybody who may ask."""

import re

import pytest

from new_app.db import Database
from new_app.domains import DOMAINS
from tests.new_app.conftest import Sides, credentials

PAGES_ONLY = (
    "front",
    "jobs",
    "blogs",
    "events",
    "minutes",
    "successstories",
    "community",
    "users",
    "nominations",
    "search",
)
ASKED = [one.name for one in DOMAINS if one.samples is not None and one.name not in PAGES_ONLY]
"""Domains with samples that need no theme; HTML pages have their own tests in test_pages.py."""
THEMELESS = re.compile(r"^/(api|box|_health)|/latest|feed\.rss|\.(txt|json)")
NEIGHBOURS = ("/funding.json/",)
"""Samples that only the router tells from a claim: asked directly, Litestar is laxer about a slash."""


async def samples(both: Sides, domain: str) -> list[str]:
    (found,) = [one for one in DOMAINS if one.name == domain]
    assert found.samples is not None
    database = Database(both.database)
    async with database.read_only() as session:
        urls = [url for url in await found.samples(session) if url not in NEIGHBOURS and THEMELESS.search(url)]
    await database.dispose()
    return list(dict.fromkeys(urls))


async def told(both: Sides, urls: list[str], user: str = "", method: str = "GET") -> None:
    both.forget_counts()
    found = []
    for url in urls:
        found += await both.differences(url, method, **credentials(url, user))
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("domain", ASKED)
async def test_a_guest_sees_the_same_on_both_sides(both: Sides, domain: str) -> None:
    urls = await samples(both, domain)
    assert urls
    await told(both, urls)


@pytest.mark.parametrize("user", ["staff", "plain", "inactive"])
@pytest.mark.parametrize("domain", ["downloads", "pages", "sponsors"])
async def test_who_proves_a_key_sees_the_same_on_both_sides(both: Sides, domain: str, user: str) -> None:
    urls = [url for url in await samples(both, domain) if url.startswith("/api/")]
    await told(both, urls[:: 3 if user == "staff" else 9], user)


async def test_head_is_answered_alike(both: Sides) -> None:
    for domain in ASKED:
        await told(both, (await samples(both, domain))[::6], method="HEAD")


async def test_options_of_what_is_claimed_are_answered_alike(both: Sides) -> None:
    urls = ["/downloads/latest/", "/getit/feed.rss", "/box/plain/", "/robots.txt", "/funding.json", "/_health"]
    v1 = ["/api/v1/", "/api/v1/downloads/os/", "/api/v1/downloads/release_file/", "/api/v1/pages/page/1/"]
    await told(both, [*urls, *v1, "/api/v1/pages/page/schema/", "/api/v1/pages/page/set/1/"], method="OPTIONS")

"""HTML pages of the shipped site, in the imported theme, beside the reference Django site: the same bytes.

Both run on one database that `seed` has filled. Only the tokens of forms differ, and they are masked.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from litestar.handlers import HTTPRouteHandler
from lxml import etree
from sqlalchemy import text

from new_app import trace
from new_app.cli import main
from new_app.db import Database
from new_app.domains import DOMAINS
from new_app.feed import EVERYTHING, Feed
from new_app.page import Guard
from tests.conftest import new_database, run_sql
from tests.legacy_site_tests.queries import QUERIES
from tests.new_app.conftest import HOST, POLICY
from tests.new_app.sides import shipped
from tests.new_app.test_parity_of_samples import THEMELESS

PASSWORD = "correct-horse"
TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")\w{64}')
COOKIE_TOKEN = re.compile(r"(?<=csrftoken=)\w{32}|(?<=sessionid=)\w{32}")
SIGNED = re.compile(r"(?<=messages=)([^:;]*):\w+:[-\w]+")
"""What messages say, the second that they were signed in, and the signature of both."""
UNSAID = frozenset({"server", "date", "connection", "transfer-encoding", "x-bridge"})
PATHS = (
    *("/", "/?q=%3Cb%3E+%26", "/about/", "/doc/", "/doc/versions/", "/shell/", "/inner/", "/authenticated"),
    *("/psf-landing/", "/psf/sponsors/", "/docs-landing/", "/pypl-landing/", "/shop-landing/", "/community/microbit/"),
    *(
        "/release-edit-button/1",
        "/release-edit-button/999999",
        "/downloads/",
        "/getit/",
        "/downloads/operating-systems/",
    ),
    *("/downloads/windows/", "/getit/source/", "/downloads/no-such-system/", "/downloads/release/none/"),
)
MOVED = {
    "front": 15,
    "downloads": 15,
    "pages": 15,
    "jobs": 15,
    "blogs": 4,
    "events": 100,
    "successstories": 40,
    "community": 60,
    "minutes": 30,
    "nominations": 15,
    "users": 30,
    "search": 10,
    "sponsors": 50,
}
"""Domains that have HTML pages, and how many samples of theirs there are more than."""
GUARDED = {
    path: handler.opt["guard"]
    for domain in DOMAINS
    for handler in domain.handlers
    if isinstance(handler, HTTPRouteHandler) and isinstance(handler.opt["guard"], Guard)
    for declared in handler.paths
    for path in [declared.replace("{slug:str}", "reader").replace("{pk:int}", "4")]
    if path[1:] + "/" not in {claim.pattern for claim in domain.claims if claim.added}
}
TOKEN_OF = "SELECT key FROM authtoken_token JOIN users_user ON users_user.id = user_id WHERE username = :name"
_PUBLISHERS = "/api/v2/sponsors/"
SPONSORED = (
    f"{_PUBLISHERS}logo-placement/",
    *(
        f"{_PUBLISHERS}logo-placement/?{said}"
        for said in ("publisher=psf&flight=jobs", "year=2026", "year=1.", "year=x")
    ),
    *(f"{_PUBLISHERS}logo-placement/?flight={place}" for place in ("sponsors", "download", "docs", "", "nowhere")),
    *(
        f"{_PUBLISHERS}sponsorship-assets/?internal_name={name}"
        for name in ("listing", "dinner", "slide", "kit", "", "%00", "x" * 129)
    ),
    *(f"{_PUBLISHERS}sponsorship-assets/?internal_name=listing&list_empty={said}" for said in ("On", "f", "", "maybe")),
    f"/api/v2/anything{_PUBLISHERS[7:]}sponsorship-assets/and-more?internal_name=%20dinner%20",
)
MISSING = (
    "/about",
    "/nothing/here",
    "/nothing/here/",
    "/downloads",
    "/no%20such",
    "//double//",
    "/psf-landing",
)


@dataclass(frozen=True, slots=True)
class Both:
    """The two sites, and the database that they share."""

    legacy: httpx.AsyncClient
    new: httpx.AsyncClient
    url: str
    feed: Feed

    async def differences(self, path: str, **said: Any) -> list[str]:
        headers = {"host": HOST, **said.pop("headers", {})}
        for side in (self.legacy, self.new):
            side.cookies.clear()  # what an earlier page has set is not this visitor's
        old = await self.legacy.request(said.get("method", "GET"), path, headers=headers)
        new = await self.new.request(said.get("method", "GET"), path, headers=headers)
        who = new.headers.get("x-bridge", "")
        found = [] if who.startswith("new") else [f"{path}: answered by {who}"]
        if old.status_code != new.status_code:
            found.append(f"{path}: status {old.status_code} | {new.status_code}")
        before, after = told(old), told(new)
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                found.append(f"{path}: {name} {before.get(name)!r} | {after.get(name)!r}")
        if masked(old.content) != masked(new.content):
            found.append(f"{path}: {first_difference(masked(old.content), masked(new.content))}")
        return found


def told(answer: httpx.Response) -> dict[str, Any]:
    said: dict[str, Any] = {name: value for name, value in answer.headers.items() if name not in UNSAID}
    if "expires" in said:
        said["expires"] = "now"
    if POLICY in said:
        said[POLICY] = sorted(part.strip() for part in said[POLICY].split(";"))
    if "set-cookie" in said:
        cookies = SIGNED.sub(r"\1", COOKIE_TOKEN.sub("", said["set-cookie"]))
        said["set-cookie"] = re.sub("expires=[^;]*;", "", cookies)
    return said


def masked(body: bytes) -> bytes:
    return TOKEN.sub(rb"\1", body)


def first_difference(old: bytes, new: bytes) -> str:
    at = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    return f"body at {at}: {old[max(at - 40, 0) : at + 60]!r} | {new[max(at - 40, 0) : at + 60]!r}"


@pytest.fixture(scope="module")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `bridge` keeps the manifest and the theme of the reference site."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def database(seeded_template: str) -> Iterator[str]:
    with new_database(seeded_template, template=seeded_template) as url:
        yield url


@pytest.fixture(scope="module")
async def both(database: str, site_folder: Path) -> AsyncIterator[Both]:
    async with (
        shipped(database, site_folder) as sides,
        httpx.AsyncClient(base_url=sides.legacy_url, timeout=30) as legacy,
    ):
        yield Both(legacy, sides.new, database, sides.feed)


def nothing_in(found: list[str]) -> None:
    assert not found, "\n" + "\n".join(found[:20])


async def samples(both: Both, name: str) -> list[str]:
    """The HTML pages among a domain's samples."""
    (domain,) = [one for one in DOMAINS if one.name == name]
    assert domain.samples is not None
    database = Database(both.url)
    async with database.read_only() as session:
        found = [path for path in await domain.samples(session) if not THEMELESS.search(path)]
    await database.dispose()
    return found


@pytest.mark.parametrize("path", [*PATHS, *MISSING])
async def test_a_page_is_the_same_on_both_sides(both: Both, path: str) -> None:
    nothing_in(await both.differences(path))
    nothing_in(await both.differences(path, method="HEAD"))


@pytest.mark.parametrize("domain", MOVED)
async def test_every_sample_is_the_same_on_both_sides(both: Both, domain: str) -> None:
    paths = await samples(both, domain)
    assert len(paths) > MOVED[domain]
    nothing_in([difference for path in paths for difference in await both.differences(path)])


@pytest.mark.parametrize("path", GUARDED)
async def test_a_guarded_page_sends_strangers_to_sign_in(both: Both, path: str) -> None:
    nothing_in(await both.differences(f"{path}/?a=%2F"))
    answer = await both.new.get(f"{path}/", headers={"host": HOST})
    assert (answer.status_code, answer.headers["location"]) == (302, f"/accounts/login/?next={path}/")


async def test_the_feed_of_vacancies_is_the_same_but_for_the_moment_it_was_built(both: Both) -> None:
    built = re.compile(rb"<lastBuildDate>[^<]+</lastBuildDate>")
    old, new = [await side.get("/jobs/feed/rss/", headers={"host": HOST}) for side in (both.legacy, both.new)]
    assert new.headers["x-bridge"].startswith("new")
    assert (old.status_code, told(old)) == (new.status_code, told(new))
    assert built.sub(b"", old.content) == built.sub(b"", new.content)
    assert len(etree.fromstring(new.content).findall("channel/item")) > 1


@pytest.mark.parametrize("name", ["admin", "editor", "reader", "publisher", "job-board"])
async def test_a_signed_in_visitor_sees_the_same_on_both_sides(both: Both, name: str) -> None:
    """Signed in on legacy, known on both: each domain's first pages, and those that show who is asking."""
    cookies = await signed_in(both, name)
    guarded = [f"{path}/{query}" for path in GUARDED for query in ("", "?page=last", "?q=a&page=x")]
    every = {domain: 1 if domain == "sponsors" else 5 for domain in MOVED}  # what sponsors have is behind a sign-in
    sampled = [path for domain, step in every.items() for path in (await samples(both, domain))[::step]]
    paths = [*PATHS, *MISSING, *guarded, *sampled]
    nothing_in([found for path in paths for found in await both.differences(path, headers={"cookie": cookies})])


async def signed_in(both: Both, name: str) -> str:
    """The `Cookie` header of somebody who used legacy's form."""
    form = await both.legacy.get("/accounts/login/", headers={"host": HOST})
    token = form.cookies["csrftoken"]
    said = {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": token}
    headers = {"host": HOST, "cookie": f"csrftoken={token}"}
    done = await both.legacy.post("/accounts/login/", data=said, headers=headers)
    assert done.status_code == 302, done.text
    both.legacy.cookies.clear()
    return f"sessionid={done.cookies['sessionid']}; csrftoken={done.cookies['csrftoken']}"


@pytest.mark.parametrize("name", ["publisher", "admin", "editor", "reader", ""])
async def test_who_may_ask_for_sponsors_gets_the_same_on_both_sides(both: Both, name: str) -> None:
    key = await token_of(both, name)
    asked = [path for path in SPONSORED if name or "logo" in path]
    headers = {"authorization": f"Token {key}"} if name else {}
    nothing_in([found for path in asked for found in await both.differences(path, headers=headers)])
    answer = await both.new.get(SPONSORED[0], headers={"host": HOST, **headers})
    assert answer.status_code == {"reader": 403, "": 401}.get(name, 200), answer.text
    assert (len(answer.json()) > 5) is (answer.status_code == 200)


async def test_what_was_chosen_before_comes_back_in_the_application(both: Both) -> None:
    path = "/sponsors/application/"
    chosen = json.dumps({"package": 1, "benefits_foundation": [1, 3], "a_la_carte_benefits": [9]})
    for said in (chosen.replace(",", "\\054").replace('"', '\\"'), "no json", "", "{}"):
        headers = {"cookie": f'sponsorship_selected_benefits="{said}"'}
        nothing_in(await both.differences(path, headers=headers))
        answer = await both.new.get(path, headers={"host": HOST, **headers})
        assert answer.text.count(" checked") == (4 if "package" in said else 0)
        assert "A yacht" not in answer.text
    run_sql(both.url, "UPDATE waffle_flag SET everyone = false WHERE name = 'sponsorship-applications-open'")
    try:
        run_sql(both.url, "DELETE FROM django_cache_table")
        both.feed.tell(EVERYTHING)
        nothing_in(await both.differences(path))
        assert "A ticket" not in (await both.new.get(path, headers={"host": HOST})).text
    finally:
        both.new.cookies.clear()
        run_sql(both.url, "UPDATE waffle_flag SET everyone = true WHERE name = 'sponsorship-applications-open'")
        run_sql(both.url, "DELETE FROM django_cache_table")
        both.feed.tell(EVERYTHING)


async def token_of(both: Both, name: str) -> str | None:
    database = Database(both.url)
    async with database.read_only() as session:
        found: str | None = await session.scalar(text(TOKEN_OF), {"name": name})
    await database.dispose()
    return found


async def test_options_is_answered_alike(both: Both) -> None:
    found = [difference for path in PATHS[:20] for difference in await both.differences(path, method="OPTIONS")]
    nothing_in(found)


SAFER = {
    "/downloads/release/python-3142/": "UPDATE downloads_release SET is_published = {} WHERE slug = 'python-3142'",
    "/psf/records/board/minutes/2025-02-14/": "UPDATE minutes_minutes SET is_published = {} WHERE date = '2025-03-14'",
}
"""What names something that is not published, and what publishes it."""


@pytest.mark.parametrize("path", SAFER)
async def test_what_is_not_published_is_for_staff(both: Both, path: str) -> None:
    """Decision 0010: legacy shows it to whoever knows the address."""
    staff = {"cookie": await signed_in(both, "editor")}
    before = await both.new.get(path, headers={"host": HOST})
    try:
        run_sql(both.url, SAFER[path].format("false"))
        both.feed.tell(EVERYTHING)
        nothing_in(await both.differences(path, headers=staff))
        old, new = [await side.get(path, headers={"host": HOST}) for side in (both.legacy, both.new)]
        assert new.headers["x-bridge"].startswith("new")
        secret = b"March 14" if "minutes" in path else b"Python 3.14.2"
        assert (old.status_code, secret in old.content, secret in before.content) == (200, True, True)
        assert (new.status_code, secret in new.content) == (200 if "minutes" in path else 404, False)
    finally:
        run_sql(both.url, SAFER[path].format("true"))
        both.feed.tell(EVERYTHING)


MENDED = {
    "/downloads/latest/python2/": ("", 302, "UPDATE downloads_release SET version = {} WHERE version = {}", ("9", "2")),
    "/jobs/moderate/?q=%00": ("job-board", 200, "", ()),
    "/events/python-events-calendar/date/2025/06/31/": ("", 404, "", ()),
    "/users/sponsorships/4/assets/?required_asset=x": ("admin", 200, "", ()),
    "/users/sponsorships/4/": (
        "admin",
        200,
        "UPDATE sponsors_genericasset SET internal_name = '{}' WHERE internal_name = '{}'",
        ("nobody-asks", "slide"),
    ),
    "/nominations/elections/2024-board-election/nominees/ada-reader/": (
        "",
        200,
        "UPDATE nominations_nominee SET slug = '{}' WHERE id = 2 AND slug = '{}'",
        ("ada-reader", "otto-hand"),
    ),
}
"""Where legacy answers 500: who asks, what new answers, and what makes it so; the other way round it is undone."""


@pytest.mark.parametrize("path", MENDED)
async def test_where_legacy_fails_new_answers(both: Both, path: str) -> None:
    name, status, change, values = MENDED[path]
    headers = {"host": HOST, **({"cookie": await signed_in(both, name)} if name else {})}
    try:
        if change:
            run_sql(both.url, change.format(*values))
            both.feed.tell(EVERYTHING)
        old, new = [await side.get(path, headers=headers) for side in (both.legacy, both.new)]
        assert (old.status_code, new.status_code, new.headers["x-bridge"][:3]) == (500, status, "new")
    finally:
        if change:
            run_sql(both.url, change.format(*reversed(values)))
            both.feed.tell(EVERYTHING)


async def test_of_two_meetings_on_a_day_the_first_is_shown(both: Both) -> None:
    path = "/psf/records/board/minutes/2025-02-14/"
    double = (
        "INSERT INTO minutes_minutes (created, updated, date, content, content_markup_type, _content_rendered,"
        " is_published, creator_id) SELECT created, updated, date, 'Second', 'html', 'Second', true, creator_id"
        " FROM minutes_minutes WHERE date = '2025-02-14'"
    )
    try:
        run_sql(both.url, double)
        both.feed.tell(EVERYTHING)
        old, new = [await side.get(path, headers={"host": HOST}) for side in (both.legacy, both.new)]
        assert (old.status_code, new.status_code, new.headers["x-bridge"][:3]) == (500, 200, "new")
        assert b"<em>agreed</em>" in new.content
        assert b"Second" not in new.content
    finally:
        run_sql(both.url, "DELETE FROM minutes_minutes WHERE content = 'Second'")
        both.feed.tell(EVERYTHING)


async def test_an_edit_shows_at_the_next_request(both: Both) -> None:
    edits = {
        "/about/": "UPDATE boxes_box SET _content_rendered = 'edited box', content = 'edited box'",
        "/": "UPDATE sitetree_treeitem SET title = 'edited item ' || id",
        "/downloads/": "UPDATE downloads_release SET name = name || ' edited'",
    }
    for path, statement in edits.items():
        before = (await both.new.get(path, headers={"host": HOST})).text
        run_sql(both.url, "DELETE FROM django_cache_table", statement)
        await asyncio.sleep(0.2)  # the change feed tells within milliseconds of the commit
        after = await both.new.get(path, headers={"host": HOST})
        assert after.text != before
        assert "edited" in after.text
        nothing_in(await both.differences(path))


async def test_a_thumbnail_that_new_makes_is_legacys_too(both: Both) -> None:
    run_sql(both.url, "DELETE FROM thumbnail_kvstore")
    both.feed.tell(EVERYTHING)
    await both.new.get("/downloads/", headers={"host": HOST})
    database = Database(both.url)
    async with database.read_only() as session:
        keys = (await session.execute(text("SELECT key FROM thumbnail_kvstore"))).scalars().all()
    await database.dispose()
    assert {key.split("||")[1] for key in keys} == {"image", "thumbnails"}
    nothing_in(await both.differences("/downloads/"))


STATEMENTS = {
    "/": 0,
    "/about/": 0,
    "/doc/": 0,
    "/downloads/": 0,
    "/downloads/release/python-3142/": 0,
    "/downloads/windows/": 0,
    "/psf/sponsors/": 0,
    "/psf/bylaws/": 0,
    "/psf/board/": 0,
    "/inner/": 0,
    "/blogs/": 0,
    "/events/": 0,
    "/events/calendars/": 0,
    "/events/python-events-calendar/": 0,
    "/events/python-events-calendar/categories/": 0,
    "/events/python-events-calendar/locations/": 0,
    "/events/python-events-calendar/1/": 0,
    "/jobs/": 0,
    "/jobs/types/": 0,
    "/jobs/1/": 0,
    "/psf/records/board/minutes/": 0,
    "/psf/records/board/minutes/2025-02-14/": 0,
    "/success-stories/": 0,
    "/success-stories/how-company-2-grew/": 0,
    "/success-stories/category/science/": 0,
    "/community/": 0,
    "/community/1/": 0,
    "/users/reader/": 0,
    "/nominations/elections/": 0,
    "/nominations/election/2024-board-election/": 0,
    "/nominations/elections/2024-board-election/nominees/": 0,
    "/nominations/elections/2024-board-election/nominees/ada-reader/": 0,
}
"""Statements that a page asks when its parts are remembered and itself is not."""


@pytest.mark.parametrize("path", STATEMENTS)
async def test_a_page_asks_a_third_of_what_legacy_asks_at_most(
    both: Both, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Legacy with warm caches, new with what it remembers: the query string keeps the page cache out of it. Afresh, new
    asks no more than legacy does.
    """
    asked: list[str] = []
    original = trace.saw

    def saw(statement: str, values: Iterable[object] = ()) -> None:
        asked.append(statement)
        original(statement, values)

    monkeypatch.setattr(trace, "saw", saw)
    both.feed.tell(EVERYTHING)
    await both.new.get(path, headers={"host": HOST})
    afresh = len(asked)
    await both.new.get(path, headers={"host": HOST})
    await asyncio.sleep(0.1)  # the feed tells of the rows of thumbnails that the first answer may have made
    await both.new.get(f"{path}?another=1", headers={"host": HOST})
    asked.clear()
    await both.new.get(f"{path}?other=1", headers={"host": HOST})
    assert len(asked) == STATEMENTS[path], "\n".join(asked)
    assert len(asked) * 3 <= QUERIES[path]
    assert 0 < afresh <= QUERIES[path] + MENUS


MENUS = 3
"""Menus are asked in three statements, where legacy has them in a cache of pickles that is not ours to read."""


def test_a_theme_that_lacks_a_template_is_named(both: Both, site_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR", str(site_folder))
    monkeypatch.setenv("MANIFEST", str(site_folder / "manifest.json"))
    monkeypatch.setenv("DATABASE_URL", both.url)
    monkeypatch.setenv("TEMPLATE_TAGS", '["tests.site_tags"]')
    whole = CliRunner().invoke(main, ["theme", "check"])
    assert whole.exit_code == 0, whole.output
    included = site_folder / "theme/components/blog-posts.html"
    text = included.read_text()
    included.unlink()
    try:
        lacking = CliRunner().invoke(main, ["theme", "check"])
    finally:
        included.write_text(text)
    assert lacking.exit_code == 1
    assert "components/blog-posts.html is not in the theme, wanted by python/" in lacking.output

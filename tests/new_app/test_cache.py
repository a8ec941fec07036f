"""Whole answers remembered: for whom, until when, and nothing in them that legacy's do not say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest

import migrations
from legacy_adapters.cache import DatabaseCounters
from migrations import watch
from new_app.asgi import Settled
from new_app.cache import ANONYMOUS, PageCache
from new_app.domains import WATCHED
from new_app.feed import Feed, Relations
from new_app.listening import Listening
from new_app.memory import Memory
from new_app.request import Public
from new_app.rows import Rows
from new_app.web import application, build
from tests.conftest import new_database, run_sql
from tests.new_app.conftest import CountedRows
from tests.new_app.sides import pages_without_theme
from tests.new_app.test_feed import BOUND, until

RSS, BOX = "/downloads/feed.rss", "/box/footer/"
RELEASES, FILES = "/api/v2/downloads/release/", "/api/v1/downloads/release_file/?limit=100"


class Made:
    """An app whose answers are numbered, with whatever status and headers it is told to send."""

    def __init__(self) -> None:
        self.made, self.status = 0, 200
        self.headers: list[tuple[bytes, bytes]] = []
        self.pause, self.fails = 0.0, False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.made += 1
        number = self.made
        await asyncio.sleep(self.pause)
        if self.fails:
            raise ZeroDivisionError
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": scope["method"].encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b" %d" % number})


@dataclass(slots=True)
class Cached:
    app: Made
    client: httpx.AsyncClient
    feed: Feed
    memory: Memory

    async def ask(self, path: str = "/a", method: str = "GET", **headers: str) -> str:
        return (await self.client.request(method, path, headers=headers)).text


@pytest.fixture
async def cached() -> AsyncIterator[Cached]:
    feed, app = Feed(), Made()
    feed.see(Relations())
    memory = Memory(feed)
    varied = {"/a": ANONYMOUS, "/v": ("accept",)}.get
    cache = PageCache(app, memory, varied, public=Public(https_header=("x-scheme", "https")))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(cache), base_url="http://one.example") as client:
        client.headers.clear()
        yield Cached(app, client, feed, memory)


async def test_an_answer_is_made_once_for_everybody(cached: Cached) -> None:
    assert [await cached.ask() for _ in range(3)] == ["GET 1"] * 3
    assert (await cached.client.head("/a")).text == ""
    assert cached.app.made == 1


async def test_head_first_remembers_a_whole_answer(cached: Cached) -> None:
    assert await cached.ask(method="HEAD") == ""
    assert await cached.ask() == "GET 1"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/a?b=1", {}),
        ("/a", {"host": "two.example"}),
        ("/a", {"x-scheme": "https"}),
        ("/v", {"accept": "text/plain"}),
        ("/v", {}),
    ],
)
async def test_what_an_answer_depends_on_keeps_answers_apart(
    cached: Cached, path: str, headers: dict[str, str]
) -> None:
    await cached.ask("/a")
    await cached.ask("/v", accept="text/html")
    assert await cached.ask(path, **headers) == "GET 3"
    assert await cached.ask(path, **headers) == "GET 3"


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        ("/a", "POST", {}),
        ("/a", "OPTIONS", {}),
        ("/other", "GET", {}),
        ("/a", "GET", {"cookie": "sessionid=x"}),
        ("/a", "GET", {"cookie": "a=b; sessionid=x; c=d"}),
        ("/a", "GET", {"cookie": "messages=x"}),
        ("/a", "GET", {"cookie": "csrftoken=x"}),
        ("/a", "GET", {"authorization": "Token x"}),
    ],
)
async def test_who_is_somebody_gets_an_answer_of_his_own(
    cached: Cached, path: str, method: str, headers: dict[str, str]
) -> None:
    await cached.ask()
    remembered = len(cached.memory)
    assert [await cached.ask(path, method, **headers) for _ in range(2)] == [f"{method} 2", f"{method} 3"]
    assert len(cached.memory) == remembered


async def test_a_cookie_that_says_nothing_of_a_person_is_no_matter(cached: Cached) -> None:
    await cached.ask()
    assert await cached.ask(cookie="_ga=1; session=2; xsessionid=3") == "GET 1"


@pytest.mark.parametrize(
    ("status", "header", "value"),
    [
        *((status, "x", "y") for status in (201, 204, 206, 301, 302, 304, 404, 500)),
        (200, "set-cookie", "a=b"),
        (200, "Cache-Control", "private"),
        (200, "cache-control", "max-age=0, No-Store"),
        (200, "cache-control", 'private="x"'),
        (200, "vary", "*"),
        (200, "Vary", "Cookie, Accept-Language"),
    ],
)
async def test_an_answer_that_is_not_for_others_is_sent_once(
    cached: Cached, status: int, header: str, value: str
) -> None:
    cached.app.status, cached.app.headers = status, [(header.encode(), value.encode())]
    answers = [await cached.client.get("/a") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status] * 2
    assert [answer.headers[header] for answer in answers] == [value] * 2
    assert cached.app.made == 2
    assert len(cached.memory) == 0


@pytest.mark.parametrize(("header", "value"), [("vary", "Cookie"), ("cache-control", "max-age=60"), ("vary", "")])
async def test_an_answer_that_may_be_shared_is(cached: Cached, header: str, value: str) -> None:
    cached.app.headers = [(header.encode(), value.encode())]
    assert [await cached.ask(), await cached.ask()] == ["GET 1"] * 2


async def test_many_visitors_at_once_have_one_answer_made(cached: Cached) -> None:
    cached.app.pause = 0.02
    assert set(await asyncio.gather(*(cached.ask() for _ in range(30)))) == {"GET 1"}
    cached.app.headers = [(b"set-cookie", b"a=b")]
    cached.memory.forget(next(iter(cached.memory._entries)))
    assert len(set(await asyncio.gather(*(cached.ask() for _ in range(30))))) == 30


async def test_a_failure_reaches_everybody_and_is_made_again(cached: Cached) -> None:
    cached.app.fails = True
    for made in (1, 2):
        cached.app.pause = 0.01
        failed = await asyncio.gather(*(cached.ask() for _ in range(5)), return_exceptions=True)
        assert [type(one) for one in failed] == [ZeroDivisionError] * 5
        assert cached.app.made == made
    cached.app.fails = False
    assert await cached.ask() == "GET 3"


async def test_blind_nothing_is_remembered(cached: Cached) -> None:
    await cached.ask()
    cached.feed.lose()
    assert [await cached.ask(), await cached.ask()] == ["GET 2", "GET 3"]


# The site, with its database.


@dataclass(slots=True)
class Site:
    client: httpx.AsyncClient
    rows: CountedRows
    memory: Memory
    listening: Listening
    django: asyncpg.Connection
    url: str

    async def ask(self, path: str, **headers: str) -> tuple[str, int, dict[str, str]]:
        """The body, how many statements it took, and the headers."""
        before = self.rows.asked
        answer = await self.client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text, self.rows.asked - before, dict(answer.headers)


@pytest.fixture(scope="module")
async def site(seeded_template: str) -> AsyncIterator[Site]:
    with new_database(seeded_template, template=seeded_template) as url:
        async with site_on(url) as made:
            yield made


@asynccontextmanager
async def site_on(url: str) -> AsyncIterator[Site]:
    await migrations.upgrade(url)
    await watch.install(url, WATCHED)
    run_sql(url, "UPDATE boxes_box SET label = 'footer' WHERE id = (SELECT min(id) FROM boxes_box)")
    rows, feed = CountedRows(url), Feed()
    memory, listening = Memory(feed), Listening(feed, url)
    pages = pages_without_theme(url, memory=memory)
    app = build(rows, DatabaseCounters(rows.fetch), pages, memory=memory, listening=listening)
    django = await asyncpg.connect(url)
    await listening.start()
    await until(lambda: feed.sees)
    transport = httpx.ASGITransport(application(app, pages, cached=memory), client=("10.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://www.example.org") as client:
        yield Site(client, rows, memory, listening, django, url)
    await listening.stop()
    await django.close()
    await rows.close()


CHANGES = {
    BOX: ("UPDATE boxes_box SET _content_rendered = '<p>edited ' || random() || '</p>'", "edited"),
    RSS: ("UPDATE downloads_release SET name = 'Python 3.99 ' || md5(random()::text)", "Python 3.99"),
    RELEASES: ("UPDATE downloads_release SET name = 'Python 3.98 ' || md5(random()::text)", "Python 3.98"),
    FILES: ("UPDATE downloads_releasefile SET name = 'file ' || id || md5(random()::text)", "file "),
}
KEPT = {BOX: (1, 0), RSS: (1, 0), RELEASES: (3, 2), FILES: (4, 2)}
"""Statements of a first and of a second request: the throttles of the APIs count both."""


@pytest.mark.parametrize("path", CHANGES)
async def test_a_second_request_asks_the_database_for_nothing_but_the_throttle(site: Site, path: str) -> None:
    site.memory._entries.clear()
    run_sql(site.url, "DELETE FROM django_cache_table")
    await site.ask(path, **{"x-forwarded-for": "1.1.1.1"})  # the counter's row is there
    site.memory._entries.clear()
    first, second = [await site.ask(path, **{"x-forwarded-for": "1.1.1.1"}) for _ in range(2)]
    assert first[0] == second[0]
    assert first[2] == second[2]
    assert (first[1], second[1]) == KEPT[path]


@pytest.mark.parametrize("path", CHANGES)
async def test_an_edit_by_sql_shows_at_the_next_request(site: Site, path: str) -> None:
    statement, shows = CHANGES[path]
    before = (await site.ask(path))[0]
    await site.django.execute(statement)
    await site.listening.settled()
    after = (await site.ask(path))[0]
    assert after != before
    assert shows in after
    await site.django.execute(statement)
    deadline = asyncio.get_running_loop().time() + BOUND
    while (await site.ask(path))[0] == after:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0)  # a client in the same process leaves the loop no moment to hear anything


async def test_throttles_count_answers_that_were_remembered(site: Site) -> None:
    run_sql(site.url, "DELETE FROM django_cache_table")
    visitor = {"x-forwarded-for": "2.2.2.2"}
    statuses = [(await site.client.get(RELEASES, headers=visitor)).status_code for _ in range(102)]
    assert statuses == [200] * 100 + [429] * 2


async def test_staff_and_guests_do_not_share_what_only_staff_may_see(site: Site) -> None:
    run_sql(site.url, "DELETE FROM django_cache_table", "UPDATE downloads_release SET is_published = false WHERE id = (SELECT min(id) FROM downloads_release)")  # fmt: skip
    await site.django.execute(
        "INSERT INTO authtoken_token (key, created, user_id) SELECT 'k', now(), id FROM users_user WHERE is_staff LIMIT 1 ON CONFLICT DO NOTHING"
    )
    total = await site.django.fetchval("SELECT count(*) FROM downloads_release")
    token = await site.django.fetchval("SELECT key FROM authtoken_token JOIN users_user u ON u.id = user_id WHERE is_staff LIMIT 1")  # fmt: skip
    await site.listening.settled()
    guest = [(await site.client.get(RELEASES)).json() for _ in range(2)]
    staff = [(await site.client.get(RELEASES, headers={"authorization": f"Token {token}"})).json() for _ in range(2)]
    assert guest[0] == guest[1] == (await site.client.get(RELEASES)).json()
    assert len(staff[0]) == len(staff[1]) == total > len(guest[0])


async def test_an_empty_feed_tells_the_hour_and_is_not_remembered(site: Site) -> None:
    await site.django.execute("UPDATE downloads_release SET is_published = false")
    await site.listening.settled()
    for _ in range(2):
        await site.ask(RSS)
        assert not [key for key in site.memory._entries if key[0] is PageCache and RSS in key[1]]
    await site.django.execute("UPDATE downloads_release SET is_published = true")


async def test_who_writes_through_the_router_sees_it_at_the_next_request(site: Site) -> None:
    order = []

    async def legacy(_scope: Any, _receive: Any, send: Any) -> None:
        await site.django.execute("UPDATE boxes_box SET _content_rendered = 'saved in the admin'")
        await send({"type": "http.response.start", "status": 302, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        order.append(
            (message["type"], len([key for key in site.memory._entries if key[0] is PageCache and "/box/" in key[1]]))
        )

    await site.ask(BOX)
    await Settled(legacy, site.listening)({"type": "http", "method": "POST"}, None, send)  # type: ignore[arg-type]
    assert order == [("http.response.start", 0), ("http.response.body", 0)]
    assert (await site.ask(BOX))[0] == "saved in the admin"


async def test_with_the_page_cache_off_the_site_answers_the_same(site: Site) -> None:
    rows = Rows(site.url)
    pages = pages_without_theme(site.url)
    plain = application(build(rows, DatabaseCounters(rows.fetch), pages), pages)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(plain), base_url="http://www.example.org") as client:
        for path in (BOX, RSS, "/box/none/"):
            ours, theirs = await site.client.get(path), await client.get(path)
            again = await site.client.get(path)
            assert ours.status_code == again.status_code == theirs.status_code
            assert dict(ours.headers) == dict(again.headers) == dict(theirs.headers)
            assert ours.content == again.content == theirs.content
    await rows.close()

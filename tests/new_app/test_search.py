"""Search: what is found, how soon, and what becomes of a page when the engine does not answer."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from click.testing import CliRunner

from new_app.cli import main
from new_app.db import Database, plain_url
from new_app.domains import SEARCHED, WATCHED
from new_app.rows import Rows
from new_app.search import Document, EngineError, plain
from new_app.search.indexing import Follower, reindex
from new_app.search.postgres import PostgresEngine
from tests.conftest import new_database
from tests.new_app.sides import Shipped, shipped

HOST = {"Host": "www.example.org"}
LINK = re.compile(r'<li data-kind="([^"]+)"><a href="([^"]+)">([^<]+)</a>')
SOON = 1.0
"""Seconds within which a write on either side is found."""


@dataclass
class Place:
    sides: Shipped
    sql: Any
    rows: Rows
    database: Database
    url: str

    @property
    def engine(self) -> PostgresEngine:
        return PostgresEngine(self.rows)

    async def asked(self, words: str, **more: Any) -> httpx.Response:
        answer = await self.sides.new.get("/search/", params={"q": words, **more}, headers=HOST)
        assert answer.headers["x-bridge"].startswith("new"), answer.headers["x-bridge"]
        return answer

    async def found(self, words: str, **more: Any) -> list[tuple[str, str, str]]:
        return LINK.findall((await self.asked(words, **more)).text)

    async def soon(self, words: str, *, there: bool) -> float:
        """How long it takes until something is found for these words, or nothing."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while bool(await self.found(words)) is not there:
            assert loop.time() - began < 15, f"{words}: still {'not ' if there else ''}there"
            await asyncio.sleep(0.02)
        return loop.time() - began


@pytest.fixture(scope="module")
async def place(seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    with new_database(seeded_template, template=seeded_template) as url:
        folder: Path = tmp_path_factory.mktemp("search")
        async with shipped(url, folder) as sides:
            rows, database, sql = Rows(url), Database(url), await asyncpg.connect(plain_url(url))
            await reindex(database, PostgresEngine(rows), SEARCHED)
            yield Place(sides, sql, rows, database, url)
            await sql.close()
            await rows.close()
            await database.dispose()


@pytest.fixture
async def followed(place: Place) -> AsyncIterator[Follower]:
    follower = Follower(place.database, place.engine, SEARCHED, place.url)
    await follower.start()
    async with asyncio.timeout(20):
        while not await place.sql.fetchval("SELECT count(*) FROM bridge.search_reader"):  # noqa: ASYNC110 - a row
            await asyncio.sleep(0.05)
    yield follower
    await follower.stop()


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("pages.page", "SELECT title FROM pages_page WHERE is_published AND length(title) > 8 ORDER BY id LIMIT 5"),
        ("downloads.release", "SELECT name FROM downloads_release WHERE is_published ORDER BY id LIMIT 5"),
        ("events.calendar", "SELECT name FROM events_calendar"),
        ("events.event", "SELECT DISTINCT title FROM events_event WHERE title ~ '^[A-Za-z ]+$' ORDER BY 1 LIMIT 5"),
        (
            "jobs.job",
            "SELECT job_title FROM jobs_job WHERE status = 'approved' AND expires > now() ORDER BY id LIMIT 5",
        ),
        (
            "jobs.jobtype",
            "SELECT DISTINCT t.name FROM jobs_jobtype t JOIN jobs_job_job_types j ON j.jobtype_id = t.id JOIN jobs_job o ON o.id = j.job_id WHERE t.active AND o.status = 'approved' AND o.expires > now()",
        ),
    ],
)
async def test_a_title_is_found_as_often_on_both_sides(place: Place, kind: str, question: str) -> None:
    titles = [row[0] for row in await place.sql.fetch(question)]
    assert titles
    for title in titles:
        counts = []
        for origin in (place.sides.legacy_url, ""):
            client = httpx.AsyncClient() if origin else place.sides.new
            answer = await client.get(f"{origin}/search/", params={"q": title, "models": kind}, headers=HOST)
            assert answer.status_code == 200
            exact = [link for link in LINK.findall(answer.text) if link[2].removeprefix("Work: ") == title]
            counts.append(sorted((link[0], link[1]) for link in exact))
        assert counts[0] == counts[1], title
        assert counts[0], title


async def test_the_best_is_first_and_pages_are_of_twenty(place: Place) -> None:
    first = await place.asked("python")
    total = int(re.findall(r"<h1>(\d+) found", first.text)[0])
    assert total > 40
    seen = [*LINK.findall(first.text), *await place.found("python", page=2)]
    assert len(seen) == len({*seen}) == 40
    last = -(-total // 20)
    assert (await place.asked("python", page=last)).status_code == 200
    assert (await place.asked("python", page=last + 1)).status_code == 404


async def test_one_kind_alone_is_found_if_asked(place: Place) -> None:
    kinds = {kind for kind, _, _ in await place.found("python", models="downloads.release")}
    assert kinds == {"downloads.release"}
    both = await place.sides.new.get("/search/?q=python&models=events.event&models=jobs.job", headers=HOST)
    assert {kind for kind, _, _ in LINK.findall(both.text)} <= {"events.event", "jobs.job"}


@pytest.mark.parametrize(
    "words",
    ['"', "' OR 1=1 --", "a & | ! <-> (", "\\", "x" * 5000, "<script>alert(1)</script>", "-python", "%", "é\u202e"],
)
async def test_any_words_get_a_page_that_says_them_harmlessly(place: Place, words: str) -> None:
    answer = await place.asked(words)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


async def test_drafts_are_not_found(place: Place) -> None:
    row = await place.sql.fetchrow("SELECT title FROM pages_page WHERE NOT is_published LIMIT 1")
    assert row["title"] not in [title for _, _, title in await place.found(row["title"])]


@pytest.mark.usefixtures("followed")
async def test_what_legacy_writes_is_found_within_a_second_and_gone_as_soon(place: Place) -> None:
    page = await place.sql.fetchval("SELECT id FROM pages_page WHERE is_published ORDER BY id LIMIT 1")
    await place.sql.execute("UPDATE pages_page SET title = 'Wombatology' WHERE id = $1", page)
    took = [await place.soon("wombatology", there=True)]
    await place.sql.execute("UPDATE pages_page SET is_published = false WHERE id = $1", page)
    took.append(await place.soon("wombatology", there=False))
    await place.sql.execute("UPDATE pages_page SET is_published = true WHERE id = $1", page)
    took.append(await place.soon("wombatology", there=True))
    assert max(took) < SOON, took


@pytest.mark.usefixtures("followed")
async def test_what_an_event_is_made_of_is_found_too(place: Place) -> None:
    event = await place.sql.fetchval("SELECT id FROM events_event WHERE venue_id IS NOT NULL ORDER BY id DESC LIMIT 1")
    await place.sql.execute(
        "UPDATE events_eventlocation SET name = 'Quokkahall' WHERE id = (SELECT venue_id FROM events_event WHERE id = $1)",
        event,
    )
    await place.soon("quokkahall", there=True)
    await place.sql.execute("UPDATE events_event SET title = 'Bilby night' WHERE id = $1", event)
    assert await place.soon("bilby", there=True) < SOON


async def test_what_was_written_while_nobody_followed_is_found_afterwards(place: Place) -> None:
    for word in ("numbat", "potoroo"):
        follower = Follower(place.database, place.engine, SEARCHED, place.url)
        await follower.start()
        await place.sql.execute(f"UPDATE events_calendar SET description = '{word}' WHERE id = 1")
        await place.soon(word, there=True)
        await follower.stop()
        await place.sql.execute(f"UPDATE events_calendar SET description = '{word}2' WHERE id = 1")
    follower = Follower(place.database, place.engine, SEARCHED, place.url)
    await follower.start()
    await place.soon("potoroo2", there=True)
    await follower.stop()


async def test_of_two_followers_one_leads_and_the_other_takes_over(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("new_app.search.indexing.RETRY", 0.1)
    read: list[str] = []

    class Counting(PostgresEngine):
        async def put(self, documents: Any, run: int) -> None:
            read.extend(one.title for one in documents)
            await super().put(documents, run)

    followers = [Follower(place.database, Counting(place.rows), SEARCHED, place.url) for _ in range(2)]
    for follower in followers:
        await follower.start()
    await asyncio.sleep(0.5)
    read.clear()
    await place.sql.execute("UPDATE events_calendar SET name = 'Dunnart' WHERE id = 1")
    await place.soon("dunnart", there=True)
    assert read.count("Dunnart") == 1
    await followers[0].stop()
    await asyncio.sleep(0.5)
    await place.sql.execute("UPDATE events_calendar SET name = 'Kultarr' WHERE id = 1")
    await place.soon("kultarr", there=True)
    await followers[1].stop()


async def test_a_reading_leaves_no_gap(place: Place) -> None:
    before = await place.engine.count()
    await place.engine.put([Document("pages.page", 2**40, "Ghost", "of a page that is gone")], 1)
    task = asyncio.create_task(reindex(place.database, place.engine, SEARCHED))
    fewest = before
    while not task.done():
        fewest = min(fewest, await place.engine.count())
    await task
    assert (fewest, await place.engine.count()) == (before, before)
    assert await place.found("ghost") == []


async def test_a_dead_engine_finds_nothing_and_the_log_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def dead(*_: Any, **__: Any) -> None:
        raise EngineError("postgresql: the table is gone")

    monkeypatch.setattr(PostgresEngine, "find", dead)
    answer = await place.asked("python")
    assert answer.status_code == 200
    assert LINK.findall(answer.text) == []
    assert "search for 'python' finds nothing: postgresql: the table is gone" in caplog.text


async def test_a_database_that_is_away_is_an_engine_that_is_dead() -> None:
    rows = Rows("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(EngineError):
        await PostgresEngine(rows).find("python", (), skip=0, limit=20)


async def test_the_command_reads_everything_and_says_how_many(place: Place) -> None:
    environment = {"DATABASE_URL": place.url}
    count = await place.engine.count()
    done = await asyncio.to_thread(CliRunner().invoke, main, ["search", "reindex"], env=environment)
    assert done.exit_code == 0, done.output
    assert f"{count} documents read, {count} in the index" in done.output
    told = await asyncio.to_thread(CliRunner().invoke, main, ["search", "status"], env=environment)
    assert f"postgresql: {count} documents" in told.output


def test_everything_that_documents_are_made_from_is_told_of() -> None:
    assert {table for one in SEARCHED for table in (one.table, *one.related)} <= {*WATCHED}


def test_markup_is_no_word() -> None:
    assert plain("<p class='wombat'>a&amp;b<br>c <!-- d\n> --> e</p>") == "a&b c e"

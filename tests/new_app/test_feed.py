"""The change feed and the memory on a real database: every write comes over another connection."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from sqlalchemy import func, select, text

import migrations
from migrations import watch
from new_app import trace
from new_app.db import Database
from new_app.domains import WATCHED
from new_app.domains.boxes import Box
from new_app.feed import EVERYTHING, Change, Feed, Relations, read_notice
from new_app.listening import Listening
from new_app.memory import OVERHEAD, Memory
from new_app.rows import Rows
from tests.conftest import manage, new_database, run_sql

BOUND = 0.5  # seconds from a commit until it shows; it takes one or two milliseconds on an idle machine
BOX = "INSERT INTO boxes_box (label, content, content_markup_type, _content_rendered, created, updated) VALUES ($1, $2, 'html', $2, now(), now())"


async def until(true: Callable[[], object], seconds: float = 5.0) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + seconds, f"not within {seconds} s"
        await asyncio.sleep(0.001)
    return time.monotonic() - began


@dataclass(slots=True)
class Site:
    """A process of the new side, and Django's connection beside it."""

    url: str
    rows: Rows
    feed: Feed
    listening: Listening
    memory: Memory
    django: asyncpg.Connection
    heard: list[Change]
    loads: int = 0

    async def box(self, label: str = "a") -> str | None:
        async def load() -> str | None:
            self.loads += 1
            rows = await self.rows.fetch("SELECT content FROM boxes_box WHERE label = $1", label)
            return rows[0][0] if rows else None

        return await self.memory.get(("box", label), load)

    async def changes(self, *statements: str) -> list[Change]:
        """What one transaction of these statements tells."""
        await self.listening.settled()
        self.heard.clear()
        async with self.django.transaction():
            for statement in statements:
                await self.django.execute(statement)
        await self.listening.settled()
        return [*self.heard]


@pytest.fixture(scope="module")
async def watched_template(legacy_template: str) -> AsyncIterator[str]:
    with new_database(legacy_template, template=legacy_template) as url:
        await migrations.upgrade(url)
        await watch.install(url, WATCHED)
        connection = await asyncpg.connect(url)
        await connection.execute(BOX, "a", "1")
        await connection.close()
        yield url


@pytest.fixture
async def site(watched_template: str) -> AsyncIterator[Site]:
    with new_database(watched_template, template=watched_template) as url:
        async with site_on(url) as made:
            yield made


@asynccontextmanager
async def site_on(url: str) -> AsyncIterator[Site]:
    feed, heard = Feed(), []
    rows, listening = Rows(url), Listening(feed, url)
    feed.heed(heard.append)
    memory = Memory(feed)
    django = await asyncpg.connect(url)
    await listening.start()
    await until(lambda: feed.sees)
    try:
        yield Site(url, rows, feed, listening, memory, django, heard)
    finally:
        await listening.stop()
        await rows.close()
        await django.close()


# What shows, and when.


async def test_a_value_is_made_once_until_its_table_changes(site: Site) -> None:
    assert [await site.box() for _ in range(3)] == ["1"] * 3
    assert site.loads == 1
    await site.django.execute("UPDATE pages_page SET title = title; UPDATE django_site SET domain = domain")
    await site.listening.settled()
    assert await site.box() == "1"
    assert site.loads == 1


@pytest.mark.parametrize(
    ("statement", "after"),
    [
        ("UPDATE boxes_box SET content = '2'", "2"),
        ("DELETE FROM boxes_box", None),
        ("TRUNCATE boxes_box", None),
        ("TRUNCATE users_user CASCADE", None),
        ("INSERT INTO boxes_box SELECT * FROM boxes_box ON CONFLICT (label) DO UPDATE SET content = 'u'", "u"),
        ("MERGE INTO boxes_box USING (SELECT 1) AS x ON true WHEN MATCHED THEN UPDATE SET content = '3'", "3"),
        ("WITH gone AS (DELETE FROM boxes_box RETURNING 1) SELECT * FROM gone", None),
    ],
)  # fmt: skip
async def test_a_write_by_plain_sql_shows_within_the_bound(site: Site, statement: str, after: str | None) -> None:
    await site.box()
    await site.django.execute(statement)
    await until(lambda: ("box", "a") not in site.memory, BOUND)
    assert await site.box() == after


async def test_what_is_committed_shows_at_once_where_the_caller_waits_for_it(site: Site) -> None:
    for number in range(50):
        await site.box()
        await site.django.execute("UPDATE boxes_box SET content = $1", str(number))
        await site.listening.settled()
        assert await site.box() == str(number)


async def test_what_is_rolled_back_is_not_told(site: Site) -> None:
    await site.box()
    transaction = site.django.transaction()
    await transaction.start()
    await site.django.execute("UPDATE boxes_box SET content = '2'")
    await transaction.rollback()
    await site.listening.settled()
    assert ("box", "a") in site.memory


async def test_a_change_while_a_value_is_being_made_keeps_it_from_being_remembered(site: Site) -> None:
    asked, written = asyncio.Event(), asyncio.Event()

    async def load() -> str:
        value = (await site.rows.fetch("SELECT content FROM boxes_box"))[0][0]
        asked.set()
        await written.wait()
        return value

    slow = asyncio.create_task(site.memory.get("slow", load))
    await asked.wait()
    await site.django.execute("UPDATE boxes_box SET content = '2'")
    await site.listening.settled()
    written.set()
    assert await slow == "1"
    assert "slow" not in site.memory
    assert await site.memory.get("slow", load) == "2"


async def test_a_value_from_a_slow_writer_that_commits_late_is_dropped(site: Site) -> None:
    """Its row in bridge.change has the lower number: a poll that asks for newer numbers would never see it."""
    other = await asyncpg.connect(site.url)
    late = other.transaction()
    await late.start()
    await other.execute("UPDATE boxes_box SET content = 'late'")
    await site.django.execute("UPDATE django_site SET domain = 'x'")
    await site.listening.settled()
    deaf = Listening(site.feed, site.url, poll=0.05)
    deaf._hear = lambda *_: None  # type: ignore[method-assign]
    connection = await asyncpg.connect(site.url)
    await deaf._read(connection)
    site.heard.clear()
    await site.listening.stop()
    await late.commit()
    site.heard.clear()
    await deaf._read(connection)
    assert Change("boxes_box", frozenset({"1"})) in site.heard
    await connection.close()
    await other.close()


async def test_a_lost_notice_costs_no_more_than_a_poll(site: Site) -> None:
    await site.listening.stop()
    site.listening = Listening(site.feed, site.url, poll=0.1)
    heard = site.listening._hear
    site.listening._hear = lambda *said: heard(*said) if "echo" in said[-1] else None  # type: ignore[method-assign]
    await site.listening.start()
    await until(lambda: site.feed.sees)
    await site.box()
    await site.django.execute("UPDATE boxes_box SET content = '2'")
    await until(lambda: ("box", "a") not in site.memory, 0.1 + BOUND)
    assert await site.box() == "2"


async def test_a_change_that_a_poll_and_a_notice_both_bring_is_told_once(site: Site) -> None:
    await site.listening.stop()
    site.listening = Listening(site.feed, site.url, poll=0.05)
    await site.listening.start()
    await until(lambda: site.feed.sees)
    site.heard.clear()
    await site.django.execute("UPDATE boxes_box SET content = '2'")
    await asyncio.sleep(0.3)
    assert site.heard == [Change("boxes_box", frozenset({"1"}))]


# What is told.


async def test_a_change_names_its_rows(site: Site) -> None:
    assert await site.changes("UPDATE boxes_box SET content = 'x'") == [Change("boxes_box", frozenset({"1"}))]
    assert await site.changes("UPDATE boxes_box SET id = 7") == [Change("boxes_box", frozenset({"1", "7"}))]
    assert await site.changes("UPDATE boxes_box SET content = 'x' WHERE label = 'nobody'") == []
    assert await site.changes("DELETE FROM boxes_box", "SELECT 1") == [Change("boxes_box", frozenset({"7"}))]


MANY = "INSERT INTO django_site (domain, name) SELECT 'd' || i, 'n' FROM generate_series(1, {}) i"


async def test_many_rows_are_one_notice_of_the_whole_table(site: Site) -> None:
    assert await site.changes(MANY.format(100_000)) == [Change("django_site")]
    assert await site.changes("UPDATE django_site SET name = 'm'") == [Change("django_site")]
    told = await site.changes("TRUNCATE django_site CASCADE")
    assert set(told) == {Change("django_site"), Change("django_redirect")}


async def test_many_statements_of_one_transaction_end_in_one_notice_of_the_whole_table(site: Site) -> None:
    update = "UPDATE boxes_box SET content = content || 'x'"
    told = await site.changes(*[update] * 500, "UPDATE django_site SET name = name")
    assert told == [*[Change("boxes_box", frozenset({"1"}))] * 49, Change("boxes_box"), Change("django_site", frozenset({"1"}))]  # fmt: skip
    assert await site.changes(update) == [Change("boxes_box", frozenset({"1"}))]


async def test_a_savepoint_that_is_rolled_back_takes_its_notices_with_it(site: Site) -> None:
    update = "UPDATE boxes_box SET content = content || 'x'"
    told = await site.changes("SAVEPOINT s", *[update] * 100, "ROLLBACK TO s", update)
    assert told == [Change("boxes_box", frozenset({"1"}))]


async def test_long_keys_and_compound_keys_are_told_as_the_whole_table(site: Site) -> None:
    await site.django.execute(
        "CREATE TABLE long (id text PRIMARY KEY); CREATE TABLE pair (a int, b int, PRIMARY KEY (a, b));"
        ' CREATE TABLE "Odd name" ("the id" int PRIMARY KEY)'
    )
    await watch.install(site.url, [*WATCHED, "long", "pair", "Odd name"])
    assert await site.changes("INSERT INTO long SELECT repeat('ü', 1000) || i FROM generate_series(1, 9) i") == [Change("long")]  # fmt: skip
    assert await site.changes("INSERT INTO pair VALUES (1, 2)") == [Change("pair")]
    assert await site.changes("DELETE FROM pair WHERE a = 5") == []
    assert await site.changes('INSERT INTO "Odd name" VALUES (3)') == [Change("Odd name", frozenset({"3"}))]


def test_a_notice_that_nobody_can_read_means_everything() -> None:
    for payload in ("", "x", "[]", "{}", '{"relation": 3, "keys": 4}', "null"):
        assert read_notice(payload)[1] == EVERYTHING
    assert read_notice('{"relation": null}')[1] == EVERYTHING


# Blind.


async def test_a_killed_connection_makes_blind_at_once_and_comes_back(site: Site) -> None:
    await site.box()
    killed = await site.django.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%bridge%' AND pid <> pg_backend_pid() AND datname = current_database()"
    )
    assert killed
    await until(lambda: not site.feed.sees, BOUND)
    assert len(site.memory) == 0
    await site.django.execute("UPDATE boxes_box SET content = 'unheard'")
    assert await site.box() == "unheard"
    await until(lambda: site.feed.sees)
    loads = site.loads
    assert [await site.box(), await site.box()] == ["unheard"] * 2
    assert site.loads == loads + 1


async def test_while_blind_every_value_is_made_afresh(site: Site) -> None:
    await site.listening.stop()
    for number in range(3):
        await site.django.execute("UPDATE boxes_box SET content = $1", str(number))
        assert await site.box() == str(number)
    assert site.loads == 3
    assert len(site.memory) == 0


async def test_a_value_begun_blind_is_not_remembered_once_the_feed_sees(site: Site) -> None:
    await site.listening.stop()
    seeing = asyncio.Event()

    async def load() -> str:
        value = (await site.rows.fetch("SELECT content FROM boxes_box"))[0][0]
        await seeing.wait()
        return value

    slow = asyncio.create_task(site.memory.get("slow", load))
    await asyncio.sleep(0.05)
    await site.listening.start()
    await until(lambda: site.feed.sees)
    seeing.set()
    await slow
    assert "slow" not in site.memory


async def test_a_pool_that_swallows_notices_is_found_out(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    await site.listening.stop()
    deaf = Listening(site.feed, site.url)
    deaf._hear = lambda *_: None  # type: ignore[method-assign]
    await deaf.start()
    await asyncio.sleep(0.3)
    await deaf.stop()
    assert not site.feed.sees
    assert "notices do not arrive here" in caplog.text


async def test_a_connection_that_hangs_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """As behind a network that drops packets: nothing ends, nothing arrives."""
    monkeypatch.setattr("new_app.listening.PATIENCE", 0.3)
    stuck = asyncio.Event()
    socket = str(Path(parse_qs(urlsplit(site.url).query).get("host", [""])[0]) / ".s.PGSQL.5432")

    async def between(client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        url = urlsplit(site.url)
        opened = asyncio.open_unix_connection(socket) if not url.hostname else asyncio.open_connection(url.hostname, url.port or 5432)  # fmt: skip
        server, asks = await opened

        async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                if not stuck.is_set():
                    target.write(data)

        await asyncio.gather(pump(client, asks), pump(server, answers))

    proxy = await asyncio.start_server(between, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    user = urlsplit(site.url).netloc.partition("@")[0]
    await site.listening.stop()
    listening = Listening(
        site.feed, f"postgresql://{user}@127.0.0.1:{port}{urlsplit(site.url).path}?sslmode=disable", poll=0.1
    )
    await listening.start()
    await until(lambda: site.feed.sees)
    stuck.set()
    await until(lambda: not site.feed.sees, 0.1 + 0.3 + BOUND)
    await listening.settled()
    await listening.stop()
    proxy.close()


async def test_a_database_that_was_never_migrated_is_said_to_be_so_once(
    empty_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    listening = Listening(Feed(), empty_database)
    await listening.start()
    await asyncio.sleep(0.6)
    await listening.stop()
    assert [record.getMessage() for record in caplog.records if "bridge migrate" in record.getMessage()] == [
        "change feed: this database has no change feed; run `bridge migrate`; nothing is remembered until it is heard again"
    ]


async def test_a_trigger_that_is_gone_or_disabled_ends_remembering_within_a_poll(site: Site) -> None:
    await site.listening.stop()
    site.listening = Listening(site.feed, site.url, poll=0.05)
    await site.listening.start()
    await until(lambda: site.feed.sees)
    await site.box()
    assert ("box", "a") in site.memory
    await site.django.execute("ALTER TABLE boxes_box DISABLE TRIGGER bridge_change_update")
    await until(lambda: ("box", "a") not in site.memory, 1)
    await site.django.execute("UPDATE boxes_box SET content = 'untold'")
    assert await site.box() == "untold"
    assert ("box", "a") not in site.memory
    assert await watch.unwatched(site.url, WATCHED) == ["boxes_box"]
    await watch.install(site.url, WATCHED)
    assert await watch.unwatched(site.url, WATCHED) == []
    await until(lambda: "boxes_box" in site.feed.relations.watched, 1)


# What cannot be remembered.


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM django_admin_log",
        "SELECT count(*) FROM boxes_box WHERE updated < now()",
        "SELECT count(*) FROM boxes_box, pg_class",
        "SELECT count(*) FROM bridge.change, boxes_box",
        "SELECT count(*) FROM boxes_seen",
        'SELECT count(*) FROM "BOXES_SEEN"',
    ],
)
async def test_what_nobody_tells_of_is_not_remembered(site: Site, statement: str) -> None:
    await site.django.execute(
        'CREATE VIEW boxes_seen AS SELECT * FROM boxes_box; CREATE TABLE "BOXES_SEEN" (id int PRIMARY KEY)'
    )
    await site.listening.stop()
    await site.listening.start()
    await until(lambda: site.feed.sees)

    async def load() -> int:
        return (await site.rows.fetch(statement))[0][0]

    await site.memory.get("x", load)
    assert "x" not in site.memory


async def test_a_value_made_from_the_clock_lives_as_long_as_it_is_said_to(site: Site) -> None:
    async def inner() -> int:
        return (await site.rows.fetch("SELECT count(*) FROM boxes_box WHERE updated < now()"))[0][0]

    async def outer() -> int:
        return await site.memory.get("inner", inner, seconds=0.1)

    await site.memory.get("outer", outer)
    assert "inner" in site.memory
    assert "outer" in site.memory
    await asyncio.sleep(0.11)
    for key in ("inner", "outer"):
        site.memory._find(key)
        assert key not in site.memory


WHEN = "SELECT count(*) FROM boxes_box WHERE updated < $1"


@pytest.mark.parametrize(
    ("ago", "zone", "kept"), [(0, 0, False), (20, 5, False), (-20, -5, False), (-3600, 0, True), (10**8, 0, True)]
)
async def test_a_parameter_that_is_now_asks_the_clock(site: Site, ago: int, zone: int, kept: bool) -> None:
    async def load() -> int:
        moment = datetime.now(UTC) - timedelta(seconds=ago)
        return (await site.rows.fetch(WHEN, moment.astimezone(timezone(timedelta(hours=zone)))))[0][0]

    await site.memory.get("x", load)
    assert ("x" in site.memory) is kept
    await site.memory.get("y", load, seconds=60)
    assert "y" in site.memory


async def test_a_session_that_asks_for_today_asks_the_clock(site: Site) -> None:
    database = Database(site.url, pool_size=1)
    try:
        async with database.read_only() as session:
            for day, kept in ((datetime.now(UTC).date(), False), (date(2020, 1, 1), True)):
                query = select(func.count()).where(func.date(Box.updated) == day)
                await site.memory.get(day, lambda query=query: session.scalar(query))
                assert (day in site.memory) is kept
    finally:
        await database.dispose()


async def test_a_maker_says_for_how_long_its_value_holds(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    async def load() -> int:
        trace.lasts(0.1)
        return (await site.rows.fetch(WHEN, datetime.now(UTC)))[0][0]

    async def outer() -> int:
        return await site.memory.get("inner", load)

    await site.memory.get("outer", outer)
    assert "inner" in site.memory
    assert "outer" in site.memory
    await asyncio.sleep(0.11)
    for key in ("inner", "outer"):
        site.memory._find(key)
        assert key not in site.memory


async def test_a_refusal_to_remember_is_logged_once(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "new_app.memory")
    for key in ("one", "two"):
        await site.memory.get(key, lambda: site.rows.fetch("SELECT count(*) FROM django_admin_log"))
    assert [record.getMessage() for record in caplog.records if record.name == "new_app.memory"] == [
        "one and others like it are not remembered: nobody tells of changes in django_admin_log"
    ]


async def test_a_value_depends_on_the_values_it_was_made_from(site: Site) -> None:
    async def outer() -> str:
        return f"<{await site.box()}>"

    await site.box()
    assert await site.memory.get("outer", outer) == "<1>"
    await site.django.execute("UPDATE boxes_box SET content = '2'")
    await site.listening.settled()
    assert await site.memory.get("outer", outer) == "<2>"


async def test_a_value_depends_on_a_failed_part_of_it(site: Site) -> None:
    async def failing() -> str:
        rows = await site.rows.fetch("SELECT content FROM boxes_box WHERE label = 'later'")
        return rows[0][0]

    async def outer() -> str:
        try:
            return await site.memory.get("inner", failing)
        except IndexError:
            return "nothing"

    assert await site.memory.get("outer", outer) == "nothing"
    assert "outer" in site.memory
    await site.django.execute(BOX, "later", "there")
    await site.listening.settled()
    assert await site.memory.get("outer", outer) == "there"


async def test_never_keeps_a_value_and_all_around_it_from_being_remembered(site: Site) -> None:
    async def inner() -> int:
        trace.never("a token")
        return 1

    async def outer() -> int:
        return await site.memory.get("inner", inner)

    await site.memory.get("outer", outer)
    assert len(site.memory) == 0


async def test_statements_of_a_session_are_traced_async_and_inside_run_sync(site: Site) -> None:
    database = Database(site.url, pool_size=2)

    def now(session) -> list[str]:
        return site.memory.get_now("now", lambda: [*session.scalars(select(Box.label))])

    try:
        async with database.read_only() as session:
            query = text("SELECT content FROM boxes_box")
            for _ in range(2):
                assert await session.run_sync(now) == ["a"]
                await site.memory.get("later", lambda: session.scalar(query))
        assert {"now", "later"} <= site.memory._entries.keys()
        async with database.unit_of_work() as session:
            await session.execute(text("UPDATE boxes_box SET label = 'b'"))
        await site.listening.settled()
        assert len(site.memory) == 0
        async with database.read_only() as session:
            assert await session.run_sync(now) == ["b"]
    finally:
        await database.dispose()


# Together, and within bounds.


async def test_requests_for_one_value_wait_for_the_one_that_makes_it(site: Site) -> None:
    assert await asyncio.gather(*(site.box() for _ in range(50))) == ["1"] * 50
    assert site.loads == 1


async def test_who_comes_after_a_change_does_not_get_what_was_begun_before_it(site: Site) -> None:
    asked, go, loads = asyncio.Event(), asyncio.Event(), []

    async def load() -> str:
        loads.append(1)
        value = (await site.rows.fetch("SELECT content FROM boxes_box"))[0][0]
        if len(loads) == 1:
            asked.set()
            await go.wait()
        return value

    first = asyncio.create_task(site.memory.get("x", load))
    await asked.wait()
    await site.django.execute("UPDATE boxes_box SET content = '2'")
    await site.listening.settled()
    assert await site.memory.get("x", load) == "2"
    go.set()
    assert await first == "1"
    assert await site.memory.get("x", load) == "2"


async def test_one_who_leaves_does_not_take_those_who_wait_along(site: Site) -> None:
    started, loads = asyncio.Event(), []

    async def load() -> str:
        loads.append(1)
        started.set()
        await asyncio.sleep(0.05)
        return (await site.rows.fetch("SELECT content FROM boxes_box"))[0][0]

    first = asyncio.create_task(site.memory.get("x", load))
    await started.wait()
    rest = [asyncio.create_task(site.memory.get("x", load)) for _ in range(5)]
    await asyncio.sleep(0)
    first.cancel()
    assert await asyncio.gather(*rest) == ["1"] * 5
    assert len(loads) == 2


async def test_a_failure_is_shared_and_not_remembered(site: Site) -> None:
    loads = []

    async def load() -> str:
        loads.append(1)
        await asyncio.sleep(0.01)
        raise ZeroDivisionError

    found = await asyncio.gather(*(site.memory.get("x", load) for _ in range(5)), return_exceptions=True)
    assert [type(one) for one in found] == [ZeroDivisionError] * 5
    assert len(loads) == 1
    with pytest.raises(ZeroDivisionError):
        await site.memory.get("x", load)
    assert len(loads) == 2


async def test_a_memory_takes_no_more_than_its_room(site: Site) -> None:
    async def load(size: int) -> str:
        return "x" * size

    memory = Memory(site.feed, room=10 * (10 + OVERHEAD))
    for number in range(50):
        await memory.get(number, lambda: load(10))
        await memory.get(0, lambda: load(10))
    assert memory.taken == memory.room
    assert len(memory) == 10
    assert 0 in memory
    assert 49 in memory
    assert 1 not in memory
    await memory.get("huge", lambda: load(memory.room))
    assert "huge" not in memory
    await site.django.execute("SELECT pg_notify('bridge_change', 'anything')")
    await site.listening.settled()
    assert (memory.taken, len(memory)) == (0, 0)
    assert len(memory._made_from) == 0


def test_names_in_a_statement_are_read_generously() -> None:
    relations = Relations(frozenset({"boxes_box", "Odd name"}), frozenset({"auth_group"}))
    read = relations.reading
    assert read("SELECT 1").tables == frozenset()
    assert read('select * from "boxes_box"').tables == {"boxes_box"}
    assert read("SELECT * FROM public.BOXES_BOX AS b").tables == {"boxes_box"}
    assert read('TABLE "Odd name"').tables == {"Odd name"}
    assert not read("SELECT * FROM boxes_box").refusal
    assert read("SELECT * FROM boxes_box JOIN auth_group ON true").refusal
    assert not read("SELECT * FROM xboxes_box").tables
    assert read("SELECT CURRENT_TIMESTAMP").timed


# Beside Django.


async def test_dropping_the_schema_takes_every_trigger_along(empty_database: str) -> None:
    from tests.migrations.test_migrations import dump

    before = dump(empty_database)
    await migrations.upgrade(empty_database)
    first = await watch.install(empty_database, [*WATCHED, "nobody_has_this"])
    assert first.absent == ("nobody_has_this",)
    assert str(await watch.install(empty_database, WATCHED)) == f"{len(WATCHED)} tables watched"
    assert dump(empty_database) != before
    run_sql(empty_database, "DROP SCHEMA bridge CASCADE")
    assert dump(empty_database) == before
    await migrations.upgrade(empty_database)
    await watch.install(empty_database, WATCHED)
    assert await migrations.downgrade(empty_database, "base") is None
    assert dump(empty_database) == before


async def test_the_schema_may_be_dropped_under_a_running_site(site: Site) -> None:
    await site.listening.stop()
    site.listening = Listening(site.feed, site.url, poll=0.05)
    await site.listening.start()
    await until(lambda: site.feed.sees)
    await site.box()
    await site.django.execute("DROP SCHEMA bridge CASCADE")
    await until(lambda: not site.feed.sees, 0.05 + BOUND)
    await site.django.execute("UPDATE boxes_box SET content = 'untold'")
    assert await site.box() == "untold"


async def test_two_processes_hear_the_same(site: Site) -> None:
    async with site_on(site.url) as other:
        for process in (site, other):
            assert await process.box() == "1"
        await site.django.execute("UPDATE boxes_box SET content = '2'")
        await until(lambda: ("box", "a") not in site.memory and ("box", "a") not in other.memory, BOUND)
        assert [await site.box(), await other.box()] == ["2", "2"]


@pytest.mark.parametrize("seed", range(3))
async def test_readers_never_go_back_in_time_beside_writers(site: Site, seed: int) -> None:
    """Writers count up; a reader who waits until what is committed is heard never sees less than was committed."""
    chance, committed, done = random.Random(seed), [0], asyncio.Event()
    await site.django.execute("UPDATE boxes_box SET content = '0'")
    await site.listening.settled()

    async def write() -> None:
        for number in range(1, 80):
            await site.django.execute("UPDATE boxes_box SET content = $1", str(number))
            committed[0] = number
            await asyncio.sleep(chance.choice([0, 0, 0.001, 0.004]))
        done.set()

    async def read() -> None:
        while not done.is_set():
            least = committed[0]
            await site.listening.settled()
            assert int(await site.box() or -1) >= least
            await asyncio.sleep(chance.choice([0, 0.001]))

    await asyncio.gather(write(), *(read() for _ in range(6)))
    assert await site.box() == "79"


async def test_a_table_that_nobody_names_any_more_loses_its_triggers(site: Site) -> None:
    await watch.install(site.url, ["django_site"])
    tables = await site.django.fetch("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'bridge%'")  # fmt: skip
    assert [row[0] for row in tables] == ["django_site"]


async def test_a_busy_table_is_named_and_its_writers_are_not_held_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOCK_TIMEOUT", "50ms")
    await site.django.execute("DROP TRIGGER bridge_change_insert ON boxes_box")
    async with site.django.transaction():
        await site.django.execute("UPDATE boxes_box SET content = 'x'")
        assert (await watch.install(site.url, WATCHED)).busy == ("boxes_box",)
    assert (await watch.install(site.url, WATCHED)).busy == ()


async def test_a_copy_in_another_schema_hides_nothing_and_one_in_front_does(site: Site) -> None:
    """A backup that no statement finds is nobody's concern; a table that stands before the watched one is."""
    await site.django.execute("CREATE SCHEMA kept; CREATE TABLE kept.boxes_box AS SELECT * FROM boxes_box")
    await site.listening.settled()
    assert "boxes_box" in site.feed.relations.watched
    front = site.django.get_settings().search_path.split(",")[0].strip().strip('"')
    assert front == "$user"
    user = await site.django.fetchval("SELECT current_user")
    await site.django.execute(f'CREATE SCHEMA "{user}"; ALTER TABLE kept.boxes_box SET SCHEMA "{user}"')
    await until(lambda: "boxes_box" not in site.feed.relations.watched, 5)


async def test_django_alters_fills_and_drops_a_watched_table_in_one_transaction(site: Site) -> None:
    await site.box()
    steps = (
        "ALTER TABLE boxes_box ADD COLUMN more text DEFAULT 'm' NOT NULL",
        "UPDATE boxes_box SET more = 'n'",
        "ALTER TABLE boxes_box ALTER COLUMN content TYPE varchar(50)",
        "ALTER TABLE boxes_box RENAME COLUMN id TO number",
        "UPDATE boxes_box SET more = 'o'",
        "ALTER TABLE boxes_box DROP COLUMN more",
        "UPDATE boxes_box SET content = 'p'",
        "ALTER TABLE boxes_box RENAME TO boxes_crate",
        "UPDATE boxes_crate SET content = 'q'",
        "DROP TABLE boxes_crate",
    )
    told = await site.changes(*steps)
    assert told == [*[Change("boxes_box", frozenset({"1"}))] * 3, Change("boxes_crate", frozenset({"1"}))]


async def test_djangos_own_migrate_takes_watched_tables_away_and_brings_new_ones(site: Site) -> None:
    await site.box()
    await asyncio.to_thread(manage, site.url, "migrate", "boxes", "zero", "--skip-checks", "--verbosity=0")
    await asyncio.to_thread(manage, site.url, "migrate", "boxes", "--skip-checks", "--verbosity=0")
    await site.listening.stop()
    await site.listening.start()
    await until(lambda: site.feed.sees)
    assert await site.box() is None
    assert ("box", "a") not in site.memory
    assert await watch.unwatched(site.url, WATCHED) == ["boxes_box"]
    await watch.install(site.url, WATCHED)
    assert await watch.unwatched(site.url, WATCHED) == []


async def test_a_role_that_knows_nothing_of_the_bridge_writes_as_before(site: Site) -> None:
    async with site.django.transaction():
        await site.django.execute(
            "CREATE ROLE bridge_test_django; GRANT ALL ON boxes_box TO bridge_test_django; SET LOCAL ROLE bridge_test_django"
        )
        await site.django.execute("UPDATE boxes_box SET content = 'theirs'")
        await site.django.execute("RESET ROLE; REVOKE ALL ON boxes_box FROM bridge_test_django; DROP ROLE bridge_test_django")  # fmt: skip
    await site.listening.settled()
    assert site.heard[-1] == Change("boxes_box", frozenset({"1"}))


async def test_old_changes_are_pruned(site: Site) -> None:
    await site.django.execute("INSERT INTO bridge.change (relation, at) VALUES ('old', now() - interval '2 days'), ('new', now())")  # fmt: skip
    await site.listening.stop()
    site.listening._prune_at = 0.0
    await site.listening.start()
    await until(lambda: site.feed.sees)
    await site.listening.settled()
    kept = await site.django.fetch("SELECT relation FROM bridge.change WHERE relation IN ('old', 'new')")
    assert [row[0] for row in kept] == ["new"]


async def test_a_database_that_is_away_holds_nobody_up(postgres_url: str) -> None:
    with new_database(postgres_url) as url:
        pass
    listening = Listening(Feed(), url)
    began = time.monotonic()
    await listening.start()
    await listening.settled()
    await listening.stop()
    assert time.monotonic() - began < 0.5

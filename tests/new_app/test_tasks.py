"""Tasks: done by one side at a time, once, and by others' sites neither stopped nor broken."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result

import migrations
from legacy_adapters.flags import Stage
from new_app.cli import main
from new_app.db import Database, plain_url
from new_app.domains import DOMAINS, TASKS
from new_app.domains.blogs import tasks as blogs
from new_app.domains.events import tasks as events
from new_app.rollout import Rollout, RolloutError
from new_app.tasks import Run, Task, Tasks, Work
from tests.conftest import new_database
from tests.new_app.elsewhere import Elsewhere, elsewhere

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Wombat news</title><link>https://wombat.example/</link>
<pubDate>Tue, 03 Nov 2026 10:00:00 +0100</pubDate>%s</channel></rss>"""
ENTRY = """<item><title>%s</title><link>%s</link><pubDate>Mon, 02 Nov 2026 10:11:12 +0200</pubDate>
<description>&lt;p&gt;Hi &lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;</description></item>"""
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n%sEND:VCALENDAR\r\n"
EVENT = "BEGIN:VEVENT\r\nUID:%s\r\nSUMMARY:%s\r\nLOCATION:Hobart\r\nDESCRIPTION:<b>Bold</b><script>x</script>\r\n%sEND:VEVENT\r\n"


def render(_names: Sequence[str], variables: Mapping[str, Any]) -> str:
    return f"<li>{variables['entry'].title}<script>x</script></li>"


async def none() -> int:
    return 0


@dataclass
class Place:
    sql: Any
    tasks: Tasks
    rollout: Rollout
    url: str

    async def run(self, name: str) -> Run:
        done = await self.tasks.run(name)
        assert done is not None
        return done

    async def move(self, name: str, to: Stage = Stage.NEW) -> None:
        await self.rollout.move(name, to, by="test", why="to see")

    def bridge(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), env={"DATABASE_URL": self.url})


@pytest.fixture
async def place(seeded_template: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    with new_database(seeded_template, template=seeded_template) as url:
        await migrations.upgrade(url)
        database, sql = Database(url), await asyncpg.connect(plain_url(url))
        await sql.execute("DELETE FROM blogs_blogentry; DELETE FROM blogs_feedaggregate_feeds; DELETE FROM blogs_feed")
        await sql.execute(
            "DELETE FROM django_celery_beat_periodictask; DELETE FROM blogs_relatedblog; UPDATE events_calendar SET url = NULL"
        )
        yield Place(sql, Tasks(Work(database, render, none), TASKS, url), Rollout(database, DOMAINS), url)
        await sql.close()
        await database.dispose()


@pytest.fixture
async def site() -> AsyncIterator[Elsewhere]:
    async with elsewhere() as one:
        yield one


async def beat(place: Place, name: str, task: str, args: str, *, enabled: bool = True) -> int:
    """An entry of legacy's schedule."""
    crontab = await place.sql.fetchval(
        """INSERT INTO django_celery_beat_crontabschedule (minute, hour, day_of_week, day_of_month, month_of_year, timezone)
        VALUES ('0', '*', '*', '*', '*', 'UTC') RETURNING id"""
    )
    found: int = await place.sql.fetchval(
        """INSERT INTO django_celery_beat_periodictask (name, task, args, kwargs, enabled, total_run_count, date_changed,
        description, one_off, headers, crontab_id) VALUES ($1, $2, $3, '{}', $4, 0, now(), '', false, '{}', $5) RETURNING id""",
        *(name, task, args, enabled, crontab),
    )
    return found


# -- one side at a time -----------------------------------------------------------------------------------------------


async def test_a_task_is_legacys_until_it_is_moved(place: Place) -> None:
    assert await place.tasks.run("expire_jobs") is None
    assert await place.sql.fetchval("SELECT count(*) FROM bridge.task_run") == 0
    await place.move("expire_jobs")
    assert (await place.run("expire_jobs")).outcome == "done"
    await place.move("expire_jobs", Stage.LEGACY)
    assert await place.tasks.run("expire_jobs") is None


async def test_moving_a_task_pauses_legacys_schedule_of_it_and_moving_it_back_wakes_that(place: Place) -> None:
    called = await beat(place, "a", "pydotorg.celery.run_management_command", '["update_blogs", [], {}]')
    named = await beat(place, "b", "apps.blogs.tasks.update_blogs", "[]")
    off = await beat(place, "c", "pydotorg.celery.run_management_command", '[ "update_blogs", [], {}]', enabled=False)
    other = await beat(place, "d", "pydotorg.celery.run_management_command", '["expire_jobs", [], {}]')

    async def enabled() -> set[int]:
        rows = await place.sql.fetch("SELECT id FROM django_celery_beat_periodictask WHERE enabled")
        return {row["id"] for row in rows}

    told = "SELECT last_update FROM django_celery_beat_periodictasks"
    before = await place.sql.fetchval(told)
    await place.move("update_blogs")
    assert await enabled() == {other}
    assert await place.sql.fetchval(told) != before
    await place.move("update_blogs", Stage.LEGACY)
    assert await enabled() == {called, named, other}
    assert off not in await enabled()


async def test_who_moved_a_task_stands_in_the_audit(place: Place) -> None:
    await place.move("update_blogs")
    [line] = await place.rollout.audit()
    assert (line.kind, line.name, line.before, line.after, line.why) == ("task", "update_blogs", None, "new", "to see")


async def test_a_task_that_legacy_does_not_have_cannot_be_given_to_it(place: Place) -> None:
    with pytest.raises(RolloutError, match="legacy has no task"):
        await place.move("search_index", Stage.LEGACY)
    assert (await place.run("search_index")).said == "0 documents read"


async def test_two_workers_do_a_task_once(place: Place) -> None:
    begun, go, count = asyncio.Event(), asyncio.Event(), 0

    async def slow(_work: Work) -> str:
        nonlocal count
        count += 1
        begun.set()
        await go.wait()
        return "done"

    both = [Tasks(place.tasks.work, [Task("slow", "* * * * *", slow, is_shared=False)], place.url) for _ in range(2)]
    first = asyncio.create_task(both[0].run("slow"))
    await begun.wait()
    assert await both[1].run("slow") is None
    [status] = await both[1].board()
    assert status.last is not None
    assert status.last.outcome == "running"
    go.set()
    assert (await first) is not None
    assert count == 1


@pytest.mark.parametrize(
    ("error", "said"), [(ValueError("no luck"), "ValueError: no luck"), (None, "given up after 0 s")]
)
async def test_a_failure_is_noted_with_its_reason(place: Place, error: Exception | None, said: str) -> None:
    async def fails(_work: Work) -> str:
        if error:
            raise error
        await asyncio.sleep(10)
        return ""

    tasks = Tasks(place.tasks.work, [Task("fails", "* * * * *", fails, is_shared=False, timeout=0.05)], place.url)
    done = await tasks.run("fails")
    assert done is not None
    assert done.outcome == "failed"
    assert said in done.said


async def test_a_run_without_an_end_was_killed(place: Place) -> None:
    await place.move("expire_jobs")
    await place.sql.execute("INSERT INTO bridge.task_run (name) VALUES ('expire_jobs')")
    board = {status.task.name: status for status in await place.tasks.board()}
    assert board["expire_jobs"].last is not None
    assert board["expire_jobs"].last.outcome == "killed"
    await place.run("expire_jobs")
    outcomes = await place.sql.fetch("SELECT outcome FROM bridge.task_run ORDER BY id")
    assert [row["outcome"] for row in outcomes] == ["killed", "done"]


async def test_the_commands_show_move_and_run(place: Place) -> None:
    await beat(place, "a", "pydotorg.celery.run_management_command", '["expire_jobs", [], {}]')

    async def bridge(*arguments: str) -> Result:
        return await asyncio.to_thread(place.bridge, *arguments)

    rows = {row["task"]: row for row in json.loads((await bridge("tasks", "--json")).output)}
    assert rows.keys() == {task.name for task in TASKS}
    assert (rows["expire_jobs"]["owner"], rows["expire_jobs"]["beat"]) == ("legacy", "1 entries on")
    refused = await bridge("tasks", "run", "expire_jobs")
    assert (refused.exit_code, "is legacy's" in refused.output) == (1, True)
    moved = await bridge("tasks", "move", "expire_jobs", "--to", "new", "--why", "it is time")
    assert "task expire_jobs: - → new" in moved.output
    done = await bridge("tasks", "run", "expire_jobs")
    assert (done.exit_code, "vacancies expired" in done.output) == (0, True), done.output
    rows = {row["task"]: row for row in json.loads((await bridge("tasks", "--json")).output)}
    assert (rows["expire_jobs"]["owner"], rows["expire_jobs"]["beat"]) == ("new", "off")
    assert rows["expire_jobs"]["outcome"] == "done"
    assert "expire_jobs" in (await bridge("tasks")).output


def test_the_worker_has_every_task_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from new_app import worker

    names = [job.function.__qualname__ for job in worker.settings["cron_jobs"]]  # type: ignore[attr-defined]
    assert sorted(names) == sorted(["check_schema", *(task.name for task in TASKS)])
    assert len({*names}) == len(names)


# -- feeds ------------------------------------------------------------------------------------------------------------


async def feed(place: Place, url: str) -> int:
    made: int = await place.sql.fetchval(
        "INSERT INTO blogs_feed (name, website_url, feed_url) VALUES ('x', 'https://x.example/', $1) RETURNING id", url
    )
    return made


async def entries(place: Place) -> list[tuple[Any, ...]]:
    rows = await place.sql.fetch("SELECT title, url, summary, pub_date::text FROM blogs_blogentry ORDER BY title")
    return [tuple(row) for row in rows]


async def test_a_feed_is_read_once_and_asked_whether_it_has_changed(place: Place, site: Elsewhere) -> None:
    link = "http://pythoninsider.blogspot.com/2026/11/a.html"
    site.files["/feed"] = (FEED % (ENTRY % ("One", link))).encode()
    pk = await feed(place, site.url("/feed"))
    await place.move("update_blogs")
    assert (await place.run("update_blogs")).said == "1 entries new, 0 changed, of 1 feeds; 0 failed"
    [(title, url, summary, published)] = await entries(place)
    assert (title, url) == ("One", "https://blog.python.org/2026/11/a.html")
    assert published.startswith("2026-11-02 08:11:12")
    assert "script" not in summary
    assert await place.sql.fetchval("SELECT last_import FROM blogs_feed WHERE id = $1", pk) is not None
    assert (await place.run("update_blogs")).said == "0 entries new, 0 changed, of 1 feeds; 0 failed"
    assert site.asked == [("/feed", 200), ("/feed", 304)]
    site.etags = False
    site.files["/feed"] = (FEED % (ENTRY % ("Won", link))).encode()
    assert (await place.run("update_blogs")).said == "0 entries new, 1 changed, of 1 feeds; 0 failed"
    assert [row[0] for row in await entries(place)] == ["Won"]


async def test_a_bad_feed_hurts_itself_only(place: Place, site: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blogs, "PATIENCE", 0.5)
    bad = ["/slow", "/huge", "/garbage", "/broken"]
    site.files["/feed"] = (FEED % (ENTRY % ("One", "https://x.example/1"))).encode()
    site.files["/page"] = b"<html><body>Not found</body></html>"
    for path in (*bad, "/page", "/feed"):
        await feed(place, site.url(path))
    for url in ("file:///etc/passwd", "http://127.0.0.1:1/", "nonsense"):
        await feed(place, url)
    await place.move("update_blogs")
    assert (await place.run("update_blogs")).said == "1 entries new, 0 changed, of 9 feeds; 8 failed"
    imported = await place.sql.fetch("SELECT feed_url FROM blogs_feed WHERE last_import IS NOT NULL")
    assert [row["feed_url"] for row in imported] == [site.url("/feed")]


async def test_an_entry_that_cannot_be_stored_is_left_out(place: Place, site: Elsewhere) -> None:
    good = ENTRY % ("Good", "https://x.example/1")
    undated = good.replace("Good", "Undated").replace("/1", "/2").replace("pubDate>", "date>")
    long_ = ENTRY % ("L" * 201, "https://x.example/3")
    far = ENTRY % ("Far", "https://x.example/" + "x" * 200)
    site.files["/feed"] = (FEED % (good + undated + long_ + far + "<item><title>No link</title></item>")).encode()
    await feed(place, site.url("/feed"))
    await place.move("update_blogs")
    await place.run("update_blogs")
    assert [row[0] for row in await entries(place)] == ["Good"]


async def test_the_menu_shows_the_newest_entry_of_the_foundations_blog(
    place: Place, site: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blogs, "OURS", site.url("/feed"))
    await place.sql.execute("DELETE FROM boxes_box WHERE label = $1", blogs.MENU)
    site.files["/feed"] = (FEED % (ENTRY % ("One", "https://x.example/1"))).encode()
    await feed(place, site.url("/feed"))
    await place.move("update_blogs")
    question = "SELECT content, content_markup_type, _content_rendered, updated FROM boxes_box WHERE label = $1"
    await place.run("update_blogs")
    box = await place.sql.fetchrow(question, blogs.MENU)
    assert tuple(box)[:3] == ("<li>One<script>x</script></li>", "html", "<li>One</li>")
    await place.run("update_blogs")
    assert await place.sql.fetchrow(question, blogs.MENU) == box, "written though nothing had changed"


async def test_a_linked_blog_is_named_by_its_feed(place: Place, site: Elsewhere) -> None:
    site.files["/feed"] = (FEED % (ENTRY % ("One", "https://x.example/1"))).encode()
    await place.sql.execute(
        """INSERT INTO blogs_relatedblog (created, updated, name, feed_url, blog_url, blog_name, last_entry_published,
        last_entry_title) VALUES (now(), now(), 'x', $1, '', '', now(), '')""",
        site.url("/feed"),
    )
    await place.move("update_blogs")
    await place.run("update_blogs")
    row = await place.sql.fetchrow(
        "SELECT blog_name, blog_url, last_entry_title, last_entry_published::text FROM blogs_relatedblog"
    )
    assert tuple(row)[:3] == ("Wombat news", "https://wombat.example/", "One")


# -- calendars --------------------------------------------------------------------------------------------------------


async def stored(place: Place) -> list[tuple[Any, ...]]:
    rows = await place.sql.fetch(
        """SELECT e.uid, e.title, l.name, e.description_markup_type, e._description_rendered,
        o.dt_start::text, o.dt_end::text, o.all_day FROM events_event e JOIN events_eventlocation l ON l.id = e.venue_id
        JOIN events_occurringrule o ON o.event_id = e.id WHERE e.uid LIKE 'ics-%' ORDER BY e.uid"""
    )
    return [tuple(row) for row in rows]


async def test_events_are_stored_as_the_old_command_stores_them(place: Place, site: Elsewhere) -> None:
    site.files["/ics"] = (
        CALENDAR
        % "".join(
            [
                EVENT % ("ics-1", "Day", "DTSTART;VALUE=DATE:20261101\r\nDTEND;VALUE=DATE:20261103\r\n"),
                EVENT % ("ics-2", "Talk", "DTSTART:20261101T100000Z\r\nDTEND:20261101T113000Z\r\n"),
                EVENT % ("ics-3", "Endless", "DTSTART;TZID=Europe/Vienna:20261101T100000\r\n"),
                EVENT % ("ics-4", "Naive", "DTSTART:20261101T100000\r\n"),
            ]
        )
    ).encode()
    await place.sql.execute("UPDATE events_calendar SET url = $1 WHERE id = 1", site.url("/ics"))
    await place.move("import_ics_calendars")
    said = "4 events of 1 calendars stored, 0 left out; 0 calendars failed"
    assert (await place.run("import_ics_calendars")).said == said
    found = await stored(place)
    assert {row[2:5] for row in found} == {("Hobart", "html", "<b>Bold</b>")}
    zone = "+00"
    assert [row[5:] for row in found] == [
        (f"2026-11-01 00:00:00{zone}", f"2026-11-02 00:00:00{zone}", True),
        (f"2026-11-01 10:00:00{zone}", f"2026-11-01 11:30:00{zone}", False),
        (f"2026-11-01 09:00:00{zone}", f"2026-11-01 09:00:00{zone}", False),
        (f"2026-11-01 10:00:00{zone}", f"2026-11-01 10:00:00{zone}", False),
    ]
    updated = "SELECT max(updated) FROM events_event WHERE uid LIKE 'ics-%'"
    before = await place.sql.fetchval(updated)
    assert (await place.run("import_ics_calendars")).said == said
    assert await stored(place) == found
    assert await place.sql.fetchval(updated) == before, "written though nothing had changed"


async def test_a_bad_event_or_calendar_hurts_itself_only(
    place: Place, site: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "PATIENCE", 0.5)
    good = EVENT % ("ics-1", "Good", "DTSTART:20261101T100000Z\r\n")
    bad = [
        good.replace("UID:ics-1\r\n", ""),
        good.replace("ics-1", "ics-2").replace("LOCATION:Hobart\r\n", ""),
        good.replace("ics-1", "ics-3").replace("DTSTART:20261101T100000Z\r\n", ""),
        good.replace("ics-1", "ics-4").replace("Good", "G" * 300),
    ]
    site.files["/ics"] = (CALENDAR % "".join([*bad, good])).encode()
    count = await place.sql.fetchval("SELECT count(*) FROM events_calendar")
    urls = [site.url(path) for path in ("/ics", "/garbage", "/slow", "/huge", "/broken")]
    for number, url in enumerate(urls):
        if number < count:
            statement = "UPDATE events_calendar SET url = $1 WHERE id = (SELECT id FROM events_calendar ORDER BY id OFFSET $2 LIMIT 1)"
            await place.sql.execute(statement, url, number)
        else:
            await place.sql.execute(
                "INSERT INTO events_calendar (created, updated, name, slug, url) VALUES (now(), now(), $1, $1, $2)",
                f"c{number}",
                url,
            )
    await place.move("import_ics_calendars")
    said = "1 events of 5 calendars stored, 4 left out; 4 calendars failed"
    assert (await place.run("import_ics_calendars")).said == said
    assert [row[0] for row in await stored(place)] == ["ics-1"]


# -- rows that end ----------------------------------------------------------------------------------------------------


async def test_vacancies_expire_ninety_days_after_their_last_day(place: Place) -> None:
    ids = [row["id"] for row in await place.sql.fetch("SELECT id FROM jobs_job ORDER BY id LIMIT 3")]
    for pk, (days, status) in zip(ids, [(91, "approved"), (89, "approved"), (91, "rejected")], strict=True):
        await place.sql.execute(
            "UPDATE jobs_job SET status = $2, expires = now() - make_interval(days => $3) WHERE id = $1",
            pk,
            status,
            days,
        )
    before = await place.sql.fetchval("SELECT updated FROM jobs_job WHERE id = $1", ids[0])
    await place.move("expire_jobs")
    assert (await place.run("expire_jobs")).outcome == "done"
    rows = await place.sql.fetch("SELECT status FROM jobs_job WHERE id = ANY($1) ORDER BY id", ids)
    assert [row["status"] for row in rows] == ["expired", "approved", "rejected"]
    assert await place.sql.fetchval("SELECT updated FROM jobs_job WHERE id = $1", ids[0]) == before
    assert (await place.run("expire_jobs")).said == "0 vacancies expired"


async def test_sessions_whose_time_is_over_go_and_no_others(place: Place) -> None:
    await place.sql.execute("DELETE FROM django_session")
    await place.sql.execute(
        """INSERT INTO django_session SELECT n::text, '', now() + make_interval(days => n)
        FROM generate_series(-3, 3) AS n WHERE n <> 0"""
    )
    await place.move("clearsessions")
    assert (await place.run("clearsessions")).said == "3 sessions gone"
    rows = await place.sql.fetch("SELECT session_key FROM django_session ORDER BY 1")
    assert [row["session_key"] for row in rows] == ["1", "2", "3"]


async def test_families_of_tokens_go_with_their_time(place: Place) -> None:
    await place.sql.execute(
        """INSERT INTO bridge.token_family (id, user_id, audience, scopes, password_digest, current, expires_at)
        SELECT gen_random_uuid(), 1, 'api', '{}', '', gen_random_uuid(), now() + make_interval(days => n)
        FROM generate_series(-1, 1) AS n WHERE n <> 0"""
    )
    assert (await place.run("clear_tokens")).said == "1 families of tokens gone"

"""Calendars for programs: what they say is read by parsers of others, and comes back as it was."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import feedparser
import httpx
import icalendar
import pytest
from dateutil.rrule import rrulestr
from lxml import etree

from new_app.db import plain_url
from tests.conftest import new_database
from tests.new_app.sides import Shipped, shipped

HOST = {"Host": "www.example.org"}
CALENDAR = "/events/python-events-calendar/"


@pytest.fixture(scope="module")
async def sides(seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Shipped, Any]]:
    with new_database(seeded_template, template=seeded_template) as url:
        sql = await asyncpg.connect(plain_url(url))
        async with shipped(url, tmp_path_factory.mktemp("files")) as found:
            yield found, sql
        await sql.close()


async def got(sides: tuple[Shipped, Any], path: str) -> httpx.Response:
    answer = await sides[0].new.get(path, headers=HOST)
    assert answer.headers["x-bridge"].startswith("new"), answer.headers["x-bridge"]
    return answer


async def test_a_calendar_is_every_rule_of_its_events_to_come(sides: tuple[Shipped, Any]) -> None:
    answer = await got(sides, f"{CALENDAR}events.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["surrogate-key"].split()[:2] == ["pydotorg-app", "events"]
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    expected = await sides[1].fetchval(
        """WITH coming AS (SELECT e.id FROM events_event e JOIN events_calendar c ON c.id = e.calendar_id
            LEFT JOIN events_occurringrule o ON o.event_id = e.id LEFT JOIN events_recurringrule r ON r.event_id = e.id
            WHERE c.slug = 'python-events-calendar' AND (o.dt_start > now() OR r.finish > now()) GROUP BY e.id)
        SELECT (SELECT count(*) FROM events_occurringrule WHERE event_id IN (SELECT id FROM coming))
            + (SELECT count(*) FROM events_recurringrule WHERE event_id IN (SELECT id FROM coming))"""
    )
    assert len(events) == expected > 5
    assert len({str(event["UID"]) for event in events}) == len(events)
    for event in events:
        assert event["SUMMARY"]
        assert event["DTSTAMP"].dt.tzinfo is not None
        assert str(event["URL"]).startswith("http://")


async def test_what_recurs_recurs_as_the_page_says(sides: tuple[Shipped, Any]) -> None:
    answer = await got(sides, f"{CALENDAR}events.ics")
    found = {str(event["UID"]): event for event in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")}
    rows = await sides[1].fetch("SELECT * FROM events_recurringrule WHERE finish > now() + interval '40 days'")
    seen = 0
    for row in rows:
        mine = [event for uid, event in found.items() if uid.startswith(f"event-{row['event_id']}-rule-{row['id']}@")]
        if not mine:
            continue
        seen += 1
        text = mine[0]["RRULE"].to_ical().decode()
        begins = mine[0]["DTSTART"].dt
        if not isinstance(begins, datetime):
            assert row["all_day"]
            continue
        times = rrulestr(text, dtstart=begins)
        names = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
        theirs = rrulestr(
            f"FREQ={names[row['frequency']]};INTERVAL={row['interval']};UNTIL={row['finish'].astimezone(UTC):%Y%m%dT%H%M%SZ}",
            dtstart=row["begin"],
        )
        assert times.after(datetime.now(UTC)) == theirs.after(datetime.now(UTC))
        assert mine[0]["DTEND"].dt - begins == row["duration_internal"]
    assert seen


async def test_a_day_is_written_as_the_importer_read_it(sides: tuple[Shipped, Any]) -> None:
    event = await sides[1].fetchval("SELECT id FROM events_event WHERE calendar_id = 1 ORDER BY id LIMIT 1")
    slug = await sides[1].fetchval("SELECT slug FROM events_calendar WHERE id = 1")
    soon = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=9)
    await sides[1].execute("DELETE FROM events_recurringrule WHERE event_id = $1", event)
    await sides[1].execute("DELETE FROM events_occurringrule WHERE event_id = $1", event)
    await sides[1].execute(
        "INSERT INTO events_occurringrule (event_id, dt_start, dt_end, all_day) VALUES ($1, $2, $3, true)",
        *(event, soon, soon + timedelta(days=1)),
    )
    await sides[1].execute("UPDATE events_event SET title = 'A, b; c\\d', uid = 'theirs@x' WHERE id = $1", event)
    answer = await got(sides, f"/events/{slug}/{event}/event.ics")
    [one] = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert (one["DTSTART"].dt, one["DTEND"].dt) == (soon.date(), soon.date() + timedelta(days=2))
    assert (str(one["UID"]), str(one["SUMMARY"])) == ("theirs@x", "A, b; c\\d")


@pytest.mark.parametrize(("name", "version"), [("feed.atom", "atom10"), ("feed.rss", "rss20")])
async def test_a_feed_is_well_formed_and_read_by_others(sides: tuple[Shipped, Any], name: str, version: str) -> None:
    await sides[1].execute(
        "UPDATE events_event SET title = $1 WHERE id = (SELECT max(id) FROM events_event WHERE calendar_id = 1)",
        "A <b> & \x0b",
    )
    slug = await sides[1].fetchval("SELECT slug FROM events_calendar WHERE id = 1")
    answer = await got(sides, f"/events/{slug}/{name}")
    etree.fromstring(answer.content)
    feed = feedparser.parse(answer.content)
    assert (feed.bozo, feed.version) == (False, version)
    assert len(feed.entries) > 3
    assert feed.entries[0].link.startswith("http")
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} .*GMT", answer.headers["last-modified"])


@pytest.mark.parametrize(
    "path",
    [
        "/events/none/events.ics",
        "/events/none/feed.atom",
        f"{CALENDAR}999999/event.ics",
        f"{CALENDAR}9999999999/event.ics",
    ],
)
async def test_what_is_not_there_is_a_missing_page(sides: tuple[Shipped, Any], path: str) -> None:
    assert (await got(sides, path)).status_code == 404

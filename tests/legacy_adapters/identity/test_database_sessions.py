"""One row of `django_session`, read and written by both sides at once."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from legacy_adapters.session_files import Format
from legacy_adapters.session_stores import DatabaseStore
from legacy_adapters.sessions import Data, NotLoaded, Session, SessionInterrupted, merged
from legacy_adapters.settings import LegacySettings
from legacy_adapters.signing import Keys, Signer, dumps, version_of
from new_app.rows import Rows
from tests.legacy_adapters.identity.conftest import FALLBACK, KEYS, Oracle, Refused

DATA: list[Data] = [
    {"a": 1},
    {"naïve": "Žluťoučký 🐎", "n": None, "nested": {"list": [1, 2.5, [True]], "": ""}},
    {"long": "x" * 5000},
    {"_session_expiry": 0},
    {},
]


@pytest.fixture
def store(rows: Rows) -> DatabaseStore:
    return DatabaseStore(rows.fetch, Format(KEYS))


async def opened(store: DatabaseStore, settings: LegacySettings, key: str | None = None) -> Session:
    return await Session(store, settings, key).load()


@pytest.mark.parametrize("data", DATA)
async def test_a_session_of_django_is_read(
    django: Oracle, store: DatabaseStore, settings: LegacySettings, data: Data
) -> None:
    key = django.ask("session_made", data=data)
    assert (await opened(store, settings, key)).data == data


@pytest.mark.parametrize("data", DATA)
async def test_django_reads_our_session(
    django: Oracle, store: DatabaseStore, settings: LegacySettings, data: Data
) -> None:
    session = await opened(store, settings)
    session.update(data)
    await session.save()
    assert django.ask("session_read", key=session.key) == {"data": data, "known": True}
    session["more"] = [1]
    await session.save()
    assert django.ask("session_read", key=session.key)["data"] == {**data, "more": [1]}


@pytest.mark.parametrize("key", ["short", "", "a" * 32, "x" * 100, "\0" * 9, "é" * 9, "' OR 1=1 --", None])
async def test_an_unknown_key_is_an_empty_session_and_never_used(
    store: DatabaseStore, settings: LegacySettings, key: str | None
) -> None:
    session = await opened(store, settings, key)
    assert session.data == {}
    assert session.key is None
    session["a"] = 1
    await session.save()
    assert session.key != key
    assert len(session.key or "") == 32


async def test_an_expired_session_is_not_read(
    django: Oracle, rows: Rows, store: DatabaseStore, settings: LegacySettings
) -> None:
    key = django.ask("session_made", data={"a": 1})
    await rows.fetch("UPDATE django_session SET expire_date = now() WHERE session_key = $1", key)
    assert (await opened(store, settings, key)).data == {}
    assert django.ask("session_read", key=key) == {"data": {}, "known": False}


@pytest.mark.parametrize(
    "text",
    [
        *("", "nonsense", "a:b:c", Signer(KEYS, "django.contrib.sessions.SessionStore").sign("e30:1uQowS")[:-1] + "!"),
        dumps({"a": 1}, Keys("foreign"), "django.contrib.sessions.SessionStore"),
        dumps({"a": 1}, KEYS, "django.contrib.sessions.Other"),
    ],
    ids=["empty", "nonsense", "three parts", "other signature", "other secret", "other salt"],
)
async def test_a_row_that_nobody_signed_is_an_empty_session(
    django: Oracle, rows: Rows, store: DatabaseStore, settings: LegacySettings, text: str
) -> None:
    key = django.ask("session_made", data={"a": 1})
    await rows.fetch("UPDATE django_session SET session_data = $2 WHERE session_key = $1", key, text)
    assert django.ask("session_read", key=key)["data"] == {}
    assert (await opened(store, settings, key)).data == {}


async def test_a_row_signed_with_a_fallback_secret_is_read(
    rows: Rows, store: DatabaseStore, settings: LegacySettings
) -> None:
    old = await opened(DatabaseStore(rows.fetch, Format(Keys(FALLBACK))), settings)
    old["a"] = 1
    await old.save()
    assert (await opened(store, settings, old.key)).data == {"a": 1}


async def test_nothing_is_asked_before_it_is_needed(settings: LegacySettings) -> None:
    class Untouchable:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"the store was asked to {name}")

    store: Any = Untouchable()
    session = Session(store, settings, "a" * 32)
    closing = await session.close(200, had_cookie=True)
    assert (closing.cookies, closing.vary) == ((), False)
    with pytest.raises(NotLoaded):
        session.get("a")


async def test_changes_of_both_sides_survive(django: Oracle, store: DatabaseStore, settings: LegacySettings) -> None:
    key = django.ask("session_made", data={"ours": 1, "theirs": 1, "both": 1, "gone here": 1, "gone there": 1})
    session = await opened(store, settings, key)
    django.ask("session_changed", key=key, data={"theirs": 2, "both": 2, "new there": 2}, gone=["gone there"])
    session.update({"ours": 3, "both": 3, "new here": 3})
    del session["gone here"]
    await session.save()
    expected = {"ours": 3, "theirs": 2, "both": 3, "new there": 2, "new here": 3}
    assert django.ask("session_read", key=key)["data"] == expected == session.data


async def test_a_session_that_is_gone_stays_gone(
    django: Oracle, store: DatabaseStore, settings: LegacySettings
) -> None:
    key = django.ask("session_made", data={"a": 1})
    session = await opened(store, settings, key)
    django.ask("session_ended", key=key)
    session["a"] = 2
    with pytest.raises(SessionInterrupted):
        await session.save()
    assert django.ask("session_read", key=key) == {"data": {}, "known": False}


async def test_django_does_not_revive_what_we_ended(
    django: Oracle, store: DatabaseStore, settings: LegacySettings
) -> None:
    key = django.ask("session_made", data={"a": 1})
    django.ask("session_held", key=key)
    session = await opened(store, settings, key)
    await session.flush()
    with pytest.raises(Refused, match="UpdateError"):
        django.ask("session_held_saved", key=key, data={"a": 2})
    assert session.key is None


async def test_counting_loses_nothing(django: Oracle, store: DatabaseStore, settings: LegacySettings) -> None:
    key = django.ask("session_made", data={"n": 0})

    def one_more(data: Data) -> None:
        data["n"] += 1

    async def count() -> None:
        session = Session(store, settings, key)
        for _ in range(5):
            await session.amend(one_more)

    await asyncio.gather(*(count() for _ in range(8)))
    assert django.ask("session_read", key=key)["data"] == {"n": 40}


async def test_concurrent_saves_of_different_keys_all_survive(
    django: Oracle, store: DatabaseStore, settings: LegacySettings
) -> None:
    key = django.ask("session_made", data={})
    sessions = [await opened(store, settings, key) for _ in range(12)]
    for number, session in enumerate(sessions):
        session[f"key {number}"] = number
    await asyncio.gather(*(session.save() for session in sessions))
    assert django.ask("session_read", key=key)["data"] == {f"key {number}": number for number in range(12)}


@pytest.mark.parametrize(
    "data",
    [
        *({}, {"_session_expiry": 0}, {"_session_expiry": 60}, {"_session_expiry": None}, {"_session_expiry": -5}),
        {"_session_expiry": (datetime.now(UTC) + timedelta(days=3)).isoformat()},
        {"_session_expiry": (datetime.now(UTC) - timedelta(days=3)).isoformat()},
    ],
)
async def test_a_session_ends_when_django_says(
    django: Oracle, rows: Rows, store: DatabaseStore, settings: LegacySettings, data: Data
) -> None:
    session = await opened(store, settings)
    session.update({"a": 1, **data})
    age, date, with_browser = django.ask("session_expiry", data=session.data)
    ours = session.expiry()
    assert abs(ours.age - age) <= 1
    assert abs(ours.date - datetime.fromisoformat(date)) < timedelta(seconds=2)
    assert session.ends_with_browser is with_browser
    await session.save()
    (row,) = await rows.fetch("SELECT expire_date FROM django_session WHERE session_key = $1", session.key)
    assert abs(row[0] - datetime.fromisoformat(date)) < timedelta(seconds=2)


@pytest.mark.parametrize("value", [None, 0, 60, timedelta(hours=1), datetime(2040, 1, 1, tzinfo=UTC)])
async def test_django_understands_our_expiry(
    django: Oracle, store: DatabaseStore, settings: LegacySettings, value: Any
) -> None:
    session = await opened(store, settings)
    session["a"] = 1
    session.set_expiry(value)
    await session.save()
    age, _, with_browser = django.ask("session_expiry", data=session.data)
    assert abs(session.expiry().age - age) <= 1
    assert session.ends_with_browser is with_browser
    assert django.ask("session_read", key=session.key)["data"] == session.data


NOW = float(int(time.time()))
ANSWERS: list[dict[str, Any]] = [
    {"read": False},
    {},
    {"change": {"a": 1}},
    {"change": {"a": 1}, "status": 404},
    {"change": {"a": 1}, "status": 500},
    {"change": {"_session_expiry": 0}},
    {"change": {"_session_expiry": 60}},
    {"flush": True},
    {"change": {"a": 1}, "flush": True},
]


def without_key(cookies: Any, key: str | None) -> list[str]:
    return [cookie.replace(cookie.split(";")[0], "sessionid=…") if "=;" not in cookie else cookie for cookie in cookies]


@pytest.mark.parametrize("every_request", [False, True], ids=["asked", "every request"])
@pytest.mark.parametrize("visitor", ["new", "known", "short key", "stranger"])
@pytest.mark.parametrize("done", ANSWERS, ids=str)
async def test_an_answer_carries_what_djangos_does(
    django: Oracle, rows: Rows, settings: LegacySettings, visitor: str, done: dict[str, Any], every_request: bool
) -> None:
    made_empty = every_request and visitor == "stranger" and done.get("read") is False

    settings = msgspec.structs.replace(settings, session_save_every_request=every_request)
    oracle = django.with_settings(SESSION_SAVE_EVERY_REQUEST=every_request)

    def key() -> str | None:
        made: str = django.ask("session_made", data={"x": 1}, now=NOW)
        return {"new": None, "known": made, "short key": "abc", "stranger": "b" * 32}[visitor]

    theirs = oracle.ask("session_answer", key=key(), now=NOW, **done)
    ours = key()
    session = Session(DatabaseStore(rows.fetch, Format(KEYS, clock=lambda: NOW)), settings, ours, clock=lambda: NOW)
    if done.get("read", True):
        await session.load()
    if done.get("change"):
        await session.load()
        session.update(done["change"])
    if done.get("flush"):
        await session.flush()
    closing = await session.close(done.get("status", 200), had_cookie=ours is not None)
    if made_empty:  # Django makes an empty session for a key that it has not looked at
        assert closing.cookies == ()
        return
    assert without_key(closing.cookies, ours) == without_key(theirs["cookies"], ours)
    if closing.vary and not theirs["vary"]:  # before 5.2.14 Django forgot it where nobody had looked at the session
        assert version_of(django.ask("version")) < (5, 2, 14)
        return
    assert closing.vary is (theirs["vary"] == "Cookie")


def test_a_merge_keeps_what_each_side_did() -> None:
    before = {"same": 1, "ours": 1, "theirs": 1, "we drop": 1, "they drop": 1, "they drop, we change": 1}
    ours = {"same": 1, "ours": 2, "theirs": 1, "they drop": 1, "they drop, we change": 2, "we add": 2}
    theirs = {"same": 1, "ours": 1, "theirs": 3, "we drop": 1, "they add": 3}
    assert merged(before, ours, theirs) == {
        "same": 1,
        "ours": 2,
        "theirs": 3,
        "they add": 3,
        "we add": 2,
        "they drop, we change": 2,
    }

"""Every engine of Django's, both ways; and what must not be loaded from a cache that others write to."""

import asyncio
import os
import pickle
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from redis.asyncio import Redis

from legacy_adapters.errors import SettingsError
from legacy_adapters.session_files import Format, SignedCookieStore
from legacy_adapters.session_stores import CachedDatabaseStore, DatabaseStore, session_store
from legacy_adapters.sessions import Data, Session, SessionInterrupted, Store
from legacy_adapters.settings import LegacySettings
from legacy_adapters.shared_cache import ForeignPickle, RedisCache, TableCache, shared_cache, unpickle
from legacy_adapters.signing import JSON, dumps
from new_app.rows import Rows
from tests.legacy_adapters.identity.conftest import KEYS, Oracle, Refused

BACKENDS = "django.contrib.sessions.backends"
ENGINES = ("cache in Redis", "cache in a table", "cached_db in Redis", "cached_db in a table", "file", "signed_cookies")
REPLACED = tuple(engine for engine in ENGINES if engine != "signed_cookies")


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine on both sides."""

    django: Oracle
    store: Store
    settings: LegacySettings

    async def open(self, key: str | None = None) -> Session:
        return await Session(self.store, self.settings, key).load()


Open = Callable[[str], Engine]


@pytest.fixture(scope="module")
def session_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for the module: Django remembers the folder for as long as it runs."""
    return tmp_path_factory.mktemp("sessions")


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator["Redis"]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def engine_of(
    django: Oracle, rows: Rows, settings: LegacySettings, redis: "Redis", redis_url: str, session_folder: Path
) -> Open:
    def engine(name: str) -> Engine:
        kind, in_redis = name.split(" ")[0], name.endswith("Redis")
        told: dict[str, Any] = {"KEY_PREFIX": "site", "VERSION": 3}
        told |= (
            {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url}
            if in_redis
            else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache_table"}
        )
        changed = {"session_engine": f"{BACKENDS}.{kind}", "session_file_path": str(session_folder)}
        configured = msgspec.structs.replace(settings, **changed)
        oracle = django.with_settings(
            SESSION_ENGINE=f"{BACKENDS}.{kind}", SESSION_FILE_PATH=str(session_folder), CACHES={"default": told}
        )

        def cache(alias: str) -> RedisCache | TableCache:
            found = shared_cache(alias, {"default": told}, fetch=rows.fetch, redis=redis)
            assert isinstance(found, RedisCache if in_redis else TableCache)
            return found

        return Engine(oracle, session_store(configured, KEYS, rows.fetch, cache), configured)

    return engine


DATA: list[Data] = [{"a": 1}, {"naïve": "Žluťoučký 🐎", "n": [None, True, 2.5, {"": []}]}, {"long": "x" * 3000}]


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("data", DATA, ids=["small", "odd", "long"])
async def test_a_session_is_read_on_both_sides(engine_of: Open, name: str, data: Data) -> None:
    engine = engine_of(name)
    theirs = engine.django.ask("session_made", data=data)
    assert (await engine.open(theirs)).data == data
    session = await engine.open()
    session.update(data)
    await session.save()
    assert engine.django.ask("session_read", key=session.key)["data"] == data


@pytest.mark.parametrize("name", ENGINES)
async def test_a_change_here_is_seen_there_and_back(engine_of: Open, name: str) -> None:
    engine = engine_of(name)
    key = engine.django.ask("session_made", data={"n": 1})
    engine.django.ask("session_read", key=key)
    session = await engine.open(key)
    session["n"] = 2
    await session.save()
    assert engine.django.ask("session_read", key=session.key)["data"] == {"n": 2}
    if name != "signed_cookies":
        engine.django.ask("session_changed", key=session.key, data={"n": 3})
        assert (await engine.open(session.key)).data == {"n": 3}


@pytest.mark.parametrize("name", REPLACED)
async def test_changes_of_both_sides_survive(engine_of: Open, name: str) -> None:
    engine = engine_of(name)
    key = engine.django.ask("session_made", data={"ours": 1, "theirs": 1})
    engine.django.ask("session_read", key=key)
    session = await engine.open(key)
    engine.django.ask("session_changed", key=key, data={"theirs": 2})
    session["ours"] = 2
    await session.save()
    assert engine.django.ask("session_read", key=key)["data"] == {"ours": 2, "theirs": 2}


@pytest.mark.parametrize("name", REPLACED)
async def test_concurrent_changes_here_survive(engine_of: Open, name: str) -> None:
    engine = engine_of(name)
    key = engine.django.ask("session_made", data={"n": 0})

    def one_more(data: Data) -> None:
        data["n"] += 1

    await asyncio.gather(*(Session(engine.store, engine.settings, key).amend(one_more) for _ in range(10)))
    assert engine.django.ask("session_read", key=key)["data"] == {"n": 10}


@pytest.mark.parametrize("name", REPLACED)
async def test_a_session_that_is_gone_stays_gone(engine_of: Open, name: str) -> None:
    engine = engine_of(name)
    key = engine.django.ask("session_made", data={"a": 1})
    session = await engine.open(key)
    engine.django.ask("session_ended", key=key)
    session["a"] = 2
    with pytest.raises(SessionInterrupted):
        await session.save()
    ours = await engine.open(engine.django.ask("session_made", data={"a": 1}))
    engine.django.ask("session_held", key=ours.key)
    ended = ours.key
    await ours.flush()
    if name != "file":  # Django's own file engine writes a file of a session that is gone
        with pytest.raises(Refused, match="UpdateError"):
            engine.django.ask("session_held_saved", key=ended, data={"a": 2})
    assert not (await engine.open(key)).data


@pytest.mark.parametrize("name", REPLACED)
async def test_a_session_moves_to_a_new_key(engine_of: Open, name: str) -> None:
    engine = engine_of(name)
    key = engine.django.ask("session_made", data={"_auth_user_id": "1", "a": 1})
    session = await engine.open(key)
    await session.cycle()
    await session.save()
    assert session.key != key
    assert engine.django.ask("session_read", key=session.key)["data"] == {"_auth_user_id": "1", "a": 1}
    assert engine.django.ask("session_read", key=key)["data"] == {}
    assert (await engine.open(key)).data == {}


@pytest.mark.parametrize("name", REPLACED)
async def test_a_signed_in_session_that_is_gone_does_not_move(engine_of: Open, name: str) -> None:
    engine = engine_of(name)
    key = engine.django.ask("session_made", data={"_auth_user_id": "1"})
    session = await engine.open(key)
    await session.cycle()
    engine.django.ask("session_ended", key=key)
    with pytest.raises(SessionInterrupted):
        await session.save()


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("key", ["a" * 32, "../" * 5, "x" * 1000, "é" * 9, "short", ":" * 10, ".a:b:c:d:e"])
async def test_a_stranger_is_an_empty_session(engine_of: Open, name: str, key: str) -> None:
    engine = engine_of(name)
    session = await engine.open(key)
    assert (session.data, session.key) == ({}, None)
    assert engine.django.ask("session_read", key=key)["data"] == {}


class Gadget:
    """Runs a command wherever it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, ("touch /tmp/pickled-gadget-ran",))


def made_by_hand(module: str, name: str, argument: str = "") -> bytes:
    return f"c{module}\n{name}\n(V{argument}\ntR.".encode()


GADGETS = {
    "os.system": pickle.dumps(Gadget()),
    "inside a session": pickle.dumps({"a": [Gadget()]}),
    "eval": made_by_hand("builtins", "eval", "1+1"),
    "exec": made_by_hand("builtins", "exec", ""),
    "getattr": made_by_hand("builtins", "getattr", "x"),
    "type": made_by_hand("builtins", "type", "x"),
    "import": made_by_hand("builtins", "__import__", "os"),
    "a name with dots": b"\x80\x04\x8c\x08builtins\x8c\x0bset.__str__\x93.",
    "subprocess": made_by_hand("subprocess", "Popen", "id"),
    "partial": made_by_hand("functools", "partial", "x"),
    "copyreg": made_by_hand("copyreg", "_reconstructor", "x"),
    "a model": made_by_hand("django.db.models.base", "model_unpickle", "x"),
    "a persistent id": b"Pmoduleid\n.",
    "much memory": made_by_hand("builtins", "bytearray", "1"),
    "an extension": b"\x82\x01.",
}


@pytest.mark.parametrize("gadget", GADGETS.values(), ids=GADGETS)
def test_a_pickle_that_names_anything_else_is_refused(gadget: bytes) -> None:
    with pytest.raises((ForeignPickle, ValueError)):
        unpickle(gadget)
    assert not Path("/tmp/pickled-gadget-ran").exists()


@pytest.mark.parametrize("name", ["cache in Redis", "cached_db in Redis"])
async def test_a_gadget_in_the_cache_is_named_and_not_run(engine_of: Open, redis: "Redis", name: str) -> None:
    engine = engine_of(name)
    key = engine.django.ask("session_made", data={"a": 1})
    prefix = f"site:3:django.contrib.sessions.{name.split()[0]}"
    assert await redis.get(prefix + key)
    await redis.set(prefix + key, GADGETS["inside a session"])
    with pytest.raises(ForeignPickle, match=r"posix\.system|nt\.system"):
        await engine.open(key)
    assert not os.path.exists("/tmp/pickled-gadget-ran")  # noqa: ASYNC240


@pytest.mark.parametrize(
    "broken", [b"", b"nonsense", b"\x80\x05.", b"17", pickle.dumps([1]), pickle.dumps({"a": 1})[:-3]]
)
async def test_what_is_no_session_in_the_cache_is_none(engine_of: Open, redis: "Redis", broken: bytes) -> None:
    engine = engine_of("cache in Redis")
    key = engine.django.ask("session_made", data={"a": 1})
    await redis.set(f"site:3:django.contrib.sessions.cache{key}", broken)
    assert (await engine.open(key)).data == {}


@pytest.mark.parametrize(
    "value",
    [
        *(datetime(2026, 1, 2, tzinfo=UTC), timedelta(days=1), Decimal("1.5"), UUID(int=7), {1, 2}, (1, "a"), b"\0"),
        *(2**70, 1.5, None, True, frozenset([1]), datetime(2026, 1, 2, 3, 4, 5, 6)),
    ],
)
@pytest.mark.parametrize("protocol", [4, 5])
def test_plain_values_are_unpickled(value: object, protocol: int) -> None:
    assert unpickle(pickle.dumps({"v": value}, protocol)) == {"v": value}


async def test_a_cached_session_ends_when_the_cache_says(engine_of: Open, redis: "Redis") -> None:
    engine = engine_of("cache in Redis")
    session = await engine.open()
    session["a"] = 1
    session.set_expiry(77)
    await session.save()
    assert 70 < await redis.ttl(f"site:3:django.contrib.sessions.cache{session.key}") <= 77
    session["a"] = 2
    session.set_expiry(33)
    await session.save()
    assert 25 < await redis.ttl(f"site:3:django.contrib.sessions.cache{session.key}") <= 33


@pytest.mark.parametrize("name", ["cached_db in Redis", "cached_db in a table"])
async def test_django_does_not_keep_an_old_copy_of_what_we_wrote(engine_of: Open, name: str) -> None:
    engine = engine_of(name)
    key = engine.django.ask("session_made", data={"n": 0})
    for n in range(1, 4):
        assert engine.django.ask("session_read", key=key)["data"] == {"n": n - 1}
        session = await engine.open(key)
        session["n"] = n
        await session.save()
    await session.flush()
    assert engine.django.ask("session_read", key=key) == {"data": {}, "known": False}


async def test_without_its_cache_a_cached_session_is_read_from_the_row(
    engine_of: Open, rows: Rows, settings: LegacySettings
) -> None:
    class Away:
        async def get(self, key: str) -> bytes | None:
            raise ConnectionError("no cache today")

    key = engine_of("cached_db in Redis").django.ask("session_made", data={"a": 1})
    away: Any = Away()
    store = CachedDatabaseStore(DatabaseStore(rows.fetch, Format(KEYS)), away)
    assert (await Session(store, settings, key).load()).data == {"a": 1}


async def test_a_file_that_is_too_old_is_no_session(engine_of: Open, session_folder: Path) -> None:
    engine = engine_of("file")
    old = time.time() - 1209600 - 5
    for data, expected in (({"a": 1}, {}), ({"a": 1, "_session_expiry": 60}, {"a": 1, "_session_expiry": 60})):
        keys = [engine.django.ask("session_made", data=data) for _ in range(2)]
        for key in keys:
            os.utime(session_folder / f"sessionid{key}", (old, old))
        assert (await engine.open(keys[0])).data == expected
        assert engine.django.ask("session_read", key=keys[1])["data"] == expected


async def test_a_file_is_for_its_owner_only(engine_of: Open, session_folder: Path) -> None:
    session = await engine_of("file").open()
    session["a"] = 1
    await session.save()
    assert (session_folder / f"sessionid{session.key}").stat().st_mode & 0o777 == 0o600
    assert not [name for name in os.listdir(session_folder) if "_out_" in name]


async def test_a_signed_cookie_expires_as_django_says(engine_of: Open) -> None:
    engine = engine_of("signed_cookies")
    made = dumps({"a": 1}, KEYS, SignedCookieStore.SALT, compress=True, clock=lambda: time.time() - 1209601)
    assert (await engine.open(made)).data == {}
    assert engine.django.ask("session_read", key=made)["data"] == {}


async def test_a_signed_cookie_session_of_the_database_engine_is_refused(engine_of: Open) -> None:
    engine = engine_of("signed_cookies")
    made = dumps({"a": 1}, KEYS, "django.contrib.sessions.SessionStore", compress=True)
    assert (await engine.open(made)).data == {}


def refused(settings: LegacySettings, **changes: Any) -> str:
    with pytest.raises(SettingsError) as error:
        session_store(msgspec.structs.replace(settings, **changes), KEYS, fetch=None)  # type: ignore[arg-type]
    return str(error.value)


def test_an_unknown_engine_or_serializer_is_refused_with_what_to_configure(settings: LegacySettings) -> None:
    assert "like=" in refused(settings, session_engine="shop.sessions")
    assert "hand in its cache" in refused(settings, session_engine=f"{BACKENDS}.cache")
    assert "serializers=" in refused(settings, session_serializer="shop.Json")
    custom = msgspec.structs.replace(settings, session_engine="shop.sessions", session_serializer="shop.Json")
    fetch: Any = None
    made = session_store(
        *(custom, KEYS, fetch), like={"shop.sessions": f"{BACKENDS}.db"}, serializers={"shop.Json": JSON}, salt="s"
    )
    assert isinstance(made, DatabaseStore)


@pytest.mark.parametrize(
    ("caches", "why"),
    [
        ({}, "bridge adopt"),
        ({"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, "cannot share"),
        ({"default": {"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache"}}, "cannot share"),
        ({"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}, "client"),
    ],
)
def test_a_cache_that_cannot_be_shared_is_refused(caches: dict[str, dict[str, Any]], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        shared_cache("default", caches)


def test_the_pickle_serializer_of_old_sites_is_read_without_its_danger(settings: LegacySettings) -> None:
    path = "django.contrib.sessions.serializers.PickleSerializer"
    fetch: Any = None
    store = session_store(msgspec.structs.replace(settings, session_serializer=path), KEYS, fetch)
    assert isinstance(store, DatabaseStore)

    class Pickled:
        def dumps(self, value: Any) -> bytes:
            return pickle.dumps(value)

        def loads(self, data: bytes) -> Any:
            raise AssertionError

    kept = dumps({"when": timedelta(1)}, KEYS, "django.contrib.sessions.SessionStore", serializer=Pickled())
    assert store.decode(kept) == {"when": timedelta(1)}

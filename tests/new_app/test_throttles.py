"""One quota for both sides: what one counts the other knows, in Django's own cache table."""

import asyncio
import time

import pytest

from legacy_adapters.cache import CacheError, DatabaseCounters, dump_numbers, load_numbers
from new_app.api.throttle import DAY, HOUR, WEEK, client_address
from tests.new_app.conftest import Sides, credentials

V1, V2 = "/api/v1/downloads/os/", "/api/v2/downloads/os/"
GUEST = "127.0.0.1_nohost_accesses"


async def remember(both: Sides, key: str, times: list[float], keep: int = DAY) -> None:
    counters = DatabaseCounters(both.rows.fetch)
    (count,) = await counters.load([key])
    assert await counters.store([(count, times)], keep) == {key}


async def remembered(both: Sides, key: str) -> tuple[float, ...]:
    (count,) = await DatabaseCounters(both.rows.fetch).load([key])
    return count.times


async def test_an_anonymous_visitor_has_one_hundred_requests_a_day_on_both_sides_together(both: Sides) -> None:
    both.forget_counts()
    said = {"host": "www.example.org", "x-forwarded-for": "192.0.2.1, 10.0.0.1, 10.0.0.2"}
    await remember(both, "throttle_anon_192.0.2.1", [time.time() - 100 - n for n in range(98)])
    assert (await both.legacy.get(V2, headers=said)).status_code == 200
    assert (await both.new.get(V2, headers=said)).status_code == 200
    old, new = await both.legacy.get(V2, headers=said), await both.new.get(V2, headers=said)
    assert (old.status_code, new.status_code) == (429, 429)
    assert abs(int(old.headers["retry-after"]) - int(new.headers["retry-after"])) <= 1
    assert new.json() == {
        "detail": f"Request was throttled. Expected available in {new.headers['retry-after']} seconds."
    }
    assert len(await remembered(both, "throttle_anon_192.0.2.1")) == 100
    assert len(await remembered(both, "throttle_user_192.0.2.1")) == 4


async def test_a_user_has_a_quota_of_his_own_on_both_sides_together(both: Sides) -> None:
    both.forget_counts()
    for side in (both.legacy, both.new, both.new):
        assert (await side.get(V2, headers=credentials(V2, "plain"))).status_code == 200
    found = await both.rows.fetch("SELECT cache_key FROM django_cache_table")
    (key,) = [row[0].removeprefix(":1:") for row in found]
    assert key.startswith("throttle_user_")
    assert len(await remembered(both, key)) == 3
    await remember(both, key, [time.time() - 5] * 3000)
    for side in (both.legacy, both.new):
        assert (await side.get(V2, headers=credentials(V2, "plain"))).status_code == 429


async def test_v1_counts_answered_requests_of_both_sides_for_an_hour(both: Sides) -> None:
    both.forget_counts()
    now = int(time.time())
    await remember(both, GUEST, [*[now - HOUR - 60] * 50, *[now - 100] * 598], WEEK)
    for side in (both.legacy, both.new):
        assert (await side.get(V1)).status_code == 200
    old, new = await both.ask(V1)
    assert (old.status_code, new.status_code, new.content) == (429, 429, b"")
    assert abs(int(old.headers["retry-after"]) - int(new.headers["retry-after"])) <= 2
    assert len(await remembered(both, GUEST)) == 600


async def test_a_refused_request_of_v1_does_not_count(both: Sides) -> None:
    both.forget_counts()
    for path in (V1 + "?limit=abc", V1 + "abc/", V1 + "?username=x"):
        await both.new.get(path)
    assert await remembered(both, GUEST) == ()


async def test_a_request_of_v2_counts_even_if_its_filter_is_refused(both: Sides) -> None:
    both.forget_counts()
    await both.new.get("/api/v2/pages/page/?bogus=1", headers={"x-forwarded-for": "192.0.2.7"})
    assert len(await remembered(both, "throttle_anon_192.0.2.7")) == 1


@pytest.mark.parametrize("path", [V1, V2])
async def test_no_count_is_lost_when_requests_come_at_once(both: Sides, path: str) -> None:
    both.forget_counts()
    await asyncio.gather(*(both.new.get(path, headers={"x-forwarded-for": "192.0.2.9"}) for _ in range(40)))
    key = GUEST if path == V1 else "throttle_anon_192.0.2.9"
    assert len(await remembered(both, key)) == 40


async def test_counters_of_two_processes_do_not_overwrite_each_other(both: Sides) -> None:
    both.forget_counts()
    one, other = DatabaseCounters(both.rows.fetch), DatabaseCounters(both.rows.fetch)
    (mine,), (theirs,) = await one.load(["a"]), await other.load(["a"])
    assert await other.store([(theirs, [1.0])], DAY) == {"a"}
    assert await one.store([(mine, [2.0])], DAY) == set()
    assert await remembered(both, "a") == (1.0,)


async def test_an_expired_counter_is_empty_and_can_be_replaced(both: Sides) -> None:
    both.forget_counts()
    await remember(both, "a", [1.0], keep=-60)
    assert await remembered(both, "a") == ()
    await remember(both, "a", [2.0])
    assert await remembered(both, "a") == (2.0,)


async def test_a_key_too_long_for_the_table_is_not_kept_and_refuses_nobody(both: Sides) -> None:
    said = {"x-forwarded-for": "1" * 300}
    old, new = await both.ask(V2, **said)
    assert (old.status_code, new.status_code) == (200, 200)


def test_only_lists_of_numbers_leave_the_cache() -> None:
    import base64
    import pickle

    assert load_numbers(dump_numbers([1, 2.5])) == (1, 2.5)
    for value in ({"a": 1}, ["a"], [True], time.gmtime, both_sides := Sides, 3):
        with pytest.raises(CacheError):
            load_numbers(base64.b64encode(pickle.dumps(value)).decode())
    assert both_sides is Sides
    for text in ("", "not base64!", "AAAA", base64.b64encode(b"\x80\x05]").decode()):
        with pytest.raises(CacheError):
            load_numbers(text)


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1", "1.1.1.1"),
        ("10.0.0.1", "1.1.1.1, 2.2.2.2, 3.3.3.3", "1.1.1.1"),
        ("10.0.0.1", "6.6.6.6, 1.1.1.1, 2.2.2.2, 3.3.3.3", "1.1.1.1"),
        ("10.0.0.1", "", ""),
    ],
)
def test_the_visitor_is_the_third_from_the_right(remote: str, forwarded: str | None, address: str) -> None:
    assert client_address(remote, forwarded, 3) == address

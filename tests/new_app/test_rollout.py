"""Who serves what: precedence, audit, and the snapshot that every process keeps."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

import migrations
from legacy_adapters.flags import Side, Snapshot, Stage
from legacy_adapters.requests import RequestLine
from legacy_adapters.router import Router, decide
from legacy_adapters.routes import Claim as RouterClaim
from legacy_adapters.routes import RouteTable
from new_app import embedded
from new_app.db import Database
from new_app.domain import Claim, Domain
from new_app.rollout import FlagSource, Rollout, RolloutError, keep, load
from tests.conftest import new_database, run_sql

DOMAINS = (
    Domain("shop", [Claim("shop/<slug:item>/", "shop:item"), Claim("shop/", "shop:index")]),
    Domain("news", [Claim("news/", "news")]),
)
TABLE = RouteTable(RouterClaim(claim.pattern, claim.name, domain.name) for domain in DOMAINS for claim in domain.claims)
SIGNED = {"by": "ada", "why": "because"}


@pytest.fixture
async def database_url(postgres_url: str) -> AsyncIterator[str]:
    with new_database(postgres_url) as url:
        await migrations.upgrade(url)
        yield url


@pytest.fixture
async def rollout(database_url: str) -> AsyncIterator[Rollout]:
    database = Database(database_url, pool_size=2)
    yield Rollout(database, DOMAINS)
    await database.dispose()


@pytest.fixture
def quick_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("new_app.rollout.LONGEST_WAIT", 0.2)


async def until(true: Callable[[], object], seconds: float = 1.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.005)


async def stages(rollout: Rollout) -> dict[str, tuple[str, str]]:
    return {status.route: (status.stage.value, status.set_by) for status in await rollout.board()}


async def test_without_flags_every_route_is_legacys(rollout: Rollout) -> None:
    assert await stages(rollout) == dict.fromkeys(("shop:item", "shop:index", "news"), ("legacy", ""))


async def test_the_kill_switch_is_over_the_route_and_the_route_over_the_domain(rollout: Rollout) -> None:
    await rollout.move("shop", Stage.NEW, **SIGNED)
    await rollout.move("shop:item", Stage.LEGACY, **SIGNED)
    assert await stages(rollout) == {
        "shop:item": ("legacy", "route"),
        "shop:index": ("new", "domain"),
        "news": ("legacy", ""),
    }
    await rollout.kill(**SIGNED)
    assert set((await stages(rollout)).values()) == {("legacy", "kill")}
    await rollout.restore(**SIGNED)
    assert (await stages(rollout))["shop:index"] == ("new", "domain")


async def test_a_moved_domain_takes_all_of_its_routes_along(rollout: Rollout) -> None:
    await rollout.move("shop:item", Stage.LEGACY, **SIGNED)
    await rollout.move("news", Stage.LEGACY, **SIGNED)
    changes = await rollout.move("shop", Stage.NEW, **SIGNED)
    assert [(line.kind, line.name, line.before, line.after) for line in changes] == [
        ("domain", "shop", None, "new"),
        ("route", "shop:item", "legacy", None),
    ]
    assert {route: stage for route, (stage, _) in (await stages(rollout)).items()} == {
        "shop:item": "new",
        "shop:index": "new",
        "news": "legacy",
    }


PRECEDENCE = {
    "nothing is set": (Snapshot(), None, Side.LEGACY),
    "domain": (Snapshot(domains={"shop": Stage.NEW}), None, Side.NEW),
    "route over domain": (Snapshot({"shop:index": Stage.LEGACY}, {"shop": Stage.NEW}), None, Side.LEGACY),
    "staff over route": (Snapshot({"shop:index": Stage.LEGACY}), Side.NEW, Side.NEW),
    "staff to legacy": (Snapshot({"shop:index": Stage.NEW}), Side.LEGACY, Side.LEGACY),
    "kill over staff": (Snapshot({"shop:index": Stage.NEW}, killed=True), Side.NEW, Side.LEGACY),
}


@pytest.mark.parametrize(("snapshot", "forced", "side"), PRECEDENCE.values(), ids=PRECEDENCE)
def test_precedence(snapshot: Snapshot, forced: Side | None, side: Side) -> None:
    assert decide(RequestLine("GET", "shop/", "", forced), TABLE, snapshot).side is side


async def test_the_audit_says_who_when_why_and_from_what_to_what(rollout: Rollout) -> None:
    await rollout.move("news", Stage.NEW, by="ada", why="parity is clean")
    await rollout.roll_back("news", by="grace", why="a report from a visitor")
    newest, oldest = await rollout.audit()
    assert (oldest.by, oldest.why, oldest.kind, oldest.before, oldest.after) == (
        "ada",
        "parity is clean",
        "domain",
        None,
        "new",
    )
    assert (newest.by, newest.before, newest.after) == ("grace", "new", "legacy")
    assert newest.at > oldest.at
    assert [line.id for line in await rollout.audit(limit=1)] == [newest.id]


async def test_a_move_to_where_a_route_is_already_changes_nothing(rollout: Rollout) -> None:
    await rollout.move("shop:item", Stage.NEW, **SIGNED)
    assert await rollout.move("shop:item", Stage.NEW, by="grace", why="again") == []
    assert len(await rollout.audit()) == 1
    assert (await rollout.board())[0].by == "ada"


@pytest.mark.parametrize("statement", ["UPDATE bridge.flag_audit SET by = 'eve'", "DELETE FROM bridge.flag_audit"])
@pytest.mark.parametrize("lines", [0, 1])
async def test_the_audit_cannot_be_rewritten(rollout: Rollout, database_url: str, statement: str, lines: int) -> None:
    if lines:
        await rollout.kill(**SIGNED)
    with pytest.raises(Exception, match="refused"):
        await asyncio.to_thread(run_sql, database_url, statement)
    assert len(await rollout.audit()) == lines


@pytest.mark.parametrize("table", ["flag", "flag_audit"])
async def test_no_table_of_flags_can_be_truncated(rollout: Rollout, database_url: str, table: str) -> None:
    await rollout.kill(**SIGNED)
    with pytest.raises(Exception, match="refused"):
        await asyncio.to_thread(run_sql, database_url, f"TRUNCATE bridge.{table}")


async def test_a_change_by_hand_leaves_its_line_too(rollout: Rollout, database_url: str) -> None:
    await rollout.move("news", Stage.NEW, **SIGNED)
    run_sql(database_url, "UPDATE bridge.flag SET stage = 'legacy'", "DELETE FROM bridge.flag")
    deleted, updated, moved = await rollout.audit()
    assert (moved.by, updated.by, deleted.by) == ("ada", "postgres (SQL)", "postgres (SQL)")
    assert (updated.before, updated.after, deleted.before, deleted.after) == ("new", "legacy", "legacy", None)


async def test_an_unknown_name_is_refused_with_its_neighbours(rollout: Rollout) -> None:
    with pytest.raises(RolloutError, match=r"did you mean .*shop:item"):
        await rollout.move("shop:itme", Stage.NEW, **SIGNED)
    assert await rollout.audit() == []


async def test_a_change_without_a_reason_is_refused(rollout: Rollout) -> None:
    with pytest.raises(RolloutError, match="--why"):
        await rollout.move("news", Stage.NEW, by="ada", why="  ")
    assert await rollout.audit() == []


async def test_changes_at_once_leave_an_audit_in_which_each_line_begins_where_the_one_before_ended(
    rollout: Rollout,
) -> None:
    await asyncio.gather(*(rollout.move("news", list(Stage)[turn % 2], **SIGNED) for turn in range(12)))
    lines = list(reversed(await rollout.audit()))
    assert [line.before for line in lines] == [None, *(line.after for line in lines[:-1])]


async def test_a_flip_reaches_every_process_within_a_second(
    rollout: Rollout, database_url: str, tmp_path: Path
) -> None:
    sources = [FlagSource(database_url, tmp_path / str(number), poll=60) for number in range(2)]
    for source in sources:
        await source.start()
    for stage in (Stage.NEW, Stage.LEGACY):
        await rollout.move("news", stage, **SIGNED)
        await until(lambda stage=stage: all(source.snapshot().domains.get("news") is stage for source in sources))
    await rollout.kill(**SIGNED)
    await until(lambda: all(source.snapshot().killed for source in sources))
    for source in sources:
        await source.stop()


async def test_a_lost_notice_costs_no_more_than_a_poll(rollout: Rollout, database_url: str, tmp_path: Path) -> None:
    run_sql(database_url, "ALTER TABLE bridge.flag DISABLE TRIGGER trace")
    source = FlagSource(database_url, tmp_path / "flags.json", poll=0.1)
    await source.start()
    run_sql(database_url, "INSERT INTO bridge.flag (kind, name, stage) VALUES ('route', 'news', 'new')")
    await until(lambda: source.snapshot().routes == {"news": Stage.NEW})
    await source.stop()


@pytest.mark.usefixtures("quick_restart")
async def test_a_connection_that_is_cut_is_made_again(rollout: Rollout, database_url: str, tmp_path: Path) -> None:
    source = FlagSource(database_url, tmp_path / "flags.json", poll=60)
    await source.start()
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%bridge.flag%' AND pid <> pg_backend_pid()"
    await asyncio.to_thread(run_sql, database_url, cut)
    other = Rollout(Database(database_url, pool_size=1), DOMAINS)
    await other.move("news", Stage.NEW, **SIGNED)
    await until(lambda: source.snapshot().domains == {"news": Stage.NEW}, 3)
    await other.database.dispose()
    await source.stop()


@pytest.mark.usefixtures("quick_restart")
async def test_the_snapshot_outlives_the_database_and_a_restart_without_it(tmp_path: Path) -> None:
    kept = tmp_path / "flags.json"
    with embedded.throw_away() as folder:
        with embedded.postgres(folder / "pg") as url:
            await migrations.upgrade(url)
            rollout = Rollout(Database(url, pool_size=1), DOMAINS)
            await rollout.move("news", Stage.NEW, **SIGNED)
            source = FlagSource(url, kept, poll=0.1)
            await source.start()
            seen = source.snapshot()
            assert seen.domains == {"news": Stage.NEW}
            await rollout.database.dispose()
        await asyncio.sleep(0.5)
        assert source.snapshot() == seen
        restarted = FlagSource(url, kept, poll=0.1)
        await restarted.start()
        assert restarted.snapshot() == seen
        with embedded.postgres(folder / "pg") as url_again:
            assert url_again == url
            rollout = Rollout(Database(url, pool_size=1), DOMAINS)
            await rollout.kill(**SIGNED)
            await until(lambda: source.snapshot().killed and restarted.snapshot().killed, 5)
            await rollout.database.dispose()
            await source.stop()
            await restarted.stop()
    assert load(kept).killed


async def test_a_database_without_our_schema_means_legacy_whatever_is_on_disk(
    database_url: str, tmp_path: Path
) -> None:
    keep(Snapshot(domains={"news": Stage.NEW}, version=7), tmp_path / "flags.json")
    run_sql(database_url, "DROP SCHEMA bridge CASCADE")
    source = FlagSource(database_url, tmp_path / "flags.json")
    await source.start()
    await until(lambda: source.snapshot() == Snapshot())
    await migrations.upgrade(database_url)
    run_sql(database_url, "INSERT INTO bridge.flag (kind, name, stage) VALUES ('route', 'news', 'new')")
    await until(lambda: source.snapshot().routes == {"news": Stage.NEW}, 3)
    await source.stop()


def test_a_snapshot_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    snapshot = Snapshot({"news": Stage.LEGACY}, {"shop": Stage.NEW}, killed=True, version=12)
    keep(snapshot, tmp_path / "new" / "flags.json")
    assert load(tmp_path / "new" / "flags.json") == snapshot
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["flags.json"]


GOOD = {"format": 1, "routes": {"news": "new"}, "domains": {}, "killed": False, "version": 1}
CORRUPT = {
    "empty": b"",
    "cut short": json.dumps(GOOD).encode()[:-5],
    "not text": b"\xff\xfe\x00",
    "a list": b"[]",
    "another format": json.dumps({**GOOD, "format": 2}).encode(),
    "an unknown stage": json.dumps({**GOOD, "routes": {"news": "canary"}}).encode(),
    "routes as a list": json.dumps({**GOOD, "routes": ["news"]}).encode(),
    "no kill switch": json.dumps({key: value for key, value in GOOD.items() if key != "killed"}).encode(),
    "a version that is none": json.dumps({**GOOD, "version": "x"}).encode(),
}


@pytest.mark.parametrize("content", CORRUPT.values(), ids=CORRUPT)
def test_a_corrupt_file_is_refused_and_means_legacy(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "flags.json"
    path.write_bytes(content)
    assert load(path) == Snapshot()
    assert "is not a snapshot" in caplog.text


async def test_200_flips_under_load_drop_no_request(rollout: Rollout, database_url: str, tmp_path: Path) -> None:
    def side(name: bytes):  # type: ignore[no-untyped-def]
        async def app(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
            await asyncio.sleep(0.001)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": name})

        return app

    source = FlagSource(database_url, tmp_path / "flags.json")
    await source.start()
    router = Router(side(b"new"), side(b"legacy"), TABLE, source)
    answers: Counter[str] = Counter()
    done = asyncio.Event()

    async def visitor() -> None:
        while not done.is_set():
            answers[await get(router, "/news/")] += 1

    await rollout.move("news", Stage.LEGACY, **SIGNED)
    await until(lambda: source.snapshot().domains == {"news": Stage.LEGACY})
    visitors = [asyncio.create_task(visitor()) for _ in range(10)]
    try:
        for turn in range(200):
            to = Stage.LEGACY if turn % 2 else Stage.NEW
            await rollout.move("news", to, **SIGNED)
            await until(lambda to=to: source.snapshot().domains["news"] is to)
    finally:
        done.set()
        await asyncio.gather(*visitors)
        await source.stop()
    assert set(answers) == {"200 new; domain stage new new", "200 legacy; domain stage legacy legacy"}
    assert answers.total() > 500
    assert len(await rollout.audit(limit=1000)) == 201


async def get(app: Router, path: str) -> str:
    """Status, X-Bridge and body of an answer of an ASGI app, in process."""
    sent: list[dict[str, object]] = []

    async def send(message) -> None:  # type: ignore[no-untyped-def]
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    start, *rest = sent
    label = next(value for name, value in start["headers"] if name == b"x-bridge").decode()  # type: ignore[attr-defined]
    return f"{start['status']} {label} " + b"".join(part.get("body", b"") for part in rest).decode()  # type: ignore[misc]

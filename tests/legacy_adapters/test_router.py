"""Which side answers: precedence, methods, paths with two readings, and what the router does to a request itself."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_adapters.flags import MemoryFlags, Side, Snapshot, Stage
from legacy_adapters.requests import RequestLine, read_path, refusal
from legacy_adapters.router import Decision, Router, decide
from legacy_adapters.routes import Claim, RouteTable

CLAIM = Claim("a/<slug:slug>/", "a", "letters")
TABLE = RouteTable([CLAIM, Claim("both/", "both", "letters", frozenset({"GET", "POST"}))])
NEW, LEGACY = Stage.NEW, Stage.LEGACY


def decided(
    path: str | None = "a/b/", method: str = "GET", forced: Side | None = None, **flags: Any
) -> tuple[Side, str]:
    decision = decide(RequestLine(method, path, "path has two readings", forced), TABLE, Snapshot(**flags))
    return decision.side, decision.reason


@pytest.mark.parametrize(
    ("request_", "flags", "expected"),
    [
        ({}, {}, (Side.LEGACY, "stage legacy")),
        ({}, {"routes": {"a": NEW}}, (Side.NEW, "stage new")),
        ({}, {"domains": {"letters": NEW}}, (Side.NEW, "domain stage new")),
        ({}, {"domains": {"letters": NEW}, "routes": {"a": LEGACY}}, (Side.LEGACY, "stage legacy")),
        ({"forced": Side.NEW}, {}, (Side.NEW, "forced by staff")),
        ({"forced": Side.LEGACY}, {"routes": {"a": NEW}}, (Side.LEGACY, "forced by staff")),
        ({"forced": Side.NEW}, {"routes": {"a": NEW}, "killed": True}, (Side.LEGACY, "kill switch")),
        ({"forced": Side.NEW, "path": "z/"}, {}, (Side.LEGACY, "no claim")),
        ({"forced": Side.NEW, "path": None}, {}, (Side.LEGACY, "path has two readings")),
        ({"forced": Side.NEW, "method": "POST"}, {}, (Side.LEGACY, "method POST")),
        ({"path": "both/", "method": "POST"}, {"routes": {"both": NEW}}, (Side.NEW, "stage new")),
        ({"path": "both/", "method": "HEAD"}, {"routes": {"both": NEW}}, (Side.LEGACY, "method HEAD")),
        ({"path": "a/b"}, {"routes": {"a": NEW}}, (Side.LEGACY, "no claim")),
        ({"path": ""}, {"routes": {"a": NEW}}, (Side.LEGACY, "no claim")),
    ],
)
def test_precedence_is_kill_switch_staff_route_domain_legacy(request_, flags, expected) -> None:
    assert decided(**request_, **flags) == expected


@pytest.mark.parametrize(
    "raw",
    [
        b"/a//",
        b"//a/",
        b"/a%2Fb/",
        b"/a%2fb/",
        b"/a/../b/",
        b"/a/..",
        b"/./a/",
        b"/a/%2e%2e/",
        b"/a;b/",
        b"/a%3Bb/",
        b"/a%5cb/",
        b"/a\\b/",
        b"/a%00/",
        b"/a/%0A",
        b"/a/%0d%0a",
        b"/a%7f/",
        b"/a%ff/",
        b"/a%c3/",
        b"/a%C0%AF/",
        b"/a%/",
        b"/a%zz/",
        b"/a%252F/",
        b"/a%3Fb/",
        b"/a%23b/",
        b"/" + b"a" * 3000 + b"/",
    ],
)
def test_a_path_with_two_readings_is_legacys(raw: bytes) -> None:
    path, why = read_path(raw)
    assert path is None
    assert why.startswith("path ")


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/", ""),
        (b"/a/b.c/", "a/b.c/"),
        (b"/a%20b/", "a b/"),
        (b"/caf%C3%A9/", "café/"),
        (b"/a...b/", "a...b/"),
        (b"/~a/", "~a/"),
    ],
)
def test_a_path_with_one_reading_is_decoded_once(raw: bytes, path: str) -> None:
    assert read_path(raw) == (path, "")


@given(st.text(min_size=1, max_size=30))
def test_what_is_read_is_what_was_meant(text: str) -> None:
    try:
        raw = b"/" + quote(text).encode()
    except UnicodeEncodeError:
        return
    path, _ = read_path(raw)
    assert path in (None, text)


def scope(
    path: bytes = b"/a/b/", method: str = "GET", headers: tuple = ((b"host", b"x"),), version: str = "1.1"
) -> dict:
    kept = {
        "type": "http",
        "method": method,
        "raw_path": path,
        "path": path.decode("latin-1"),
        "query_string": b"",
        "http_version": "1.0",
    }
    return {**kept, "headers": list(headers), "http_version": version, "scheme": "http", "client": ("1.2.3.4", 5)}


HOST = (b"host", b"x")


@pytest.mark.parametrize(
    "broken",
    [
        scope(method="get"),
        scope(method="CONNECT"),
        scope(path=b"*", method="OPTIONS"),
        scope(path=b""),
        scope(path=b"http://x/"),
        scope(path=b"/a b"),
        scope(path=b"/\xc3\xa9"),
        scope(headers=()),
        scope(headers=((b"host", b""),)),
        scope(headers=(HOST, HOST)),
        scope(headers=((b"host", b"a/b"),)),
        scope(headers=((b"host", b"a@b"),)),
        scope(headers=(HOST, (b"content-length", b"4"), (b"transfer-encoding", b"chunked"))),
        scope(headers=(HOST, (b"content-length", b"4"), (b"content-length", b"4"))),
        scope(headers=(HOST, (b"content-length", b"+4"))),
        scope(headers=(HOST, (b"transfer-encoding", b"gzip, chunked"))),
        scope(headers=(HOST, (b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked"))),
    ],
)
def test_a_request_without_one_meaning_is_refused(broken: dict) -> None:
    assert refusal(broken) is not None
    assert asyncio.run(answered(Router(app("new"), app("legacy"), TABLE, MemoryFlags()), broken))[0] == 400


@pytest.mark.parametrize(
    "fine",
    [
        scope(headers=(), version="1.0"),
        scope(headers=((b"host", b"[::1]:80"),)),
        scope(headers=((b"host", b"a_b.c:80"),)),
    ],
)
def test_an_odd_but_clear_request_is_not_refused(fine: dict) -> None:
    assert refusal(fine) is None


def app(name: str, pieces: int = 1):
    async def answer(scope, receive, send):
        while (message := await receive())["type"] == "http.request" and message.get("more_body"):
            pass
        if message["type"] == "http.disconnect":
            return
        body = f"{name} {scope['method']}".encode()
        headers = [(b"content-length", str(len(body) * pieces).encode()), (b"X-Bridge", b"forged")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for left in reversed(range(pieces)):
            await send({"type": "http.response.body", "body": body, "more_body": left > 0})

    return answer


async def answered(router: Router, request: dict, body: tuple[bytes, ...] = (b"",)) -> tuple[int, dict, bytes]:
    sent: list[dict] = []
    waiting = [{"type": "http.request", "body": piece, "more_body": True} for piece in body]
    waiting[-1]["more_body"] = False

    async def receive():
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await router(request, receive, send)
    assert [message["type"] for message in sent].count("http.response.start") == 1
    headers = dict(sent[0]["headers"])
    assert len(headers) == len(sent[0]["headers"])
    return sent[0]["status"], headers, b"".join(message["body"] for message in sent[1:])


def router(*, pieces: int = 1, **options: Any) -> Router:
    return Router(app("new", pieces), app("legacy"), TABLE, MemoryFlags(Snapshot(routes={"a": NEW})), **options)


async def test_both_sides_answers_say_who_answered_and_why() -> None:
    assert (await answered(router(), scope()))[1][b"x-bridge"] == b"new; stage new"
    assert (await answered(router(), scope(b"/z/")))[1][b"x-bridge"] == b"legacy; no claim"
    assert (await answered(router(header=None), scope()))[1].get(b"x-bridge") is None


async def test_head_of_a_moved_route_is_a_get_without_its_body() -> None:
    status, headers, body = await answered(router(pieces=3), scope(method="HEAD"))
    assert (status, headers[b"content-length"], body) == (200, b"21", b"")
    assert (await answered(router(), scope(b"/z/", method="HEAD")))[2] == b"legacy HEAD"


async def test_the_staff_override_is_asked_with_the_headers() -> None:
    def override(headers):
        return Side.LEGACY if (b"cookie", b"side=legacy") in headers else None

    request = scope(headers=(HOST, (b"cookie", b"side=legacy")))
    assert (await answered(router(override=override), request))[1][b"x-bridge"] == b"legacy; forced by staff"
    assert (await answered(router(override=override), scope()))[1][b"x-bridge"] == b"new; stage new"


async def test_the_bridges_own_pages_are_new_even_under_the_kill_switch() -> None:
    killed = Router(app("new"), app("legacy"), TABLE, MemoryFlags(Snapshot(killed=True)))
    assert (await answered(killed, scope(b"/_bridge/x", "POST")))[2] == b"new POST"
    assert (await answered(killed, scope()))[1][b"x-bridge"] == b"legacy; kill switch"


async def test_content_that_is_not_there_is_legacys_and_only_asked_for_when_new_would_answer() -> None:
    asked = []

    async def exists(path: str) -> bool:
        asked.append(path)
        return path == "there/"

    table = RouteTable([Claim("<path:path>", "page", "pages", exists=exists)])
    flags = MemoryFlags(Snapshot(routes={"page": NEW}))
    pages = Router(app("new"), app("legacy"), table, flags)
    assert (await answered(pages, scope(b"/there/")))[1][b"x-bridge"] == b"new; stage new"
    assert (await answered(pages, scope(b"/not/")))[1][b"x-bridge"] == b"legacy; no such content"
    flags.current = Snapshot()
    await answered(pages, scope(b"/there/"))
    assert asked == ["there/", "not/"]


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_over_the_limit_is_413_on_both_sides(declared: bool) -> None:
    length = ((b"content-length", b"9"),) if declared else ((b"transfer-encoding", b"chunked"),)
    limited = router(max_body=8)
    for path in (b"/a/b/", b"/z/"):
        request = scope(path, headers=(HOST, *length))
        assert (await answered(limited, request, (b"abcde", b"fghi")))[0] == 413
    assert (await answered(limited, scope(headers=(HOST,)), (b"abcde", b"fgh")))[0] == 200


async def test_a_path_that_is_read_once_reaches_decide_as_the_router_read_it() -> None:
    assert await router().decide(scope(b"/a/%62/")) == Decision(Side.NEW, "stage new", CLAIM, NEW)
    assert (await router().decide(scope(b"/a/%2e%2e/"))).reason == "path has two readings"


class Pool:
    def __init__(self) -> None:
        self.events: list[str] = []

    async def start(self) -> None:
        self.events.append("pool starts")

    async def stop(self) -> None:
        self.events.append("pool stops")

    async def __call__(self, scope, receive, send) -> None:
        self.events.append("called")


async def test_the_pool_lives_as_long_as_the_new_app() -> None:
    pool = Pool()

    async def new(scope, receive, send):
        for name in ("startup", "shutdown"):
            pool.events.append((await receive())["type"])
            await send({"type": f"lifespan.{name}.complete"})

    async def send(message):
        pool.events.append(message["type"])

    waiting = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive():
        return waiting.pop(0)

    await Router(new, pool, TABLE, MemoryFlags())({"type": "lifespan"}, receive, send)
    start = ["lifespan.startup", "pool starts", "lifespan.startup.complete"]
    assert pool.events == [*start, "lifespan.shutdown", "pool stops", "lifespan.shutdown.complete"]


async def test_a_new_app_that_fails_to_start_stops_the_pool_and_is_reported() -> None:
    pool = Pool()

    async def new(scope, receive, send):
        raise RuntimeError("no database")

    with pytest.raises(RuntimeError, match="no database"):
        await Router(new, pool, TABLE, MemoryFlags())({"type": "lifespan"}, None, None)
    assert pool.events == ["pool stops"]


def answering(status: int, body: bytes, *headers: tuple[bytes, bytes]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})

    return app


async def failing(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("the new side is broken")


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"legacy heard " + body})


async def ask(new: Any, method: str = "GET") -> tuple[bytes, str]:
    flags = MemoryFlags(Snapshot(domains={"letters": NEW}))
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"it all", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": "/both/",
        "raw_path": b"/both/",
        "headers": [],
        "query_string": b"",
        "http_version": "1.0",
    }
    await Router(new, echo, TABLE, flags)(scope, receive, send)
    return sent[1]["body"], dict(sent[0]["headers"])[b"x-bridge"].decode()


async def test_legacy_answers_what_the_new_side_gives_back_and_hears_it_from_the_start() -> None:
    given_back = answering(404, b"mark", (b"x-bridge-fallthrough", b"1"))
    assert await ask(given_back) == (b"legacy heard it all", "legacy; new has no answer")


async def test_legacy_answers_a_safe_request_that_the_new_side_failed() -> None:
    assert await ask(failing) == (b"legacy heard it all", "legacy; rescue")


async def test_an_unsafe_request_that_the_new_side_failed_is_not_asked_twice() -> None:
    with pytest.raises(RuntimeError):
        await ask(failing, "POST")


async def test_an_unsafe_request_is_given_back_while_all_of_its_body_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    given_back = answering(404, b"mark", (b"x-bridge-fallthrough", b"1"))
    assert await ask(given_back, "POST") == (b"legacy heard it all", "legacy; new has no answer")
    monkeypatch.setattr("legacy_adapters.router.HELD", 3)
    assert await ask(given_back, "POST") == (b"mark", "new; domain stage new")

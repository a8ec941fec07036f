"""The proxy between real Granian and a raw legacy: both bodies stream, headers stay, every failure has its name."""

import asyncio
import re
import socket
import threading
import time
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from legacy_adapters.hops import request_head, response_headers
from legacy_adapters.proxy import ExchangeError, Failure, LegacyProxy, Timeouts
from tests.legacy_adapters.conftest import Served
from tests.legacy_adapters.upstream import upstream

LARGE = 200_000_000


def resident(worker: int) -> int:
    """The most memory that the process has ever held, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{worker}/status").read_text())
    assert found is not None
    return int(found[1]) // 1024


def test_a_large_download_streams(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port)) as client:
        client.sendall(f"GET /bytes/{LARGE} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        got, piece = 0, bytearray(1 << 20)
        while size := client.recv_into(piece):
            got += size
    assert got > LARGE
    assert resident(served.worker) < 150


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_upload_streams(served: Served, chunked: bool) -> None:
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {LARGE}"
    piece = b"y" * 1_000_000
    framed = b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as client:
        client.sendall(f"POST /count HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n".encode())
        for _ in range(LARGE // len(piece)):
            client.sendall(framed)
        client.sendall(b"0\r\n\r\n" if chunked else b"")
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
    assert served.legacy.received == LARGE
    assert resident(served.worker) < 150


async def test_a_long_download_leaves_no_clock_running_for_the_next_exchange() -> None:
    with upstream() as legacy:
        proxy = LegacyProxy(f"http://127.0.0.1:{legacy.port}", timeouts=Timeouts(idle=0.2))
        for _ in range(5):
            assert (await Visitor("/bytes/20000000").ask(proxy)).status == 200
            assert (await Visitor("/sleep/300").ask(proxy)).status == 200
        await proxy.stop()


def test_a_client_that_does_not_read_stops_legacy_from_sending(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port)) as client:
        client.sendall(f"GET /bytes/{LARGE} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        time.sleep(0.3)
        sent = served.legacy.sent
        time.sleep(0.1)
        assert served.legacy.sent == sent
        assert sent < 40_000_000
    assert served.legacy.gone.wait(2)


def test_a_client_that_goes_away_while_it_waits_ends_the_exchange_with_legacy(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port)) as client:
        client.sendall(b"GET /stall/300 HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(0.1)
    with socket.create_connection(("127.0.0.1", served.port)) as client:
        client.sendall(b"POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
        time.sleep(0.1)
    assert served.legacy.gone.wait(2)
    assert served.legacy.bodies == [b""]


def test_headers_pass_raw_in_order_and_as_often_as_they_came(served: Served) -> None:
    answer = served.get(
        "/cookies", "Accept: a", "Accept: b", "X-Latin: caf\xe9", "Range: bytes=0-9", 'If-None-Match: W/"x"'
    )
    for header in (b"set-cookie: a=1; Path=/\r\nset-cookie: b=2\r\n", b"x-raw: caf\xe9\r\n"):
        assert header in answer
    assert b"x-hop" not in answer
    assert b"keep-alive" not in answer
    sent = b'accept: a\r\naccept: b\r\nx-latin: caf\xe9\r\nrange: bytes=0-9\r\nif-none-match: W/"x"\r\nx-forwarded-for'
    assert sent in served.legacy.heads[0]
    assert b"user-agent" not in served.legacy.heads[0]
    assert b"accept-encoding" not in served.legacy.heads[0]


def test_a_cookie_that_legacy_sets_for_one_visitor_is_not_sent_for_another(served: Served) -> None:
    served.get("/cookies")
    served.get("/x")
    assert b"cookie" not in served.legacy.heads[1]


def test_one_connection_serves_many_requests(served: Served) -> None:
    served.get("/x")
    before = served.legacy.connections
    for _ in range(3):
        served.get("/x")
    assert served.legacy.connections == before


@pytest.mark.parametrize(
    ("status", "line"),
    [(204, b"204 No Content"), (304, b"304 Not Modified"), (404, b"404 Not Found"), (302, b"302 Found")],
)
def test_a_status_passes(served: Served, status: int, line: bytes) -> None:
    assert served.get(f"/status/{status}").startswith(b"HTTP/1.1 " + line)


def test_head_keeps_the_length_and_has_no_body(served: Served) -> None:
    answer = served.get("/x", method="HEAD")
    assert b"\r\ncontent-length: 4242\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


def test_100_continue_comes_from_legacy_and_before_the_body(served: Served) -> None:
    expect = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as client:
        client.sendall(expect.encode())
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(65536).endswith(b"abc")
    refused = served.ask(expect.replace("/echo", "/refuse"))
    assert refused.startswith(b"HTTP/1.1 417")


def test_an_answer_before_the_end_of_the_upload_reaches_the_client(served: Served) -> None:
    answer = served.get("/early", f"Content-Length: {LARGE}", method="POST", body="abc")
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"early" in answer
    assert b"new:GET" in served.get("/moved/a/")


def test_events_arrive_as_they_are_sent(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as client:
        client.sendall(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
        answer, times = b"", []
        while b"data: 4" not in answer:
            answer += client.recv(65536)
            times.append(time.monotonic())
    assert len(times) >= 4
    assert times[-1] - times[0] > 0.25


@pytest.mark.parametrize(
    ("path", "status", "failure"),
    [
        ("/close", 502, Failure.CLOSED),
        ("/garbage", 502, Failure.UNREADABLE),
        ("/sleep/2500", 504, Failure.FIRST_BYTE_TIMEOUT),
        ("/status/101", 502, Failure.UNREADABLE),
    ],
)
def test_a_failure_of_legacy_has_a_status_a_name_and_a_time_to_retry(served: Served, path, status, failure) -> None:
    answer = served.get(path)
    assert answer.startswith(f"HTTP/1.1 {status}".encode())
    assert f"x-bridge-failure: {failure.label}\r\n".encode() in answer
    assert b"retry-after: 1\r\n" in answer
    assert b"cache-control: no-store" in answer
    assert b"x-bridge: legacy; no claim" in answer


@pytest.mark.parametrize("path", ["/cut", "/stall/1500"])
def test_half_an_answer_is_never_passed_off_as_whole(served: Served, path: str) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"hello" in answer
    assert not answer.endswith(b"0\r\n\r\n")


class Visitor:
    """An ASGI conversation in this process: what the proxy answers without a server around it."""

    def __init__(self, path: str = "/x", method: str = "GET", body: bytes = b"", client: str = "1.2.3.4") -> None:
        headers = [(b"host", b"site.example")]
        if body:
            headers.append((b"content-length", str(len(body)).encode()))
        self.scope = {
            "type": "http",
            "method": method,
            "raw_path": path.encode(),
            "query_string": b"",
            "scheme": "http",
        }
        self.scope |= {"headers": headers, "http_version": "1.1", "client": (client, 1), "server": ("s", 80)}
        self.body, self.status, self.headers, self.answer = [body], 0, {}, b""

    async def receive(self):
        if self.body:
            return {"type": "http.request", "body": self.body.pop()}
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.answer += message["body"]

    async def ask(self, proxy: LegacyProxy) -> "Visitor":
        await proxy(self.scope, self.receive, self.send)
        return self

    @property
    def failure(self) -> str:
        return self.headers.get(b"x-bridge-failure", b"").decode()


async def test_legacy_that_is_down_is_503_and_is_noticed_at_once_when_it_is_back() -> None:
    with upstream() as legacy:
        port = legacy.port
        proxy = LegacyProxy(f"http://127.0.0.1:{port}")
        assert (await Visitor().ask(proxy)).status == 200
        legacy.do(legacy.hang_up())
        down = await Visitor().ask(proxy)
        assert (down.status, down.failure) == (503, Failure.CONNECT.label)
        legacy.do(legacy.listen(port))
        assert (await Visitor().ask(proxy)).status == 200
        await proxy.stop()


async def test_an_address_that_swallows_connections_is_504() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        proxy = LegacyProxy(f"http://127.0.0.1:{full.getsockname()[1]}", timeouts=Timeouts(connect=0.2))
        seen = await Visitor().ask(proxy)
        assert (seen.status, seen.failure) == (504, Failure.CONNECT_TIMEOUT.label)
        await proxy.stop()
        for filler in fillers:
            filler.close()


async def test_a_pool_that_is_full_is_503_and_opens_no_more_connections() -> None:
    with upstream() as legacy:
        proxy = LegacyProxy(f"http://127.0.0.1:{legacy.port}", pool=2, timeouts=Timeouts(connect=0.2))
        seen = await asyncio.gather(*(Visitor("/sleep/500").ask(proxy) for _ in range(5)))
        assert sorted(visitor.status for visitor in seen) == [200, 200, 503, 503, 503]
        assert {visitor.failure for visitor in seen} == {"", Failure.POOL.label}
        assert legacy.connections == 2
        await proxy.stop()


async def test_an_exchange_that_takes_too_long_in_total_is_504() -> None:
    with upstream() as legacy:
        proxy = LegacyProxy(f"http://127.0.0.1:{legacy.port}", timeouts=Timeouts(total=0.2))
        assert (await Visitor("/sleep/900").ask(proxy)).failure == Failure.TOTAL_TIMEOUT.label
        await proxy.stop()


class Stalling(Visitor):
    """A visitor who stops half-way: sends no more than the first piece of a body, or takes no more than `takes` pieces."""

    def __init__(self, *arguments: object, takes: int = 10**9, announced: int = 0, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self.takes, self.left = takes, threading.Event()
        if announced:
            self.scope["headers"] = [(b"host", b"a"), (b"content-length", str(announced).encode())]

    async def receive(self):
        if self.body:
            return {"type": "http.request", "body": self.body.pop(), "more_body": True}
        await asyncio.sleep(60)
        raise AssertionError

    async def send(self, message):
        await super().send(message)
        if message["type"] == "http.response.body":
            self.takes -= 1
            if self.takes < 0:
                await asyncio.sleep(60)


async def test_a_visitor_who_stops_reading_is_cut_off_and_legacy_let_go() -> None:
    with upstream() as legacy:
        proxy = LegacyProxy(f"http://127.0.0.1:{legacy.port}", pool=1, timeouts=Timeouts(idle=0.3, connect=0.5))
        began = time.monotonic()
        with pytest.raises(ExchangeError) as cut:
            await Stalling(f"/bytes/{LARGE}", takes=3).ask(proxy)
        assert cut.value.failure is Failure.CLIENT_SLOW
        assert 0.25 < time.monotonic() - began < 2
        assert await asyncio.to_thread(legacy.gone.wait, 2)
        assert (await Visitor().ask(proxy)).status == 200, "its place in the pool is free again"
        await proxy.stop()


async def test_a_visitor_who_reads_slowly_but_goes_on_is_served_to_the_end() -> None:
    class Slow(Visitor):
        async def send(self, message):
            await super().send(message)
            await asyncio.sleep(0.02)

    with upstream() as legacy:
        proxy = LegacyProxy(f"http://127.0.0.1:{legacy.port}", timeouts=Timeouts(idle=0.15))
        seen = await Slow("/bytes/3000000").ask(proxy)
        assert (seen.status, len(seen.answer)) == (200, 3_000_000)
        await proxy.stop()


async def test_an_upload_that_stalls_is_408_and_legacy_let_go() -> None:
    with upstream() as legacy:
        proxy = LegacyProxy(f"http://127.0.0.1:{legacy.port}", pool=1, timeouts=Timeouts(idle=0.3, connect=0.5))
        began = time.monotonic()
        seen = await Stalling("/count", "POST", b"abc", announced=9).ask(proxy)
        assert (seen.status, seen.failure) == (408, Failure.CLIENT_SLOW.label)
        assert 0.25 < time.monotonic() - began < 2
        assert await asyncio.to_thread(legacy.gone.wait, 2)
        assert legacy.bodies == []
        assert (await Visitor().ask(proxy)).status == 200
        await proxy.stop()


def test_an_upload_that_stalls_is_answered_over_a_real_server(served: Served) -> None:
    answer = served.ask("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", timeout=4)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"x-bridge-failure: client too slow" in answer
    assert served.legacy.bodies == []


async def test_a_legacy_that_takes_no_more_of_an_upload_is_504() -> None:
    class Endless(Visitor):
        async def receive(self):
            await asyncio.sleep(0)
            return {"type": "http.request", "body": b"y" * 100_000, "more_body": True}

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        proxy = LegacyProxy(f"http://127.0.0.1:{deaf.getsockname()[1]}", timeouts=Timeouts(idle=0.3))
        visitor = Endless("/count", "POST")
        visitor.scope["headers"] = [(b"host", b"a"), (b"content-length", str(LARGE).encode())]
        seen = await visitor.ask(proxy)
        assert (seen.status, seen.failure) == (504, Failure.IDLE_TIMEOUT.label)
        await proxy.stop()


class Quitter(threading.Thread):
    """A server that answers the first request of a connection and hangs up on the second: a stale keep-alive."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                self.requests.append(connection.recv(65536))
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                self.requests.append(connection.recv(65536))


@pytest.mark.parametrize(
    ("method", "body", "status", "requests"),
    [
        ("GET", b"", 200, 3),
        ("HEAD", b"", 200, 3),
        ("DELETE", b"", 502, 2),
        ("POST", b"abc", 502, 2),
        ("GET", b"abc", 502, 2),
    ],
)
async def test_only_a_safe_request_without_a_body_is_asked_again_on_a_stale_connection(
    method, body, status, requests
) -> None:
    legacy = Quitter()
    legacy.start()
    proxy = LegacyProxy(f"http://127.0.0.1:{legacy.socket.getsockname()[1]}")
    assert (await Visitor().ask(proxy)).status == 200
    assert (await Visitor(method=method, body=body).ask(proxy)).status == status
    assert len([request for request in legacy.requests if request]) == requests
    await proxy.stop()
    legacy.socket.close()


def test_a_trusted_proxy_in_front_is_believed_and_added_to_the_chain() -> None:
    proxy = LegacyProxy("http://legacy", trusted=["10.0.0.0/8"])
    said = [
        (b"x-forwarded-for", b"9.9.9.9"),
        (b"x-forwarded-proto", b"https"),
        (b"x-forwarded-host", b"public.example"),
    ]
    for peer, believed in (("10.1.2.3", True), ("1.2.3.4", False)):
        scope = Visitor(client=peer).scope
        scope["headers"] += said
        head = request_head(scope, proxy.trusted)[0]
        assert (b"x-forwarded-for: 9.9.9.9, 10.1.2.3\r\nx-forwarded-proto: https\r\n" in head) is believed
        assert (b"x-forwarded-host: public.example" in head) is believed
        assert (b"x-forwarded-for: 1.2.3.4\r\nx-forwarded-proto: http\r\n" in head) is not believed


def test_a_length_beside_chunks_is_not_repeated_to_the_client() -> None:
    raw = [(b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked"), (b"Date", b"today")]
    assert response_headers(raw) == [(b"date", b"today")]


async def echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(protocols=["chat"])
    await socket.prepare(request)
    await socket.send_str(
        f"{request.path_qs} {request.headers['Host']} {request.headers['X-Forwarded-For']} {request.headers['Cookie']}"
    )
    async for message in socket:
        if message.data == "close":
            await socket.close(code=4001)
        elif message.type is aiohttp.WSMsgType.TEXT:
            await socket.send_str(message.data[::-1])
        else:
            await socket.send_bytes(message.data[::-1])
    return socket


@pytest.fixture
async def websocket_legacy():
    app = web.Application()
    app.router.add_get("/chat/", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_a_websocket_passes_both_ways(websocket_legacy: int) -> None:
    from tests.legacy_adapters.serving import granian

    with granian("tests.legacy_adapters.site:app", UPSTREAM=f"http://127.0.0.1:{websocket_legacy}") as (port, _):
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{port}/chat/?room=1"
            async with session.ws_connect(url, protocols=["other", "chat"], headers={"Cookie": "a=1"}) as socket:
                assert socket.protocol == "chat"
                assert await socket.receive_str() == f"/chat/?room=1 127.0.0.1:{port} 127.0.0.1 a=1"
                await socket.send_str("abc")
                assert await socket.receive_str() == "cba"
                await socket.send_bytes(b"\0\1")
                assert await socket.receive_bytes() == b"\1\0"
                await socket.send_str("close")
                await socket.receive()
                assert socket.close_code == 4001
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(f"http://127.0.0.1:{port}/nothing/")


async def shaken(port: int, **limits: float) -> tuple[list[dict[str, object]], float]:
    """What a visitor's WebSocket hears while legacy does what it does, and how long that took."""
    heard: list[dict[str, object]] = []
    visitor = Visitor("/chat/")
    scope = {**visitor.scope, "type": "websocket", "subprotocols": []}

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, object]) -> None:
        heard.append(message)

    proxy = LegacyProxy(f"http://127.0.0.1:{port}", timeouts=Timeouts(**limits))
    began = time.monotonic()
    await proxy(scope, receive, send)
    await proxy.stop()
    return heard, time.monotonic() - began


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def dribbling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A head that never ends: each byte is in time, the whole is not."""
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\n")
    for number in range(200):
        writer.write(b"X-%d: 1\r\n" % number)
        await asyncio.sleep(0.05)
    writer.close()


async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
    await reader.read()
    writer.close()


@pytest.mark.parametrize(
    ("legacy", "least", "most"),
    [(silent, 0.35, 2), (dribbling, 0.35, 2), (refusing, 0, 0.35)],
    ids=["silent", "dribbling", "refusing"],
)
async def test_a_websocket_that_legacy_does_not_accept_in_time_is_closed(legacy, least, most) -> None:
    async with await asyncio.start_server(legacy, "127.0.0.1", 0) as server:
        heard, seconds = await shaken(server.sockets[0].getsockname()[1], handshake=0.4, connect=5)
    assert heard == [{"type": "websocket.close", "code": 1013}]
    assert least <= seconds < most


async def test_a_websocket_to_nobody_is_closed_at_once() -> None:
    heard, seconds = await shaken(9)
    assert heard == [{"type": "websocket.close", "code": 1013}]
    assert seconds < 2


def test_an_upgrade_that_asgi_cannot_carry_is_answered_without_it(served: Served) -> None:
    answer = served.get("/x", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: x")
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"upgrade" not in served.legacy.heads[0].lower()

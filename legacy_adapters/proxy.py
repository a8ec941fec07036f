"""Legacy, as an ASGI app: each request goes to the old site unchanged, each answer comes back unchanged.

1. write the head: the client's own headers, raw and in order, without what belongs to one hop, with X-Forwarded-*
2. take a connection from the bounded pool, or open one
3. stream the request body up, as fast as legacy takes it and no faster
4. read legacy's head; the client's 100-continue is passed on, other 1xx cannot be said in ASGI and are dropped
5. stream the answer down, as fast as the client takes it
6. give the connection back, or close it where anything is left on it

A client that goes away ends the exchange with legacy at once. Every wait has a limit, and each failure a name
(`Failure`). Nothing is retried but a GET, HEAD or OPTIONS without a body whose kept-alive connection had been closed
before a byte of an answer came, and that once. There is no breaker: each request asks, so a legacy that is back is
noticed by the next one.

Refuses: to follow redirects, to keep cookies, to decode bodies, to speak in a client's name about where it comes from.
An `Upgrade` other than WebSocket is answered without it, as HTTP allows, since ASGI has no raw connection to give.
The connector and response parser are aiohttp's; its session is not used for HTTP, because it costs more than both.
"""

import asyncio
import contextlib
import ipaddress
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import StreamReader
from yarl import URL

from legacy_adapters import websockets
from legacy_adapters.asgi import Receive, Scope, Send, answer_plain
from legacy_adapters.hops import BrokenHead, Network, request_head, response_headers

SAFE_TO_REPEAT = frozenset({"GET", "HEAD", "OPTIONS"})
NOTICE_LEAVING_AFTER = 0.05  # seconds; most answers are there before it is worth watching the client


class Failure(Enum):
    """Where an exchange with legacy broke: the name in headers and logs, and the status the visitor gets."""

    CONNECT = ("connect", 503)
    CONNECT_TIMEOUT = ("connect timeout", 504)
    POOL = ("no free connection", 503)
    CLOSED = ("closed before an answer", 502)
    UNREADABLE = ("unreadable answer", 502)
    FIRST_BYTE_TIMEOUT = ("first byte timeout", 504)
    IDLE_TIMEOUT = ("idle timeout", 504)
    TOTAL_TIMEOUT = ("total timeout", 504)
    CLIENT_SLOW = ("client too slow", 408)
    CLIENT_GONE = ("client gone, or a broken body", 400)
    BAD_HEAD = ("bad request head", 400)
    CUT_OFF = ("answer cut off", 502)

    def __init__(self, label: str, status: int) -> None:
        self.label, self.status = label, status


class ExchangeError(Exception):
    """An exchange with legacy that failed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.label)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `first_byte` runs from the end of the request, `idle` between two pieces of either body.

    `handshake` is all the time that legacy has to accept a WebSocket, however it spends it.
    """

    connect: float = 2.0
    first_byte: float = 60.0
    idle: float = 60.0
    total: float = 3600.0
    handshake: float = 10.0
    keep_alive: float = 1.5  # below gunicorn's 2 s, so that it is we who close an idle connection


class LegacyProxy:
    """`upstream` is legacy's address, `http://host:port`. `pool` bounds the connections to it.

    `trusted` are the networks of proxies in front of us: their X-Forwarded-* are kept and the peer is appended; from
    anyone else these headers are replaced.
    """

    def __init__(
        self,
        upstream: str,
        *,
        timeouts: Timeouts | None = None,
        pool: int = 100,
        trusted: Iterable[str] = (),
        retry_after: int = 1,
    ) -> None:
        self.upstream = URL(upstream)
        self.timeouts = timeouts or Timeouts()
        self.pool = pool
        self.trusted: tuple[Network, ...] = tuple(ipaddress.ip_network(network) for network in trusted)
        self.open = 0
        self.reusable: weakref.WeakSet[ResponseHandler] = weakref.WeakSet()
        self._retry_after = str(retry_after).encode()
        self._connector: aiohttp.TCPConnector | None = None

    async def start(self) -> None:
        if self._connector is not None:
            return
        self._connector = aiohttp.TCPConnector(limit=self.pool, keepalive_timeout=self.timeouts.keep_alive)
        self._key = aiohttp.ClientRequest("GET", self.upstream, loop=asyncio.get_running_loop())
        self._limits = aiohttp.ClientTimeout(connect=self.timeouts.connect)

    async def stop(self) -> None:
        if self._connector is not None:
            connector, self._connector = self._connector, None
            await connector.close()

    async def connection(self) -> Connection:
        """Step 2: a connection to legacy, kept alive or new. Raises ExchangeError."""
        if self._connector is None:
            await self.start()
        assert self._connector is not None
        try:
            return await self._connector.connect(self._key, [], self._limits)
        except TimeoutError as error:
            full = self.open > self.pool
            raise ExchangeError(Failure.POOL if full else Failure.CONNECT_TIMEOUT) from error
        except (aiohttp.ClientError, OSError) as error:
            raise ExchangeError(Failure.CONNECT) from error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            limits = self.timeouts.connect, self.timeouts.handshake
            return await websockets.relay(self.upstream, self.trusted, limits, scope, receive, send)
        exchange = _Exchange(self, scope, receive, send)
        self.open += 1
        try:
            await exchange.run()
        except ExchangeError as error:
            failure = error.failure
            if exchange.started:
                if failure is Failure.CLIENT_GONE:
                    return None
                raise  # the server must cut the connection: a clean end would pass half an answer off as whole
            await self._apologise(scope, send, failure)
        finally:
            self.open -= 1
        return None

    async def _apologise(self, scope: Scope, send: Send, failure: Failure) -> None:
        headers = [(b"x-bridge-failure", failure.label.encode())]
        if failure.status >= 500:
            headers.append((b"retry-after", self._retry_after))
        if scope["http_version"].startswith("1"):
            headers.append((b"connection", b"close"))
        text = "This page is not available right now. Please try again in a moment."
        await answer_plain(send, failure.status, text if failure.status >= 500 else failure.label, headers)


class _Exchange:
    """One request and its answer."""

    __slots__ = ("_cause", "_continued", "_proxy", "_receive", "_send", "_sent", "_task", "_up", "scope", "started")

    def __init__(self, proxy: LegacyProxy, scope: Scope, receive: Receive, send: Send) -> None:
        self._proxy, self.scope, self._receive, self._send = proxy, scope, receive, send
        self.started = self._sent = False
        self._up: asyncio.Task[None] | None = None
        self._cause: Failure | None = None
        self._continued: asyncio.Event | None = None

    async def run(self) -> None:
        """Steps 1 to 6. Raises ExchangeError."""
        try:
            head, length, expects = request_head(self.scope, self._proxy.trusted)  # 1
        except BrokenHead as error:
            raise ExchangeError(Failure.BAD_HEAD) from error
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        if expects:
            self._continued = asyncio.Event()
        loop = asyncio.get_running_loop()
        total = loop.call_later(self._proxy.timeouts.total, self._end, Failure.TOTAL_TIMEOUT)
        watch = loop.call_later(NOTICE_LEAVING_AFTER, self._watch) if length == 0 else None
        try:
            await self._with_retry(head, length)
        except asyncio.CancelledError:
            if self._cause is None:
                raise
            task.uncancel()
            raise ExchangeError(self._cause) from None
        finally:
            total.cancel()
            if watch:
                watch.cancel()
            if self._up:
                self._up.cancel()

    async def _with_retry(self, head: bytes, length: int | None) -> None:
        connection = await self._proxy.connection()  # 2
        protocol = connection.protocol
        assert protocol is not None
        stale = protocol in self._proxy.reusable
        try:
            await self._exchange(connection, head, length)
        except ExchangeError as error:
            once_more = stale and length == 0 and self.scope["method"] in SAFE_TO_REPEAT
            if error.failure is not Failure.CLOSED or not once_more:
                raise
            await self._exchange(await self._proxy.connection(), head, length)

    async def _exchange(self, connection: Connection, head: bytes, length: int | None) -> None:
        protocol = connection.protocol
        assert protocol is not None
        timeouts = self._proxy.timeouts
        try:
            if protocol.transport is None:
                raise ExchangeError(Failure.CLOSED)
            protocol.set_response_params(
                skip_payload=self.scope["method"] == "HEAD",
                read_until_eof=True,
                auto_decompress=False,
                read_timeout=timeouts.first_byte if length == 0 else None,
                max_line_size=16384,
                max_field_size=65536,
                max_headers=512,
            )
            protocol.transport.write(head)
            self._sent = length == 0
            if self._sent:
                protocol.start_timeout()
            else:
                self._up = asyncio.create_task(self._upload(protocol, length))  # 3
            message, payload = await self._answer_head(protocol)  # 4
            protocol.read_timeout = timeouts.idle
            await self._download(connection, message, payload)  # 5
        finally:
            if not self._sent and protocol.transport is not None:
                protocol.transport.abort()  # to close would first wait for a legacy that no longer takes the body
            connection.close()  # 6; does nothing where it was given back

    async def _answer_head(self, protocol: ResponseHandler) -> tuple[RawResponseMessage, StreamReader]:
        while True:
            try:
                message, payload = await protocol.read()
            except aiohttp.ServerTimeoutError as error:
                raise ExchangeError(Failure.FIRST_BYTE_TIMEOUT) from error
            except HttpProcessingError as error:
                raise ExchangeError(Failure.UNREADABLE) from error
            except aiohttp.ServerDisconnectedError as error:
                partial = isinstance(error.message, RawResponseMessage)
                raise ExchangeError(Failure.UNREADABLE if partial else Failure.CLOSED) from error
            except (aiohttp.ClientError, OSError) as error:
                raise ExchangeError(Failure.CLOSED) from error
            if message.code >= 200:
                return message, payload
            if message.code == 101:
                raise ExchangeError(Failure.UNREADABLE)
            if message.code == 100 and self._continued:
                self._continued.set()

    async def _download(self, connection: Connection, message: RawResponseMessage, payload: StreamReader) -> None:
        try:
            headers = response_headers(message.raw_headers)
        except BrokenHead as error:
            raise ExchangeError(Failure.UNREADABLE) from error
        start = {"type": "http.response.start", "status": message.code, "headers": headers}
        body = payload.read_nowait() if payload.is_eof() else None
        if body is not None:
            self._give_back(connection)
        self.started = True
        await self._send(start)
        while body is None:
            try:
                piece = await payload.readany()
            except aiohttp.ServerTimeoutError as error:
                raise ExchangeError(Failure.IDLE_TIMEOUT) from error
            except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
                raise ExchangeError(Failure.CUT_OFF) from error
            if not piece and payload.at_eof():
                body = piece
                self._give_back(connection)
            else:
                await self._send_piece(piece)
        await self._send({"type": "http.response.body", "body": body})

    async def _send_piece(self, piece: bytes) -> None:
        try:
            async with asyncio.timeout(self._proxy.timeouts.idle):
                await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        except TimeoutError as error:
            raise ExchangeError(Failure.CLIENT_SLOW) from error

    def _give_back(self, connection: Connection) -> None:
        """Keep the connection where both bodies ended; else the next visitor would get what is left of this one."""
        protocol = connection.protocol
        if protocol is not None and self._sent:
            protocol.read_timeout = None  # a clock left running would end the next visitor's exchange
            protocol.start_timeout()
            self._proxy.reusable.add(protocol)
            connection.release()

    async def _upload(self, protocol: ResponseHandler, length: int | None) -> None:
        """Step 3. Where legacy no longer takes the body, stop: what it answers is still to be read."""
        with contextlib.suppress(aiohttp.ClientError, OSError):
            if self._continued:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._continued.wait(), 1)
            await self._pieces(protocol, length)
            await self._until_gone()

    async def _pieces(self, protocol: ResponseHandler, length: int | None) -> None:
        more, left = True, length or 0
        while more:
            try:
                async with asyncio.timeout(self._proxy.timeouts.idle):
                    message = await self._receive()
            except TimeoutError:
                return self._end(Failure.CLIENT_SLOW)
            if message["type"] == "http.disconnect":
                return self._end(Failure.CLIENT_GONE)
            piece, more = message.get("body", b""), message.get("more_body", False)
            left -= len(piece)
            if length is not None and (left < 0 or (left > 0 and not more)):
                return self._end(Failure.BAD_HEAD)
            if piece and length is None:
                piece = b"%x\r\n%b\r\n" % (len(piece), piece)
            if not more and length is None:
                piece += b"0\r\n\r\n"
            if protocol.transport is None:
                return None
            protocol.transport.write(piece)
            try:
                async with asyncio.timeout(self._proxy.timeouts.idle):
                    await protocol._drain_helper()
            except TimeoutError:
                return self._end(Failure.IDLE_TIMEOUT)
        self._sent = True
        if protocol.read_timeout is None:
            protocol.read_timeout = self._proxy.timeouts.first_byte
        protocol.start_timeout()
        return None

    def _watch(self) -> None:
        self._up = asyncio.create_task(self._until_gone())

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._end(Failure.CLIENT_GONE)

    def _end(self, failure: Failure) -> None:
        if self._cause is None:
            self._cause = failure
            self._task.cancel()

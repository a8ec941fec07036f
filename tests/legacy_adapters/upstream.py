"""A raw legacy: a socket server that records the bytes it gets and answers what its path tells it to.

Paths: `/sleep/<ms>`, `/bytes/<n>`, `/chunks/<n>`, `/close`, `/cut`, `/garbage`, `/early`, `/events`, `/status/<n>`,
`/echo` (the request's body), anything else (the request's head).
"""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PIECE = b"x" * 65536


class Upstream:
    """Runs in a thread of its own. `heads` are the request heads as they came, `connections` how many were opened."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self.received = 0
        self.sent = 0
        self.gone = threading.Event()
        self.port = 0
        self.loop = asyncio.new_event_loop()
        self.writers: set[asyncio.StreamWriter] = set()
        self.server: asyncio.Server | None = None

    async def listen(self, port: int = 0) -> None:
        self.server = await asyncio.start_server(self.client, "127.0.0.1", port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def hang_up(self) -> None:
        """Close the port and every connection, as a stopped server does."""
        assert self.server is not None
        self.server.close()
        for writer in list(self.writers):
            writer.close()

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    async def drop_connections(self) -> None:
        for writer in list(self.writers):
            writer.close()

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.add(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                if not await self.answer(head, reader, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone.set()
        finally:
            self.writers.discard(writer)
            writer.close()

    async def body(self, head: bytes, reader: asyncio.StreamReader, keep: bool) -> bytes:
        kept = []
        if found := re.search(rb"\r\ncontent-length: (\d+)\r\n", head):
            left = int(found[1])
            while left:
                piece = await reader.read(min(left, 65536))
                if not piece:
                    raise asyncio.IncompleteReadError(b"", left)
                left -= len(piece)
                self.received += len(piece)
                if keep:
                    kept.append(piece)
        elif b"\r\ntransfer-encoding: chunked\r\n" in head:
            while size := int(await reader.readuntil(b"\r\n"), 16):
                kept.append((await reader.readexactly(size + 2))[:-2])
                self.received += size
            await reader.readexactly(2)
        return b"".join(kept)

    async def answer(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        name, _, argument = head.split(b" ")[1].split(b"?")[0].strip(b"/").partition(b"/")
        if name == b"early":
            writer.write(b"HTTP/1.1 413 Too Big\r\ncontent-length: 5\r\n\r\nearly")
            await writer.drain()
            return False
        if b"expect: 100-continue" in head and name != b"refuse":
            writer.write(b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
        if name == b"refuse":
            writer.write(b"HTTP/1.1 417 No\r\ncontent-length: 2\r\n\r\nno")
            await writer.drain()
            return False
        body = await self.body(head, reader, keep=name == b"echo")
        self.bodies.append(body)
        return await self.reply(name, int(argument) if argument.isdigit() else 0, head, body, writer)

    async def reply(self, name: bytes, number: int, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        if name == b"sleep":
            await asyncio.sleep(number / 1000)
        if name == b"close":
            return False
        if name == b"garbage":
            writer.write(b"220 smtp ready\r\n\r\n")
        elif name == b"cut":
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)
            return False
        elif name == b"stall":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello")
            await asyncio.sleep(number / 1000)
            return False
        elif name == b"bytes":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % number)
            for start in range(0, number, len(PIECE)):
                writer.write(PIECE[: number - start])
                await writer.drain()
                self.sent += len(PIECE)
        elif name == b"events":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
            for event in range(5):
                text = b"data: %d\n\n" % event
                writer.write(b"%x\r\n%b\r\n" % (len(text), text))
                await writer.drain()
                await asyncio.sleep(0.1)
            writer.write(b"0\r\n\r\n")
        elif name == b"cookies":
            extra = b"Set-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\nX-Raw: caf\xe9\r\nConnection: x-hop\r\nX-Hop: 1\r\n"
            writer.write(b"HTTP/1.1 200 OK\r\n%bKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n" % extra)
        elif name == b"status":
            writer.write(b"HTTP/1.1 %d Odd\r\ncontent-length: 0\r\n\r\n" % number)
        else:
            text = b"" if head.startswith(b"HEAD ") else (body if name == b"echo" else head)
            length = 4242 if head.startswith(b"HEAD ") else len(text)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (length, text))
        await writer.drain()
        return True


@contextmanager
def upstream() -> Iterator[Upstream]:
    legacy = Upstream()
    thread = threading.Thread(target=legacy.loop.run_forever, daemon=True)
    thread.start()
    legacy.do(legacy.listen())
    try:
        yield legacy
    finally:
        legacy.do(legacy.hang_up())
        legacy.loop.call_soon_threadsafe(legacy.loop.stop)
        thread.join(5)


def ask(port: int, request: bytes, timeout: float = 5.0) -> bytes:
    """Write raw bytes, read until the server closes, has been silent for 0.3 s after an answer, or `timeout` is over."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(request)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            connection.settimeout(0.3 if answer else max(0.01, deadline - time.monotonic()))
            try:
                piece = connection.recv(65536)
            except TimeoutError:
                break
            except ConnectionResetError:
                return answer + b"<closed>"
            if not piece:
                return answer + b"<closed>"
            answer += piece
    return answer

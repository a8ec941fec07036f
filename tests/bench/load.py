"""A load generator of our own: keep-alive connections over plain sockets, one request after the other on each.

Counts whole answers by Content-Length, so the server does the work and the client does little.
"""

import asyncio
import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """Requests per second, and the median time of one in milliseconds."""

    rate: float
    p50: float
    failed: int


class _Client(asyncio.Protocol):
    def __init__(self, request: bytes, until: float, times: list[float]) -> None:
        self.request, self.until, self.times = request, until, times
        self.buffer, self.failed = b"", 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.began = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[: end + 2].lower()
        at = head.index(b"\r\ncontent-length:") + 17
        if len(self.buffer) < end + 4 + int(head[at : head.index(b"\r\n", at)]):
            return
        self.failed += not head.startswith(b"http/1.1 200")
        self.buffer = b""
        now = time.perf_counter()
        self.times.append(now - self.began)
        if now < self.until:
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, exc) -> None:
        if time.perf_counter() < self.until:
            self.failed += 1
        self.done.set_result(None)


async def _run(port: int, path: str, connections: int, seconds: float) -> Load:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    times: list[float] = []
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    made = [
        loop.create_connection(lambda: _Client(request, began + seconds, times), "127.0.0.1", port)
        for _ in range(connections)
    ]
    clients = [protocol for _, protocol in await asyncio.gather(*made)]
    await asyncio.gather(*(client.done for client in clients))
    took = time.perf_counter() - began
    return Load(len(times) / took, statistics.median(times) * 1000, sum(client.failed for client in clients))


def load(port: int, path: str = "/", connections: int = 16, seconds: float = 2.0) -> Load:
    import uvloop

    return uvloop.run(_run(port, path, connections, seconds))

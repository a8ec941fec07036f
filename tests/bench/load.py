"""A load generator of our own: keep-alive connections over plain sockets, one request after the other on each.

Counts whole answers by Content-Length, so the server does the work and the client does little.
"""

import asyncio
import math
import statistics
import time
from dataclasses import dataclass

import uvloop


@dataclass(frozen=True, slots=True)
class Load:
    """Requests per second, and the times of one in milliseconds: half are below `p50`, 99 of 100 below `p99`."""

    rate: float
    p50: float
    p99: float
    failed: int


class _Client(asyncio.Protocol):
    def __init__(self, asked: str, until: float, times: list[float], most: float) -> None:
        self.asked, self.until, self.times, self.most = asked, until, times, most
        self.buffer, self.failed, self.ended = b"", 0, False
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        visitor = len(self.times)  # an address of its own for each request: limits per visitor are not what is measured
        address = f"198.{18 + visitor // 65536 % 2}.{visitor // 256 % 256}.{visitor % 256}"
        head = f"GET {self.asked}X-Forwarded-For: {address}\r\n\r\n"
        self.began = time.perf_counter()
        self.transport.write(head.encode())

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
        if now < self.until and len(self.times) < self.most:
            self.ask()
        else:
            self.ended = True
            self.transport.close()

    def connection_lost(self, exc) -> None:
        self.failed += not self.ended
        self.done.set_result(None)


async def _run(port: int, path: str, connections: int, seconds: float, most: float, cookie: str) -> Load:
    asked = f"{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "")
    times: list[float] = []
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    made = [
        loop.create_connection(lambda: _Client(asked, began + seconds, times, most), "127.0.0.1", port)
        for _ in range(connections)
    ]
    clients = [protocol for _, protocol in await asyncio.gather(*made)]
    await asyncio.gather(*(client.done for client in clients))
    took = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times) / took, cuts[49] * 1000, cuts[98] * 1000, sum(client.failed for client in clients))


def load(
    port: int,
    path: str = "/",
    connections: int = 16,
    seconds: float = 2.0,
    most: float = math.inf,
    *,
    cookie: str = "",
) -> Load:
    """Ask for `seconds`, or until there are `most` answers; `cookie` is sent along."""
    return uvloop.run(_run(port, path, connections, seconds, most, cookie))

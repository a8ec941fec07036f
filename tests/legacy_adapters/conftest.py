"""Real Granian with the router, before a raw legacy that records what it gets. One process each for the whole suite."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.legacy_adapters.serving import granian
from tests.legacy_adapters.upstream import Upstream, ask, upstream


@dataclass
class Served:
    legacy: Upstream
    port: int
    worker: int

    def ask(self, request: str | bytes, timeout: float = 5.0) -> bytes:
        return ask(self.port, request.encode("latin-1") if isinstance(request, str) else request, timeout)

    def get(self, path: str, *headers: str, method: str = "GET", body: str = "") -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: site.example", *headers, "", body]
        return self.ask("\r\n".join(lines))


@pytest.fixture(scope="session")
def one_server() -> Iterator[Served]:
    with (
        upstream() as legacy,
        granian("tests.legacy_adapters.site:app", UPSTREAM=f"http://127.0.0.1:{legacy.port}") as (port, worker),
    ):
        yield Served(legacy, port, worker)


@pytest.fixture
def served(one_server: Served) -> Served:
    legacy = one_server.legacy
    legacy.heads.clear()
    legacy.bodies.clear()
    legacy.gone.clear()
    legacy.received = legacy.sent = 0
    return one_server

"""Capture: ask one side once, and keep what it said.

An answer is kept raw: header lines in their order and with their duplicates, the body as it came over the wire. No
redirect is followed, no cookie is remembered, nothing is decoded. A side that refuses, stalls, resets or stops half-way
is an observation too: its `error` names what happened. Bodies are kept up to a limit; beyond it only their size and
digest count.
"""

import asyncio
import hashlib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

BODY_LIMIT = 4 * 1024 * 1024
HARD_LIMIT = 256 * 1024 * 1024
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A request to compare. `path` begins with a slash and carries its query; `route` is the name operators know.

    `persona` is who asks, empty for anybody; the cookies that prove it are among the headers.
    """

    path: str
    method: str = "GET"
    route: str = ""
    headers: Headers = ()
    body: bytes = b""
    persona: str = ""

    @property
    def identity(self) -> str:
        return f"{self.method} {self.path}{f' as {self.persona}' if self.persona else ''}"


@dataclass(frozen=True, slots=True)
class Observation:
    """One side's answer to one case. `size` and `digest` are those of the whole body, `body` may be cut."""

    origin: str
    status: int = 0
    headers: Headers = ()
    body: bytes = b""
    method: str = "GET"
    path: str = "/"
    size: int = -1
    digest: str = ""
    seconds: float = 0.0
    error: str = ""

    @property
    def cut(self) -> bool:
        return self.size > len(self.body)

    def all(self, name: str) -> list[str]:
        name = name.lower()
        return [value for key, value in self.headers if key.lower() == name]

    def first(self, name: str, default: str = "") -> str:
        return next(iter(self.all(name)), default)


class Ask(Protocol):
    """What a runner needs of a side."""

    origin: str

    async def ask(self, case: Case) -> Observation: ...


@dataclass(slots=True)
class Side:
    """One side over real HTTP; an async context manager that owns the connections.

    `headers` are sent with every case and win over the case's own of the same name.
    """

    origin: str
    headers: Headers = ()
    timeout: float = 30.0
    connections: int = 8
    body_limit: int = BODY_LIMIT
    _session: aiohttp.ClientSession | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValueError(f"{self.origin!r} is not an address: write http://host:port")
        self.origin = f"{parts.scheme}://{parts.netloc}"

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.connections, ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=self.timeout, sock_connect=min(self.timeout, 10)),
            headers={"User-Agent": "bridge-parity", "Accept": "*/*", "Accept-Encoding": "gzip"},
            max_line_size=65536,
            max_field_size=65536,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, case: Case) -> Observation:
        """One request, one answer. Never raises for what a server or the network does."""
        if self._session is None:
            raise RuntimeError("open the side first: async with Side(…) as side")
        clock = asyncio.get_running_loop().time
        begin = clock()
        head = _Head()
        try:
            async with self._session.request(
                case.method,
                URL(self.origin + case.path, encoded=True),
                headers=merged(case.headers, self.headers),
                data=case.body or None,
                allow_redirects=False,
            ) as response:
                head.take(response)
                body, size, digest = await _read(response, self.body_limit)
        except Exception as error:
            named = name_of(error)
            if not named:
                raise
            return head.observation(self.origin, case, seconds=clock() - begin, error=named)
        return head.observation(self.origin, case, body=body, size=size, digest=digest, seconds=clock() - begin)


@dataclass(slots=True)
class _Head:
    """What is known of an answer while its body is still on its way."""

    status: int = 0
    headers: Headers = ()

    def take(self, response: aiohttp.ClientResponse) -> None:
        self.status = response.status
        self.headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers)

    def observation(
        self,
        origin: str,
        case: Case,
        *,
        seconds: float,
        body: bytes = b"",
        size: int = -1,
        digest: str = "",
        error: str = "",
    ) -> Observation:
        return Observation(
            origin, self.status, self.headers, body, case.method, case.path, size, digest, seconds, error
        )


async def _read(response: aiohttp.ClientResponse, limit: int) -> tuple[bytes, int, str]:
    """The first `limit` bytes, the size of all, and the digest of all."""
    kept, size, digest = bytearray(), 0, hashlib.sha256()
    async for piece in response.content.iter_chunked(65536):
        size += len(piece)
        digest.update(piece)
        if len(kept) < limit:
            kept += piece[: limit - len(kept)]
        if size > HARD_LIMIT:
            raise ValueError("too large")
    return bytes(kept), size, digest.hexdigest()


def merged(case: Headers, side: Headers) -> Sequence[tuple[str, str]]:
    """The case's headers with the side's on top; cookies of both go along in one line (RFC 6265 §5.4)."""
    own = {name.lower() for name, _ in side}
    kept = [(name, value) for name, value in case if name.lower() not in own] + list(side)
    cookies = [value for name, value in (*case, *side) if name.lower() == "cookie"]
    others = [(name, value) for name, value in kept if name.lower() != "cookie"]
    return [*others, ("Cookie", "; ".join(cookies))] if cookies else others


ERRORS: Mapping[type[BaseException], str] = {
    TimeoutError: "timeout",
    aiohttp.ClientSSLError: "TLS failed",
    ssl.SSLError: "TLS failed",
    aiohttp.ClientConnectorDNSError: "host name not found",
    aiohttp.ClientConnectorError: "connection refused",
    aiohttp.ServerDisconnectedError: "connection closed before an answer",
    aiohttp.ClientPayloadError: "body ended early",
    aiohttp.ClientResponseError: "not an HTTP answer",
    aiohttp.InvalidURL: "not a URL",
    ConnectionResetError: "connection reset",
    aiohttp.ClientOSError: "connection reset",
    aiohttp.ClientError: "no usable answer",
    OSError: "network failed",
    ValueError: "body or address out of bounds",
}


def name_of(error: BaseException) -> str:
    """The error's name in reports, without addresses or times so that equal failures group; empty: not a failure."""
    return next((name for kind, name in ERRORS.items() if isinstance(error, kind)), "")

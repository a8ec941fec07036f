"""What a header means to one hop only, and what legacy is told about the client.

The rules of RFC 9110 §7.6.1 for both directions; X-Forwarded-* are replaced, or extended where the peer is a proxy
we trust. A header whose name has an underscore is dropped: WSGI cannot tell `X_Forwarded_For` from `X-Forwarded-For`.
"""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

from legacy_adapters.asgi import Headers, Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HOP_BY_HOP = frozenset(
    {
        *(b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization"),
        *(b"te", b"trailer", b"transfer-encoding", b"upgrade", b"http2-settings"),
    }
)
ORIGIN = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip"})
NEVER_ONE_HOP = frozenset({b"host", b"content-length", b"content-type", b"cookie", b"authorization"})
UNSAFE = re.compile(rb"[\r\n\0]")


class BrokenHead(Exception):
    """A head that cannot be written without becoming another one."""


def request_head(scope: Scope, trusted: tuple[Network, ...]) -> tuple[bytes, int | None, bool]:
    """The bytes of the request's head, the length of its body (None: chunked), and whether it expects 100-continue."""
    origin = origin_headers(scope, trusted)
    target: bytes = scope["raw_path"]
    if scope["query_string"]:
        target = b"%b?%b" % (target, scope["query_string"])
    lines = [b"%b %b HTTP/1.1" % (scope["method"].encode(), target)]
    dropped = HOP_BY_HOP | ORIGIN | named_by_connection(scope["headers"])
    length: int | None = 0
    expects = False
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            length = None
        elif name == b"host" and not value:
            value = _server(scope)
        if name in dropped or b"_" in name:
            continue
        if name == b"content-length":
            length = int(value)
        elif name == b"expect":
            expects = value.lower() == b"100-continue"
        lines.append(b"%b: %b" % (name, value))
    if length is None:
        lines.append(b"transfer-encoding: chunked")
    lines.extend(b"%b: %b" % pair for pair in origin)
    if UNSAFE.search(b"".join(lines)):
        raise BrokenHead("a line break inside a header")
    return b"\r\n".join(lines) + b"\r\n\r\n", length, expects and length != 0


def response_headers(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Legacy's headers, raw and in order, several of a name included."""
    headers = [(name.lower(), value) for name, value in raw]
    dropped = HOP_BY_HOP | named_by_connection(headers)
    if any(name == b"transfer-encoding" for name, _ in headers):
        dropped |= {b"content-length"}
    kept = [pair for pair in headers if pair[0] not in dropped]
    if UNSAFE.search(b"".join(value for _, value in kept)):
        raise BrokenHead("a line break inside a header")
    return kept


def named_by_connection(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """The headers that `Connection` says are for this hop."""
    return frozenset(
        token
        for name, value in headers
        if name == b"connection"
        for token in (part.strip().lower() for part in value.split(b","))
        if token not in NEVER_ONE_HOP
    )


def origin_headers(scope: Scope, trusted: tuple[Network, ...]) -> Headers:
    peer = scope["client"][0] if scope.get("client") else "unknown"
    said: dict[bytes, list[bytes]] = {}
    if trusted and is_trusted(peer, trusted):
        for name, value in scope["headers"]:
            if name in ORIGIN:
                said.setdefault(name, []).append(value)
    host = next((value for name, value in scope["headers"] if name == b"host" and value), b"") or _server(scope)
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], str(scope["scheme"]))
    chain = b", ".join([*said.get(b"x-forwarded-for", []), peer.encode()])
    kept = [(name, value) for name in (b"forwarded", b"x-real-ip") for value in said.get(name, [])]
    return [
        (b"x-forwarded-for", chain),
        (b"x-forwarded-proto", said.get(b"x-forwarded-proto", [scheme.encode()])[-1]),
        (b"x-forwarded-host", said.get(b"x-forwarded-host", [host])[-1]),
        *kept,
    ]


@lru_cache(maxsize=1024)
def is_trusted(peer: str, trusted: tuple[Network, ...]) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in trusted)


def _server(scope: Scope) -> bytes:
    """What Django takes for the host of a request that names none: SERVER_NAME and SERVER_PORT."""
    host, port = scope.get("server") or ("localhost", 80)
    return f"{host}:{port}".encode()

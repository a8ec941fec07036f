"""What a request asks for, read once, before anything is decided.

Three outcomes, and no fourth: the request is refused (it has no single meaning in HTTP), it is readable (both sides
read its path alike), or only legacy may read it (`path` is None and `why` says so).

Granian's parser has already refused most broken requests; what it lets through and we do not is listed in `refusal`.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from legacy_adapters.asgi import Scope
from legacy_adapters.flags import Side

LONGEST_PATH = 2048
ONCE = frozenset({b"host", b"content-length", b"transfer-encoding"})
METHOD = re.compile(r"[A-Z][A-Z-]*")
HOST = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[A-Fa-f0-9:.]+\])(?::[0-9]{0,5})?")
TARGET = re.compile(rb"/[!-~]*")
PLAIN = re.compile(rb"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")
TWO_READINGS = re.compile(rb"//|[;\\]|/\.\.?(?:/|$)|%(?![0-9A-Fa-f]{2})|%(?:2[35EeFf]|3[BbFf]|5[Cc])")


@dataclass(frozen=True, slots=True)
class RequestLine:
    """The part of a request that decides its side. `path` is decoded, without its leading slash."""

    method: str
    path: str | None
    why: str = ""
    forced: Side | None = None


def refusal(scope: Scope) -> str | None:
    """Why a request is answered 400, or None. It is refused before either side can read it in its own way."""
    method, raw_path = scope["method"], scope["raw_path"]
    if not METHOD.fullmatch(method) or method == "CONNECT":
        return "method"
    if not TARGET.fullmatch(raw_path):
        return "request target"
    seen: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name not in ONCE:
            continue
        if name in seen:
            return f"more than one {name.decode()}"
        seen[name] = value
    if b"transfer-encoding" in seen and (b"content-length" in seen or seen[b"transfer-encoding"].lower() != b"chunked"):
        return "transfer-encoding"
    if not seen.get(b"content-length", b"0").isdigit():
        return "content-length"
    host = seen.get(b"host")
    if not host:  # HTTP/1.0 may come without one
        return "host" if scope["http_version"] not in ("1", "1.0") else None
    return None if HOST.fullmatch(host) else "host"


def read_path(raw_path: bytes) -> tuple[str | None, str]:
    """The decoded path without its leading slash, or None and why the two sides might read it differently."""
    if len(raw_path) > LONGEST_PATH:
        return None, "path too long"
    if PLAIN.fullmatch(raw_path):
        return raw_path[1:].decode(), ""
    if TWO_READINGS.search(raw_path):
        return None, "path has two readings"
    decoded = unquote_to_bytes(raw_path)
    if any(byte < 0x20 or byte == 0x7F for byte in decoded):
        return None, "path has two readings"
    try:
        return decoded.decode()[1:], ""
    except UnicodeDecodeError:
        return None, "path is not UTF-8"

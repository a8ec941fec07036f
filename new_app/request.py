"""Call: the parts of a request that Django reads, read as Django reads them from WSGI.

A query string is UTF-8, or latin-1 where it is not; the last of several equal parameters counts; a header sent twice
is one header with a comma.
"""

import http.cookies
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

MOST_PARAMETERS = 1000
ASKED = "site.path"
"""Where the scope keeps the path as it was asked for."""
URL_NAME = "bridge.claim"
"""Where a router in front of the site leaves the URL's name, namespace included."""
REST = "missing"
"""The name of whatever no URL of the site matches."""


def iri_to_uri(iri: str) -> str:
    """Quoted as Django quotes a URL: reserved characters and percent signs stay."""
    return quote(iri, safe="/#%[]=:;$&()+,!?*@'~")


class TooManyParameters(ValueError):
    """More parameters than Django reads; it answers 400."""


class Params:
    """The parameters of a query string, or of a form that was sent so, in order of first appearance."""

    __slots__ = ("_values",)

    def __init__(self, query: bytes) -> None:
        try:
            text = query.decode()
        except UnicodeDecodeError:
            text = query.decode("latin-1")
        if text.count("&") >= MOST_PARAMETERS:
            raise TooManyParameters
        self._values: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="replace"):
            self._values.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def get(self, name: str, default: Any = None) -> Any:
        values = self._values.get(name)
        return values[-1] if values else default

    def all(self, name: str) -> list[str]:
        return self._values.get(name, [])

    getlist = all

    def encoded(self, **replaced: str) -> str:
        """The query string again, with these parameters last and only once."""
        pairs = [(name, value) for name, values in self._values.items() if name not in replaced for value in values]
        return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in (*pairs, *replaced.items()))


@dataclass(frozen=True, slots=True)
class Public:
    """How the outside world reaches the site, so that both sides count a visitor under one name.

    `https_header` is SECURE_PROXY_SSL_HEADER, its name as an HTTP header. `remote_addr` is the REMOTE_ADDR that the
    legacy site sees where that is not the visitor's (behind a proxy, or "" on a Unix socket); None takes the
    connection's. `trusted` says whose X-Forwarded-For the proxy to legacy keeps and adds the peer to; None where no
    proxy of ours stands in between. `site_id` is SITE_ID,
    `media_store` where /m/ is redirected to.
    """

    https_header: tuple[str, str] | None = None
    remote_addr: str | None = None
    remote_host: str | None = None
    trusted: Callable[[str], bool] | None = None
    site_id: int = 1
    media_store: str = ""


class Call:
    """One request, as an API reads it."""

    def __init__(self, scope: Any, public: Public) -> None:
        self.public = public
        self._scope = scope
        self.method: str = scope["method"]
        self.path: str = scope.get(ASKED) or scope["path"]

    @property
    def query(self) -> bytes:
        return self._scope["query_string"]  # type: ignore[no-any-return]

    @classmethod
    def of(cls, request: Any) -> "Call":
        """The call behind a Litestar request. `Public` is state: Litestar solves two dependencies in a task group."""
        return cls(request.scope, request.app.state.public)

    @cached_property
    def headers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for raw, value in self._scope["headers"]:
            name = raw.decode("latin-1").lower()
            text = value.decode("latin-1")
            found[name] = f"{found[name]},{text}" if name in found else text
        return found

    @property
    def kept(self) -> dict[str, Any]:
        """What was found out about this request, and is not to be asked for again."""
        found: dict[str, Any] = self._scope.setdefault("site.kept", {})
        return found

    @cached_property
    def params(self) -> Params:
        return Params(self._scope["query_string"])

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies as django/http/cookie.py: parse_cookie reads them; the last of several counts."""
        found: dict[str, str] = {}
        for pair in self.headers.get("cookie", "").split(";"):
            name, equals, value = pair.partition("=")
            name, value = (name, value) if equals else ("", name)
            if name.strip() or value.strip():
                found[name.strip()] = http.cookies._unquote(value.strip())
        return found

    @property
    def query_string(self) -> str:
        """The query string, without the question mark."""
        return str(self._scope["query_string"].decode("latin-1"))

    def full_path(self, *, slash: bool = False) -> str:
        """Path and query, quoted; with a slash after the path if asked (django/http/request.py: get_full_path)."""
        path = quote(self.path, safe="/:@&+$,-_.!~*'()")
        if slash and not path.endswith("/"):
            path += "/"
        return f"{path}?{iri_to_uri(self.query_string)}" if self.query_string else path

    @property
    def url_name(self) -> str | None:
        """What the URL is called, namespace included; None where no pattern matches, or one without a name."""
        name: str | None = self._scope.get(URL_NAME)
        return None if name == REST else name or None

    @cached_property
    def remote_addr(self) -> str:
        return self._peer if self.public.remote_addr is None else self.public.remote_addr

    @cached_property
    def forwarded_for(self) -> str | None:
        """X-Forwarded-For as the legacy site sees it."""
        said = self.headers.get("x-forwarded-for")
        if self.public.trusted is None:
            return said
        return f"{said}, {self._peer}" if said is not None and self.public.trusted(self._peer) else self._peer

    @property
    def _peer(self) -> str:
        client = self._scope.get("client")
        return client[0] if client else ""

    @cached_property
    def remote_host(self) -> str:
        return self.public.remote_host or "nohost"

    @cached_property
    def host(self) -> str:
        """The host that was asked, with its port if it said one."""
        host = self.headers.get("host")
        if host is not None:
            return host
        name, port = self._scope.get("server") or ("localhost", None)
        return f"{name}:{port}" if port else str(name)

    @property
    def origin(self) -> str:
        """Scheme and host, for absolute URLs."""
        return f"{self.scheme}://{self.host}"

    @property
    def scheme(self) -> str:
        if self.public.https_header is not None:
            name, secure = self.public.https_header
            value = self.headers.get(name)
            if value is not None:
                return "https" if value.split(",", 1)[0].strip() == secure else "http"
        return str(self._scope.get("scheme", "http"))

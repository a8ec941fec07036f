"""Preview: a signed, expiring choice of side for one person's browser. Visitors are not affected.

The token is `side.expiry.signature`, HMAC-SHA256 under a key derived from the site's secret for this purpose only. One
that is forged, expired or for anything else is ignored, as if it were not there.
"""

import hashlib
import hmac
import time
from http.cookies import CookieError, SimpleCookie
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.datastructures import Cookie
from litestar.params import Parameter

COOKIE = "bridge_preview"
SIDES = ("legacy", "new")
PURPOSE = b"bridge preview v1\0"


def make(side: str, secret: str, *, seconds: int, now: float | None = None) -> str:
    """A token that forces `side` for `seconds`."""
    if side not in SIDES:
        raise ValueError(f"side is one of {', '.join(SIDES)}, not {side!r}")
    if not secret:
        raise ValueError("set DJANGO_SECRET_KEY: without a secret nothing can be signed")
    value = f"{side}.{int((now or time.time()) + seconds)}"
    return f"{value}.{_sign(value, secret)}"


def read(token: str, secret: str, *, now: float | None = None) -> str | None:
    """The side a token forces, None unless it is genuine and in time."""
    value, _, signature = token.rpartition(".")
    side, _, expiry = value.partition(".")
    if not secret or side not in SIDES or not expiry.isascii() or not expiry.isdigit():
        return None
    if not hmac.compare_digest(signature.encode(), _sign(value, secret).encode()):
        return None
    return side if int(expiry) > (now or time.time()) else None


def forced(headers: list[tuple[bytes, bytes]], secret: str) -> str | None:
    """The side forced by the cookie in raw request headers."""
    for name, value in headers:
        if name == b"cookie" and COOKIE.encode() in value:
            try:
                cookies = SimpleCookie(value.decode("latin-1"))
            except CookieError:
                return None
            return read(cookies[COOKIE].value, secret) if COOKIE in cookies else None
    return None


def _sign(value: str, secret: str) -> str:
    key = hashlib.sha256(PURPOSE + secret.encode()).digest()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def handler(secret: str) -> Any:
    """The page behind the link of `bridge preview`: sets the cookie, or takes it away, and goes to `/`."""

    @get("/_bridge/preview", opt={"guard": "public"}, sync_to_thread=False)
    def preview(
        request: Request[Any, Any, Any], token: Annotated[str, Parameter(max_length=200)] = ""
    ) -> Response[str]:
        headers = {"Location": "/", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
        attributes = {"path": "/", "httponly": True, "samesite": "lax", "secure": secure}
        if not token:
            leave = Cookie(key=COOKIE, value="", max_age=0, **attributes)  # type: ignore[arg-type]
            return Response("", status_code=302, headers=headers, cookies=[leave], media_type="text/plain")
        if read(token, secret) is None:
            text = "This link has expired or is not genuine. Ask for a new one: bridge preview --side new\n"
            return Response(text, status_code=403, headers={"Cache-Control": "no-store"}, media_type="text/plain")
        seconds = int(token.split(".")[1]) - int(time.time())
        stay = Cookie(key=COOKIE, value=token, max_age=seconds, **attributes)  # type: ignore[arg-type]
        return Response("", status_code=302, headers=headers, cookies=[stay], media_type="text/plain")

    return preview

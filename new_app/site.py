"""Site: what every answer of the site carries, whichever handler made it.

Plain ASGI around Litestar, since it must touch error pages too. Values equal the legacy site's: caches and browsers
have rules for them.
"""

import sys
from email.header import Header
from typing import Any

from new_app.answer import BARE
from new_app.request import ASKED, REST, URL_NAME

SURROGATE_KEY = "pydotorg-app"
FRAMES = (b"x-frame-options", b"SAMEORIGIN")
POLICY = (
    b"content-security-policy-report-only",
    b"default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    b"connect-src 'self'; frame-ancestors 'self'; base-uri 'self'; object-src 'none'; form-action 'self'",
)
HEALTH = "/_health"
"""Legacy's pattern has no end: whatever begins so is the health check."""


def surrogate_key(path: str) -> bytes:
    """The key of the whole site and that of the path's first segment, written as Django and PEP 3333 write a header."""
    section = path.strip("/").split("/", 1)[0]
    key = f"{SURROGATE_KEY} {section}" if section else SURROGATE_KEY
    try:
        return key.encode("latin-1")
    except UnicodeEncodeError:
        return Header(key, "utf-8", maxlinelen=sys.maxsize).encode().encode("ascii")


class SiteHeaders:
    """Add the site's headers to every HTTP answer of `app`, and of `missing`, which answers what has no URL."""

    def __init__(self, app: Any, missing: Any) -> None:
        self._app, self._missing = app, missing

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        inside = HEALTH if path.startswith(HEALTH) else path
        scope = {**scope, "path": inside, ASKED: path}  # Litestar strips the slash from "path", and APIs mean it

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start" and not message.pop(BARE, False):
                key = (b"surrogate-key", surrogate_key(path))
                message = {**message, "headers": [*message["headers"], key, FRAMES, POLICY]}
            await send(message)

        app = self._missing if scope.get(URL_NAME) == REST else self._app
        await app(scope, receive, with_headers)

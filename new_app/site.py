"""Site: what every answer of the site carries, whichever handler made it.

Plain ASGI around Litestar, since it must touch error pages too. Values equal the legacy site's: caches and browsers
have rules for them.
"""

from typing import Any

from new_app.answer import FALLTHROUGH
from new_app.request import ASKED

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
    """The key of the whole site and that of the path's first segment."""
    section = path.strip("/").split("/", 1)[0]
    return f"{SURROGATE_KEY} {section}".encode() if section else SURROGATE_KEY.encode()


class SiteHeaders:
    """Add the site's headers to every HTTP answer of `app`."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        inside = HEALTH if path.startswith(HEALTH) else path
        scope = {**scope, "path": inside, ASKED: path}  # Litestar strips the slash from "path", and APIs mean it

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                key = (b"surrogate-key", surrogate_key(path))
                message = {**message, "headers": [*message["headers"], key, FRAMES, POLICY]}
            await send(message)

        await self._app(scope, receive, with_headers)


class FallThrough:
    """Ask `legacy` where `app` says that legacy knows better: its redirects, its pages, its error pages.

    Only requests without a body fall through, since a body may have been read by then.
    """

    def __init__(self, app: Any, legacy: Any) -> None:
        self._app = app
        self._legacy = legacy

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        fell = False

        async def unless_marked(message: Any) -> None:
            nonlocal fell
            if message["type"] == "http.response.start":
                fell = any(name == FALLTHROUGH for name, _ in message["headers"])
            if not fell:
                await send(message)

        await self._app(scope, receive, unless_marked)
        if fell:
            await self._legacy(scope, receive, send)

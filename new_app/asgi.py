"""The composition root of the web: Settings → pool, flags, site, proxy → the router in front of both sides.

Granian runs `create_app` once per worker. Nothing here opens a connection: the lifespan does, and it closes them.
"""

from legacy_adapters.asgi import App, Headers, Message, Receive, Scope, Send
from legacy_adapters.cache import DatabaseCounters
from legacy_adapters.flags import Side
from legacy_adapters.hops import is_trusted
from legacy_adapters.proxy import LegacyProxy
from legacy_adapters.router import Router
from legacy_adapters.routes import Claim, RouteTable
from new_app import preview, web
from new_app.config import Settings
from new_app.domains import DOMAINS
from new_app.request import Public
from new_app.rollout import FlagSource
from new_app.rows import Rows

LOOPBACK = ("127.0.0.0/8", "::1/128")
"""A proxy on this machine may say whom it speaks for; X-Forwarded-For from anybody else is replaced."""


def create_app() -> App:
    """The application as it is shipped, and as it is tested."""
    return build(Settings())


def build(settings: Settings) -> App:
    """The application for these settings. Raises ValueError for settings that cannot work."""
    if not settings.database_url:
        raise ValueError("set DATABASE_URL; `bridge up` does, with an embedded PostgreSQL")
    secret = settings.django_secret_key.get_secret_value()
    rows = Rows(settings.database_url)
    legacy = LegacyProxy(settings.legacy_url, trusted=LOOPBACK)
    public = Public(trusted=lambda peer: is_trusted(peer, legacy.trusted))
    litestar = web.build(rows, DatabaseCounters(rows.fetch), public=public, pages=[preview.handler(secret)])
    site = web.application(litestar, legacy)
    flags = FlagSource(settings.database_url, settings.var / "flags.json")

    def override(headers: Headers) -> Side | None:
        side = preview.forced(headers, secret)
        return Side(side) if side else None

    router = Router(site, legacy, route_table(), flags, override=override)
    return WithFlags(router, flags)


def route_table() -> RouteTable:
    """The claims of all domains, in the order in which the site declares them."""
    return RouteTable(
        Claim(claim.pattern, claim.name, domain.name, claim.methods, claim.exists)
        for domain in DOMAINS
        for claim in domain.claims
    )


class WithFlags:
    """The router, with the flags read before the first request and followed until the last."""

    def __init__(self, router: Router, flags: FlagSource) -> None:
        self.router, self.flags = router, flags

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            return await self.router(scope, receive, send)
        await self.flags.start()

        async def around(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown"):
                await self.flags.stop()
            await send(message)

        try:
            await self.router(scope, receive, around)
        finally:
            await self.flags.stop()
        return None

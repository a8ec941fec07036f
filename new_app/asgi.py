"""The composition root of the web: Settings → pool, flags, site, proxy → the router in front of both sides.

Granian runs `create_app` once per worker. Nothing here opens a connection: the lifespan does, and it closes them.
"""

from pathlib import Path

from legacy_adapters.asgi import App, Headers, Message, Receive, Scope, Send
from legacy_adapters.cache import DatabaseCounters
from legacy_adapters.flags import Side
from legacy_adapters.manifest import read_manifest
from legacy_adapters.proxy import LegacyProxy
from legacy_adapters.router import Router
from legacy_adapters.routes import CONVERTERS, Claim, LegacyPattern, RouteTable
from new_app import preview, web
from new_app.config import Settings
from new_app.domains import DOMAINS
from new_app.rollout import FlagSource
from new_app.rows import Rows


def create_app() -> App:
    """The application as it is shipped, and as it is tested."""
    return build(Settings())


def build(settings: Settings) -> App:
    """The application for these settings. Raises ValueError for settings that cannot work."""
    if not settings.database_url:
        raise ValueError("set DATABASE_URL; `bridge up` does, with an embedded PostgreSQL")
    secret = settings.django_secret_key.get_secret_value()
    rows = Rows(settings.database_url)
    site = web.application(
        web.build(rows, DatabaseCounters(rows.fetch), files=settings.site_files, pages=[preview.handler(secret)])
    )
    flags = FlagSource(settings.database_url, settings.var / "flags.json")

    def override(headers: Headers) -> Side | None:
        side = preview.forced(headers, secret)
        return Side(side) if side else None

    router = Router(site, LegacyProxy(settings.legacy_url), route_table(settings.manifest), flags, override=override)
    return WithFlags(router, flags)


def route_table(manifest: Path) -> RouteTable:
    """The claims of all domains among the legacy site's own patterns, where `bridge adopt` has described it.

    Without a manifest the claims stand in the order in which the site declares them. A converter of the legacy site's
    own takes what its expression matches: where its class would refuse the value, legacy says so.
    """
    claims = [
        Claim(claim.pattern, claim.name, domain.name, claim.methods, claim.exists)
        for domain in DOMAINS
        for claim in domain.claims
    ]
    if not manifest.exists():
        return RouteTable(claims)
    known = read_manifest(manifest)
    legacy = (
        LegacyPattern(":".join((*pattern.namespaces, pattern.name or "")), pattern.claim_parts)
        for pattern in known.patterns
    )
    own = {name: (regex, str) for name, regex in known.converter_regexes.items() if name not in CONVERTERS}
    return RouteTable(claims, legacy, own)


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

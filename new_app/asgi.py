"""The composition root of the web: Settings → pool, flags, site, proxy → the router in front of both sides.

Granian runs `create_app` once per worker. Nothing here opens a connection: the lifespan does, and it closes them.
"""

from legacy_adapters.asgi import App, Headers, Message, Receive, Scope, Send
from legacy_adapters.cache import DatabaseCounters
from legacy_adapters.flags import Side
from legacy_adapters.manifest import Manifest, Pattern, read_manifest
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
    site = web.application(web.build(rows, DatabaseCounters(rows.fetch), pages=[preview.handler(secret)]))
    flags = FlagSource(settings.database_url, settings.var / "flags.json")

    def override(headers: Headers) -> Side | None:
        side = preview.forced(headers, secret)
        return Side(side) if side else None

    router = Router(site, LegacyProxy(settings.legacy_url), route_table(known_site(settings)), flags, override=override)
    return WithFlags(router, flags)


def route_table(manifest: Manifest | None) -> RouteTable:
    """The claims of all domains, in Django's order where there is a manifest, else in the order of DOMAINS.

    With a manifest the router also knows what Django resolves *before* a claim, and leaves that to legacy.
    """
    claims = [
        Claim(claim.pattern, claim.name, domain.name, claim.methods, claim.exists)
        for domain in DOMAINS
        for claim in domain.claims
    ]
    if manifest is None:
        return RouteTable(claims)
    legacy = {known.order: LegacyPattern(full_name(known), known.claim_parts) for known in manifest.patterns}
    for claim in claims:
        found = manifest.find(claim.pattern, claim.name)
        if len(found) == 1:
            legacy[found[0].order] = LegacyPattern(claim.name, (claim.pattern,))
    converters = {name: (known.regex, str) for name, known in manifest.converters.items() if name not in CONVERTERS}
    return RouteTable(claims, [legacy[order] for order in sorted(legacy)], converters)


def full_name(pattern: Pattern) -> str:
    """A pattern's name as reverse() takes it."""
    return ":".join((*pattern.namespaces, pattern.name or ""))


def known_site(settings: Settings) -> Manifest | None:
    """The manifest, None where none was written yet. Raises ManifestError for one that cannot be used."""
    return read_manifest(settings.manifest) if settings.manifest.exists() else None


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

"""The composition root of the web: Settings → pool, flags, site, proxy → the router in front of both sides.

Granian runs `create_app` once per worker. Nothing here opens a connection: the lifespan does, and it closes them.
"""

import logging
import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from legacy_adapters.asgi import App, Headers, Message, Receive, Scope, Send
from legacy_adapters.cache import DatabaseCounters
from legacy_adapters.errors import SettingsError
from legacy_adapters.flags import Side
from legacy_adapters.hops import is_trusted
from legacy_adapters.links import AccountLinks
from legacy_adapters.manifest import Manifest, read_manifest
from legacy_adapters.passwords import Hashers, Pool, PoolFull
from legacy_adapters.proxy import LegacyProxy
from legacy_adapters.router import Router
from legacy_adapters.routes import CONVERTERS, SAFE, Claim, LegacyPattern, RouteTable
from legacy_adapters.sessions import SessionBusy, SessionInterrupted
from legacy_adapters.shared_cache import REDIS
from legacy_adapters.shared_cache import Redis as SessionRedis
from legacy_adapters.signing import Keys
from legacy_adapters.visits import Visits
from new_app import preview, web
from new_app.cache import PERSONAL
from new_app.columns import MEDIA
from new_app.config import Settings
from new_app.context import Everywhere
from new_app.db import Database
from new_app.domains import DOMAINS
from new_app.domains.downloads.tags import CYCLE
from new_app.domains.pages.missing import MissingPages
from new_app.domains.users.account import Account, navigation
from new_app.feed import Feed
from new_app.fetch import Document
from new_app.identity import Identity
from new_app.listening import Listening
from new_app.mail import SECONDS, Post, post
from new_app.memory import Memory
from new_app.oauth import PROVIDERS, Provider
from new_app.page import Pages
from new_app.request import REST, Public
from new_app.rollout import FlagSource
from new_app.rows import Rows
from new_app.search.choice import search_engine
from new_app.session import Visitors
from new_app.theme import open_theme
from new_app.tokens import Tokens

_log = logging.getLogger(__name__)


def create_app() -> App:
    """The application as it is shipped, and as it is tested."""
    return build(Settings())


def build(settings: Settings) -> App:
    """The application for these settings. Raises ValueError for settings that cannot work."""
    if not settings.database_url:
        raise ValueError("set DATABASE_URL; `bridge up` does, with an embedded PostgreSQL")
    known = read_manifest(settings.manifest) if settings.manifest.exists() else None
    secret = settings.django_secret_key.get_secret_value()
    rows = Rows(settings.database_url)
    legacy = LegacyProxy(settings.legacy_url, trusted=settings.trusted_proxies)
    public = Public(
        https_header=https_header(known),
        trusted=lambda peer: is_trusted(peer, legacy.trusted),
        site_id=(known.settings.site_id if known else None) or 1,
        media_store=settings.media_store,
    )
    counters = DatabaseCounters(rows.fetch)
    feed = Feed()
    listening = Listening(feed, settings.database_url)
    memory, table = Memory(feed), route_table(known)
    visitors, tokens = Visitors(visits(known, settings, rows)), site_tokens(settings, rows)
    shared = identity(known, settings, counters, tokens)
    pages = site_pages(settings, known, memory, table, visitors, identity=shared)
    app = web.build(
        rows,
        counters,
        pages,
        public=public,
        memory=memory,
        listening=listening if settings.memory else None,
        files=settings.site_files,
        own=[preview.handler(secret)],
        failures={SessionInterrupted: 400, SessionBusy: 503, PoolFull: 503},
        tokens=tokens,
        engine=search_engine(settings, rows),
    )
    cached = memory if settings.page_cache else None
    site = web.application(app, pages, cached=cached, personal=personal_cookies(known))
    flags = FlagSource(settings.database_url, settings.var / "flags.json")

    def override(headers: Headers) -> Side | None:
        side = preview.forced(headers, secret)
        return Side(side) if side else None

    router = Router(Settled(site, listening), SettledLegacy(legacy, listening), table, flags, override=override)
    return WithFlags(router, flags)


def site_pages(
    settings: Settings,
    known: Manifest | None,
    memory: Memory,
    table: RouteTable,
    visitors: Visitors,
    *,
    identity: Identity | None = None,
) -> Pages:
    """The pages of the site, in the imported theme."""
    MEDIA.url = known.settings.media_url if known else MEDIA.url
    MEDIA.root = settings.media_root

    def is_url(path: str) -> bool:
        found = table.find(path[1:])
        return found is not None and all(claim.name != REST for claim in found[0])

    return Pages(
        Database(settings.database_url),
        memory,
        open_theme(settings, known),
        variables=everywhere(known).variables,
        visitors=visitors,
        known=Account,
        missing=MissingPages(is_url),
        documents={CYCLE: Document(settings.release_cycle_url)},
        identity=identity,
    )


def everywhere(known: Manifest | None) -> Everywhere:
    """What every page says of the site's settings."""
    if known is None:
        return Everywhere(navigation=navigation)
    said = known.settings
    return Everywhere(
        static_url=said.static_url or "/static/",
        media_url=said.media_url,
        languages=known.locale.languages or (("en", "English"),),
        language_code=said.language_code,
        time_zone=said.time_zone or "UTC",
        navigation=navigation,
    )


def route_table(known: Manifest | None) -> RouteTable:
    """The claims of all domains among the legacy site's own patterns, where `bridge adopt` has described it.

    Without a manifest the claims stand in the order in which the site declares them. A converter of the legacy site's
    own takes what its expression matches: where its class would refuse the value, legacy says so.
    """
    claims = [
        Claim(claim.pattern, claim.name, domain.name, claim.methods, claim.exists)
        for domain in DOMAINS
        for claim in domain.claims
    ]
    if known is None:
        return RouteTable(claims)
    legacy = [LegacyPattern(pattern.name or "", pattern.claim_parts) for pattern in known.patterns]
    files = (known.settings.static_url, known.settings.media_url)
    legacy += [
        LegacyPattern("", (f"^{re.escape(url[1:])}",)) for url in files if url and url.startswith("/") and url != "/"
    ]
    own = {name: (regex, str) for name, regex in known.converter_regexes.items() if name not in CONVERTERS}
    return RouteTable(claims, legacy, own)


def visits(known: Manifest | None, settings: Settings, rows: Rows) -> Visits | None:
    """Who is signed in, where the legacy site is described and its secret is ours. None: whoever brings a cookie is
    answered by legacy, and the log says what to configure.
    """
    keys = secret_keys(settings)
    if known is None or keys is None:
        return None
    try:
        return Visits.of(known, keys, rows.fetch, session_redis(known, settings))
    except SettingsError as error:
        _log.error("visitors who are signed in stay with legacy: %s", error)
        return None


def identity(
    known: Manifest | None, settings: Settings, counters: DatabaseCounters, tokens: Tokens | None = None
) -> Identity | None:
    """What accounts share with the legacy site. None: forms stay with it, and the log says what to configure."""
    if known is None:
        return None
    try:
        passwords = Pool(Hashers(known.settings, known.django))
    except SettingsError as error:
        _log.error("accounts stay with legacy: %s", error)
        return None
    origins = [urlsplit(origin).netloc for origin in known.settings.csrf_trusted_origins]
    keys = secret_keys(settings)
    return Identity(
        passwords,
        counters,
        known.refusals,
        hosts=frozenset([*origins, *known.settings.allowed_hosts]) - {"*"},  # everywhere is no place to send people to
        most_bytes=known.settings.data_upload_max_memory_size,
        trap=known.honeypot if known.honeypot.field_name else None,
        links=AccountLinks(known.settings, keys, pk_type=known.user.pk_type) if keys else None,
        post=mail_post(known, settings),
        sender=known.settings.default_from_email,
        rules=known.settings.auth_password_validators,
        providers=providers(settings),
        tokens=tokens,
    )


def site_tokens(settings: Settings, rows: Rows) -> Tokens | None:
    """Tokens for programs, where a setting asks for them. Raises ValueError for a key that is too short."""
    if not settings.token_keys and not settings.api_keys:
        return None
    keys = [key.get_secret_value() for key in settings.token_keys]
    return Tokens(rows, keys, settings.token_audience, with_keys=settings.api_keys)


def providers(settings: Settings) -> dict[str, Provider]:
    """The sites that visitors may sign in with, each with what it knows us by."""
    found: dict[str, Provider] = {}
    for name, client in settings.oauth_clients.items():
        usual = PROVIDERS[name]
        found[name] = replace(
            usual,
            client_id=client.client_id,
            client_secret=client.client_secret.get_secret_value(),
            authorize=client.authorize_url or usual.authorize,
            token=client.token_url or usual.token,
            api=client.api_url or usual.api,
        )
    return found


def secret_keys(settings: Settings) -> Keys | None:
    """The legacy site's SECRET_KEY and its fallbacks, None where nobody told us."""
    secret = settings.django_secret_key.get_secret_value()
    fallbacks = tuple(key.get_secret_value() for key in settings.django_secret_key_fallbacks)
    return Keys(secret, fallbacks) if secret else None


def mail_post(known: Manifest, settings: Settings) -> Post | None:
    """How mail leaves. None: forms that mail stay with legacy, and the log says what to configure."""
    said, backend = known.settings, known.settings.email_backend.rpartition(".EmailBackend")[0].rpartition(".")[2]
    urls = {
        "console": "console:",
        "filebased": f"file://{quote(said.email_file_path or '')}",
        "locmem": "nowhere:",
        "dummy": "nowhere:",
        "smtp": f"smtp{'s' if said.email_use_ssl else ''}://{said.email_host}:{said.email_port}"
        f"?tls={said.email_use_tls:d}&timeout={said.email_timeout or SECONDS}",
    }
    url = settings.mail_url.get_secret_value() or urls.get(backend, "")
    if not url:
        _log.error("forms that mail stay with legacy: set MAIL_URL, it mails by %s", said.email_backend)
        return None
    return post(url)


def session_redis(known: Manifest, settings: Settings) -> SessionRedis | None:
    """A client for the Redis that the legacy site keeps its sessions in, not yet connected; None where it does not."""
    told = known.caches.get(known.settings.session_cache_alias, {})
    if not known.settings.session_engine.endswith(("cache", "cached_db")) or told.get("BACKEND") not in REDIS:
        return None
    from redis.asyncio import Redis  # 19 MB that a site with sessions elsewhere does not hold

    where = told.get("LOCATION")
    first = where[0] if isinstance(where, list) else str(where)
    client: Any = Redis.from_url(settings.cache_url or first, socket_timeout=5, socket_connect_timeout=5)
    found: SessionRedis = client
    return found


def https_header(known: Manifest | None) -> tuple[str, str] | None:
    """The header and value by which the proxy in front says https: SECURE_PROXY_SSL_HEADER, as HTTP spells it."""
    setting = known.settings.secure_proxy_ssl_header if known else None
    return (setting[0].removeprefix("HTTP_").replace("_", "-").lower(), setting[1]) if setting else None


def personal_cookies(known: Manifest | None) -> frozenset[str]:
    """The cookies by which the legacy site knows a visitor."""
    if known is None:
        return PERSONAL
    return PERSONAL | {known.settings.session_cookie_name, known.settings.csrf_cookie_name}


class Settled:
    """A side. Its answer to a write is held until this process has heard what was written: whoever saves in Django's
    admin, or here, and then looks at a page of the new side sees what was saved.
    """

    def __init__(self, app: App, listening: Listening) -> None:
        self.app, self.listening = app, listening

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE:
            return await self.app(scope, receive, send)

        async def settled(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self.listening.settled()
            await send(message)

        return await self.app(scope, receive, settled)


class SettledLegacy(Settled):
    """The legacy site, whose connections open and close with the server."""

    def __init__(self, legacy: LegacyProxy, listening: Listening) -> None:
        super().__init__(legacy, listening)
        self.legacy = legacy

    async def start(self) -> None:
        await self.legacy.start()

    async def stop(self) -> None:
        await self.legacy.stop()


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

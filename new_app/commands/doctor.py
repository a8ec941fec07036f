"""`bridge doctor`: what the settings are, and whether both sides can work together. Each failure says what to do."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from email.utils import parsedate_to_datetime

import aiohttp
import click
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError

import migrations
from legacy_adapters.errors import ManifestError
from legacy_adapters.manifest import Manifest, read_manifest
from legacy_adapters.settings import fingerprint
from migrations.watch import unwatched
from new_app.commands.checks import Check
from new_app.commands.doctor_identity import identity_checks
from new_app.commands.schema import checked
from new_app.config import Settings
from new_app.domains import WATCHED

PATIENCE = 5.0  # seconds, for each check
CLOCK_TOLERANCE = 5.0  # seconds; signed values carry seconds


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def doctor(as_json: bool) -> None:
    """Print the settings, secrets masked, and prove that both sides agree; exit 1 where they do not."""
    settings = Settings()
    checks = asyncio.run(examine(settings))
    if as_json:
        click.echo(json.dumps({"settings": masked(settings), "checks": [asdict(check) for check in checks]}, indent=1))
    else:
        show(settings, checks)
    if not all(check.passed for check in checks):
        raise SystemExit(1)


def masked(settings: Settings) -> dict[str, str]:
    """Each setting by its environment name; secrets and passwords in addresses are hidden."""
    values = {}
    for name, value in settings:
        shown = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(value, (SecretStr, list)):
            shown = "(set)" if shown else "(not set)"
        elif "://" in str(shown) and "@" in str(shown):
            scheme, rest = str(shown).split("://", 1)
            shown = f"{scheme}://***@{rest.rsplit('@', 1)[1]}"
        values[name.upper()] = str(shown)
    return values


def show(settings: Settings, checks: list[Check]) -> None:
    console = Console(highlight=False)
    table = Table("setting", "value")
    for name, value in masked(settings).items():
        table.add_row(name, value)
    console.print(table)
    for check in checks:
        verdict = "ok  " if check.passed else "FAIL"
        console.print(f"{verdict}  {check.name}: {check.detail}", soft_wrap=True, markup=False)
        if check.advice and not check.passed:
            console.print(f"      → {check.advice}", soft_wrap=True, markup=False)


async def examine(settings: Settings) -> list[Check]:
    """All checks, in the order in which to repair them."""
    manifest, described = await asyncio.to_thread(manifest_check, settings)
    found = [described]
    found += await bounded("database", database_checks, settings, manifest)
    found += await bounded("redis", redis_checks, settings)
    found += await bounded("legacy", legacy_checks, settings)
    found += secret_checks(settings, manifest)
    answering = {check.name for check in found if check.passed} >= {"database", "legacy"}
    if manifest is not None and answering and settings.django_secret_key.get_secret_value():
        found += await bounded("identity", identity_checks, settings, manifest)
    return found


async def bounded(name: str, ask: Callable[..., Awaitable[list[Check]]], *arguments: object) -> list[Check]:
    """A check that does not answer in time has failed."""
    try:
        return await asyncio.wait_for(ask(*arguments), PATIENCE * 2)
    except TimeoutError:
        return [Check(name, False, f"no answer within {PATIENCE * 2:g} s", "is the address right, and does it listen?")]


def manifest_check(settings: Settings) -> tuple[Manifest | None, Check]:
    try:
        manifest = read_manifest(settings.manifest)
    except ManifestError as error:
        return None, Check("manifest", False, str(error), "run `bridge adopt --python … --settings …`")
    return manifest, Check("manifest", True, f"Django {manifest.django}, made {manifest.made}")


async def database_checks(settings: Settings, manifest: Manifest | None) -> list[Check]:
    """Reachable, the bridge's own schema migrated, the site's schema as mapped and its migrations applied."""
    if not settings.database_url:
        return [Check("database", False, "DATABASE_URL is not set", "set it to the legacy site's PostgreSQL")]
    try:
        lock = await checked(settings.database_url, manifest)
        revision = await migrations.current(settings.database_url)
        deaf = await unwatched(settings.database_url, WATCHED)
    except (OSError, ValueError, DBAPIError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        return [Check("database", False, reason, "is DATABASE_URL right, does PostgreSQL run, may the role log in?")]
    head = migrations.head()
    drifts = "; ".join(str(drift) for drift in lock.drifts[:3]) + (" …" if len(lock.drifts) > 3 else "")
    return [
        Check("database", True, "reachable"),
        Check("bridge schema", revision == head, f"at {revision or 'nothing'}, head is {head}", "run `bridge migrate`"),
        Check(
            "watched tables",
            not deaf,
            f"no trigger on {', '.join(deaf)}" if deaf else f"{len(WATCHED)} tables tell of their changes",
            "run `bridge migrate`; until then nothing made from them is remembered",
        ),
        Check("site schema", not lock.drifts, drifts or f"{lock.tables} tables fit", "run `bridge schema check`"),
    ]


async def redis_checks(settings: Settings) -> list[Check]:
    if not settings.redis_url:
        return [Check("redis", False, "REDIS_URL is not set", "set it, or use `bridge up`, which brings its own")]
    try:
        async with Redis.from_url(
            settings.redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        ) as redis:
            await redis.ping()  # type: ignore[misc, unused-ignore]
    except (RedisError, OSError, ValueError) as error:
        return [Check("redis", False, str(error), "is REDIS_URL right, and does it run?")]
    return [Check("redis", True, "reachable")]


async def legacy_checks(settings: Settings) -> list[Check]:
    """It answers, and its clock agrees with ours: signatures and sessions carry times."""
    advice = "is LEGACY_URL right, and does the Django site run there?"
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as client,
            client.get(settings.legacy_url, allow_redirects=False) as answer,
        ):
            status, date = answer.status, answer.headers.get("Date")
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return [Check("legacy", False, f"{settings.legacy_url}: {error or type(error).__name__}", advice)]
    found = [Check("legacy", status < 500, f"{settings.legacy_url} answers {status}", advice)]
    return [*found, clock_check(date, time.time())]


def clock_check(date: str | None, now: float) -> Check:
    """Compare a Date header with our clock; without one there is nothing to go by, which is said."""
    if date is None:
        return Check("clock", True, "legacy sends no Date header: not compared")
    skew = parsedate_to_datetime(date).timestamp() - now
    detail = f"legacy is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
    return Check(
        "clock", abs(skew) <= CLOCK_TOLERANCE, detail, "synchronise both clocks: sessions and signatures expire"
    )


def secret_checks(settings: Settings, manifest: Manifest | None) -> list[Check]:
    """The same SECRET_KEY on both sides, by fingerprint; fallbacks in the same order."""
    key = settings.django_secret_key.get_secret_value()
    if not key:
        return [Check("SECRET_KEY", False, "DJANGO_SECRET_KEY is not set", "set it to the legacy site's SECRET_KEY")]
    if manifest is None:
        return [Check("SECRET_KEY", False, "cannot be compared without a manifest", "run `bridge adopt`")]
    fallbacks = tuple(fingerprint(secret.get_secret_value()) for secret in settings.django_secret_key_fallbacks)
    return [
        Check(
            "SECRET_KEY",
            fingerprint(key) == manifest.secret_key,
            "compared with the manifest's fingerprint",
            "DJANGO_SECRET_KEY differs from the site's SECRET_KEY: no session of either side is valid on the other",
        ),
        Check(
            "SECRET_KEY_FALLBACKS",
            fallbacks == manifest.secret_key_fallbacks,
            f"{len(fallbacks)} here, {len(manifest.secret_key_fallbacks)} there",
            "set DJANGO_SECRET_KEY_FALLBACKS to the site's list, in its order",
        ),
    ]

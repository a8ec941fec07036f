"""Both sites on one database: the reference Django site as a process, the new site in this one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from legacy_adapters.cache import DatabaseCounters
from new_app.db import Database
from new_app.rows import Rows
from new_app.web import application, build
from tests.conftest import new_database, run_sql
from tests.new_app.accounts import Accounts, world
from tests.new_app.content import KEYS, fill
from tests.new_app.sides import legacy_site, pages_without_theme

HOST = "www.example.org"
UNSAID = frozenset({"server", "date", "connection", "transfer-encoding"})
POLICY = "content-security-policy-report-only"


@pytest.fixture(scope="session")
def site_database(legacy_template: str) -> Iterator[str]:
    """A filled database for both sites; tests here do not change its content."""
    with new_database(legacy_template, template=legacy_template) as url:

        async def filled() -> None:
            database = Database(url)
            async with database.unit_of_work() as session:
                await fill(session)
            await database.dispose()

        asyncio.run(filled())
        yield url


@pytest.fixture(scope="session")
def legacy_url(site_database: str) -> Iterator[str]:
    """The address of the reference Django site."""
    with legacy_site(site_database) as url:
        yield url


@pytest.fixture(scope="module")
async def accounts(seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Accounts]:
    async with world(seeded_template, tmp_path_factory.mktemp("accounts")) as made:
        yield made


class CountedRows(Rows):
    """Rows that know how many statements were asked."""

    asked = 0

    async def fetch(self, statement: str, *values: object) -> Any:
        self.asked += 1
        return await super().fetch(statement, *values)


@dataclass(slots=True)
class Sides:
    """Both sites, and how to ask them the same."""

    legacy: httpx.AsyncClient
    new: httpx.AsyncClient
    rows: CountedRows
    database: str
    asked: int = field(default=0)

    def visitor(self) -> dict[str, str]:
        """Headers of somebody whom no throttle knows."""
        self.asked += 1
        return {"host": HOST, "x-forwarded-for": f"10.{self.asked >> 16}.{self.asked >> 8 & 255}.{self.asked & 255}"}

    def forget_counts(self) -> None:
        run_sql(self.database, "DELETE FROM django_cache_table")

    async def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[httpx.Response, httpx.Response]:
        said = self.visitor() | headers
        return await self.legacy.request(method, path, headers=said), await self.new.request(method, path, headers=said)

    async def differences(self, path: str, method: str = "GET", **headers: str) -> list[str]:
        """What differs between the answers; nothing where the new site leaves the answer to legacy."""
        old, new = await self.ask(path, method, **headers)
        if "x-bridge-fallthrough" in new.headers:
            return [] if old.status_code >= 300 else [f"{method} {path}: left to legacy, which says {old.status_code}"]
        return [f"{method} {path}: {one}" for one in _compared(old, new)]


def _compared(old: httpx.Response, new: httpx.Response) -> Iterator[str]:
    if old.status_code != new.status_code:
        yield f"status {old.status_code} | {new.status_code}"
    before, after = _headers(old), _headers(new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"{name} {before.get(name)!r} | {after.get(name)!r}"
    if old.content != new.content:
        at = next((i for i, (a, b) in enumerate(zip(old.content, new.content, strict=False)) if a != b), 0)
        yield f"body at {at}: {old.content[max(at - 40, 0) : at + 60]!r} | {new.content[max(at - 40, 0) : at + 60]!r}"


def _headers(response: httpx.Response) -> dict[str, Any]:
    said: dict[str, Any] = {name: value for name, value in response.headers.items() if name not in UNSAID}
    if POLICY in said:
        said[POLICY] = sorted(part.strip() for part in said[POLICY].split(";"))
    return said


@pytest.fixture(scope="session")
async def both(site_database: str, legacy_url: str) -> AsyncIterator[Sides]:
    rows = CountedRows(site_database)
    pages = pages_without_theme(site_database)
    app = application(build(rows, DatabaseCounters(rows.fetch), pages), pages)
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
    legacy = httpx.AsyncClient(base_url=legacy_url, timeout=30)
    async with legacy, httpx.AsyncClient(transport=transport, base_url=legacy_url) as new:
        yield Sides(legacy, new, rows, site_database)
    await rows.close()


@pytest.fixture
def same_on_both_sides(both: Sides) -> Callable[..., Awaitable[None]]:
    """Status, headers and body of a path equal on both sides."""

    async def same(path: str, method: str = "GET", **headers: str) -> None:
        assert await both.differences(path, method, **headers) == []

    return same


def credentials(path: str, user: str) -> dict[str, str]:
    """The Authorization header with which `user` asks an API."""
    if not user:
        return {}
    return {"authorization": f"ApiKey {user}:{KEYS[user]}" if "/v1/" in path else f"Token {KEYS[user]}"}

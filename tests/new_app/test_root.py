"""The composition root in front of a real legacy site: what the new site does not know, legacy answers."""

from pathlib import Path

import httpx
import pytest

from legacy_adapters.flags import Snapshot, Stage
from legacy_adapters.router import Router
from new_app.asgi import build
from new_app.config import Settings
from new_app.domains import DOMAINS
from tests.new_app.conftest import HOST

MOVED = Snapshot(domains={domain.name: Stage.NEW for domain in DOMAINS}, version=1)


class Moved:
    def snapshot(self) -> Snapshot:
        return MOVED


@pytest.mark.parametrize(
    "path", ["/box/no-such-box/", "/downloads/latest/python9/", "/box/plain", "/api/v1/downloads/os"]
)
async def test_legacy_answers_what_the_new_site_does_not_know(
    site_database: str, legacy_url: str, tmp_path: Path, path: str
) -> None:
    settings = Settings(database_url=site_database, legacy_url=legacy_url, var=tmp_path, django_secret_key="x" * 50)
    app = build(settings).router  # type: ignore[attr-defined]
    assert isinstance(app, Router)
    app.flags = Moved()
    await app.legacy_app.start()  # type: ignore[attr-defined]
    try:
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with (
            httpx.AsyncClient(transport=transport, base_url=legacy_url) as new,
            httpx.AsyncClient(base_url=legacy_url) as old,
        ):
            said = {"host": HOST}
            before, after = await old.get(path, headers=said), await new.get(path, headers=said)
    finally:
        await app.legacy_app.stop()  # type: ignore[attr-defined]
    assert (after.status_code, after.content) == (before.status_code, before.content)
    assert before.status_code in (301, 404)
    assert "x-bridge-fallthrough" not in after.headers


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/m/a/b.png/?x=1", "https://store.example/bucket/media/a/b.png"),
        ("/m/%2e%2e/%2e%2e/etc/%2e/passwd/", "https://store.example/bucket/media/etc/passwd"),
        ("/m/a//b//", "https://store.example/bucket/media/a/b"),
        ("/m///evil.example/", "https://store.example/bucket/media/evil.example"),
        ("/m/%C3%A9%20%0D%0A.png/", "https://store.example/bucket/media/%C3%A9%20%0D%0A.png"),
        ("/m//", "https://store.example/bucket/media/"),
    ],
)
async def test_media_that_moved_away_is_redirected_within_its_store(
    site_database: str, tmp_path: Path, path: str, location: str
) -> None:
    settings = Settings(
        database_url=site_database, legacy_url="http://127.0.0.1:1", var=tmp_path, django_secret_key="x" * 50
    )
    app = build(settings.model_copy(update={"media_store": "https://store.example/bucket/media"}))
    inside = app.router.new_app  # type: ignore[attr-defined] - the router gives odd paths to legacy, whatever they are
    transport = httpx.ASGITransport(inside, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as new:
        answer = await new.get(f"http://127.0.0.1{path}", headers={"host": HOST})
    assert (answer.status_code, answer.headers["location"]) == (301, location)


@pytest.mark.parametrize(("store", "status"), [("https://store.example/bucket/", 301), ("", 503)])
async def test_media_stays_with_legacy_where_no_store_is_named(
    site_database: str, tmp_path: Path, store: str, status: int
) -> None:
    said = {"database_url": site_database, "legacy_url": "http://127.0.0.1:1", "media_store": store}
    app = build(Settings(var=tmp_path, django_secret_key="x" * 50, **said)).router  # type: ignore[attr-defined]
    app.flags = Moved()
    await app.legacy_app.start()
    try:
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as new:
            answer = await new.get("/m/a/b.png/", headers={"host": HOST})
    finally:
        await app.legacy_app.stop()
    assert answer.status_code == status
    assert answer.headers.get("location", "") == f"{store}a/b.png" * bool(store)

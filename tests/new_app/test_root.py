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

"""The shipped site on a database of the tests: built by `new_app.asgi`, with everything moved to the new side."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from click.testing import CliRunner

import migrations
from migrations import watch
from new_app.asgi import build, route_table, site_pages
from new_app.cli import main
from new_app.commands.up import _web
from new_app.config import Settings, child_environment
from new_app.db import Database
from new_app.domains import DOMAINS, WATCHED
from new_app.embedded import free_port
from new_app.feed import Feed
from new_app.memory import Memory
from new_app.page import Pages
from new_app.rollout import Rollout, Stage
from new_app.session import Visitors, Visits
from new_app.supervise import Supervisor
from tests.conftest import REPOSITORY

SECRET = "the-reference-site-has-nothing-to-hide"


def pages_without_theme(url: str, *, memory: Memory | None = None, visits: Visits | None = None) -> Pages:
    """Pages for tests of what needs no template."""
    settings = Settings(database_url=url, theme_dirs=[], release_cycle_url="")
    return site_pages(settings, None, memory or Memory(Feed()), route_table(None), Visitors(visits))


@asynccontextmanager
async def running(app: Any) -> AsyncIterator[None]:
    """An ASGI application between its startup and its shutdown."""
    said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    task = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, said.get, heard.put))
    try:
        await said.put({"type": "lifespan.startup"})
        assert (await heard.get())["type"] == "lifespan.startup.complete"
        yield
    finally:
        await said.put({"type": "lifespan.shutdown"})
        await asyncio.wait_for(task, 20)


def settings_of(url: str, legacy_url: str, folder: Path, **changed: Any) -> Settings:
    return Settings(database_url=url, legacy_url=legacy_url, var=folder, **changed)


@contextmanager
def legacy_site(database: str, settings: str = "legacy.settings", mail: Path | None = None) -> Iterator[str]:
    """The reference Django site on a database, in a process of its own; it mails into a folder."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--no-ws"]
    command += ["--working-dir", str(REPOSITORY / "tests/legacy_site"), "--blocking-threads", "2"]
    here = str(REPOSITORY / "tests/legacy_site")
    environment = {**os.environ, "DATABASE_URL": database, "PYTHONPATH": here, "DJANGO_SETTINGS_MODULE": settings}
    environment |= {"DJANGO_EMAIL_FILE_PATH": str(mail)} if mail else {}
    process = subprocess.Popen([*command, "legacy.wsgi:application"], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/_health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the reference site did not start")


@dataclass(frozen=True, slots=True)
class Shipped:
    """The reference site as a server, the shipped application in this process, and the feed that it hears."""

    legacy_url: str
    new: httpx.AsyncClient
    feed: Feed


async def prepared(url: str, folder: Path, settings: str) -> None:
    """Our schema and triggers, the manifest and the theme in `folder`, which is new, and everything moved."""
    await migrations.upgrade(url)
    await watch.install(url, WATCHED)
    manifest = folder / "manifest.json"
    adopted = ["adopt", "--python", sys.executable, "--settings", settings]
    bridge(*adopted, "--path", str(REPOSITORY / "tests/legacy_site"), "--out", str(manifest))
    bridge("import", "templates", "--quiet", "--from", str(manifest), "--out", str(folder / "theme"))
    await everything_moved(url)


def shipped_settings(url: str, legacy_url: str, folder: Path) -> dict[str, Any]:
    """The settings of the new side in a folder that is `prepared`."""
    return {
        "database_url": url,
        "legacy_url": legacy_url,
        "var": folder,
        "manifest": folder / "manifest.json",
        "django_secret_key": SECRET,
        "mail_url": f"file://{folder / 'mail'}",
        "template_tags": ["tests.site_tags"],
        "media_root": REPOSITORY / "tests/legacy_site/media",
        "release_cycle_url": f"{legacy_url}/static/release-cycle.json",
    }


def told_to(said: dict[str, Any]) -> dict[str, str]:
    """Settings as environment variables."""
    return {name.upper(): json.dumps(value) if isinstance(value, list) else str(value) for name, value in said.items()}


@asynccontextmanager
async def shipped(url: str, folder: Path, settings: str = "legacy.settings", **changed: Any) -> AsyncIterator[Shipped]:
    """Both sides on a seeded database, `prepared`; both sides' mails go to `folder/mail`. `changed` are settings of the
    new side.
    """
    await prepared(url, folder, settings)
    with legacy_site(url, settings, folder / "mail") as legacy_url:
        app = build(Settings(**shipped_settings(url, legacy_url, folder) | changed))
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with running(app), httpx.AsyncClient(transport=transport, base_url=legacy_url) as new:
            feed = app.router.legacy_app.listening.feed  # type: ignore[attr-defined]
            async with asyncio.timeout(10):
                while changed.get("memory", True) and not feed.sees:  # noqa: ASYNC110 - the feed has no event to wait for
                    await asyncio.sleep(0.05)
            yield Shipped(legacy_url, new, feed)


@asynccontextmanager
async def served(url: str, folder: Path, settings: str) -> AsyncIterator[tuple[str, str]]:
    """As `shipped`, but the new side is a server too; gives both addresses, legacy's first."""
    await prepared(url, folder, settings)
    port, supervisor = free_port(), Supervisor(lambda *_: None)
    with legacy_site(url, settings, folder / "mail") as legacy_url:
        said = shipped_settings(url, legacy_url, folder)
        try:
            await supervisor.start(_web(child_environment(**told_to(said), PYTHONPATH=str(REPOSITORY)), port))
            yield legacy_url, f"http://127.0.0.1:{port}"
        finally:
            await supervisor.stop()


def bridge(*arguments: str) -> None:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == 0, done.output


async def everything_moved(url: str) -> None:
    database = Database(url)
    rollout = Rollout(database, DOMAINS)
    for domain in rollout.domains:
        await rollout.move(domain, Stage.NEW, by="test", why="all of it")
    await database.dispose()

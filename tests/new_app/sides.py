"""The shipped site on a database of the tests: built by `new_app.asgi`, with everything moved to the new side."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from new_app.asgi import route_table, site_pages
from new_app.config import Settings
from new_app.feed import Feed
from new_app.memory import Memory
from new_app.page import Pages
from new_app.session import Visitors, Visits


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

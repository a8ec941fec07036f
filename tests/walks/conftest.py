"""What a walk needs: a browser, and the whole stack as `bridge up` runs it, on seeds, with every domain moved to new."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from legacy_adapters.flags import Stage
from new_app.commands.up import Stack, stack
from new_app.config import Settings
from new_app.db import Database
from new_app.domains import DOMAINS
from new_app.embedded import free_port
from new_app.rollout import Rollout
from tests.conftest import new_database
from tests.walks.browser import Browser, browser, installed

REQUIRED = "WALKS"
"""Environment variable: `required` where a missing browser is a failure, as in CI."""


def demand(program: str, *, required: bool) -> None:
    """A browser, or else: a failure where one is required, a walk left out elsewhere."""
    if not program and not required:
        pytest.skip("no Chromium is installed: .ci/run installs one")
    assert program, "no Chromium is installed: apt-get install chromium"


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all walks; where there is none they fail in CI and are left out elsewhere."""
    program = installed()
    demand(program, required=os.environ.get(REQUIRED) == "required")
    async with browser(program) as driven:
        yield driven


@dataclass(slots=True)
class Walked:
    """The stack under a walk, and the hand that moves its routes."""

    stack: Stack
    rollout: Rollout

    @property
    def new(self) -> str:
        """The router's address."""
        return self.stack.url

    @property
    def legacy(self) -> str:
        return self.stack.legacy_url

    async def move(self, *names: str, to: Stage) -> None:
        for name in names:
            await self.rollout.move(name, to, by="walk", why="walk")

    @property
    def everything(self) -> list[str]:
        return [domain.name for domain in DOMAINS if domain.claims]


@pytest.fixture(scope="session")
async def walked(
    seeded_template: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Walked]:
    log: list[str] = []
    folder: Path = tmp_path_factory.mktemp("stack")
    with new_database(seeded_template, template=seeded_template) as url:
        settings = Settings(var=folder, database_url=url, redis_url=redis_url)
        database = Database(url, pool_size=2)
        async with stack(
            settings, free_port(), free_port(), lambda name, line: log.append(f"{name} {line}")
        ) as running:
            found = Walked(running, Rollout(database, DOMAINS))
            await found.move(*found.everything, to=Stage.NEW)
            yield found
        await database.dispose()

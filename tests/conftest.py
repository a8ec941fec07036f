"""Servers and databases of the tests: started once for the suite, a database per worker, nothing shared between tests.

DATABASE_URL and REDIS_URL are honoured; without them PostgreSQL and Valkey run from wheels in a throw-away folder.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from new_app import embedded

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    with embedded.throw_away() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_url(server_folder: Path) -> Iterator[str]:
    """A PostgreSQL server on which this process may create databases."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with embedded.postgres(server_folder / "pg") as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(server_folder: Path) -> Iterator[str]:
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    with embedded.valkey(server_folder / "valkey") as url:
        yield url

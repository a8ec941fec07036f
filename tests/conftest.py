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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--floor", help="A file with a number: fail if fewer tests pass than that.")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: needs servers or seconds; left out of `make quick`")
    config.pluginmanager.register(_Floor(config), "floor")


class _Floor:
    """Counts what passed in this run, workers included, and fails a run that proves less than the recorded one."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.passed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed += report.when == "call" and report.passed

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if hasattr(self.config, "workerinput"):
            return
        path = self.config.getoption("--floor")
        floor = int(Path(path).read_text()) if path else 0
        if self.passed < floor:
            message = f"{self.passed} tests passed, the floor is {floor}: if they went for a reason, lower {path}"
            self.config.get_terminal_writer().line(f"\n{message}", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

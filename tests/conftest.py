"""Servers and databases of the tests: started once for the suite, a database per worker, nothing shared between tests.

DATABASE_URL and REDIS_URL are honoured; without them PostgreSQL and Valkey run from wheels in a throw-away folder.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
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
        run_sql(
            url,
            *(f"ALTER SYSTEM SET {knob} = off" for knob in ("fsync", "full_page_writes", "synchronous_commit")),
            "SELECT pg_reload_conf()",
        )
        yield url


@pytest.fixture(scope="session")
def legacy_template(postgres_url: str) -> Iterator[str]:
    """URL of a database as the reference site's `migrate` and `createcachetable` leave it. Clone it; keep no connection to it."""
    with new_database(postgres_url) as url:
        manage(url, "migrate", "--skip-checks", "--verbosity=0")
        manage(url, "createcachetable")
        yield url


@pytest.fixture
def empty_database(legacy_template: str) -> Iterator[str]:
    """The reference site's tables for one test, as empty as `migrate` leaves them."""
    with new_database(legacy_template, template=legacy_template) as url:
        yield url


@pytest.fixture(scope="module")
def module_database(legacy_template: str) -> Iterator[str]:
    """The reference site's tables for the tests of one module, which undo what they do."""
    with new_database(legacy_template, template=legacy_template) as url:
        yield url


@pytest.fixture(scope="session")
def seeded_template(legacy_template: str) -> Iterator[str]:
    """URL of a database that `seed` has filled. Clone it; keep no connection to it."""
    with new_database(legacy_template, template=legacy_template) as url:
        manage(url, "seed", "--skip-checks", "--verbosity=0")
        yield url


@pytest.fixture
def seeded_database(seeded_template: str) -> Iterator[str]:
    """The reference site's seeds for one test, which may change them."""
    with new_database(seeded_template, template=seeded_template) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(server_folder: Path) -> Iterator[str]:
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    with embedded.valkey(server_folder / "valkey") as url:
        yield url


@contextmanager
def new_database(server: str, template: str | None = None) -> Iterator[str]:
    """A database on the server of the URL `server`, cloned from `template` if given; dropped afterwards, users and all."""
    name = f"test_{secrets.token_hex(6)}"
    admin = urlsplit(server)._replace(path="/postgres").geturl()
    source = f" TEMPLATE {urlsplit(template).path[1:]}" if template else ""
    run_sql(admin, f"CREATE DATABASE {name}{source}")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        run_sql(admin, f"DROP DATABASE {name} WITH (FORCE)")


def run_sql(url: str, *statements: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def manage(url: str, *arguments: str) -> str:
    """Run the reference site's manage.py on the database `url` in a process of its own; returns what it printed."""
    command = [sys.executable, str(REPOSITORY / "tests/legacy_site/manage.py"), *arguments]
    done = subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a server, or starts processes of its own, is slow."""
    servers = {"postgres_url", "redis_url", "server_folder"}
    folders = {"legacy_site_tests", "migrations", "importers"}
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & servers or folders & set(item.path.parts):
            item.add_marker(pytest.mark.slow)

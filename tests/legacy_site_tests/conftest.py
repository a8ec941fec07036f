"""The reference site as a process, on a database that `rows.py` has filled."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from new_app import embedded
from tests.conftest import REPOSITORY, manage, new_database, run_sql

HERE = Path(__file__).parent
SITE = REPOSITORY / "tests" / "legacy_site"
PATIENCE = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> object:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Site:
    port: int
    database: str

    def ask(self, path: str, method: str = "GET", body: object = None, **headers: str) -> Answer:
        """One request as a browser on python.test would send it; `body` goes as JSON unless it is bytes."""
        sent = {"Host": "python.test"} | {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with closing(psycopg2.connect(self.database)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    @contextmanager
    def changed(self, there: str, back: str) -> Iterator[None]:
        """The database with one statement run, and taken back afterwards by another."""
        run_sql(self.database, there)
        try:
            yield
        finally:
            run_sql(self.database, back)

    def forget_counters(self) -> None:
        run_sql(self.database, "DELETE FROM django_cache_table")


@pytest.fixture(scope="session")
def reference_site(legacy_template: str, server_folder: Path) -> Iterator[Site]:
    with new_database(legacy_template, template=legacy_template) as url:
        manage(url, "shell", "--verbosity=0", "-c", (HERE / "rows.py").read_text())
        port = embedded.free_port()
        with (server_folder / "reference-site.log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
                    *("--port", str(port), "--working-dir", str(SITE), "--no-ws", "--blocking-threads", "1"),
                    "legacy.wsgi:application",
                ],
                env={**os.environ, "DATABASE_URL": url},
                stdout=log,
                stderr=log,
            )
            try:
                site = Site(port, url)
                wait(site, process, Path(log.name))
                yield site
            finally:
                process.terminate()
                process.wait(10)


def wait(site: Site, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if site.ask("/_health").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the reference site did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture
def site(reference_site: Site) -> Site:
    """The reference site with its throttles and caches empty."""
    reference_site.forget_counters()
    return reference_site

"""Django as the oracle: a process that answers questions, one without a site and one on the reference site's database."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from legacy_adapters.settings import LegacySettings
from legacy_adapters.signing import Keys
from legacy_adapters.users import UserModel
from new_app.rows import Rows
from tests.conftest import REPOSITORY, new_database

HERE = Path(__file__).parent
SITE = REPOSITORY / "tests/legacy_site"
SECRET = "the-reference-site-has-nothing-to-hide"
FALLBACK = "what-it-was-called-before"
KEYS = Keys(SECRET, (FALLBACK,))
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
ALLAUTH = "allauth.account.auth_backends.AuthenticationBackend"
ANOTHER = os.environ.get("ORACLE_PYTHON")
"""The interpreter of an environment with another Django, whose tables are those of django.contrib alone."""
TABLE = "auth_user" if ANOTHER else "users_user"
BACKENDS = (MODEL_BACKEND,) if ANOTHER else (MODEL_BACKEND, ALLAUTH)


class Refused(Exception):
    """Django raised; the first argument is the name of the exception."""


class Oracle:
    """One Django process. Settings given at construction hold for every question."""

    def __init__(self, process: "subprocess.Popen[str]", **settings: Any) -> None:
        self._process, self._settings = process, settings

    def with_settings(self, **settings: Any) -> "Oracle":
        return Oracle(self._process, **{**self._settings, **settings})

    def ask(self, asked: str, /, *, now: float | None = None, **values: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        question = {"ask": asked, "with": values, "settings": self._settings, "now": now}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "refused" in answer:
            raise Refused(answer["refused"], answer["says"], answer["where"])
        return answer["value"]

    def refuses(self, asked: str, /, **values: Any) -> bool:
        try:
            self.ask(asked, **values)
        except Refused:
            return True
        return False


@contextmanager
def oracle_process(python: str = sys.executable, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [python, str(HERE / "oracle.py")],
        env={**{name: value for name, value in os.environ.items() if name != "DATABASE_URL"}, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


@pytest.fixture(scope="session")
def bare() -> Iterator[Oracle]:
    """Django without a site and without a database."""
    with oracle_process(ANOTHER or sys.executable) as process:
        yield Oracle(process, SECRET_KEY=SECRET, SECRET_KEY_FALLBACKS=[FALLBACK])


@pytest.fixture(scope="session")
def identity_database(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[str]:
    template = None if ANOTHER else request.getfixturevalue("legacy_template")
    with new_database(postgres_url, template=template) as url:
        yield url


@pytest.fixture(scope="session")
def django(identity_database: str) -> Iterator[Oracle]:
    """The reference site on a database of its own; of another Django, its own tables only."""
    site = {"DJANGO_SETTINGS_MODULE": "legacy.settings", "PYTHONPATH": str(SITE), "DJANGO_SECRET_KEY": SECRET}
    with oracle_process(
        ANOTHER or sys.executable, DATABASE_URL=identity_database, **({} if ANOTHER else site)
    ) as process:
        oracle = Oracle(process, SECRET_KEY=SECRET, SECRET_KEY_FALLBACKS=[FALLBACK])
        if ANOTHER:
            oracle.ask("tables_made")
        yield oracle


@pytest.fixture
async def rows(identity_database: str) -> AsyncIterator[Rows]:
    found = Rows(identity_database)
    yield found
    await found.close()


@pytest.fixture(scope="session")
def settings() -> LegacySettings:
    return LegacySettings(
        authentication_backends=BACKENDS,
        time_zone="UTC",
    )


@pytest.fixture(scope="session")
def user_model(identity_database: str) -> UserModel:
    statement = f"""SELECT column_name FROM information_schema.columns WHERE table_name = '{TABLE}'
        ORDER BY ordinal_position"""
    with closing(psycopg2.connect(identity_database)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        columns = tuple(row[0] for row in cursor.fetchall())
    return UserModel(TABLE, columns, groups=f"{TABLE}_groups", permissions=f"{TABLE}_user_permissions", owner="user_id")

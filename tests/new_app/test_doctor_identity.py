"""`bridge doctor` proves that both sides mean the same visitor, and names what is wrong where they do not."""

from collections.abc import Iterator

import msgspec
import pytest
from pydantic import SecretStr

from legacy_adapters.manifest import Manifest
from legacy_adapters.passwords import Pbkdf2
from new_app.commands.checks import Check
from new_app.commands.doctor_identity import identity_checks
from new_app.config import Settings
from new_app.rows import Rows
from tests.conftest import run_sql
from tests.new_app.test_session import SECRET, manifest

__all__ = ["manifest"]


@pytest.fixture
def settings(legacy_url: str, site_database: str) -> Iterator[Settings]:
    """Of sides that have somebody with a password."""
    run_sql(site_database, f"UPDATE users_user SET password = '{Pbkdf2(1).encode('x')}' WHERE username = 'plain'")
    yield Settings(database_url=site_database, legacy_url=legacy_url, django_secret_key=SecretStr(SECRET))
    run_sql(site_database, "UPDATE users_user SET password = '!' WHERE username = 'plain'")


def named(checks: list[Check]) -> dict[str, bool]:
    return {check.name: check.passed for check in checks}


GREEN = {
    "identity settings": True,
    "passwords": True,
    "sessions": True,
    "a form of legacy's, here": True,
    "a form of ours, at legacy": True,
    "a forged form, at legacy": True,
    "a session and messages of ours": True,
    "a link of ours, at legacy": True,
    "a forged link, at legacy": True,
}


async def test_two_sides_that_agree_are_green(settings: Settings, manifest: Manifest, site_database: str) -> None:
    run_sql(site_database, "DELETE FROM django_session")
    checks = await identity_checks(settings, manifest)
    assert named(checks) == GREEN, checks
    told = {check.name: check.detail for check in checks}
    assert told["a session and messages of ours"] == "shown by legacy, and read back"
    assert told["a link of ours, at legacy"] == "good"


async def test_a_wrong_secret_is_named(settings: Settings, manifest: Manifest, site_database: str) -> None:
    run_sql(site_database, "DELETE FROM django_session")
    wrong = settings.model_copy(update={"django_secret_key": SecretStr("another")})
    checks = await identity_checks(wrong, manifest)
    assert named(checks) == {
        **GREEN,
        "a session and messages of ours": False,
        "a link of ours, at legacy": False,
    }
    session = next(check for check in checks if check.name == "a session and messages of ours")
    assert "DJANGO_SECRET_KEY" in session.advice
    assert "without the cookie's message and the session's message" in session.detail


async def test_sessions_of_another_secret_are_counted(
    settings: Settings, manifest: Manifest, site_database: str
) -> None:
    run_sql(
        site_database,
        "INSERT INTO django_session VALUES ('forged', 'e30:1uQowS:x', now() + interval '1 day') ON CONFLICT DO NOTHING",
    )
    try:
        checks = {check.name: check for check in await identity_checks(settings, manifest)}
        assert not checks["sessions"].passed
        assert "0 of the newest 1" in checks["sessions"].detail
    finally:
        run_sql(site_database, "DELETE FROM django_session WHERE session_key = 'forged'")


async def test_a_password_that_nobody_could_check_is_named(
    settings: Settings, manifest: Manifest, site_database: str
) -> None:
    run_sql(site_database, "UPDATE users_user SET password = 'crypt$$x' WHERE username = 'plain'")
    try:
        checks = {check.name: check for check in await identity_checks(settings, manifest)}
        assert not checks["passwords"].passed
        assert "crypt" in checks["passwords"].advice
    finally:
        run_sql(site_database, "UPDATE users_user SET password = '!' WHERE username = 'plain'")


async def test_an_engine_that_we_do_not_know_is_named(settings: Settings, manifest: Manifest) -> None:
    told = msgspec.structs.replace(manifest.settings, session_engine="shop.sessions")
    (check,) = await identity_checks(settings, msgspec.structs.replace(manifest, settings=told))
    assert (check.name, check.passed) == ("identity settings", False)
    assert "shop.sessions" in check.detail


async def test_nothing_is_left_behind(settings: Settings, manifest: Manifest, site_database: str) -> None:
    run_sql(site_database, "DELETE FROM django_session")
    await identity_checks(settings, manifest)
    rows = Rows(site_database)
    assert await rows.fetch("SELECT 1 FROM django_session") == []
    await rows.close()

"""`bridge schema check` on the reference site's database: clean as migrated, and each harm named with exit status 1."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from new_app.cli import main
from tests.conftest import run_sql


def check(url: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["schema", "check", "--database-url", url, *options])


def test_the_reference_site_as_migrated_is_clean(empty_database: str) -> None:
    result = check(empty_database, "--show-unmapped")
    assert result.exit_code == 0, result.output
    assert "108 tables mapped, 7 unmapped, 0 drifts" in result.output
    assert "unmapped  admin_interface_theme" in result.output


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("ALTER TABLE downloads_release DROP COLUMN pre_release", "downloads_release: column pre_release: is missing"),
        ("ALTER TABLE boxes_box ALTER label TYPE varchar(50)", "boxes_box: column label: is character varying(50)"),
        (
            "ALTER TABLE users_user ADD nick text NOT NULL",
            "users_user: column nick: is text NOT NULL without a default",
        ),
        (
            "ALTER TABLE downloads_releasefile DROP CONSTRAINT only_python_dot_org_urls",
            "downloads_releasefile: check CHECK",
        ),
        ("DROP INDEX only_one_download_per_os_per_release", "downloads_releasefile: unique (os_id, release_id) WHERE"),
    ],
)
def test_a_harm_is_named_and_fails(empty_database: str, statement: str, named: str) -> None:
    run_sql(empty_database, statement)
    result = check(empty_database)
    assert result.exit_code == 1
    assert f"drift  {named}" in result.output
    assert " 1 drift; " in result.output


def test_a_migration_that_the_manifest_knows_and_nobody_applied_fails(empty_database: str, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    described = {"format": 1, "made": "", "django": "5.2", "python": "3.12", "settings_module": "x", "secret_key": ""}
    described |= {"settings": {}, "patterns": [], "converters": {}, "models": []}
    manifest.write_text(json.dumps(described | {"migration_heads": {"boxes": ["0099_later"]}}))
    result = check(empty_database, "--manifest", str(manifest))
    assert result.exit_code == 1
    assert "drift  boxes: migration 0099_later: is in the site's code and not applied" in result.output


def test_a_database_that_cannot_be_asked_is_not_called_clean() -> None:
    result = check("postgresql://nobody@127.0.0.1:1/nothing")
    assert result.exit_code == 2
    assert "cannot check" in result.output

"""The reference site's tables are the old site's, and the comparison that says so would notice."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parent.parent
DESCRIPTION = ROOT.parent / "shared/legacy/schema.json"


@pytest.fixture
def schema_diff(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "tests/legacy_site"))
    import schema_diff

    return sys.modules[schema_diff.__name__]


@pytest.mark.skipif(
    not DESCRIPTION.exists(), reason="the description of the old site's schema is not beside this checkout"
)
def test_after_migrate_the_database_equals_the_old_sites(empty_database: str, schema_diff: ModuleType) -> None:
    wanted = schema_diff.described(json.loads(DESCRIPTION.read_text())["tables"])
    assert len(wanted) == 115
    found = list(schema_diff.differences(wanted, schema_diff.read(empty_database)))
    assert not found, f"{len(found)} differences:\n" + "\n".join(found)


CHANGES = {
    "ALTER TABLE downloads_release DROP COLUMN pre_release": "downloads_release.pre_release",
    "ALTER TABLE boxes_box ADD COLUMN note text": "boxes_box.note",
    "ALTER TABLE boxes_box ALTER COLUMN label TYPE varchar(99)": "character varying(99)",
    "ALTER TABLE boxes_box ALTER COLUMN creator_id SET NOT NULL": "boxes_box.creator_id",
    "ALTER TABLE boxes_box ALTER COLUMN label SET DEFAULT 'x'": "boxes_box.label",
    "ALTER TABLE boxes_box ALTER COLUMN id DROP IDENTITY": "boxes_box.id",
    "ALTER TABLE boxes_box ALTER COLUMN id TYPE bigint": "boxes_box.id",
    "ALTER TABLE pages_image DROP CONSTRAINT pages_image_pkey": "missing: primary key (id)",
    "ALTER TABLE boxes_box DROP CONSTRAINT boxes_box_label_key": "missing: unique (label)",
    "ALTER TABLE events_alarm DROP CONSTRAINT events_alarm_trigger_check": "missing: CHECK ((trigger >= 0))",
    "ALTER TABLE events_alarm ADD CHECK (trigger < 99)": "should not be there: CHECK ((trigger < 99))",
    "DROP INDEX sponsorship_current_year_singleton_idx": "missing: unique index btree (true bool_ops)",
    "DROP INDEX only_one_download_per_os_per_release": "where download_button",
    "CREATE INDEX ON boxes_box (label)": "should not be there: index btree (label text_ops)",
    "CREATE INDEX ON boxes_box USING hash (label)": "should not be there: index hash",
    "DROP TABLE banners_banner": "banners_banner: the table is missing",
    "CREATE TABLE notes (id int)": "notes: the table should not be there",
}


@pytest.mark.parametrize("statement", CHANGES)
def test_a_changed_schema_is_reported(
    statement: str, legacy_schema: object, changed: Callable[[str], object], schema_diff: ModuleType
) -> None:
    found = list(schema_diff.differences(legacy_schema, changed(statement)))
    assert any(CHANGES[statement] in line for line in found), found


def test_a_foreign_key_that_is_checked_at_once_is_reported(
    legacy_schema: object, changed: Callable[[str], object], schema_diff: ModuleType
) -> None:
    constraint = "(SELECT conname FROM pg_constraint WHERE conrelid = 'pages_image'::regclass AND contype = 'f')"
    statement = f"DO $$ BEGIN EXECUTE format('ALTER TABLE pages_image ALTER CONSTRAINT %I NOT DEFERRABLE', {constraint}); END $$"
    found = list(schema_diff.differences(legacy_schema, changed(statement)))
    assert [line.split(":")[1] for line in found] == [" missing", " should not be there"]


@pytest.fixture(scope="module")
def catalog() -> dict[str, object]:
    return {}


@pytest.fixture
def legacy_schema(empty_database: str, schema_diff: ModuleType, catalog: dict[str, object]) -> object:
    if not catalog:
        catalog["schema"] = schema_diff.read(empty_database)
    return catalog["schema"]


@pytest.fixture
def changed(empty_database: str, schema_diff: ModuleType) -> Callable[[str], object]:
    def change(statement: str) -> object:
        with psycopg2.connect(empty_database) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()
        return schema_diff.read(empty_database)

    return change

"""What `bridge seed` puts into the reference site's database."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from new_app.config import child_environment

ROOT = Path(__file__).resolve().parent.parent
PUBLIC_FIXTURES = ROOT.parent / "shared/legacy/data"
EMPTY = {  # tables that only work fills: sign-ins, requests, e-mail confirmation, thumbnails, unused schedules
    *(
        "account_emailconfirmation",
        "auth_group_permissions",
        "django_cache_table",
        "django_session",
        "tastypie_apiaccess",
    ),
    *("thumbnail_kvstore", "sitetree_treeitem_access_permissions", "waffle_flag_groups"),
    *("django_celery_beat_clockedschedule", "django_celery_beat_solarschedule", "django_celery_beat_periodictasks"),
}
RUN_DEPENDENT = {"django_migrations", "django_celery_beat_periodictasks"}  # both hold the time of the run


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def fingerprint(url: str) -> dict[object, object]:
    tables = rows(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {
        table: rows(url, f'SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
        for (table,) in tables
        if table not in RUN_DEPENDENT
    }


def bridge_seed(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "new_app.cli", "seed", *arguments]
    environment = child_environment(DATABASE_URL=url)
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("statement", "at_least"),
    [
        ("SELECT count(*) FROM downloads_os", 4),
        ("SELECT count(*) FROM downloads_release", 170),
        ("SELECT count(*) FROM downloads_release WHERE pre_release", 5),
        ("SELECT count(*) FROM downloads_release WHERE NOT is_published", 3),
        ("SELECT count(*) FROM downloads_release WHERE release_page_id IS NOT NULL AND content = ''", 2),
        ("SELECT count(DISTINCT content_markup_type) FROM downloads_release", 4),
        ("SELECT count(DISTINCT version) FROM downloads_release WHERE is_latest AND is_published", 4),
        ("SELECT count(*) FROM downloads_releasefile", 1000),
        ("SELECT count(*) FROM downloads_releasefile WHERE download_button AND sigstore_bundle_file <> ''", 100),
        ("SELECT count(*) FROM boxes_box", 60),
        ("SELECT count(DISTINCT content_markup_type) FROM boxes_box", 4),
        ("SELECT count(*) FROM boxes_box WHERE content = _content_rendered AND content LIKE '%style=%'", 5),
        ("SELECT count(*) FROM boxes_box WHERE content LIKE '%{{%'", 3),
        ("SELECT count(*) FROM pages_page", 50),
        ("SELECT count(DISTINCT content_markup_type) FROM pages_page", 5),
        ("SELECT count(DISTINCT template_name) FROM pages_page", 5),
        ("SELECT count(*) FROM companies_company", 10),
        ("SELECT count(*) FROM sponsors_sponsor", 8),
        ("SELECT count(*) FROM django_redirect WHERE old_path LIKE '%?%' OR new_path = ''", 3),
        ("SELECT count(*) FROM sitetree_treeitem", 10),
        ("SELECT count(DISTINCT split_part(password, '$', 1)) FROM users_user", 7),
        ("SELECT count(*) FROM users_user u JOIN authtoken_token t ON t.user_id = u.id WHERE NOT is_staff", 5),
        ("SELECT count(*) FROM users_user u JOIN tastypie_apikey k ON k.user_id = u.id WHERE is_staff", 3),
    ],
)
def test_there_is_enough_of_everything(seeded_template: str, statement: str, at_least: int) -> None:
    [(count,)] = rows(seeded_template, statement)
    assert count >= at_least


def test_every_table_that_is_not_filled_by_work_has_rows(seeded_template: str) -> None:
    tables = [
        table for (table,) in rows(seeded_template, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]
    empty = {table for table in tables if not rows(seeded_template, f'SELECT 1 FROM "{table}" LIMIT 1')}
    assert empty <= EMPTY


def test_seeds_are_the_same_every_time_and_a_second_run_changes_nothing(
    seeded_template: str, empty_database: str
) -> None:
    first = bridge_seed(empty_database)
    assert (first.returncode, "Seeded." in first.stdout) == (0, True), first.stderr
    assert fingerprint(empty_database) == fingerprint(seeded_template)
    second = bridge_seed(empty_database)
    assert (second.returncode, second.stdout) == (0, "Already seeded; nothing changed.\n")
    assert fingerprint(empty_database) == fingerprint(seeded_template)


def test_rendered_columns_hold_what_a_save_would_write(seeded_template: str) -> None:
    [(site,), (page,)] = rows(
        seeded_template,
        "(SELECT _content_rendered FROM downloads_release WHERE slug = 'python-3131')"
        " UNION ALL (SELECT _content_rendered FROM pages_page WHERE content_markup_type = 'markdown' LIMIT 1)",
    )
    assert 'rel="noopener noreferrer"' in site
    assert "style=" not in site
    assert "<del>long</del>" in page


def test_new_rows_come_after_the_seeded_ones(seeded_database: str) -> None:
    insert = (
        "INSERT INTO banners_banner (title, message, link, active, psf_pages_only) VALUES ('', '', '', false, false)"
    )
    [(number,)] = rows(seeded_database, f"{insert} RETURNING id")
    [(released,)] = rows(seeded_database, "SELECT nextval('downloads_release_id_seq')")
    [(greatest,)] = rows(seeded_database, "SELECT max(id) FROM downloads_release")
    assert (number, released) == (4, greatest + 1)


def test_a_database_with_other_users_is_refused(empty_database: str) -> None:
    columns = "password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined, bio"
    more = "bio_markup_type, _bio_rendered, search_visibility, email_privacy, public_profile"
    values = "'!', false, 'somebody', '', '', '', false, true, now(), '', 'plain', '', 1, 2, true"
    with closing(psycopg2.connect(empty_database)) as connection, connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO users_user ({columns}, {more}) VALUES ({values})")
        connection.commit()
    done = bridge_seed(empty_database)
    assert done.returncode != 0
    assert "create another database" in done.stderr


@pytest.fixture
def fixture_folder(tmp_path: Path) -> Path:
    stamps = '"created": "2020-01-01T00:00:00Z", "updated": "2020-01-01T00:00:00Z"'
    box = f'"content": "<i style=\\"x\\">raw</i>", "content_markup_type": "html", {stamps}'
    rendered = '"_content_rendered": "<i style=\\"x\\">raw</i>"'
    (tmp_path / "boxes.json").write_text(
        f"""[
        {{"model": "boxes.box", "pk": 7, "fields": {{"label": "kept", "creator": 99, {box}, {rendered}}}}},
        {{"model": "boxes.box", "pk": 8, "fields": {{"label": "kept", {box}, {rendered}}}}},
        {{"model": "boxes.bin", "pk": 9, "fields": {{}}}},
        {{"model": "pages.image", "pk": 1, "fields": {{"page": 55, "image": "x.png"}}}},
        {{"model": "nominations.nominee", "pk": 1, "fields": {{"user": ["late"], "election": 1, "slug": "l"}}}},
        {{"model": "nominations.election", "pk": 1, "fields": {{"name": "E", "date": "2024-01-01"}}}}
        ]"""
    )
    (tmp_path / "users.json").write_text(
        '[{"model": "users.user", "pk": 3, "fields": {"username": "late", "password": "!"}}]'
    )
    (tmp_path / "wrong.json").write_text("[{")
    return tmp_path


def test_fixtures_load_in_any_order_and_what_cannot_be_loaded_is_named(
    empty_database: str, fixture_folder: Path
) -> None:
    done = bridge_seed(empty_database, "--fixtures", str(fixture_folder))
    assert done.returncode == 0, done.stderr
    assert rows(empty_database, "SELECT id, label, creator_id, _content_rendered FROM boxes_box") == [
        (7, "kept", None, '<i style="x">raw</i>')
    ]
    assert rows(empty_database, "SELECT user_id FROM nominations_nominee") == [(3,)]
    assert rows(empty_database, "SELECT nextval('boxes_box_id_seq')") == [(8,)]
    assert rows(empty_database, "SELECT count(*) FROM authtoken_token") == [(1,)]
    problems = done.stderr.splitlines()
    for part in ("wrong.json: not JSON", "boxes.json, record 2: left out", "boxes.json, record 3: left out"):
        assert any(part in line for line in problems), problems
    assert "boxes.Box.creator: 1 set to NULL, what they name is not there" in problems
    assert "pages.Image: 1 removed, their page is not there" in problems


@pytest.mark.skipif(not PUBLIC_FIXTURES.exists(), reason="the public fixtures are not beside this checkout")
def test_the_public_fixtures_load_twice_to_the_same_rows(empty_database: str) -> None:
    for _ in range(2):
        done = bridge_seed(empty_database, "--fixtures", str(PUBLIC_FIXTURES))
        assert done.returncode == 0, done.stderr
        counts = "SELECT (SELECT count(*) FROM boxes_box), (SELECT count(*) FROM sitetree_treeitem), (SELECT count(*) FROM users_user)"
        assert rows(empty_database, counts) == [(63, 115, 2)]
        assert rows(empty_database, "SELECT count(*) FROM sponsors_sponsorshipbenefit") == [(47,)]
    assert rows(empty_database, "SELECT count(*) FROM boxes_box WHERE content = _content_rendered") > [(50,)]

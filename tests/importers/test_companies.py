"""Companies become sponsors once, with nothing of a person's work lost."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from importers import core
from importers.companies import Companies
from importers.core import Action, ImportRefused
from importers.sources import DatabaseSource, FixtureSource


async def company(db: Any, name: str, slug: str, **values: Any) -> int:
    row = {
        "name": name,
        "slug": slug,
        "about": "",
        "about_markup_type": "restructuredtext",
        "_about_rendered": "",
    } | values
    names = ", ".join(row)
    marks = ", ".join(f"${i}" for i, _ in enumerate(row, 1))
    return await db.fetchval(f"INSERT INTO companies_company ({names}) VALUES ({marks}) RETURNING id", *row.values())


async def sponsor(db: Any, name: str, **values: Any) -> int:
    row = (
        dict.fromkeys(
            [
                "description",
                "web_logo",
                "primary_phone",
                "city",
                "country",
                "mailing_address_line_1",
                "mailing_address_line_2",
                "postal_code",
                "state",
            ],
            "",
        )
        | {"name": name}
        | values
    )
    names = ", ".join(row)
    marks = ", ".join(f"${i}" for i, _ in enumerate(row, 1))
    query = f"INSERT INTO sponsors_sponsor (created, updated, {names}) VALUES ('2020-01-01', '2020-01-02 03:04:05.678901+00', {marks}) RETURNING id"
    return await db.fetchval(query, *row.values())


async def checksum(db: Any, table: str = "sponsors_sponsor") -> tuple[Any, ...]:
    """Rows, their content and the place of the sequence."""
    content = await db.fetchrow(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t")
    place = await db.fetchrow(f"SELECT last_value, is_called FROM {table}_id_seq")
    return (*content, *place)


async def import_(db: Any, source: Any = None, **options: Any) -> core.Result:
    settings = {name: options.pop(name) for name in ("media", "media_from", "decisions") if name in options}
    return await core.run(
        db, Companies(**settings), source or DatabaseSource("shared", connection=db), by="me", **options
    )


async def steps(db: Any, source: Any = None, **settings: Any) -> dict[str, core.Step]:
    made = await core.plan(db, Companies(**settings), source or DatabaseSource("shared", connection=db))
    return {step.key: step for step in made.steps}


async def test_a_new_company_becomes_a_sponsor_with_djangos_defaults(db: Any) -> None:
    await company(
        db, "Acme Inc.", "acme", about="We *make* it.", url="https://acme.example/", logo="companies/logos/a.png"
    )
    before = await checksum(db, "companies_company")
    result = await import_(db)
    row = await db.fetchrow("SELECT * FROM sponsors_sponsor")
    assert result.counts["create"] == 1
    assert not result.differs
    assert (row["name"], row["description"], row["landing_page_url"]) == (
        "Acme Inc.",
        "We *make* it.",
        "https://acme.example/",
    )
    assert (row["web_logo"], row["white_logo"], row["country_of_incorporation"], row["city"]) == (
        "companies/logos/a.png",
        "",
        None,
        "",
    )
    assert row["created"] == row["updated"]
    assert await checksum(db, "companies_company") == before


async def test_a_second_import_changes_nothing(db: Any) -> None:
    await sponsor(db, "Globex")
    await company(db, "Acme", "acme")
    await company(db, "Globex GmbH", "globex-gmbh", about="Text")
    await import_(db)
    before = await checksum(db)
    second = await import_(db)
    assert (second.run, second.counts["create"], second.counts["change"], second.counts["same"]) == (None, 0, 0, 2)
    assert await checksum(db) == before


@pytest.mark.parametrize(
    ("name", "url", "kind"),
    [("Acme", None, "slug"), ("ACME, Ltd.", None, "name"), ("Other Words", "http://www.acme.example/x", "web domain")],
)
async def test_a_match_fills_only_what_is_empty(db: Any, name: str, url: str | None, kind: str) -> None:
    number = await sponsor(db, "Acme", description="Theirs", landing_page_url="https://acme.example")
    await company(db, name, "c-1", about="Ours", url=url, logo="l.png")
    assert f"matched by {kind}: Acme ({number})" in (await steps(db))["c-1"].reason
    await import_(db)
    row = await db.fetchrow("SELECT * FROM sponsors_sponsor")
    assert (row["name"], row["description"], row["web_logo"], row["landing_page_url"]) == (
        "Acme",
        "Theirs",
        "l.png",
        "https://acme.example",
    )
    assert row["updated"].year > 2020
    assert row["created"].year == 2020


async def test_undo_leaves_rows_checksums_and_sequence_as_before(db: Any) -> None:
    await sponsor(db, "Globex")
    await company(db, "Acme", "acme")
    await company(db, "Globex", "globex", about="Text", url="https://globex.example")
    before = await checksum(db)
    result = await import_(db)
    assert await checksum(db) != before
    assert result.run is not None
    assert await core.undo(db, Companies(), result.run) == []
    assert await checksum(db) == before
    assert (await import_(db)).counts["create"] == 1  # and it can be imported again


async def test_undo_refuses_a_row_that_a_person_changed_or_uses(db: Any) -> None:
    for name in ("Edited", "Used", "Asset", "Free"):
        await company(db, name, name.lower())
    result = await import_(db)
    ids = {row["name"]: row["id"] for row in await db.fetch("SELECT id, name FROM sponsors_sponsor")}
    await db.execute("UPDATE sponsors_sponsor SET city = 'Oslo' WHERE name = 'Edited'")
    await db.execute(
        'INSERT INTO sponsors_sponsorcontact (sponsor_id, "primary", administrative, accounting, manager, name, email, phone)'
        " VALUES ($1, true, false, false, false, '', '', '')",
        ids["Used"],
    )
    for name, model in (("Asset", "sponsor"), ("Free", "sponsorship")):
        await db.execute(
            "INSERT INTO sponsors_genericasset (uuid, internal_name, content_type_id, object_id)"
            " SELECT gen_random_uuid(), 'logo', id, $1 FROM django_content_type WHERE app_label = 'sponsors' AND model = $2",
            *(ids[name], model),
        )
    refused = {r.key: r.reason for r in await core.undo(db, Companies(), result.run or 0)}
    assert set(refused) == {"edited", "used", "asset"}
    assert "changed since" in refused["edited"]
    assert "sponsors_sponsorcontact" in refused["used"]
    assert "sponsors_genericasset" in refused["asset"]
    assert await db.fetchval("SELECT count(*) FROM sponsors_sponsor") == 3
    await db.execute("DELETE FROM sponsors_sponsorcontact")
    assert {r.key for r in await core.undo(db, Companies(), result.run or 0)} == {"edited", "asset"}


async def test_the_sequence_stays_where_it_is_when_somebody_took_a_number_since(db: Any) -> None:
    await company(db, "Acme", "acme")
    result = await import_(db)
    other = await sponsor(db, "Somebody")
    assert await core.undo(db, Companies(), result.run or 0) == []
    assert await sponsor(db, "Next") == other + 1


async def test_a_sponsor_that_a_person_changed_since_is_skipped_with_the_reason(db: Any) -> None:
    await company(db, "Acme", "acme", about="One")
    await import_(db)
    await db.execute("UPDATE sponsors_sponsor SET description = 'Mine'")
    await db.execute("UPDATE companies_company SET about = 'Two'")
    step = (await steps(db))["acme"]
    assert step.action is Action.SKIP
    assert "a person changed" in step.reason
    assert "description" in step.reason
    await import_(db)
    assert await db.fetchval("SELECT description FROM sponsors_sponsor") == "Mine"


async def test_a_save_that_changes_nothing_is_no_change(db: Any) -> None:
    await company(db, "Acme", "acme")
    await import_(db)
    await db.execute("UPDATE sponsors_sponsor SET updated = now()")
    assert (await steps(db))["acme"].action is Action.SAME


async def test_a_deleted_sponsor_does_not_come_back(db: Any) -> None:
    await company(db, "Acme", "acme")
    await import_(db)
    await db.execute("DELETE FROM sponsors_sponsor")
    step = (await steps(db))["acme"]
    assert (step.action, "deleted since" in step.reason) == (Action.SKIP, True)


async def test_a_company_that_changed_changes_its_sponsor_and_each_run_can_be_undone(db: Any) -> None:
    await company(db, "Acme", "acme", about="One")
    first = await import_(db)
    after_first = await checksum(db)
    await db.execute("UPDATE companies_company SET about = 'Two', url = 'https://acme.example'")
    second = await import_(db)
    assert second.counts["change"] == 1
    assert tuple(await db.fetchrow("SELECT description, landing_page_url FROM sponsors_sponsor")) == (
        "Two",
        "https://acme.example",
    )
    assert "undo that run first" in (await core.undo(db, Companies(), first.run or 0))[0].reason
    assert await core.undo(db, Companies(), second.run or 0) == []
    assert await checksum(db) == after_first
    assert await core.undo(db, Companies(), first.run or 0) == []
    assert await db.fetchval("SELECT count(*) FROM sponsors_sponsor") == 0


async def test_ambiguous_companies_are_listed_and_not_written(db: Any) -> None:
    await sponsor(db, "Acme")
    await sponsor(db, "Umbrella", landing_page_url="https://umbrella.example")
    await company(db, "Acme", "two-candidates", url="https://www.umbrella.example")
    await company(db, "Initech Inc", "initech-inc")
    await company(db, "Initech Ltd", "initech-ltd")
    before = await checksum(db)
    found = await steps(db)
    assert all(step.reason.startswith("ambiguous: ") for step in found.values())
    assert "Acme (1, by slug), Umbrella (2, by web domain)" in found["two-candidates"].reason
    assert "initech-ltd" in found["initech-inc"].reason
    assert (await import_(db)).counts["skip"] == 3
    assert await checksum(db) == before


async def test_a_persons_decision_settles_what_is_ambiguous(db: Any) -> None:
    number = await sponsor(db, "Initech")
    await company(db, "Initech Inc", "initech-inc", about="A")
    await company(db, "Initech Ltd", "initech-ltd", about="B")
    await import_(db, decisions={"initech-inc": number, "initech-ltd": None})
    rows = await db.fetch("SELECT name, description FROM sponsors_sponsor ORDER BY id")
    assert [tuple(row) for row in rows] == [("Initech", "A"), ("Initech Ltd", "B")]


async def test_a_company_like_one_that_was_imported_is_ambiguous(db: Any) -> None:
    await company(db, "Initech Inc", "initech-inc")
    await import_(db)
    await company(db, "Initech Ltd", "initech-ltd")
    assert (await steps(db))["initech-ltd"].action is Action.SKIP
    assert await db.fetchval("SELECT count(*) FROM sponsors_sponsor") == 1


async def test_bad_records_are_named_and_the_rest_is_imported(db: Any, tmp_path: Path) -> None:
    good = {"name": "Acme", "slug": "acme", "about": "", "about_markup_type": "html", "_about_rendered": ""}
    bad: list[Any] = [
        {k: v for k, v in good.items() if k != "name"},
        good | {"name": 5, "slug": "b"},
        good | {"slug": "c", "about_markup_type": "creole", "name": "C"},
        good | {"slug": "d", "name": "x" * 101},
        good | {"slug": "e", "name": "E", "logo": "../../secret"},
        good | {"slug": "f", "about": "a\0b"},
        good | {"slug": "g", "about": "\ud800"},
        good,
        "no object",
    ]
    records: list[Any] = [{"model": "companies.company", "pk": i, "fields": f} for i, f in enumerate([good, *bad])]
    records.append({"model": "companies.company", "pk": 99})
    records.append("no object")
    (tmp_path / "a.json").write_text(json.dumps(records))
    (tmp_path / "b.json").write_text('[{"model": "companies.company",\n "pk": 1,, }]')
    made = await core.plan(db, Companies(), FixtureSource(tmp_path))
    named = "\n".join(map(str, made.bad))
    for part in (
        "a.json[1] pk 1: name: is missing", "a.json[2] pk 2: name: Expected `str`, got `int`", "a.json[3] pk 3: about_markup_type: Invalid enum value 'creole'",
        "a.json[4] pk 4: name: has 101", "a.json[5] pk 5: logo:", "a.json[6] pk 6: about: holds a NUL", "a.json[7] pk 7: about: holds half",
        "a.json[8] pk 8: slug: 'acme' is also at", "a.json[9] pk 9: fields", "a.json[10] pk 99: fields", "a.json[11]: model", "b.json:2:10: broken JSON",
    ):  # fmt: skip
        assert part in named
    with pytest.raises(ImportRefused):
        await import_(db, FixtureSource(tmp_path), strict=True)
    assert await db.fetchval("SELECT count(*) FROM bridge.import_run") == 0
    assert (await import_(db, FixtureSource(tmp_path))).counts["create"] == 1


async def test_another_database_is_a_source(db: Any, database_url: str) -> None:
    await company(db, "Acme", "acme")
    assert (await import_(db, DatabaseSource("copy", url=database_url))).counts["create"] == 1


async def test_logo_files_are_copied_and_undo_takes_the_copies_away(db: Any, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "companies/logos/x").mkdir(parents=True)
    (old / "companies/logos/a.png").write_bytes(b"A")
    (old / "companies/logos/x/a.png").write_bytes(b"B")
    await company(db, "Acme", "acme", logo="companies/logos/a.png")
    await company(db, "Globex", "globex", logo="companies/logos/x/a.png")
    await company(db, "Lost", "lost", logo="companies/logos/gone.png")
    result = await import_(db, media=new, media_from=old)
    logos = {row["name"]: row["web_logo"] for row in await db.fetch("SELECT name, web_logo FROM sponsors_sponsor")}
    assert logos["Lost"] == "companies/logos/gone.png"
    assert (new / logos["Acme"]).read_bytes() == b"A"
    assert (new / logos["Globex"]).read_bytes() == b"B"
    assert (await import_(db, media=new, media_from=old)).run is None
    assert (await import_(db)).run is None  # without a media folder the copies are kept
    assert await core.undo(db, Companies(), result.run or 0) == []
    assert [path for path in new.rglob("*") if path.is_file()] == []
    assert len([path for path in old.rglob("*") if path.is_file()]) == 2


async def test_a_row_changed_between_plan_and_write_is_left_alone(db: Any) -> None:
    await sponsor(db, "Acme")
    await company(db, "Acme", "acme", about="Ours")
    importer, source = Companies(), DatabaseSource("shared", connection=db)
    made = await core.plan(db, importer, source)
    await db.execute("UPDATE sponsors_sponsor SET description = 'Mine'")
    async with db.transaction():
        await importer.target.write(db, made.work)
    assert made.steps[0].action is Action.SKIP
    assert await db.fetchval("SELECT description FROM sponsors_sponsor") == "Mine"


async def test_two_imports_at_once_do_the_work_once(db: Any, database_url: str) -> None:
    import asyncpg

    for i in range(300):
        await company(db, f"Company {i}", f"c-{i}")
    other = await asyncpg.connect(database_url)
    results = await asyncio.gather(import_(db, batch=20), import_(other, batch=20))
    await other.close()
    assert sorted(result.counts["create"] for result in results) == [0, 300]
    assert await db.fetchval("SELECT count(*) FROM sponsors_sponsor") == 300

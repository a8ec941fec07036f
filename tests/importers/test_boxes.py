"""A snippet is the box, byte for byte, until a person edits it."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment

from importers import boxes, core
from importers.boxes import Boxes
from importers.core import Action
from importers.sources import DatabaseSource, FixtureSource
from new_app.snippets import Snippets

SETTINGS = [
    dict(zip(("trim_blocks", "lstrip_blocks", "keep_trailing_newline", "autoescape"), values, strict=True))
    for values in itertools.product((False, True), repeat=4)
]

syntax = st.lists(
    st.sampled_from(
        [
            "{",
            "}",
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "-",
            "+",
            "\r\n",
            "\n",
            "\r",
            " ",
            '"',
            "\\",
            "<a>",
            "&",
            "raw",
            "endraw",
            "é",
        ]
    )
).map("".join)
crlf = st.text(st.sampled_from("{%#} \nx")).map(lambda text: text.replace("\n", "\r\n"))
stored = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@settings(deadline=None, max_examples=300)
@given(st.one_of(syntax, crlf, stored))
@example("{")
@example("\n\nx\n\n")
@example("\r\n{% raw %}{{ x }}\r\n")
@example("   ")
def test_a_snippet_renders_exactly_the_box_under_all_of_jinjas_settings(content: str) -> None:
    text = boxes.snippet("a-label", "html", content)
    assert "\r" not in text
    assert text.endswith("\n")
    assert not boxes.is_edited(text)
    for options in SETTINGS:
        environment = Environment(loader=DictLoader({"a": text}), **options)
        assert environment.get_template("a").render() == content


def test_a_snippet_reads_as_the_html_it_is() -> None:
    text = boxes.snippet("psf-widget1", "html", "<p>\r\n  {{ no tag }}\r\n</p>")
    assert text.splitlines()[2:] == ['  {{ "{{" }} no tag }}', "</p>{%+ endfilter -%}"]


async def box(db: Any, label: str, rendered: str, markup: str = "html") -> None:
    await db.execute(
        "INSERT INTO boxes_box (label, content, content_markup_type, _content_rendered, created, updated)"
        " VALUES ($1, $2, $3, $2, now(), now())",
        *(label, rendered, markup),
    )


async def import_(db: Any, folder: Path, source: Any = None, **options: Any) -> core.Result:
    source = source or DatabaseSource("shared", connection=db)
    return await core.run(db, Boxes(folder, **options), source, by="me")


async def plan(db: Any, folder: Path, source: Any = None, **options: Any) -> core.Plan:
    return await core.plan(db, Boxes(folder, **options), source or DatabaseSource("shared", connection=db))


async def test_boxes_become_snippets_once(db: Any, tmp_path: Path) -> None:
    folder = tmp_path / "boxes"
    await box(db, "one", "<p>1</p>\n")
    result = await import_(db, folder)
    assert (result.counts["create"], result.differs) == (1, [])
    assert Snippets(folder).render("one") == "<p>1</p>\n"
    assert (await import_(db, folder)).run is None
    assert sorted(path.name for path in folder.iterdir()) == ["one.html"]


async def test_a_box_stays_live_until_it_is_imported_and_when_it_is_marked(db: Any, tmp_path: Path) -> None:
    snippets = Snippets(tmp_path)
    await box(db, "one", "old")
    assert snippets.box("one", lambda _: "from the database") == "from the database"
    await import_(db, tmp_path)
    assert snippets.box("one", lambda _: "from the database") == "old"
    await import_(db, tmp_path, live=["one"])
    assert snippets.box("one", lambda _: "from the database") == "from the database"
    assert snippets.box("none", lambda _: None) == ""
    await db.execute("UPDATE boxes_box SET _content_rendered = 'new'")
    assert (await plan(db, tmp_path)).steps[0].reason.startswith("live")


async def test_boxes_that_the_old_sites_code_rewrites_are_live(db: Any, tmp_path: Path) -> None:
    await box(db, "homepage-downloads", "3.14")
    await import_(db, tmp_path)
    assert (tmp_path / "live.txt").read_text() == "homepage-downloads\n"
    assert Snippets(tmp_path).render("homepage-downloads") is None


async def test_a_changed_box_changes_its_snippet_unless_a_person_edited_it(db: Any, tmp_path: Path) -> None:
    await box(db, "one", "a")
    await box(db, "two", "a")
    await import_(db, tmp_path)
    (tmp_path / "two.html").write_text((tmp_path / "two.html").read_text().replace("a{#", "mine{#"))
    await db.execute("UPDATE boxes_box SET _content_rendered = 'b'")
    await db.execute("TRUNCATE bridge.import_run CASCADE")  # another machine: the files are there, the ledger is not
    steps = {step.key: step for step in (await plan(db, tmp_path)).steps}
    assert (steps["one"].action, steps["two"].action) == (Action.CHANGE, Action.SKIP)
    assert "a person edited two.html" in steps["two"].reason
    await import_(db, tmp_path)
    assert Snippets(tmp_path).render("one") == "b"
    assert Snippets(tmp_path).render("two") == "mine"


async def test_undo_brings_back_every_byte_and_refuses_an_edited_file(db: Any, tmp_path: Path) -> None:
    folder = tmp_path / "boxes"
    await box(db, "one", "a")
    await box(db, "download-sources", "x")
    first = await import_(db, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    await db.execute("UPDATE boxes_box SET _content_rendered = 'b'")
    await box(db, "two", "a")
    second = await import_(db, folder, live=["two-b"])
    assert await core.undo(db, Boxes(folder), second.run or 0) == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (folder / "one.html").write_text("mine")
    assert "was edited since" in (await core.undo(db, Boxes(folder), first.run or 0))[0].reason
    (folder / "one.html").write_bytes(before["one.html"])
    assert await core.undo(db, Boxes(folder), first.run or 0) == []
    assert not folder.exists()


async def test_files_that_a_killed_run_did_not_write_are_written_by_the_next(db: Any, tmp_path: Path) -> None:
    await box(db, "one", "a")
    await box(db, "two", "b")
    await import_(db, tmp_path)
    (tmp_path / "two.html").unlink()  # as if killed between the commit and the file
    await db.execute("UPDATE bridge.import_run SET state = 'running'")
    result = await import_(db, tmp_path)
    assert (result.resumed, result.differs) == (True, [])
    assert Snippets(tmp_path).render("two") == "b"
    assert await db.fetchval("SELECT count(*) FROM bridge.import_run") == 1


async def test_labels_that_a_template_uses_and_no_box_has_are_reported(db: Any, tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "a.html").write_text(
        "{% box 'there' %}\n{% box \"gone\" %}{%- box 'gone-too' -%}\n{{ box('called') }} {% box variable %} {{ xbox('no') }}"
    )
    await box(db, "there", "x")
    notes = (await plan(db, tmp_path / "out", templates=[templates])).notes
    assert [note.split("'")[1] for note in notes] == ["called", "gone", "gone-too"]
    assert f"{templates / 'a.html'}:3" in notes[0]


async def test_bad_boxes_are_named_and_skipped(db: Any, tmp_path: Path) -> None:
    good = {"label": "ok", "content": "", "content_markup_type": "html", "_content_rendered": ""}
    fields = [
        good,
        good | {"label": "../up"},
        good | {"label": "OK"},
        good | {"label": "b", "content_markup_type": "bb"},
        {"label": "c"},
    ]
    source = tmp_path / "boxes.json"
    source.write_text(json.dumps([{"model": "boxes.box", "pk": i, "fields": f} for i, f in enumerate(fields)]))
    made = await plan(db, tmp_path, FixtureSource(source))
    assert [str(bad).split(": ")[0:2] for bad in made.bad] == [
        ["boxes.json[1] pk 1", "label"],
        ["boxes.json[3] pk 3", "content_markup_type"],
        ["boxes.json[4] pk 4", "content"],
        ["boxes.json[2] pk 2", "label"],
    ]
    assert [step.key for step in made.steps] == ["ok"]


DATA = Path(__file__).resolve().parents[3] / "shared" / "legacy" / "data"


@pytest.mark.skipif(not DATA.is_dir(), reason="python.org's public fixtures are not there")
async def test_pythonorgs_own_boxes_render_exactly(db: Any, tmp_path: Path) -> None:
    result = await import_(db, tmp_path, FixtureSource(DATA))
    records = [item["fields"] for item in json.loads((DATA / "boxes.json").read_text())]
    snippets = Snippets(tmp_path)
    shown = {fields["label"]: snippets.render(fields["label"]) for fields in records}
    live = {label for label, html in shown.items() if html is None}
    assert live == boxes.REWRITTEN_BY_CODE
    assert all(shown[f["label"]] == f["_content_rendered"] for f in records if f["label"] not in live)
    assert result.counts["create"] == 63 - len(live) + 1

"""The commands as a person runs them, a killed one among them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from new_app.cli import main
from new_app.snippets import Snippets
from tests.conftest import REPOSITORY
from tests.importers.test_companies import checksum, company, sponsor

Bridge = Callable[..., Result]


@pytest.fixture
def bridge(database_url: str, tmp_path: Path) -> Bridge:
    """Run `bridge import …` in a thread: the command brings its own event loop."""
    environment = {"DATABASE_URL": database_url, "VAR": str(tmp_path / "var")}

    def run(*arguments: str) -> Result:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(CliRunner().invoke, main, ["import", *arguments], env=environment).result()

    return run


async def test_dry_run_then_run_then_again_then_undo(db: Any, bridge: Bridge) -> None:
    await sponsor(db, "Globex")
    await company(db, "Globex GmbH", "globex-gmbh", about="Text")
    await company(db, "Acme [Inc]", "acme-inc")
    await company(db, "Initech", "initech")
    await company(db, "Initech Ltd", "initech-ltd")
    before = await checksum(db)
    dry = bridge("companies", "--dry-run")
    assert dry.exit_code == 0
    for part in (
        "matched by name: Globex (1); fills description",
        "acme-inc",
        "ambiguous: the same as company initech-ltd",
    ):
        assert part in dry.stdout
    assert await checksum(db) == before
    assert await db.fetchval("SELECT count(*) FROM bridge.import_run") == 0
    first = bridge("companies", "--by", "me")
    assert (first.exit_code, "run 1: 1 create, 1 change, 0 same, 2 skip, 0 bad" in first.stdout) == (0, True), (
        first.output
    )
    second = bridge("companies", "--match", "initech=new", "--match", "initech-ltd=new")
    assert "run 2: 2 create, 0 change, 2 same, 0 skip, 0 bad" in second.stdout
    third = bridge("companies")
    assert (third.exit_code, "nothing to import" in third.stdout) == (0, True)
    listed = json.loads(bridge("runs", "--json").stdout)
    assert [(run["id"], run["state"], run["source"]) for run in listed] == [
        (2, "done", "shared → sponsors_sponsor"),
        (1, "done", "shared → sponsors_sponsor"),
    ]
    assert listed[1]["by"] == "me"
    for number in ("2", "1"):
        assert bridge("undo", number).exit_code == 0
    assert await checksum(db) == before
    assert "undone already" in bridge("undo", "1").stdout
    assert bridge("undo", "9").exit_code == 1


async def test_a_killed_import_is_resumed_without_duplicates(db: Any, database_url: str, bridge: Bridge) -> None:
    total = 4_000
    await db.execute(
        "INSERT INTO companies_company (name, slug, about, about_markup_type, _about_rendered)"
        " SELECT 'Firm number' || i, 'firm-' || i, '', 'html', '' FROM generate_series(1, $1::int) i",
        total,
    )
    before = await checksum(db)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "new_app.cli", "import", "companies", "--batch", "20"),
        cwd=REPOSITORY,
        env={**os.environ, "DATABASE_URL": database_url},
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while await db.fetchval("SELECT count(*) FROM bridge.import_row") == 0:
        assert time.monotonic() < deadline
        assert process.returncode is None
    process.send_signal(signal.SIGKILL)
    await process.wait()
    written = await db.fetchval("SELECT count(*) FROM sponsors_sponsor")
    assert 0 < written < total
    again = bridge("companies")
    assert "run 1 (resumed)" in again.stdout, again.output
    assert await db.fetchval("SELECT count(*) FROM sponsors_sponsor") == total
    assert await db.fetchval("SELECT count(DISTINCT name) FROM sponsors_sponsor") == total
    assert await db.fetchval("SELECT count(*) FROM bridge.import_row") == total
    assert json.loads(bridge("runs", "--json").stdout)[0]["counts"]["create"] == total
    assert "apply: 2000" not in again.stdout  # plain lines at the ends only, where there is no terminal
    assert bridge("undo", "1").exit_code == 0
    assert await checksum(db) == before


async def test_a_killed_import_can_be_undone(db: Any, bridge: Bridge) -> None:
    await company(db, "Acme", "acme")
    before = await checksum(db)
    bridge("companies")
    await db.execute("UPDATE bridge.import_run SET state = 'running', finished_at = NULL")  # killed before it finished
    assert bridge("undo", "1").exit_code == 0
    assert await checksum(db) == before
    assert "run 2: 1 create" in bridge("companies").stdout


async def test_boxes_from_fixtures_to_files_and_back(bridge: Bridge, tmp_path: Path) -> None:
    fields = {"label": "one", "content": "x", "content_markup_type": "html", "_content_rendered": "<b>x</b>\r\n"}
    source, out, templates = tmp_path / "boxes.json", tmp_path / "boxes", tmp_path / "templates"
    source.write_text(
        json.dumps([{"model": "boxes.box", "pk": 1, "fields": fields}, {"model": "boxes.box", "pk": 2, "fields": {}}])
    )
    templates.mkdir()
    (templates / "page.html").write_text("{% box 'absent' %}")
    arguments = ("boxes", "--source", str(source), "--out", str(out), "--templates", str(templates))
    strict = bridge(*arguments, "--strict")
    assert (strict.exit_code, out.exists()) == (1, False)
    assert "boxes.json[1] pk 2: label: is missing" in strict.stderr
    done = bridge(*arguments)
    assert done.exit_code == 0, done.output
    assert "no box has the label 'absent'" in done.stderr.replace("\n", "")
    assert Snippets(out).render("one") == "<b>x</b>\r\n"
    assert bridge("undo", "1").exit_code == 0
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["companies", "--source", "nowhere.json"], "check --source"),
        (["companies", "--source", "postgresql://nobody:secret@127.0.0.1:1/none"], "cannot connect"),
        (["companies", "--match", "acme"], "neither SLUG=ID nor SLUG=new"),
        (["companies", "--media-from", "."], "--media-from needs --media"),
    ],
)
def test_a_wrong_option_says_what_to_do(bridge: Bridge, arguments: list[str], message: str) -> None:
    done = bridge(*arguments)
    assert done.exit_code in {1, 2}
    assert message in done.stderr
    assert "secret" not in done.stderr


async def test_a_missing_ledger_asks_for_a_migration(bridge: Bridge, db: Any) -> None:
    await company(db, "Acme", "acme")
    await db.execute("ALTER SCHEMA bridge RENAME TO away")
    try:
        assert bridge("companies", "--dry-run").exit_code == 0
        done = bridge("companies")
        assert (done.exit_code, "run `bridge migrate` first" in done.stderr) == (1, True)
    finally:
        await db.execute("ALTER SCHEMA away RENAME TO bridge")

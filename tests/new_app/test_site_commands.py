"""`bridge adopt · routes · doctor` as an operator runs them, on the reference site."""

import json
import sys
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from legacy_adapters.manifest import read_manifest
from new_app.asgi import route_table
from new_app.cli import main
from new_app.commands.doctor import clock_check
from new_app.commands.site import ADDED
from new_app.domains import DOMAINS

SITE = str(Path(__file__).resolve().parent.parent / "legacy_site")
SECRET = "the-reference-site-has-nothing-to-hide"
NOWHERE = {"DATABASE_URL": "postgresql://me:pass-word@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1"}


def bridge(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env={**NOWHERE, "LEGACY_URL": "http://127.0.0.1:1", **environment})


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("adopted") / "sub" / "manifest.json")
    result = bridge("adopt", "--python", sys.executable, "--settings", "legacy.settings", "--path", SITE, "--out", path)
    assert result.exit_code == 0, result.output
    assert "URL patterns" in result.output
    return path


@pytest.mark.parametrize(
    ("python", "settings", "says"),
    [
        ("/no/such/python", "legacy.settings", "does not run"),
        (sys.executable, "legacy.nothing", "does not load with legacy.nothing"),
        (sys.executable, "json", "does not load with json"),
    ],
)
def test_a_site_that_cannot_be_adopted_leaves_no_manifest(
    python: str, settings: str, says: str, tmp_path: Path
) -> None:
    out = tmp_path / "manifest.json"
    result = bridge("adopt", "--python", python, "--settings", settings, "--path", SITE, "--out", str(out))
    assert result.exit_code == 1
    assert says in result.output
    assert not out.exists()


def test_routes_name_the_domain_of_each_claimed_pattern(manifest: str) -> None:
    rows = json.loads(bridge("routes", "--manifest", manifest, "--json").output)
    known = json.loads(Path(manifest).read_text())["patterns"]
    placed = [row for row in rows if row["place"]]
    assert [row["pattern"] for row in placed] == [pattern["route"] for pattern in known]
    domains = {row["pattern"]: row["domain"] for row in placed}
    assert domains["box/<slug:label>/"] == "boxes"
    assert domains["admin/login/"] == ""


def test_every_claim_has_its_pattern_in_the_reference_site(manifest: str) -> None:
    rows = json.loads(bridge("routes", "--manifest", manifest, "--json").output)
    assert [row for row in rows if row["remark"] not in {"", "answered by data", ADDED}] == []
    added = {claim.name for domain in DOMAINS for claim in domain.claims if claim.added}
    assert {row["name"] for row in rows if row["remark"] == ADDED} == added


def test_with_a_manifest_each_claim_is_still_reached_and_legacys_own_patterns_are_not(manifest: str) -> None:
    with_patterns, without = route_table(read_manifest(Path(manifest))), route_table(None)
    for path in ("downloads/latest/python3/", "getit/feed.rss", "api/v1/downloads/os/3/", "box/a/", "humans.txt"):
        found = with_patterns.match(path, "GET")
        plain = without.match(path, "GET")
        assert found is not None
        assert plain is not None
        assert (found[0].pattern, found[0].domain, found[1]) == (plain[0].pattern, plain[0].domain, plain[1])
    assert with_patterns.match("admin/login/", "GET") is None


def test_the_summary_counts_per_app(manifest: str) -> None:
    result = bridge("routes", "--manifest", manifest, "--summary")
    count = len(json.loads(Path(manifest).read_text())["patterns"])
    assert result.exit_code == 0
    assert f"{count} patterns" in result.output


def test_the_summary_counts_what_a_parity_run_found_equal(manifest: str, tmp_path: Path) -> None:
    found = [
        ("blog", "same", {}),
        ("documentation", "same", {"given back": "x"}),
        ("box", "differs", {}),
        ("box", "same", {}),
    ]
    lines = [{"route": route, "result": result, **more} for route, result, more in found]
    path = tmp_path / "run.ndjson"
    path.write_text("\n".join(json.dumps(line) for line in [*lines, {"totals": {}}]))
    result = bridge("routes", "--manifest", manifest, "--summary", "--parity", str(path))
    assert "1 parity-clean" in result.output, result.output


def test_routes_without_a_manifest_say_what_to_do(tmp_path: Path) -> None:
    result = bridge("routes", "--manifest", str(tmp_path / "none.json"))
    assert result.exit_code == 2
    assert "bridge adopt" in result.output


def test_the_doctor_names_every_failure_and_hides_secrets(manifest: str) -> None:
    result = bridge("doctor", MANIFEST=manifest, DJANGO_SECRET_KEY="another-secret")
    assert result.exit_code == 1
    failed = {line.split(":")[0].removeprefix("FAIL  ") for line in result.output.splitlines() if line[:4] == "FAIL"}
    assert failed == {"database", "redis", "legacy", "SECRET_KEY"}
    assert "pass-word" not in result.output
    assert "another-secret" not in result.output


def test_the_doctor_passes_what_agrees(manifest: str, empty_database: str, redis_url: str) -> None:
    result = bridge(
        "doctor",
        "--json",
        MANIFEST=manifest,
        DJANGO_SECRET_KEY=SECRET,
        DATABASE_URL=empty_database,
        REDIS_URL=redis_url,
    )
    checks = {check["name"]: check["passed"] for check in json.loads(result.output)["checks"]}
    assert checks == {
        "manifest": True,
        "database": True,
        "bridge schema": False,
        "watched tables": False,
        "site schema": True,
        "redis": True,
        "legacy": False,
        "SECRET_KEY": True,
        "SECRET_KEY_FALLBACKS": True,
    }


@pytest.mark.parametrize(("ahead", "passed"), [(0, True), (3, True), (-60, False), (60, False)])
def test_a_clock_that_is_off_is_named(ahead: int, passed: bool) -> None:
    now = time.time()
    assert clock_check(formatdate(now + ahead, usegmt=True), now).passed is passed
    assert clock_check(None, now).passed

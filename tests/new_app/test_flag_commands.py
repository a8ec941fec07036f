"""`bridge stages`, `move`, `kill`, `restore`, `audit`, `preview` and `migrate`, as an operator types them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from litestar import Litestar
from litestar.testing import TestClient

from new_app import preview
from new_app.cli import main
from new_app.domain import Claim, Domain
from tests.conftest import new_database

DOMAINS = (Domain("shop", [Claim("shop/<slug:item>/", "shop:item"), Claim("shop/", "shop:index")]),)
SECRET = "a secret of the tests"
Bridge = Callable[..., Result]


@pytest.fixture
def bridge(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bridge]:
    with new_database(postgres_url) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setenv("DJANGO_SECRET_KEY", SECRET)
        monkeypatch.setattr("new_app.commands.flags.DOMAINS", DOMAINS)
        yield lambda *arguments: CliRunner().invoke(main, list(arguments))


def test_before_the_schema_is_there_the_error_says_bridge_migrate(bridge: Bridge) -> None:
    answer = bridge("stages")
    assert answer.exit_code == 1
    assert "bridge migrate" in answer.output


def test_without_a_database_the_error_says_so_in_one_line(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://postgres:@/postgres?host={tmp_path}")
    answer = bridge("kill", "--why", "fire")
    assert answer.exit_code == 1
    assert "Error: the database does not answer" in answer.output
    assert "Traceback" not in answer.output


def test_an_operator_moves_kills_restores_and_reads_it_all_in_the_audit(bridge: Bridge) -> None:
    assert bridge("migrate").output.startswith("schema bridge is at ")
    assert bridge("move", "shop:item", "--to", "new", "--why", "clean", "--by", "ada").output == (
        "route shop:item: - → new\n"
    )
    board = {route["route"]: route for route in json.loads(bridge("stages", "--json").output)}
    assert (board["shop:item"]["stage"], board["shop:item"]["by"], board["shop:item"]["why"]) == ("new", "ada", "clean")
    assert board["shop:index"]["stage"] == "legacy"
    assert "everything" in bridge("kill", "--why", "fire", "--by", "ada").output
    assert {route["stage"] for route in json.loads(bridge("stages", "--json").output)} == {"legacy"}
    assert bridge("kill", "--why", "fire").output == "nothing to change: it is so already\n"
    assert bridge("restore", "--why", "out", "--by", "ada").exit_code == 0
    audit = json.loads(bridge("audit", "--json").output)
    assert [(line["kind"], line["before"], line["after"], line["why"]) for line in audit] == [
        ("kill", "legacy", None, "out"),
        ("kill", None, "legacy", "fire"),
        ("route", None, "new", "clean"),
    ]


def test_a_table_without_a_terminal_is_plain_and_uncut(bridge: Bridge) -> None:
    bridge("migrate")
    reason = "a long reason that no narrow terminal may cut " * 4
    bridge("move", "shop", "--to", "new", "--why", reason, "--by", "ada")
    lines = [line for line in bridge("stages").output.splitlines() if "shop:item" in line]
    assert len(lines) == 1
    assert reason.strip() in lines[0]
    assert "│" not in lines[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["move", "shop:itme", "--to", "new", "--why", "x"], "did you mean"),
        (["move", "shop", "--to", "canary", "--why", "x"], "'legacy', 'new'"),
        (["move", "shop", "--to", "new"], "--why"),
        (["kill"], "--why"),
        (["kill", "--why", " "], "--why"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_can(bridge: Bridge, arguments: list[str], said: str) -> None:
    bridge("migrate")
    answer = bridge(*arguments)
    assert answer.exit_code != 0
    assert said in answer.output
    assert json.loads(bridge("audit", "--json").output) == []


def test_a_second_migrate_changes_nothing(bridge: Bridge) -> None:
    assert bridge("migrate").output == bridge("migrate").output


def test_a_link_sets_a_cookie_that_forces_the_side_and_can_be_left(bridge: Bridge) -> None:
    link = bridge("preview", "--side", "new", "--base", "https://testserver").output.strip()
    with TestClient(Litestar([preview.handler(SECRET)]), base_url="https://testserver") as client:
        answer = client.get(link, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (302, "/")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" in cookie
        value = client.cookies[preview.COOKIE]
        assert preview.forced([(b"cookie", f"a=b; {preview.COOKIE}={value}".encode())], SECRET) == "new"
        client.get("/_bridge/preview", follow_redirects=False)
        assert preview.COOKIE not in client.cookies


def test_a_link_that_is_not_genuine_sets_nothing() -> None:
    with TestClient(Litestar([preview.handler(SECRET)])) as client:
        answer = client.get("/_bridge/preview?token=new.99999999999.00", follow_redirects=False)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_a_cookie_over_plain_http_is_not_secure_so_that_it_works_at_all() -> None:
    token = preview.make("new", SECRET, seconds=60)
    with TestClient(Litestar([preview.handler(SECRET)])) as client:
        answer = client.get(f"/_bridge/preview?token={token}", follow_redirects=False)
        assert "secure" not in answer.headers["set-cookie"].lower()


def tampered() -> dict[str, str]:
    good = preview.make("legacy", SECRET, seconds=60, now=1000)
    side, expiry, signature = good.split(".")
    return {
        "another side": f"new.{expiry}.{signature}",
        "a later end": f"{side}.{int(expiry) + 1}.{signature}",
        "a side that is none": f"canary.{expiry}.{signature}",
        "a signature cut": good[:-1],
        "a signature changed": good[:-1] + ("0" if good[-1] != "0" else "1"),
        "no signature": f"{side}.{expiry}.",
        "not ASCII": f"{side}.{expiry}.é",
        "another digit": f"{side}.١٠٦٠.{signature}",
        "another secret": preview.make("legacy", "other", seconds=60, now=1000),
        "expired": preview.make("legacy", SECRET, seconds=-1, now=1000),
        "empty": "",
        "dots": "..",
    }


@pytest.mark.parametrize("name", tampered())
def test_a_token_that_was_touched_or_has_ended_is_ignored(name: str) -> None:
    assert preview.read(preview.make("legacy", SECRET, seconds=60, now=1000), SECRET, now=1030) == "legacy"
    token = tampered()[name]
    assert preview.read(token, SECRET, now=1030) is None
    assert preview.forced([(b"cookie", f"{preview.COOKIE}={token}".encode())], SECRET) is None


@pytest.mark.parametrize("beside", ['{"a": [1]}=x; ', "broken; ; =; ", "bridge_preview=forged; ", 'a="b;c"; '])
def test_a_broken_cookie_beside_it_hides_no_choice_of_side(beside: str) -> None:
    token = preview.make("new", SECRET, seconds=60)
    headers = [(b"cookie", b"a=b"), (b"cookie", f"{beside}{preview.COOKIE}={token}".encode())]
    assert preview.forced(headers, SECRET) == "new"


def test_without_a_secret_no_link_is_made_and_none_is_believed(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SECRET_KEY", "")
    answer = bridge("preview", "--side", "new")
    assert answer.exit_code == 1
    assert "DJANGO_SECRET_KEY" in answer.output
    assert preview.read(preview.make("new", SECRET, seconds=60), "") is None

"""`bridge parity run`, as a person types it: two servers, exit codes, files, and words where something is missing."""

import asyncio
import re
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from new_app.cli import main
from new_app.commands.parity_cases import from_its_own_visitor
from new_app.commands.parity_rules import fits, rules
from parity.capture import Case
from parity.compare import compare
from tests.parity import pair
from tests.parity.test_http import server

MASKED = "abcdefghijklmnopqrstuvwxyzABCDEF"
SECRET = "ZYXWVUTSRQPONMLKJIHGFEDCBA012345"


async def bridge(*arguments: str) -> Result:
    """In a thread: the command brings its own event loop."""
    return await asyncio.to_thread(CliRunner().invoke, main, ["parity", "run", *arguments])


@pytest.fixture
def listed(tmp_path: Path) -> str:
    (tmp_path / "urls").write_text("/\n/a/1/\n/a/2/\n")
    return str(tmp_path / "urls")


async def test_equal_sides_exit_0_and_a_fault_exits_1_with_reports(tmp_path, listed):
    async with server("page") as legacy, server("page") as same, server("other text") as other:
        good = await bridge("--legacy", legacy, "--new", same, "--from", listed)
        files = ("--report", str(tmp_path / "out"), "--junit", str(tmp_path / "j.xml"), "--ndjson", str(tmp_path / "n"))
        bad = await bridge("--legacy", legacy, "--new", other, "--from", listed, *files)
    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "3 cases: 3 same" in good.output
    assert "HTML text at /html/body/a[*]/text()" in bad.output
    assert all((tmp_path / name).stat().st_size for name in ("out/index.html", "j.xml", "n"))


async def test_legacy_compared_with_itself_is_given_back_and_never_the_same(listed):
    async with server("page") as legacy, server("given back") as back, server("new") as new:
        common = ("--legacy", legacy, "--from", listed)
        loose, strict = await bridge(*common, "--new", back), await bridge(*common, "--new", back, "--new-must-answer")
        good = await bridge(*common, "--new", new, "--new-must-answer")
    assert (loose.exit_code, strict.exit_code, good.exit_code) == (0, 1, 0)
    assert "3 cases: 0 same · 0 waived · 0 differs · 0 noisy · 3 given back · 0 error" in loose.output
    assert "/a/<int>/: 2 × new has no answer, as in GET /a/1/" in loose.output
    assert "3 cases: 3 same" in good.output


async def test_what_was_given_back_and_differs_still_differs(listed):
    async with server("page") as legacy, server("given back and spoiled") as new:
        result = await bridge("--legacy", legacy, "--new", new, "--from", listed)
    assert result.exit_code == 1
    assert "3 differs · 0 noisy · 0 given back" in result.output
    assert "3 given back: new was asked" in result.output


async def test_html_prints_trees_and_bytes_per_route_and_bytes_may_be_asked_for(listed):
    async with server("page") as legacy, server("other white space") as new:
        sides = ("--legacy", legacy, "--new", new, "--from", listed)
        loose, exact = await bridge(*sides, "--html"), await bridge(*sides, "--bytes")
    assert (loose.exit_code, exact.exit_code) == (0, 1)
    assert re.search(r"^/a/<int>/ +2 +2 \(100\.0 %\) +0 \(0\.0 %\) *$", loose.output, re.MULTILINE)
    assert re.search(r"^all +3 +3 \(100\.0 %\) +0 \(0\.0 %\) *$", loose.output, re.MULTILINE)
    assert "GET /a/1/ (/a/<int>/): tree same, bytes differs; HTML bytes at line 1" in loose.output
    assert "3 HTML pages: trees equal 3 (100.0 %) · bytes equal 0 (0.0 %)" in exact.output


async def test_a_waiver_for_bytes_is_of_its_own_kind_and_is_said_beside_the_number(tmp_path, listed):
    text = (
        '[[waiver]]\nid = "w"\nowner = "Ann"\nreason = "r"\nuntil = 2999-01-01\nkind = "HTML bytes"\nroute = "/a/*"\n'
    )
    (tmp_path / "w").write_text(text)
    async with server("page") as legacy, server("other white space") as new:
        sides = ("--legacy", legacy, "--new", new, "--from", listed, "--waivers", str(tmp_path / "w"), "--strict")
        result = await bridge(*sides)
    assert result.exit_code == 0
    assert "3 HTML pages: trees equal 3 (100.0 %) · bytes equal 0 (0.0 %), 2 waived" in result.output


async def test_a_side_that_is_not_there_exits_2_and_says_which(listed):
    async with server("page") as legacy:
        result = await bridge("--legacy", legacy, "--new", "http://127.0.0.1:9", "--from", listed)
    assert result.exit_code == 2
    assert "new does not answer at http://127.0.0.1:9: connection refused" in result.output


async def test_a_side_that_fails_on_some_case_exits_2(tmp_path, listed):
    async with server("page") as legacy, server("cut short") as new:
        result = await bridge("--legacy", legacy, "--new", new, "--from", listed)
    assert result.exit_code == 2
    assert "new: body ended early" in result.output


async def test_a_waiver_makes_it_0_and_strict_minds_an_unused_one(tmp_path, listed):
    text = '[[waiver]]\nid = "{}"\nowner = "Ann"\nreason = "r"\nuntil = 2999-01-01\nkind = "{}"\n'
    (tmp_path / "w").write_text(text.format("a", "HTML text") + text.format("b", "status"))
    async with server("page") as legacy, server("other text") as new:
        common = ("--legacy", legacy, "--new", new, "--from", listed, "--waivers", str(tmp_path / "w"))
        loose, strict = await bridge(*common), await bridge(*common, "--strict")
    assert (loose.exit_code, strict.exit_code) == (0, 1)
    assert "waiver b (Ann) covered nothing" in loose.output


async def test_a_crawl_follows_legacys_links_and_stops_at_the_limit():
    async with server("page") as legacy, server("page") as new:
        whole = await bridge("--legacy", legacy, "--new", new, "--crawl")
        two = await bridge("--legacy", legacy, "--new", new, "--crawl", "--limit", "2")
    assert "3 cases: 3 same" in whole.output
    assert "2 cases: 2 same" in two.output


async def test_a_case_of_two_corpora_is_asked_once(listed):
    async with server("page") as legacy, server("page") as new:
        result = await bridge("--legacy", legacy, "--new", new, "--crawl", "--from", listed)
    assert "5 cases: 5 same" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say what to compare"),
        (("no-such-domain",), "no domain or route is named no-such-domain"),
        (("--from", "/no/such/file"), "No such file"),
        (("--all", "--header", "nonsense"), "Name: value"),
        (("--all", "--new", "localhost"), "http://host:port"),
        (("--all", "--waivers", "/no/such/file"), "No such file"),
    ],
)
async def test_what_is_missing_is_said_and_exits_2(arguments, said):
    async with server("page") as legacy:
        sides = ("--legacy", legacy, "--new", legacy)
        result = await bridge(*sides, *arguments)
    assert result.exit_code == 2
    assert said in result.output


def masked(secret: str, mask: str) -> str:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return mask + "".join(
        letters[(letters.index(s) + letters.index(m)) % 62] for s, m in zip(secret, mask, strict=True)
    )


def test_a_csrf_token_fits_the_secret_it_hides():
    assert fits(masked(SECRET, MASKED), SECRET)
    assert fits(masked(SECRET, MASKED), masked(SECRET, MASKED[::-1]))
    assert not fits(masked(SECRET, MASKED), SECRET[::-1])
    assert not fits("short", SECRET)


def test_csrf_masks_and_fresh_secrets_are_no_difference_and_a_wrong_mask_is():
    def page(secret: str, token: str):
        form = f'<form><input type="hidden" name="csrfmiddlewaretoken" value="{token}"></form>'
        return pair.answer(form, extra=(("Set-Cookie", f"csrftoken={secret}; Path=/"),))

    legacy = page(SECRET, masked(SECRET, MASKED))
    other = SECRET[::-1]
    assert compare(legacy, page(other, masked(other, MASKED[::-1])), rules=rules()) == ()
    assert compare(legacy, page(other, masked(SECRET, MASKED[::-1])), rules=rules())


def test_each_sample_is_another_visitor_and_the_same_one_for_both_sides():
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    cases = [Case(f"/{number}") for number in range(200)]
    addresses = [from_its_own_visitor(case, now).headers[0][1] for case in cases]
    assert len(set(addresses)) > 195
    assert addresses == [from_its_own_visitor(case, now).headers[0][1] for case in cases]
    assert all(ip_address(address) in ip_network("198.18.0.0/15") for address in addresses)
    assert addresses[0] != from_its_own_visitor(cases[0], now.replace(hour=13)).headers[0][1]

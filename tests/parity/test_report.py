"""What people and machines read: complete, well-formed, the same each time, and without a secret."""

import io
import json
import re
from datetime import date
from xml.etree import ElementTree

import pytest
from rich.console import Console
from selectolax.lexbor import LexborHTMLParser

from parity.capture import Case
from parity.clean import Rules
from parity.compare import compare
from parity.page import Page
from parity.report import JUnit, Ndjson, Redaction, Tally, Terminal, curl
from parity.runner import Outcome, Result
from parity.waivers import Accepted, Waiver
from tests.parity import pair

SECRET = "s3cr3t-session-value"
HEADERS = (("Authorization", f"Token {SECRET}"), ("Cookie", f"sessionid={SECRET}"))
EVIL = '<script src="http://evil.test/x.js">alert(1)</script>'


def spoiled(number: int) -> Outcome:
    legacy = pair.answer(
        pair.HTML.replace("Hello", f"{EVIL} {SECRET}"), extra=(("Set-Cookie", f"sessionid={SECRET}; Path=/"),)
    )
    new = pair.answer(pair.HTML, origin=pair.NEW)
    case = Case(f"/p/{number}/?api_key={SECRET}&q='", route="/p/<int>/")
    return Outcome(case, Result.DIFFERS, compare(legacy, new, rules=Rules()), (), (), legacy, new)


OUTCOMES = [
    *map(spoiled, range(8)),
    Outcome(Case("/same/", route="same"), Result.SAME),
    *(Outcome(Case(f"/left/{n}/", route="left"), Result.GIVEN_BACK, given_back="stage legacy") for n in (2, 1)),
    Outcome(Case("/gone/", route="gone"), Result.ERROR, new=pair.field(error="timeout")(pair.page())),
]


def told(folder, outcomes=OUTCOMES):
    expired = Waiver("old", "Ann", "r", date(2020, 1, 1), kind="x")
    redaction = Redaction(HEADERS)
    tally = Tally(Accepted([expired], date(2026, 1, 1)), redaction)
    lines, screen = io.StringIO(), io.StringIO()
    page = Page(folder, (pair.LEGACY, pair.NEW), (HEADERS, HEADERS), redaction, Rules())
    listeners = [
        tally,
        Terminal(Console(file=screen, width=120)),
        Ndjson(lines, redaction),
        JUnit(folder / "j.xml"),
        page,
    ]
    for outcome in outcomes:
        tally.accepted.see(outcome.case.route)
        for listener in listeners:
            listener.case(outcome)
    for listener in listeners:
        listener.end(tally)
    return screen.getvalue(), lines.getvalue(), (folder / "j.xml").read_text(), (folder / "index.html").read_text()


def test_no_report_holds_a_secret(tmp_path):
    for text in told(tmp_path):
        assert SECRET not in text


def test_the_page_loads_nothing_runs_nothing_and_shows_both_sides(tmp_path):
    *_, html = told(tmp_path)
    page = LexborHTMLParser(html)
    assert page.css("script, link, img, iframe, object, [onclick], base") == []
    assert all((node.attributes["href"] or "").startswith("#v1:") for node in page.css("[href]"))
    assert "url(" not in html
    assert "@import" not in html
    assert len(page.css("section")) == len({d.signature for o in OUTCOMES for d in o.differences})
    assert "curl -si" in html
    assert {"minus", "plus"} <= {node.attributes.get("class") for node in page.css("td")}


def test_equal_runs_write_equal_pages_in_whatever_order_answers_came(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert told(tmp_path / "a")[2:] == told(tmp_path / "b", OUTCOMES[::-1])[2:]


def test_junit_counts_routes_failures_and_errors(tmp_path):
    suite = ElementTree.fromstring(told(tmp_path)[2]).find("testsuite")
    assert suite is not None
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["5", "2", "1", "1"]
    assert len(suite.findall("testcase")) == 5
    assert len(suite.findall("testcase/failure")) == 2
    assert [node.text for node in suite.findall("testcase[@name='/p/<int>/']/system-out")] == [
        "same=0 waived=0 differs=8 noisy=0 given_back=0 error=0"
    ]


def test_ndjson_has_a_line_per_case_and_the_totals(tmp_path):
    lines = [json.loads(line) for line in told(tmp_path)[1].splitlines()]
    assert [line["result"] for line in lines[:-1]] == [o.result for o in OUTCOMES]
    assert lines[-1]["totals"] == {"same": 1, "waived": 0, "differs": 8, "noisy": 0, "given back": 2, "error": 1}
    assert lines[0]["differences"][0]["signature"].startswith("v1:")


def test_the_terminal_has_a_row_per_route_and_the_stale_waivers(tmp_path):
    screen = told(tmp_path)[0]
    assert re.search(r"^/p/<int>/ +· +· +8 ", screen, re.MULTILINE)
    assert "waiver old (Ann) expired on 2020-01-01" in screen
    assert "could not compare GET /gone/: new: timeout" in screen
    assert screen.strip().endswith("12 cases: 1 same · 0 waived · 8 differs · 0 noisy · 2 given back · 1 error")


def test_what_new_gave_back_is_told_per_route_with_its_reason_everywhere(tmp_path):
    screen, lines, junit, html = told(tmp_path)
    line = "left: 2 × stage legacy, as in GET /left/1/"
    assert "2 given back: new was asked, legacy answered" in screen
    assert line in screen
    assert line in LexborHTMLParser(html).css("#given-back li")[0].text()
    assert [json.loads(one).get("given back") for one in lines.splitlines()].count("stage legacy") == 2
    skipped = ElementTree.fromstring(junit).find("testsuite/testcase[@name='left']/skipped")
    assert skipped is not None
    assert "given back: 2 × stage legacy" in (skipped.get("message") or "")


def test_one_cause_is_one_group_whatever_its_place_in_a_list():
    def found(change):
        return [d.signature for d in compare(pair.api(), pair.value(change)(pair.api()), rules=Rules())]

    first = found(lambda d: d["items"][0].update(id=7))
    assert first == found(lambda d: d["items"][1].update(id=9))
    assert first != found(lambda d: d["items"][1].update(name="z"))


@pytest.mark.parametrize(
    ("case", "command"),
    [
        (Case("/a?b=1&token=abc"), "curl -si 'http://x/a?b=1&token=<redacted>'"),
        (Case("/", "HEAD"), "curl -si -I 'http://x/'"),
        (Case("/it's", headers=(("Cookie", "a=b"),)), "curl -si -H 'Cookie: <redacted>' 'http://x/it'\\''s'"),
    ],
)
def test_a_curl_command_repeats_the_case(case, command):
    assert curl(case, "http://x", (), Redaction()) == command

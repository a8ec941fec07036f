"""The runner keeps nothing: thousands of cases, a handful of observations alive; and what a waiver does to a result."""

import gc
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from parity.capture import Case, Observation
from parity.clean import Rules
from parity.difference import Difference
from parity.errors import WaiverError
from parity.page import Page
from parity.report import JUnit, Ndjson, Redaction, Tally
from parity.runner import Outcome, Result, run
from parity.waivers import Accepted, Waiver, matches, read_waivers

TODAY = date(2026, 11, 23)


class Told:
    """A side that answers from a function."""

    def __init__(self, origin, body, status=lambda case: 200):
        self.origin, self.body, self.status = origin, body, status

    async def ask(self, case):
        data = self.body(case).encode()
        status = self.status(case)
        return Observation(
            self.origin, status, (("Content-Type", "text/html"),), data, case.method, case.path, len(data)
        )


def many(count: int) -> Iterator[Case]:
    return (Case(f"/{n}/", route=f"route {n % 7}") for n in range(count))


async def outcomes_of(cases, new, accepted=None, legacy=None, status=lambda case: 200):
    sides = Told("http://a", legacy or (lambda case: "<p>a</p>"), status), Told("http://b", new)
    accepted = accepted or Accepted((), TODAY)
    async for outcome in run(cases, legacy=sides[0], new=sides[1], rules=Rules(), accepted=accepted):
        yield outcome


async def test_five_thousand_cases_keep_a_bounded_number_of_answers(tmp_path):
    """Every tenth case differs, all reports listen, and the most answers alive at any moment do not grow with the run."""
    tally = Tally(Accepted((), TODAY))
    page = Page(tmp_path, ("http://a", "http://b"), ((), ()), Redaction(), Rules())
    listeners = [tally, page, JUnit(tmp_path / "junit.xml"), Ndjson(io.StringIO(), Redaction())]
    alive, seen = [], 0
    answers = outcomes_of(many(5000), lambda case: "<p>b</p>" if case.path.endswith("5/") else "<p>a</p>")
    async for outcome in answers:
        seen += 1
        for listener in listeners:
            listener.case(outcome)
        if seen % 500 == 0:
            gc.collect()
            alive.append(sum(type(thing) is Observation for thing in gc.get_objects()))
    for listener in listeners:
        listener.end(tally)
    assert (seen, tally.results[Result.DIFFERS]) == (5000, 500)
    assert max(alive) < 100
    assert (tmp_path / "index.html").stat().st_size < 200_000


async def test_a_listener_that_stops_early_ends_the_run():
    answers = outcomes_of(many(10**9), lambda case: "<p>a</p>")
    async for _ in answers:
        break
    await answers.aclose()


async def test_an_error_in_the_corpus_ends_the_run_with_that_error():
    def broken():
        yield Case("/")
        raise ValueError("line 2")

    with pytest.raises(ValueError, match="line 2"):
        [outcome async for outcome in outcomes_of(broken(), lambda case: "<p>a</p>")]


def waiver(**values) -> Waiver:
    return Waiver(**{"id": "w", "owner": "Ann", "reason": "because", "until": TODAY, "kind": "HTML text", **values})


async def one(accepted: Accepted) -> Outcome:
    (outcome,) = [o async for o in outcomes_of([Case("/x/", route="r")], lambda case: "<p>b</p>", accepted)]
    return outcome


async def test_a_waiver_explains_a_difference_until_its_last_day():
    accepted = Accepted([waiver()], TODAY)
    assert (await one(accepted)).result is Result.WAIVED
    assert (accepted.expired(), accepted.unused()) == ([], [])


async def test_a_waiver_for_statuses_covers_whatever_else_differs_there():
    async def results(*statuses: str) -> list[Result]:
        accepted = Accepted([waiver(kind="*", status=one) for one in statuses], TODAY)
        cases = [Case("/fails/", route="r"), Case("/x/", route="r")]
        return [o.result async for o in outcomes_of(cases, lambda case: "<p>b</p>", accepted, status=status)]

    def status(case: Case) -> int:
        return 500 if case.path == "/fails/" else 200

    assert await results("500 -> 2??") == [Result.WAIVED, Result.DIFFERS]
    assert await results("500 -> 404") == [Result.DIFFERS, Result.DIFFERS]


async def test_an_expired_waiver_explains_nothing_and_is_reported():
    accepted = Accepted([waiver()], date(2026, 11, 24))
    tally = Tally(accepted)
    tally.case(outcome := await one(accepted))
    assert outcome.result is Result.DIFFERS
    assert [w.id for w in accepted.expired()] == ["w"]


async def test_an_unused_waiver_is_reported_if_its_route_was_asked():
    accepted = Accepted([waiver(kind="status"), waiver(id="elsewhere", route="other", kind="status")], TODAY)
    await one(accepted)
    assert [w.id for w in accepted.unused()] == ["w"]


async def test_exit_codes_say_explained_unexplained_or_not_asked():
    def code(*results, waivers=(), today=TODAY, strict=False, must_answer=False):
        tally = Tally(Accepted(waivers, today), must_answer=must_answer)
        tally.accepted.see("r")
        for result in results:
            why = "stage legacy" if result is Result.GIVEN_BACK else ""
            tally.case(Outcome(Case("/", route="r"), result, given_back=why))
        return tally.exit_code(strict=strict)

    assert code(Result.SAME, Result.WAIVED, Result.NOISY, Result.GIVEN_BACK) == 0
    assert code(Result.SAME, Result.GIVEN_BACK, must_answer=True) == 1
    assert code(Result.SAME, must_answer=True) == 0
    assert code(Result.SAME, Result.DIFFERS) == 1
    assert code(Result.DIFFERS, Result.ERROR) == 2
    assert code(Result.SAME, waivers=[waiver()]) == 0
    assert code(Result.SAME, waivers=[waiver()], strict=True) == 1
    assert code(Result.SAME, waivers=[waiver()], today=date(2027, 1, 1)) == 1


@pytest.mark.parametrize(
    ("values", "covered"),
    [
        ({"route": "r*"}, True),
        ({"route": "s*"}, False),
        ({"case": "GET /x/*"}, True),
        ({"case": "HEAD *"}, False),
        ({"location": "root['a'][*]"}, True),
        ({"location": "root['a'][3]"}, True),
        ({"location": "root['a'][4]"}, False),
        ({"kind": "JSON order"}, False),
    ],
)
def test_globs_of_a_waiver(values, covered):
    difference = Difference("JSON value", "root['a'][3]", "1", "2")
    assert waiver(**{"kind": "JSON*", **values}).covers(Case("/x/1", route="r"), difference) is covered


def test_brackets_in_a_glob_are_themselves():
    assert matches("a[1]*", "a[1]b")
    assert not matches("a[12]", "a1")


GOOD = '[[waiver]]\nid = "a"\nowner = "Ann"\nreason = "r"\nuntil = 2027-01-31\nroute = "x"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace('owner = "Ann"\n', ""), "lacks owner"),
        (GOOD.replace("2027-01-31", '"2027-01-31"'), "without quotes"),
        (GOOD.replace("2027-01-31", "2027-01-31T00:00:00"), "without quotes"),
        (GOOD.replace("route", "rute"), "rute"),
        (GOOD.replace('route = "x"', ""), "everything"),
        (GOOD + GOOD, "more than one"),
        ("[waivers]\n", "[[waiver]]"),
        ("x", "waivers.toml"),
    ],
)
def test_a_waiver_that_cannot_be_trusted_is_refused(tmp_path: Path, text, said):
    (tmp_path / "waivers.toml").write_text(text)
    with pytest.raises(WaiverError) as refused:
        read_waivers(tmp_path / "waivers.toml")
    assert said in str(refused.value)


def test_a_good_waiver_is_read(tmp_path: Path):
    (tmp_path / "waivers.toml").write_text(GOOD)
    assert read_waivers(tmp_path / "waivers.toml") == (Waiver("a", "Ann", "r", date(2027, 1, 31), route="x"),)

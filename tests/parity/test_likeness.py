"""Two columns for a page: its tree, and its bytes once what must differ is masked."""

from datetime import date

import pytest

from parity.capture import Case
from parity.clean import Rules
from parity.likeness import bytes_difference
from parity.runner import Result, examine
from parity.waivers import Accepted, Waiver
from tests.parity import pair

FORM = pair.HTML.replace("TOKEN", "{}")
TODAY = date(2026, 11, 23)


def with_token(token: str, secret: str = "", origin: str = pair.LEGACY, body: str = FORM):
    cookie = (("Set-Cookie", f"secret={secret}; Path=/"),) if secret else ()
    return pair.answer(body.format(token), origin=origin, extra=cookie)


EQUAL = {
    "the same": (FORM.format("x"), FORM.format("x")),
    "each its own address": (f"<p>{pair.LEGACY}/a/ legacy.test:8001", f"<p>{pair.NEW}/a/ new.test:8000"),
    "the moment": ("<p>2026-11-23 12:00:01", "<p>2026-11-23 12:00:02"),
}
OTHER = {
    "white space": ("<p>a</p>\n<p>b", "<p>a</p>\n <p>b", "line 2"),
    "attribute order": ('<p id="a" class="b">', '<p class="b" id="a">', "line 1"),
    "an entity": ("<p>\n&#39;", "<p>\n&#x27;", "line 2"),
    "a line more": ("<p>a\n", "<p>a\n\n", "line 2"),
    "line ends": ("<p>a\nb", "<p>a\r\nb", "line 1"),
    "another moment": ("<p>2026-11-23 12:00:01", "<p>2026-11-20 12:00:02", "line 1"),
    "the other's address": (f"<p>{pair.LEGACY}/a/", "<p>http://elsewhere.test/a/", "line 1"),
}


@pytest.mark.parametrize(("legacy", "new"), EQUAL.values(), ids=EQUAL)
def test_bytes_are_equal_once_masked(legacy, new):
    assert bytes_difference(pair.answer(legacy), pair.answer(new, origin=pair.NEW), pair.RULES) is None


@pytest.mark.parametrize(("legacy", "new", "line"), OTHER.values(), ids=OTHER)
def test_other_bytes_are_named_by_their_first_line(legacy, new, line):
    found = bytes_difference(pair.answer(legacy), pair.answer(new, origin=pair.NEW), pair.RULES)
    assert found is not None
    assert (found.kind, found.location) == ("HTML bytes", line)
    assert found.legacy != found.new


def test_a_form_token_is_masked_only_where_it_fits_its_cookie():
    good = with_token("aaaasecr", "secr"), with_token("bbbbothr", "othr", pair.NEW)
    bad = with_token("aaaasecr", "secr"), with_token("bbbbsecr", "othr", pair.NEW)
    assert bytes_difference(*good, pair.RULES) is None
    assert bytes_difference(*bad, pair.RULES) is not None


def test_a_token_is_found_in_either_order_of_attributes_and_nowhere_else():
    tag = "<input value='{}' type=hidden name=token>"
    assert bytes_difference(with_token("aaaasecr", body=tag), with_token("bbbbsecr", body=tag), pair.RULES) is None
    other = "<input value='{}' name=other>"
    assert bytes_difference(with_token("aaaasecr", body=other), with_token("bbbbsecr", body=other), pair.RULES)


class Side:
    """A side that says its answers in turn, the last one for ever."""

    def __init__(self, *bodies: str, origin: str = pair.LEGACY, label: str = "") -> None:
        extra = (("X-Who", label),) if label else ()
        self.origin, self.answers = origin, [pair.answer(body, origin=origin, extra=extra) for body in bodies]

    async def ask(self, case: Case):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def columns(legacy: Side, new: Side, *waivers: Waiver, rules: Rules = pair.RULES):
    outcome = await examine(Case("/"), legacy=legacy, new=new, rules=rules, accepted=Accepted(waivers, TODAY))
    return outcome.result, outcome.page and (outcome.page.tree, outcome.page.bytes)


def waiver(kind: str) -> Waiver:
    return Waiver("w", "Ann", "because", TODAY, kind=kind)


SAME, WAIVED, DIFFERS, NOISY = "same", "waived", "differs", "noisy"


@pytest.mark.parametrize(
    ("legacy", "new", "waivers", "exact", "result", "page"),
    [
        (["<p>a"], "<p>a", (), False, SAME, (SAME, SAME)),
        (["<p>a"], "<p>a ", (), False, SAME, (SAME, DIFFERS)),
        (["<p>a"], "<p>a ", (), True, DIFFERS, (SAME, DIFFERS)),
        (["<p>a"], "<p>a ", ("HTML bytes",), True, SAME, (SAME, WAIVED)),
        (["<p>a"], "<p>b", (), False, DIFFERS, (DIFFERS, DIFFERS)),
        (["<p>a"], "<p>b", ("HTML text",), False, WAIVED, (WAIVED, DIFFERS)),
        (["<p>a"], "<p>b", ("HTML*",), True, WAIVED, (WAIVED, WAIVED)),
        (["<p>a", "<p>b"], "<p>c", (), True, NOISY, (NOISY, NOISY)),
        (["<p>a ", "<p>a  "], "<p>a", (), True, SAME, (SAME, NOISY)),
    ],
)
async def test_the_columns_of_a_page(legacy, new, waivers, exact, result, page):
    rules = Rules(form_tokens=pair.RULES.form_tokens, exact=exact)
    sides = Side(*legacy), Side(new, origin=pair.NEW)
    assert await columns(*sides, *map(waiver, waivers), rules=rules) == (result, page)


async def test_a_page_given_back_is_in_neither_column():
    rules = Rules(given_back=lambda answer: answer.first("x-who"), ignored_headers=Rules().ignored_headers | {"x-who"})
    found = await columns(Side("<p>a"), Side("<p>a", origin=pair.NEW, label="legacy"), rules=rules)
    assert found == (Result.GIVEN_BACK, None)


async def test_a_header_leaves_the_tree_the_same():
    legacy, new = Side("<p>a"), Side("<p>a", origin=pair.NEW, label="new")
    assert await columns(legacy, new) == (Result.DIFFERS, (SAME, SAME))

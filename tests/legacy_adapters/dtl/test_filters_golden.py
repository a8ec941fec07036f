"""What filters print, in figures one can read; and what they print does not depend on the process's own time zone."""

import os
import time as clock
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from legacy_adapters.dtl import locale
from legacy_adapters.dtl.filters import FILTERS, FUNCTIONS, dates, humanize
from legacy_adapters.dtl.filters.dates import now_text
from legacy_adapters.dtl.output import printable
from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.errors import SuspiciousOperation

HTML = '<p>one <a href="x">two - three <br>four</a> five</p>'
AFTERNOON = datetime(2007, 1, 28, 14, 3, 9, 72)

CASES: dict[str, list[tuple[Any, ...]]] = {
    "truncatewords_html": [
        (HTML, 0, ""),
        (HTML, 2, '<p>one <a href="x">two …</a></p>'),
        (HTML, 4, '<p>one <a href="x">two - three <br> …</a></p>'),
        (HTML, 5, '<p>one <a href="x">two - three <br>four</a> …</p>'),
        (HTML, 100, HTML),
        ("Buenos d&iacute;as! &#x00bf;C&oacute;mo est&aacute;?", 3, "Buenos días! ¿Cómo …"),
        ("<p>I &lt;3 python, what about you?</p>", 3, "<p>I &lt;3 python, …</p>"),
        ("<i>a b", 1, "<i>a …</i>"),
    ],
    "truncatechars_html": [
        (HTML, 4, "<p>one…</p>"),
        (HTML, 5, '<p>one <a href="x">…</a></p>'),
        ("<b>cafe\u0301</b>", 3, "<b>ca…</b>"),
    ],
    "truncatechars": [("0123456789", 5, "0123…"), ("e\u0301" * 5, 3, "éé…"), ("short", 5, "short"), ("x", "no", "x")],
    "truncatewords": [(" a  b\nc ", 2, "a b …"), (" a  b ", 2, "a b")],
    "urlize": [
        ("http://a.com", '<a href="http://a.com" rel="nofollow">http://a.com</a>'),
        ("(see www.a.com/x_(y)).", '(see <a href="http://www.a.com/x_(y)" rel="nofollow">www.a.com/x_(y)</a>)'),
        ("https://[2001:db8::1]/", '<a href="https://[2001:db8::1]/" rel="nofollow">https://[2001:db8::1]/</a>'),
        (
            "me@a.org, ab.org!",
            '<a href="mailto:me@a.org">me@a.org</a>, <a href="http://ab.org" rel="nofollow">ab.org</a>!',
        ),
        ("a@b", "a@b"),
        ("http://a.com/?x=1&y=<", '<a href="http://a.com/?x=1&amp;y=" rel="nofollow">http://a.com/?x=1&amp;y=</a>&lt;'),
        ("http://a.com/?x&lt;!;", '<a href="http://a.com/?x%3C=" rel="nofollow">http://a.com/?x&amp;lt</a>;!;'),
        ("www.é.de/ü", '<a href="http://www.%C3%A9.de/%C3%BC" rel="nofollow">www.é.de/ü</a>'),
        ("ftp://a.b a.museum x.coming", "ftp://a.b a.museum x.coming"),
    ],
    "urlizetrunc": [("http://a.com/long", 9, '<a href="http://a.com/long" rel="nofollow">http://a…</a>')],
    "floatformat": [
        *(
            (34.23234, "34.2"),
            (34.0, "34"),
            (34.26, 3, "34.260"),
            (34.0, -3, "34"),
            (34.26, "-3", "34.260"),
            (7.7, 0, "8"),
        ),
        *(
            (6666.6666, "2g", "6,666.67"),
            (10000, "g", "10,000"),
            (10000, "gu", "10000"),
            (66666.6666, "2u", "66666.67"),
        ),
        *(
            (0.5, 0, "1"),
            (1.5, 0, "2"),
            (-0.05, "-0.1"),
            (-0.049, "0.0"),
            ("abc", ""),
            ("", ""),
            (None, ""),
            ("5", "x", "5"),
            (Decimal("-0.001"), 2, "0.00"),
        ),
        *((float("nan"), "nan"), (float("inf"), "inf"), (Decimal("1E+3"), "1000"), (1e-7, 8, "0.00000010")),
    ],
    "filesizeformat": [
        *((0, "0\xa0bytes"), (1, "1\xa0byte"), (1023, "1023\xa0bytes"), (1024, "1.0\xa0KB"), (10 * 1024, "10.0\xa0KB")),
        *(
            (1024**2 - 1, "1024.0\xa0KB"),
            (1024**3, "1.0\xa0GB"),
            (-2048, "-2.0\xa0KB"),
            ("", "0\xa0bytes"),
            (1024**6, "1024.0\xa0PB"),
        ),
    ],
    "slugify": [
        (
            " Jack & Jill like numbers 1,2,3 and 4 and silly characters ?%.$!/",
            "jack-jill-like-numbers-123-and-4-and-silly-characters",
        ),
        ("Un \xc9l\xe9phant \xe0 l'or\xe9e", "un-elephant-a-loree"),
        ("--_a_--", "a"),
    ],
    "stringformat": [
        (1, "03d", "001"),
        (1.5, ".2f", "1.50"),
        ("a", "d", ""),
        ((1, 2), "s", "(1, 2)"),
        (None, "s", "None"),
        ("<", "10s|", "         <|"),
    ],
    "pluralize": [
        (1, ""),
        (0, "s"),
        ("1", ""),
        ("1.0", ""),
        ([1], ""),
        (2, "y,ies", "ies"),
        (1, "y,ies", "y"),
        (1, "a,b,c", ""),
        ("x", ""),
        (1.1, "es", "es"),
    ],
    "yesno": [
        (True, "yes"),
        (False, "no"),
        (None, "maybe"),
        (None, "a,b", "b"),
        (True, "a", True),
        (None, "a,b,c", "c"),
    ],
    "date": [
        *(
            (AFTERNOON, r"jS \o\f F Y", "28th of January 2007"),
            (AFTERNOON, r"\\Y", r"\Y"),
            (AFTERNOON, "N j, Y, P", "Jan. 28, 2007, 2:03 p.m."),
        ),
        *(
            (AFTERNOON, "D d M y H:i:s.u", "Sun 28 Jan 07 14:03:09.000072"),
            (AFTERNOON, "z t L W o w S", "28 31 False 4 2007 0 th"),
        ),
        *(
            (AFTERNOON, "c", "2007-01-28T14:03:09.000072"),
            (AFTERNOON, "r", "Sun, 28 Jan 2007 14:03:09 -0600"),
            (AFTERNOON, "U", "1170014589"),
        ),
        *(
            (AFTERNOON, "e|T|O|Z|I", "|CST|-0600|-21600|0"),
            (AFTERNOON, "SHORT_DATE_FORMAT", "01/28/2007"),
            (AFTERNOON, "Jan. 28, 2007"),
        ),
        *(
            (date(2007, 1, 28), "jS \\a\\t", "28th at"),
            (date(850, 3, 1), "Y y n", "0850 50 3"),
            (None, "Y", ""),
            ("x", "Y", ""),
        ),
        *(
            (datetime(2024, 11, 3, 1, 30), "T|O|I", "||"),
            (datetime(2024, 12, 30, tzinfo=ZoneInfo("Asia/Kathmandu")), "O e o", "+0545 +0545 2025"),
        ),
    ],
    "time": [
        (time(0, 0), "midnight"),
        (time(12, 0), "noon"),
        (time(9, 30), "9:30 a.m."),
        (time(13), "f A", "1 PM"),
        (time(1), "Y", ""),
        (date(2024, 1, 1), "H", ""),
    ],
    "timesince": [
        *((AFTERNOON, AFTERNOON, "0\xa0minutes"), (AFTERNOON, AFTERNOON + timedelta(seconds=59), "0\xa0minutes")),
        *(
            (AFTERNOON, AFTERNOON + timedelta(days=9, hours=5), "1\xa0week, 2\xa0days"),
            (AFTERNOON, AFTERNOON - timedelta(1), "0\xa0minutes"),
        ),
        *(
            (AFTERNOON, AFTERNOON + timedelta(days=393), "1\xa0year"),
            (datetime(2023, 1, 31), datetime(2023, 3, 1), "1\xa0month"),
        ),
        *(
            (date(2023, 1, 1), datetime(2023, 1, 1, 3, 5), "3\xa0hours, 5\xa0minutes"),
            ("", ""),
            ("x", AFTERNOON, "AttributeError"),
        ),
    ],
    "timeuntil": [(AFTERNOON + timedelta(days=1), AFTERNOON, "1\xa0day"), (AFTERNOON, date(2006, 1, 1), "1\xa0year")],
    "intcomma": [
        (1000, "1,000"),
        ("10311.5", "10,311.5"),
        (-1234567.25, "-1,234,567.25"),
        ("x", "x"),
        (None, "None"),
        ("1234abc", "1,234abc"),
        (10**6, False, "1,000,000"),
    ],
    "intword": [
        (999999, 999999),
        (10**6, "1.0 million"),
        (1290000000, "1.3 billion"),
        (10**100, "1.0 googol"),
        (-2 * 10**15, "-2.0 quadrillion"),
        ("x", "x"),
    ],
    "apnumber": [(1, "one"), ("9", "nine"), (10, 10), (0, 0), (None, None)],
    "ordinal": [(1, "1st"), ("22", "22nd"), (113, "113th"), (3, "3rd"), (-1, "-1"), ("x", "x")],
    "dictsort": [([{"a": 2}, {"a": 1}], "a", [{"a": 1}, {"a": 2}]), ([{"a": 2}], "_a", ""), (3, "a", "")],
    "unordered_list": [(["a", ["<b>"]], "\t<li>a\n\t<ul>\n\t\t<li>&lt;b&gt;</li>\n\t</ul>\n\t</li>")],
    "linebreaks": [("a\r\nb\n\n\nc<", "<p>a<br>b</p>\n\n<p>c&lt;</p>"), (SafeString("<i>"), "<p><i></p>")],
    "json_script": [
        ({"a": "</script>"}, "x", '<script id="x" type="application/json">{"a": "\\u003C/script\\u003E"}</script>')
    ],
    "striptags": [("<b>a</b> < b <<i>x>", "a < b "), ("a&nbsp;&#39;<!-- c -->", "a&nbsp;&#39;")],
    "phone2numeric": [("0800 flowers", "0800 3569377")],
}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with locale.activated(locale.Locale()):
        yield


@pytest.mark.parametrize("name", CASES)
def test_a_filter_prints(name: str) -> None:
    for *arguments, expected in CASES[name]:
        try:
            found = FILTERS[name](*arguments)
        except AttributeError as error:
            found = type(error).__name__
        assert (found, type(found) in (str, SafeString)) == (expected, isinstance(expected, str)), arguments


def test_text_that_was_built_to_take_long_is_refused() -> None:
    for text in ("<a" * 51 + "x" * 1000, "<" * 60 + "a>" * 60):
        with pytest.raises(SuspiciousOperation):
            FILTERS["striptags"](text)
    assert FILTERS["striptags"]("<" * 40 + "a>" * 40) == ""


@pytest.fixture
def in_tokyo() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Asia/Tokyo"
    clock.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    clock.tzset()


@pytest.mark.usefixtures("in_tokyo")
def test_a_naive_time_is_one_of_the_sites_zone_wherever_the_process_runs() -> None:
    assert FILTERS["date"](AFTERNOON, "U") == "1170014589"
    chicago = datetime.now(ZoneInfo("America/Chicago"))
    assert abs(locale.now() - chicago.replace(tzinfo=None)) < timedelta(seconds=5)
    assert FILTERS["naturalday"](locale.now()) == "today"
    assert FILTERS["naturaltime"](locale.now() - timedelta(minutes=5, seconds=1)) == "5\xa0minutes ago"
    assert FILTERS["timesince"](locale.now() - timedelta(hours=2, seconds=1)) == "2\xa0hours"
    assert now_text("Y-m-d") == chicago.strftime("%Y-%m-%d")
    with locale.activated(locale.Locale(use_tz=False)):
        assert now_text("e") == ""


@pytest.mark.parametrize(
    ("distance", "expected"),
    [
        *(
            (timedelta(0), "now"),
            (timedelta(seconds=-1), "a second ago"),
            (timedelta(seconds=-30), "30\xa0seconds ago"),
        ),
        *(
            (timedelta(minutes=-1), "a minute ago"),
            (timedelta(hours=-1), "an hour ago"),
            (timedelta(hours=-23), "23\xa0hours ago"),
        ),
        *(
            (timedelta(days=-1), "1\xa0day ago"),
            (timedelta(days=-500), "1\xa0year, 4\xa0months ago"),
            (timedelta(seconds=1), "a second from now"),
        ),
        *((timedelta(hours=2), "2\xa0hours from now"), (timedelta(days=10), "1\xa0week, 3\xa0days from now")),
    ],
)
def test_natural_time(monkeypatch: pytest.MonkeyPatch, distance: timedelta, expected: str) -> None:
    present = datetime(2024, 5, 5, 12, 0, tzinfo=UTC)
    monkeypatch.setattr(humanize, "now", lambda zone=None: present if zone else present.replace(tzinfo=None))
    assert FILTERS["naturaltime"](present + distance) == expected
    assert FILTERS["naturaltime"]((present + distance).replace(tzinfo=None)) == expected


def test_natural_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(humanize, "now", lambda zone=None: datetime(2024, 3, 1, tzinfo=zone))
    found = [FILTERS["naturalday"](date(2024, 2, 28) + timedelta(days=days)) for days in range(5)]
    assert found == ["Feb. 28, 2024", "yesterday", "today", "tomorrow", "March 3, 2024"]
    assert FILTERS["naturalday"](date(2024, 2, 1), "Y") == "2024"
    assert FILTERS["naturalday"]("no day") == "no day"


def test_now_is_told_in_the_current_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "time_now", lambda zone=None: datetime(2024, 3, 1, 23, 0, tzinfo=UTC).astimezone(zone))
    assert now_text("H:i T") == "17:00 CST"
    with locale.in_zone("Asia/Tokyo"):
        assert now_text("d H:i e") == "02 08:00 JST"


def test_english_needs_no_manifest() -> None:
    plain = locale.Locale(time_zone="UTC")
    with locale.activated(plain):
        assert printable(datetime(2024, 3, 1, 9, 5, tzinfo=UTC)) == "March 1, 2024, 9:05 a.m."
        assert (printable(1234.5), printable(12345), printable(True), printable(None)) == (
            "1234.5",
            "12345",
            "True",
            None,
        )
        assert FUNCTIONS["get_current_language"]() == "en-us"
        assert FUNCTIONS["get_current_timezone"]() == "UTC"


def test_a_render_leaves_nothing_behind() -> None:
    before = locale.current()
    with (
        pytest.raises(ZeroDivisionError),
        locale.speaking("de"),
        locale.in_zone("UTC"),
        locale.localized(False),
        locale.in_local_time(False),
    ):
        assert 1 / 0
    assert locale.current() is before

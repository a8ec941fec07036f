"""Every built-in filter makes of every kind of value what Django's makes of it, and says the same about itself."""

import inspect
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.humanize.templatetags import humanize
from django.template import defaultfilters
from django.templatetags import i18n, l10n, tz
from django.utils.functional import lazystr

from legacy_adapters.dtl.filters import FILTERS
from legacy_adapters.dtl.filters.localization import in_time_zone
from tests.legacy_adapters.dtl.oracle import Safe, both, same

LIBRARIES = (defaultfilters, humanize, i18n, l10n, tz)
THEIRS = {name: function for library in LIBRARIES for name, function in library.register.filters.items()}
PARIS, CHICAGO = ZoneInfo("Europe/Paris"), ZoneInfo("America/Chicago")


class Article:
    title = "A <b>title</b>"

    def __str__(self) -> str:
        return "An <i>article</i>"


class Stream:
    def __iter__(self) -> Any:
        return iter("ab")


class Unhelpful:
    def __repr__(self) -> str:
        raise RuntimeError("no words")

    __str__ = __repr__


NUMBERS: list[Any] = [
    *(
        0,
        1,
        -1,
        2,
        7,
        10,
        11,
        12,
        100,
        999,
        1000,
        1023,
        1024,
        1048576,
        123456789,
        10**12,
        10**16,
        10**120,
        -1024,
        -987654,
    ),
    *(True, False, 0.0, -0.0, 0.1, 0.05, 0.15, 1.0, 1.5, 2.5, 34.23234, 34.26, 1e-7, 1.5e16, 1e300, -3.999, -0.004),
    *(float("nan"), float("inf"), float("-inf"), Decimal("0"), Decimal("-0.00"), Decimal("1.10"), Decimal("1E+3")),
    *(
        Decimal("1E-400"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("123456.789"),
        Decimal("1E+250"),
    ),
    *(Decimal("0.0000001"), Decimal("555.555"), Fraction(1, 3), 1 + 2j),
]
TEXTS: list[Any] = [
    *(
        "",
        " ",
        "a",
        "A b",
        "hello",
        "1",
        "1.0",
        "1.5",
        "-1",
        "00",
        "12345",
        "1e3",
        "nan",
        "inf",
        "-0",
        "٣",
        " 7 ",
        "yes,no",
    ),
    *(
        "<b>bold</b> & \"quotes\" 'n' more",
        "line one\nline two\r\nline three\r\n\r\nnew\n\n\nlast",
        "tab\tand\x0bvt\x85nel",
    ),
    *(
        "Ünïcödé — “quotes” …",
        "e\u0301e\u0301e\u0301",
        "日本語 テキスト",
        "joel is a slug's BEST friend -- 3D they're",
        '\\ back \\" slash',
    ),
    *(
        "http://example.com/?a=1&b=<2>",
        "1-800-COLLECT",
        "a" * 300,
        "x " * 40,
        "<p>one <em>two</em><br>three &amp; &lt;four",
        "__init__ me-_-",
    ),
    *(
        "\u2028\u2029</script>\x00\x1f`=;-",
        "%s %d %% %(a)s",
        "\ud800",
        "http://exämple.com/ü?x=ü#y",
        "a;b;c",
        "\n",
        "\r",
        "word\n",
    ),
]
OTHERS: list[Any] = [
    *(
        None,
        [],
        [1, 2, 3],
        (1,),
        (),
        {},
        {"a": 1},
        {1, 2},
        ["<b>", "x"],
        ["x", None, 1.5],
        b"bytes <b>",
        range(4),
        object,
    ),
    *(
        ["a", ["b", ["c", "d"], "e"], "f", ["g"]],
        ["a", ["b"], ["c"]],
        [["a"]],
        ("a", ("b",)),
        [[], "a", []],
        [1, [2, 3.5]],
    ),
    *(
        [{"n": 2}, {"n": 1}],
        [{"a": {"b": 2}}, {"a": {"b": 1}}],
        [(1, "z"), (0, "y")],
        ["bb", "a"],
        [{"_p": 1}],
        [{"n": 1}, {"m": 1}],
    ),
    *(
        Article(),
        [Article(), Safe("<u>")],
        lazystr("lazy <b>"),
        lazystr("5"),
        [lazystr("a"), "<"],
        timedelta(days=1),
        Stream(),
    ),
    *(
        Safe("<b>safe</b>"),
        Safe(""),
        Safe("a & b; c"),
        [Safe("<i>"), "<i>"],
        Safe("one\ntwo\n\nthree"),
        Safe("3"),
        {"k": Safe("<")},
    ),
]
TIMES: list[Any] = [
    *(
        date(2024, 2, 29),
        date(3, 1, 1),
        date(1899, 12, 31),
        date(9999, 12, 31),
        date(2021, 1, 3),
        time(0, 0),
        time(12, 0),
    ),
    *(
        time(23, 59, 59, 999999),
        time(1, 5),
        time(9, 30, tzinfo=UTC),
        datetime(2024, 2, 29, 13, 5, 9, 4),
        datetime(1850, 6, 15),
    ),
    *(
        datetime(2024, 3, 31, 0, 30, tzinfo=UTC),
        datetime(2024, 10, 27, 2, 30, tzinfo=PARIS),
        datetime(2024, 3, 31, 2, 30, tzinfo=PARIS),
    ),
    *(datetime(2024, 10, 27, 2, 30, tzinfo=PARIS, fold=1), datetime(2024, 11, 3, 1, 30), datetime(2024, 3, 10, 2, 30)),
    *(
        datetime(2024, 7, 4, 12, 0, tzinfo=CHICAGO),
        datetime(1883, 11, 18, 12, 0, tzinfo=CHICAGO),
        datetime(2000, 12, 31, 0, 0, tzinfo=UTC),
    ),
]
VALUES = [*NUMBERS, *TEXTS, *OTHERS, *TIMES]
ANY_ARGUMENT: list[Any] = [
    None,
    "",
    "x",
    0,
    1,
    2,
    -1,
    3,
    "2",
    "-2",
    1.5,
    Decimal("2"),
    Safe("<"),
    "<",
    [1],
    Unhelpful,
    lazystr("2"),
]
ARGUMENTS: dict[str, list[Any]] = {
    "floatformat": [
        *range(-4, 5),
        "2g",
        "g",
        "-3g",
        "u",
        "2u",
        "2gu",
        "ug",
        "-1ug",
        "200",
        "gg",
        "é",
        "1.5",
        300,
        Decimal(2),
        "+2",
        " 2",
    ],
    "stringformat": [
        "s",
        "d",
        "05d",
        "r",
        "x",
        ".2f",
        "e",
        "c",
        "z",
        "",
        "%",
        "(a)s",
        "10s",
        "-10s|",
        "s %s",
        "a",
        "*d",
        "E",
        "i",
    ],
    "date": [
        "Y-m-d",
        "N j, Y, P",
        r"\Y\e\a\r: Y",
        r"jS \o\f F",
        "SHORT_DATE_FORMAT",
        "D d M y H:i:s.u",
        "c",
        "r",
        "U",
        "e T O Z I",
    ],
    "time": ["H:i", "P", "g:i A", "h:i a", "TIME_FORMAT", "f", r"\H\o\u\r H", "e T O Z", "u", "Y", "Z", "s"],
    "slice": [":2", "1:", "::-1", "1:3", "-2:", "x", ":x", "0:4:2", "1:2:3:4", "::0", "2"],
    "dictsort": ["n", "a.b", "0", 0, 1, "1", "_p", "x._p", "length", "upper", "title", ".5", "nan"],
    "pluralize": ["es", "y,ies", "a,b,c", ",", "ies,", "é"],
    "yesno": ["yeah,no,maybe", "yeah,no", "yeah", "a,b,c,d", ",", ",,"],
    "cut": ["a", ";", " ", "<b>", "&"],
    "urlencode": ["/", "", ":/", "é"],
    "join": [", ", "<br>", Safe("<br>")],
    "add": [5, "5", [4], (4,), {"b": 2}, timedelta(days=1), 0.5],
    "truncatechars": [5, 6, 300, 301, "7"],
    "truncatechars_html": [5, 6, 12, 300, "7"],
    "get_digit": [4, 5, "3", 10**3],
    "divisibleby": [3, "7", 0],
    "json_script": ["id", 'a"b', Safe('a"b')],
    "urlizetrunc": [10, "15", 100],
    "wordwrap": [5, "20"],
    "center": ["15"],
    "intcomma": [False],
    "timezone": ["Europe/Paris", "No/Where", "../x", PARIS, UTC, "UTC"],
    "naturalday": ["Y-m-d", "SHORT_DATE_FORMAT"],
}
ARGUMENTS["dictsortreversed"] = ARGUMENTS["dictsort"]
# Whose argument may be a moment, and those left to a file of their own because they ask the clock or a die.
ELSEWHERE = {"timesince", "timeuntil", "random", "naturaltime"}
LANGUAGE_INFO = {"language_name", "language_name_translated", "language_name_local", "language_bidi"}


def takes(name: str) -> bool:
    names = [*inspect.signature(inspect.unwrap(THEIRS[name])).parameters]
    return len([found for found in names if found != "autoescape"]) > 1


def optional(name: str) -> bool:
    parameters = [*inspect.signature(inspect.unwrap(THEIRS[name])).parameters.values()]
    return len(parameters) < 2 or parameters[1].default is not inspect.Parameter.empty


@pytest.fixture(scope="module", autouse=True)
def _site() -> Any:
    with both():
        yield


def test_every_filter_is_there() -> None:
    assert not set(THEIRS) - set(FILTERS)


def test_a_time_in_a_zone_looks_the_same_to_a_debugger() -> None:
    for value in TIMES:
        assert repr(in_time_zone(value, UTC)) == repr(tz.do_timezone(value, UTC))


@pytest.mark.parametrize("name", sorted(THEIRS))
def test_a_filter_is_marked_as_djangos(name: str) -> None:
    for mark in ("is_safe", "needs_autoescape", "expects_localtime"):
        assert getattr(FILTERS[name], mark) == bool(getattr(THEIRS[name], mark, False)), mark


@pytest.mark.parametrize("name", sorted(set(THEIRS) - ELSEWHERE - LANGUAGE_INFO))
def test_a_filter_makes_of_every_value_what_djangos_makes(name: str) -> None:
    arguments: list[tuple[Any, ...]] = [()] if optional(name) else []
    if takes(name):
        arguments += [(argument,) for argument in [*ANY_ARGUMENT, *ARGUMENTS.get(name, [])]]
    escaping: list[dict[str, bool]] = [{}]
    if FILTERS[name].needs_autoescape:  # type: ignore[attr-defined]
        escaping = [{"autoescape": True}, {"autoescape": False}]
    for value in VALUES:
        for argument in arguments:
            for named in escaping:
                same(FILTERS[name], THEIRS[name], value, *argument, **named)

"""Filters agree with Django's on whatever Hypothesis thinks of: text, HTML, addresses, numbers, moments."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.humanize.templatetags import humanize
from django.template import defaultfilters
from django.utils import formats
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from legacy_adapters.dtl import locale, output
from legacy_adapters.dtl.filters import FILTERS
from tests.legacy_adapters.dtl.oracle import Safe, both, same

bounded = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=80,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
THEIRS = {**defaultfilters.register.filters, **humanize.register.filters}
YEARS = {"min_value": datetime(2, 1, 2), "max_value": datetime(9998, 12, 30)}
ZONES = st.sampled_from(
    [UTC, *map(ZoneInfo, ("Europe/Paris", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"))]
)


def mixed(*pieces: str) -> st.SearchStrategy[str]:
    """Text put together from pieces that matter and from any characters."""
    return st.lists(st.sampled_from(pieces) | st.text(max_size=3), max_size=14).map("".join)


plain = mixed(
    " ",
    "\n",
    "\r\n",
    "\t",
    "-",
    "_",
    "'",
    '"',
    "\\",
    "A",
    "b",
    "é",
    "e\u0301",
    "3D",
    "ß",
    "—",
    "1",
    "don't",
    "\u2028",
    "%",
)
markup = mixed(
    *(
        "<p>",
        "</p>",
        "<b class='x'>",
        "</b>",
        "<br>",
        "<br/>",
        "<img src=x>",
        "</i>",
        "<",
        ">",
        "&amp;",
        "&",
        "&lt;",
        "&#39;",
        "&#x",
    ),
    *(
        "<!-- c -->",
        "<!",
        "<?p?>",
        "<script>",
        "</script>",
        '<a href="u>v">',
        "</a>",
        "word",
        " two",
        "\n",
        "é",
        "<STYLE>",
        "</",
        "&nosemi",
    ),
)
addresses = mixed(
    *(
        "http://",
        "https://",
        "HTTP://",
        "www.",
        "example.com",
        "ex.org",
        "/path",
        "?a=b&c=%20d",
        "#f",
        "@",
        "me",
        ".net",
        ".gov/x",
        "é.de",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        ".",
        ",",
        ":",
        ";",
        "!",
        "&gt;",
        "&amp;",
        "&lt;;",
        " ",
        "\n",
        "<",
        ">",
        '"',
        "'",
        "::1",
        "%C3",
        "mailto:",
        "_",
        "a" * 70,
    ),
)
finite = st.floats(allow_nan=False, allow_infinity=False)
numbers = (
    st.integers()
    | st.floats()
    | st.decimals(places=5, min_value=-(10**9), max_value=10**9)
    | st.decimals(allow_nan=True)
    | st.integers(min_value=0, max_value=10**40).map(str)
    | finite.map(str)
    | st.floats(-1000, 1000).map(lambda number: round(number, 3))
)
naive = st.datetimes(**YEARS)
moments = (
    naive
    | st.datetimes(**YEARS, timezones=ZONES)
    | st.datetimes(datetime(1950, 1, 1), datetime(2050, 1, 1), timezones=ZONES)
)
days = st.dates(date(2, 1, 2), date(9998, 12, 30))
letters = st.lists(
    st.sampled_from([*"aAbcdDeEfFgGhHiIjlLmMnNoOPrsStTUuwWyYzZ", "\\", " ", "x", "\\Y", "\\\\", "é", "\n", ":"]),
    max_size=8,
).map("".join)
texts = st.one_of(plain, markup)


@pytest.fixture(scope="module", autouse=True)
def _site() -> Any:
    with both(zone="Europe/Paris"):
        yield


def either(value: str, is_safe: bool) -> str:
    return Safe(value) if is_safe else value


@pytest.mark.parametrize(
    "name",
    "addslashes capfirst escapejs iriencode lower upper make_list slugify title wordcount urlencode escape force_escape phone2numeric "
    "safe striptags length first last json_script stringformat pluralize".split(),
)
def test_text(name: str) -> None:
    arguments = {"stringformat": ["s"]}.get(name, [])

    @bounded
    @given(texts, st.booleans())
    def agrees(value: str, is_safe: bool) -> None:
        same(FILTERS[name], THEIRS[name], either(value, is_safe), *arguments)

    agrees()


@pytest.mark.parametrize("name", ["linebreaks", "linebreaksbr", "linenumbers", "urlize"])
def test_text_that_is_escaped_or_not(name: str) -> None:
    @bounded
    @given(addresses if name == "urlize" else texts, st.booleans(), st.booleans())
    def agrees(value: str, is_safe: bool, autoescape: bool) -> None:
        same(FILTERS[name], THEIRS[name], either(value, is_safe), autoescape=autoescape)

    agrees()


@pytest.mark.parametrize(
    "name",
    [
        "truncatechars",
        "truncatewords",
        "truncatechars_html",
        "truncatewords_html",
        "ljust",
        "rjust",
        "center",
        "wordwrap",
    ],
)
def test_text_to_a_length(name: str) -> None:
    @bounded
    @given(texts, st.integers(-1, 40), st.booleans())
    def agrees(value: str, length: int, is_safe: bool) -> None:
        same(FILTERS[name], THEIRS[name], either(value, is_safe), length)

    agrees()


@bounded
@given(addresses, st.integers(0, 30), st.booleans())
def test_links_to_a_length(value: str, limit: int, autoescape: bool) -> None:
    same(FILTERS["urlizetrunc"], defaultfilters.urlizetrunc, value, limit, autoescape=autoescape)


@bounded
@given(texts, st.sampled_from(["a", ";", "<", "&", " "]), st.booleans())
def test_text_without_a_part(value: str, part: str, is_safe: bool) -> None:
    same(FILTERS["cut"], defaultfilters.cut, either(value, is_safe), part)


nested = st.recursive(
    st.integers() | texts | texts.map(Safe),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=3).map(tuple),
    max_leaves=12,
)


@bounded
@given(st.lists(nested, max_size=5), st.booleans(), st.sampled_from(["<br>", ", ", Safe("<hr>"), 3]))
def test_lists(value: list[Any], autoescape: bool, between: Any) -> None:
    same(FILTERS["unordered_list"], defaultfilters.unordered_list, value, autoescape=autoescape)
    same(FILTERS["join"], defaultfilters.join, value, between, autoescape=autoescape)
    for name in ("escapeseq", "safeseq", "first", "last", "length"):
        same(FILTERS[name], THEIRS[name], value)


@bounded
@given(numbers, st.integers(-6, 12), st.sampled_from(["", "g", "u", "gu"]))
def test_decimal_places(value: Any, places: int, suffix: str) -> None:
    same(FILTERS["floatformat"], defaultfilters.floatformat, value, f"{places}{suffix}")
    same(FILTERS["floatformat"], defaultfilters.floatformat, value)


@bounded
@given(numbers)
def test_numbers(value: Any) -> None:
    for name in (
        "filesizeformat",
        "intcomma",
        "intword",
        "ordinal",
        "apnumber",
        "pluralize",
        "add",
        "get_digit",
        "stringformat",
    ):
        arguments = {"add": [3], "get_digit": [2], "stringformat": [".3f"]}.get(name, [])
        same(FILTERS[name], THEIRS[name], value, *arguments)
    same(output.localize, formats.localize, value)
    same(FILTERS["intcomma"], humanize.intcomma, value, False)


@bounded
@given(moments | days | st.times() | st.times(timezones=st.just(UTC)), letters)
def test_letters(value: Any, text: str) -> None:
    same(FILTERS["date"], defaultfilters.date, value, text)
    same(FILTERS["time"], defaultfilters.time, value, text)
    same(output.localize, formats.localize, value)


@bounded
@given(
    naive,
    st.timedeltas(timedelta(-4000), timedelta(4000)) | st.timedeltas(timedelta(-2), timedelta(2)),
    st.none() | ZONES,
)
def test_time_between(value: datetime, distance: timedelta, zone: Any) -> None:
    if not 10 < value.year < 9900:
        return
    start, end = value.replace(tzinfo=zone), (value + distance).replace(tzinfo=zone)
    for name in ("timesince", "timeuntil"):
        same(FILTERS[name], THEIRS[name], start, end)
        same(FILTERS[name], THEIRS[name], start.date(), end)
        same(FILTERS[name], THEIRS[name], start, end.date())


@bounded
@given(moments, ZONES | st.sampled_from(["Asia/Tokyo", "nowhere"]))
def test_zones(value: datetime, zone: Any) -> None:
    from django.templatetags import tz
    from django.utils import timezone

    same(FILTERS["timezone"], tz.do_timezone, value, zone)
    same(FILTERS["utc"], tz.utc, value)
    same(FILTERS["localtime"], tz.localtime, value)
    for use_tz in (None, True, False):
        same(locale.template_localtime, timezone.template_localtime, value, use_tz)


@bounded
@given(st.sampled_from([date(2024, 1, 1), time(5, 6), 3, None, "x"]) | moments, st.none() | letters)
def test_dates_of_any_value(value: Any, text: Any) -> None:
    same(FILTERS["date"], defaultfilters.date, value, text)
    same(FILTERS["time"], defaultfilters.time, value, text)

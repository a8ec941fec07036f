"""The route table agrees with Django's own resolver: which pattern matches, in which order, with which arguments."""

import re

import pytest
from django.urls import Resolver404, URLPattern, URLResolver
from django.urls.resolvers import RegexPattern, RoutePattern
from hypothesis import example, given, settings
from hypothesis import strategies as st

from legacy_adapters.errors import PatternError
from legacy_adapters.routes import Claim, LegacyPattern, RouteTable

PATTERNS = [
    "",
    "shop/",
    "shop/<int:number>/",
    "shop/<slug:slug>/",
    "shop/<slug:slug>",
    "shop/<uuid:key>/x/",
    "shop/<name>/edit/",
    "a.b/<int:year>-<int:month>/",
    "^shop/(?P<slug>[-a-z]+)/all/$",
    "^shop/old",
    "^(?P<first>a+)?(?P<second>b+)/$",
    "^(?i:news)/(\\d+)/",
    "<str:one>/<path:rest>",
    "<path:page>/",
]


def view(request, **kwargs):
    return None


def django(pattern: str, name: str) -> URLPattern:
    kind = RegexPattern if pattern.startswith("^") else RoutePattern
    return URLPattern(kind(pattern, name=name, is_endpoint=True), view, name=name)


def resolver(patterns: list[URLPattern | URLResolver]) -> URLResolver:
    return URLResolver(RegexPattern(r"^/"), patterns)


def asked(tree: URLResolver, path: str) -> tuple[str | None, dict] | None:
    try:
        match = tree.resolve("/" + path)
    except Resolver404:
        return None
    return match.url_name, match.kwargs


segments = st.one_of(
    st.sampled_from(
        ["shop", "old", "edit", "all", "x", "a.b", "news", "NEWS", "7", "007", "2024-05", "", "..", "\n", "a" * 300]
    ),
    st.just("12345678-1234-1234-1234-123456789abc"),
    st.text(alphabet="ab-7_.%\n\u0660é/", max_size=6),
    st.text(max_size=4),
)
paths = st.builds(
    lambda parts, end: "/".join(parts) + end,
    st.lists(segments, max_size=5),
    st.sampled_from(["", "/", "//", "\n", "/\n"]),
)


@settings(max_examples=600, deadline=None)
@given(path=paths, order=st.permutations(PATTERNS))
@example(path="shop/" + "9" * 5000 + "/", order=PATTERNS)
@example(path="shop/7/\n", order=PATTERNS)
@example(path="xshop/old", order=PATTERNS)
def test_a_table_of_claims_matches_what_django_matches(path: str, order: list[str]) -> None:
    table = RouteTable([Claim(pattern, pattern, "any") for pattern in order])
    ours = table.match(path, "GET")
    theirs = asked(resolver([django(pattern, pattern) for pattern in order]), path)
    assert (ours and (ours[0].name, ours[1])) == theirs


PREFIXES = ["shop/", "^shop/", "<slug:prefix>/", "^(?P<prefix>[a-z]*)/", ""]
ENDS = ["", "<int:number>/", "<slug:slug>/", "^(?P<slug>[-a-z]+)/all/$", "^old", "<path:page>"]
chains = st.lists(st.tuples(st.sampled_from(PREFIXES), st.sampled_from(ENDS)), min_size=1, max_size=5, unique=True)


@settings(max_examples=600, deadline=None)
@given(path=paths, tree=chains, claimed=st.sets(st.integers(0, 4)))
@example(path="shop/", tree=[("<slug:prefix>/", ""), ("", "<slug:slug>/")], claimed={0, 1})
@example(path="shop/", tree=[("<slug:prefix>/", ""), ("", "<slug:slug>/")], claimed={1})
def test_a_claim_never_takes_a_path_that_django_gives_to_an_earlier_pattern(path, tree, claimed) -> None:
    """Claims that are one path() in Django, among includes that nobody claimed.

    Patterns that differ in nothing but their names are one: a claim of the later serves what Django gives to the first.
    """
    legacy, theirs, claims = [], [], []
    for index, (prefix, end) in enumerate(tree):
        name = f"n{index}"
        if index in claimed and not prefix.startswith("^") and not end.startswith("^"):
            claims.append(Claim(prefix + end, name, "any"))
        legacy.append(LegacyPattern(name, (prefix, end)))
        kind = RegexPattern if prefix.startswith("^") else RoutePattern
        theirs.append(URLResolver(kind(prefix), [django(end, name)]))
    ours = RouteTable(reversed(claims), legacy).match(path, "GET")
    answer = asked(resolver(theirs), path)
    written = {f"n{index}": re.sub(r"\^|:\w+(?=>)", "", prefix + end) for index, (prefix, end) in enumerate(tree)}
    taken = {claim.name for claim in claims}
    if answer is None or written[answer[0]] not in {written[name] for name in taken}:
        assert ours is None
    else:
        assert ours is not None
        assert (ours[0].name, list(ours[1].values())) == (answer[0], list(answer[1].values()))
        assert answer[0] not in taken or ours[1] == answer[1]


def test_claims_stand_where_django_has_them_and_data_claims_after_everything() -> None:
    legacy = [LegacyPattern("latest", ("shop/", "latest/")), LegacyPattern("item", ("shop/", "<slug:slug>/"))]
    table = RouteTable([Claim("<path:page>", "page", "pages"), Claim("shop/<slug:slug>/", "item", "shop")], legacy)
    assert table.match("shop/latest/", "GET") is None
    assert table.find("shop/latest/") == ((), {})
    found = table.match("shop/hat/", "GET")
    assert found is not None
    assert (found[0].name, found[1]) == ("item", {"slug": "hat"})
    other = table.match("elsewhere/", "GET")
    assert other is not None
    assert other[0].name == "page"


def test_a_method_that_no_claim_serves_is_legacys_even_where_a_later_claim_would_match() -> None:
    table = RouteTable([Claim("a/", "a", "any"), Claim("<path:page>", "page", "any", frozenset({"POST"}))])
    assert table.match("a/", "POST") is None


def test_two_claims_of_one_pattern_share_it_by_method() -> None:
    table = RouteTable([Claim("a/", "read", "any"), Claim("a/", "write", "any", frozenset({"POST"}))])
    found = table.match("a/", "POST")
    assert found is not None
    assert found[0].name == "write"


def test_a_site_brings_its_own_converters() -> None:
    table = RouteTable([Claim("y/<year:year>/", "y", "any")], converters={"year": ("[0-9]{4}", int)})
    found = table.match("y/2026/", "GET")
    assert found is not None
    assert found[1] == {"year": 2026}
    assert table.match("y/26/", "GET") is None


@pytest.mark.parametrize("pattern", ["<nope:x>/", "<int: x>/", "<int:2x>/", "^(unclosed"])
def test_a_pattern_that_django_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError, match=r"Copy|needs|Pass"):
        RouteTable([Claim(pattern, "x", "any")])

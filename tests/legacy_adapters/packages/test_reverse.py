"""Names become the URLs that Django makes of them, and fail in its words."""

import json
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legacy_adapters.errors import ManifestError, PatternError
from legacy_adapters.manifest import Manifest, UrlNames, parse_manifest
from legacy_adapters.reverse import NoReverseMatch, Reverse, functions
from tests.legacy_adapters.packages.oracle import Oracle, Raised

URLS = "tests.legacy_adapters.packages.urls"
YEAR = {f"{URLS}.Year": lambda value: f"{int(value):04d}" if int(value) >= 1000 else int("no")}
SOME_ID = uuid.UUID("12345678-1234-5678-1234-567812345678")
VALUES = [7, "7", "abc", "a-b", "2024", "a7", "ahead", "z", "de", "a b/ü?#%&", "", SOME_ID, str(SOME_ID), None]


@pytest.fixture(scope="module")
def all_kinds(oracle: Oracle) -> Manifest:
    return parse_manifest(json.dumps(oracle("urls:manifest", URLS)).encode())


def both(ours: Reverse, oracle: Oracle, name: str, *args: object, current_app=None, urlconf=None, **kwargs: object):
    """What each side says: a URL, or how it fails."""
    try:
        expected = oracle("urls:reverse", name, args, kwargs, current_app, ours.prefix, urlconf)
    except Raised as error:
        expected = (error.kind, error.text)
    try:
        found: object = ours(name, *args, current_app=current_app, **kwargs)
    except (NoReverseMatch, ValueError, TypeError) as error:
        found = (type(error).__name__, str(error))
    return found, expected


def every_name(space: UrlNames, above: str = ""):
    for name, candidates in space.names.items():
        for candidate in candidates:
            yield above + name, candidate
    for namespace, inner in space.namespaces.items():
        yield from every_name(inner, f"{above}{namespace}:")
    for app in space.apps:
        yield from every_name(space.namespaces.get(app) or UrlNames(), f"{above}{app}:")


def fitting(candidate, value: object):
    """Arguments for each form of a pattern, by position and by name."""
    for _, parameters in candidate.forms:
        yield (value,) * len(parameters), {}
        yield (), dict.fromkeys(parameters, value)
        if candidate.defaults:
            yield (), {**dict.fromkeys(parameters, value), **candidate.defaults}
        yield (value,) * (len(parameters) + 1), {}


def compare_everything(ours: Reverse, manifest: Manifest, oracle: Oracle, urlconf: str | None, values) -> int:
    found = 0
    for name, candidate in every_name(manifest.reversing[""]):
        for value in values:
            for args, kwargs in fitting(candidate, value):
                here, there = both(ours, oracle, name, *args, urlconf=urlconf, **kwargs)
                assert here == there, (name, args, kwargs)
                found += isinstance(here, str)
    return found


def test_every_name_of_the_reference_site_becomes_what_django_makes_of_it(manifest: Manifest, oracle: Oracle) -> None:
    assert compare_everything(Reverse(manifest), manifest, oracle, None, [7, "a-b", "x ü/%"]) > 300


def test_every_kind_of_pattern_becomes_what_django_makes_of_it(all_kinds: Manifest, oracle: Oracle) -> None:
    assert compare_everything(Reverse(all_kinds, to_url=YEAR), all_kinds, oracle, URLS, VALUES) > 150


CASES = [
    ("shop:index", "", (), {}),
    ("shop:index", "two", (), {"region": 3}),
    ("shop:index", "one", (), {}),
    ("shop:detail", "one:deep", (), {"pk": 3}),
    ("shop:deep:end", "one:deep", (), {"x": "y"}),
    ("shop:deep_app:end", "two:deep", (4, "y"), {}),
    ("shop:deep_app:end", "two", (4, "y"), {}),
    ("one:deep:end", "", ("é",), {}),
    ("bare:paged", "", ("s", 3), {}),
    ("two:paged", "", (), {"region": 1, "slug": "s"}),
    ("one:none", "", (), {}),
    ("none:index", "", (), {}),
    ("one:none:index", "", (), {}),
    ("one:deep:none:end", "", (), {}),
    ("none", "", (1, "a"), {}),
    ("same", "", (), {"n": 5}),
    ("same", "", (), {"n": "x"}),
    ("same", "", (), {"n": 5, "m": 6}),
    ("defaulted", "", (), {"kind": "x"}),
    ("defaulted", "", (), {"kind": "y"}),
    ("defaulted", "", (), {}),
    ("hidden", "", (), {}),
    ("hidden", "", (), {"kind": "y"}),
    ("plain", "", (), {"region": 1, "s": "a", "extra": 5}),
    ("plain", "", (), {"region": 1, "s": "a", "extra": 6}),
    ("plain", "", (), {"lang": "de", "s": "a"}),
    ("two", "", ("a", "b"), {}),
    ("path", "", (), {"p": "//a/../b~!$&'()*+,;=:@[]"}),
    ("slashes", "", ("x",), {}),
    ("percent", "", ("%s",), {}),
    ("year", "", (999,), {}),
    ("year", "", (1999,), {}),
    ("uuid", "", (SOME_ID,), {}),
    ("home", "", (1,), {"a": 2}),
    ("", "", (), {}),
    (":", "", (), {}),
]


@pytest.mark.parametrize("prefix", ["/", "/sub/", "/100%/ü b/"])
@pytest.mark.parametrize(("name", "current_app", "args", "kwargs"), CASES)
def test_names_arguments_and_prefixes(all_kinds, oracle, name, current_app, args, kwargs, prefix) -> None:
    ours = Reverse(all_kinds, script_prefix=prefix, to_url=YEAR)
    here, there = both(ours, oracle, name, *args, current_app=current_app, urlconf=URLS, **kwargs)
    assert here == there


@settings(max_examples=300, derandomize=True, deadline=None)
@given(data=st.data(), text=st.one_of(st.text(max_size=12), st.integers(), st.text("abz019-_/%?# .", max_size=8)))
def test_any_argument_is_quoted_and_refused_as_django_does(all_kinds, oracle, data, text) -> None:
    ours = Reverse(all_kinds, to_url=YEAR)
    known = [pair for pair in every_name(all_kinds.reversing[""]) if pair[0] != "year"]
    name, candidate = data.draw(st.sampled_from(known))
    args, kwargs = data.draw(st.sampled_from([*fitting(candidate, text)] or [((), {})]))
    app = data.draw(st.sampled_from([None, "one", "two", "two:deep", "bare", "shop"]))
    here, there = both(ours, oracle, name, *args, current_app=app, urlconf=URLS, **kwargs)
    assert here == there


def test_translated_urls_are_those_of_the_language(oracle: Oracle) -> None:
    urlconf = "tests.legacy_adapters.packages.translated_urls"
    found = parse_manifest(json.dumps(oracle("urls:manifest", urlconf)).encode())
    for language in found.reversing:
        ours = Reverse(found, language=language)
        for name, kwargs in (("plain", {}), ("yes", {}), ("number", {"n": 3})):
            assert ours(name, **kwargs) == oracle("urls:reverse", name, (), kwargs, None, "/", urlconf, language)


def test_a_template_gets_the_current_app_from_the_request(all_kinds: Manifest) -> None:
    names = functions(Reverse(all_kinds))

    class Match:
        namespace = "two"

    class Resolved:
        resolver_match = Match

    class Chosen(Resolved):
        current_app = "one"

    assert names["url"]({"request": Resolved}, "shop:index", region=3) == "/shop/3/"
    assert names["url"]({"request": Chosen}, "shop:index") == "/one/"
    assert names["url"]({}, "home") == "/"
    assert names["url_or_nothing"]({}, "no-such-name") == ""
    with pytest.raises(NoReverseMatch, match="'no-such-name' is not a valid view function or pattern name"):
        names["url"]({}, "no-such-name")


def test_a_default_that_is_called_like_a_secret_stays_at_home(all_kinds: Manifest) -> None:
    hidden = all_kinds.reversing[""].names["hidden"][0]
    assert (hidden.defaults, hidden.hidden_defaults) == ({}, ("api_key", "kind"))


def test_what_the_manifest_cannot_say_is_refused(all_kinds: Manifest, manifest: Manifest) -> None:
    with pytest.raises(PatternError, match=r"Year has a to_url of its own: pass it to Reverse"):
        Reverse(all_kinds)("year", 2024)
    import msgspec

    with pytest.raises(ManifestError, match="run `bridge adopt` again"):
        Reverse(msgspec.structs.replace(manifest, reversing={}))

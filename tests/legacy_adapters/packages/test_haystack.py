"""Words are shown where haystack's Highlighter shows them."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from legacy_adapters.haystack import highlight
from tests.legacy_adapters.packages.oracle import Oracle

WORD = st.sampled_from(["python", "Python", "release", "-not", "a", "the", "ß", "PEP", "8", "&amp;", "e", "pythonpyt"])
PIECE = st.one_of(WORD, st.sampled_from(["<b>", "</b>", "<p class='x'>", "\n", ",", "pythonpython", "x" * 60]))
THEIRS = "places_of_words:highlighted"


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(PIECE).map(" ".join), st.lists(WORD, max_size=4).map(" ".join), st.sampled_from([1, 10, 40, 200, 500]))
def test_the_same_words_are_shown(oracle: Oracle, text: str, query: str, length: int) -> None:
    assert str(highlight(text, query, max_length=length)) == oracle(THEIRS, text, query, {"max_length": length})


@pytest.mark.parametrize("options", [{"html_tag": "em"}, {"css_class": ""}, {"css_class": "on", "max_length": 12}])
def test_the_tag_says_how(oracle: Oracle, options: dict[str, Any]) -> None:
    text = "one two three two one"
    assert str(highlight(text, "two", **options)) == oracle(THEIRS, text, "two", options)


def test_what_looks_like_markup_is_inert() -> None:
    assert "<script" not in highlight("a <<b>script>alert(1) < c", "alert")

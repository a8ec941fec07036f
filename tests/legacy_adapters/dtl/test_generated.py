"""Families of templates by chance: Django and the import print the same bytes, or fail alike.

`make fuzz` looks where this run does not.
"""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.legacy_adapters.dtl.generated import CASES, INVALID, NotDjangos, differences
from tests.legacy_adapters.dtl.grammar import Grammar
from tests.legacy_adapters.dtl.oracle import both

pytestmark = pytest.mark.slow

FAMILIES = 820
SEEN: Counter[str] = Counter()


@settings(
    derandomize=True,
    deadline=None,
    max_examples=FAMILIES,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(st.randoms(use_true_random=False), st.booleans(), st.sampled_from(INVALID))
def compare_a_family(chance, loud, string_if_invalid) -> None:
    family = Grammar(chance.choice, loud=loud).family()
    SEEN["families"] += 1
    with both():
        try:
            for difference in differences(family, string_if_invalid, SEEN):
                pytest.fail(str(difference))
        except NotDjangos:
            SEEN["not Django's"] += 1


def test_twenty_thousand_cases_are_alike() -> None:
    compare_a_family()
    assert SEEN["cases"] >= 20_000, SEEN
    assert SEEN["printed again"] > 1000, SEEN
    assert SEEN["errors"] < SEEN["cases"] / 2, SEEN
    assert SEEN["cases"] == (SEEN["families"] - SEEN["not Django's"]) * CASES

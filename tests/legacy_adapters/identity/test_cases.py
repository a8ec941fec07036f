"""How many cases Django judges."""

from importlib import import_module
from pathlib import Path

from tests.legacy_adapters.identity.cases import DECLARED


def test_enough_cases_are_generated() -> None:
    for module in Path(__file__).parent.glob("test_*.py"):
        import_module(f"{__package__}.{module.stem}")
    assert sum(DECLARED.values()) >= 50_000, DECLARED

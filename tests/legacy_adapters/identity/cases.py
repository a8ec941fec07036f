"""Cases by chance, for Django to judge: as many as are declared where CI runs, a twentieth of them elsewhere.

The same are drawn each time. `DECLARED` has how many each test draws, for `test_enough_cases_are_generated`.
"""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import Phase, given, settings

DECLARED: dict[str, int] = {}
SHARE = 1 if os.environ.get("CI") else 20


def generated(most: int, /, **drawn: Any) -> Callable[[Any], Any]:
    """Run a test `most` times, with values drawn from these strategies."""

    def decorated(test: Any) -> Any:
        DECLARED[f"{test.__module__}.{test.__name__}"] = most
        chosen = settings(
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            max_examples=most // SHARE,
            deadline=None,
            database=None,
        )
        return chosen(given(**drawn)(test))

    return decorated

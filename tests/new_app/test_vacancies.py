"""What is remembered of open vacancies holds until the first of them is over, and no longer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from new_app.domains.jobs.queries import Opening, opening

NOW = datetime(2026, 11, 27, tzinfo=UTC)
DAY = timedelta(days=1)


class Board:
    """A page whose memory keeps everything, and whose table has vacancies with these last days."""

    def __init__(self, *expires: datetime) -> None:
        self.expires, self.kept, self.asked, self.now = expires, {}, 0, NOW
        self.site = SimpleNamespace(memory=SimpleNamespace(forget=lambda key: self.kept.pop(key, None)))

    def remember(self, key: str, load: Callable[[Any], Any], *, seconds: float) -> Any:
        if key not in self.kept:
            self.kept[key] = load(self)
        return self.kept[key]

    def execute(self, _question: Any) -> Any:
        self.asked += 1
        still = [one for one in self.expires if one >= self.now]
        return SimpleNamespace(one=lambda: (len(still), min(still, default=None)))


def test_the_same_ones_are_open_until_the_first_last_day() -> None:
    page: Any = Board(NOW + DAY, NOW + 2 * DAY, NOW - DAY)
    assert opening(page) == opening(page) == Opening(2, NOW + DAY)
    page.now = NOW + DAY
    assert opening(page).count == 2, "a vacancy is open on its last moment"
    assert page.asked == 1
    page.now += timedelta(microseconds=1)
    assert opening(page) == Opening(1, NOW + 2 * DAY)
    page.now = NOW + 3 * DAY
    assert opening(page) == opening(page) == Opening(0, None)
    assert page.asked == 3

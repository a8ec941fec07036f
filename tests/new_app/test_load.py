"""Signed-in visitors who change sides at every request, under load; `make load` is the long run."""

from pathlib import Path

from tests.bench.visitors import crowd
from tests.conftest import new_database


async def test_no_count_is_lost_and_nobody_is_somebody_else(seeded_template: str, tmp_path: Path) -> None:
    with new_database(seeded_template, template=seeded_template) as url:
        found = await crowd(url, tmp_path, visitors=20, seconds=5)
    assert not +found.faults
    assert found.counted > 50
    assert min(len(times) for times in found.times.values()) > 50

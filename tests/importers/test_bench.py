"""The benchmark measures what it says, on fewer rows."""

from tests.bench import importing


async def test_the_benchmark_gives_ratios(database_url: str) -> None:
    written, whole = await importing.bench(database_url, rows=500)
    for _, ours, theirs, ratio, _, unit in (written, whole):
        assert abs(ratio - ours / theirs) < 1e-6
        assert unit == "rows/s"
    assert written[4] == 0.3
    assert written[1] > whole[1]  # what the whole adds takes time

"""The benchmark measures what it says, on fewer rows."""

from tests.bench import importing


async def test_the_benchmark_gives_a_ratio(database_url: str) -> None:
    ((name, ours, theirs, ratio, target, unit),) = await importing.bench(database_url, rows=500)
    assert (name, target, unit) == ("import of companies, against a bare COPY", 0.3, "rows/s")
    assert abs(ratio - ours / theirs) < 1e-6

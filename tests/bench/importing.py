"""How fast an import writes, beside a bare COPY of the same rows into the same table.

The first line compares like with like: ours is a run from its finished plan to its last committed batch, rows and
ledger; theirs is one COPY of rows that are ready. The second line adds what a COPY does not do: reading, checking and
matching the source before, reading back and comparing after. The table has its indexes and foreign keys both times, and is emptied in between.
"""

import time
from typing import Any

import asyncpg

from importers import core
from importers.companies import Companies
from importers.sources import DatabaseSource

ROWS = 100_000
TARGET = 0.3
FLOOR = 0.05

FILL = """
INSERT INTO companies_company (name, slug, about, about_markup_type, _about_rendered, url)
SELECT 'Firm ' || md5(i::text) || ' GmbH', 'firm-' || i, 'What firm ' || i || ' does, in a sentence or two.', 'html',
       '<p>The same.</p>', 'https://www.firm-' || i || '.example/about' FROM generate_series(1, $1::int) i
"""


class Clock:
    """When the parts of a run began."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.applying = self.verifying = 0.0

    def planned(self, _plan: core.Plan) -> None:
        self.applying = time.perf_counter()

    def progress(self, what: str, done: int, _total: int) -> None:
        if what == "verify" and done == 0:
            self.verifying = time.perf_counter()


async def bench(database_url: str, rows: int = ROWS) -> list[tuple[str, float, float, float, float, str]]:
    """Rows of (name, ours, theirs, ratio, target, unit). The database is a throw-away one with Django's tables and the
    ledger; its sponsors and companies are deleted."""
    connection = await asyncpg.connect(database_url)
    try:
        await _empty(connection)
        await connection.execute("DELETE FROM companies_company")
        await connection.execute(FILL, rows)
        clock = Clock()
        source = DatabaseSource("shared", connection=connection)
        result = await core.run(
            connection, Companies(), source, by="bench", announce=clock.planned, progress=clock.progress
        )
        whole, ours = time.perf_counter() - clock.began, clock.verifying - clock.applying
        if result.counts["create"] != rows or result.differs:
            raise AssertionError(f"the import did not write {rows} rows: {result.counts}")
        ready = [tuple(row) for row in await connection.fetch("SELECT * FROM sponsors_sponsor")]
        await _empty(connection)
        began = time.perf_counter()
        await connection.copy_records_to_table("sponsors_sponsor", records=ready)
        theirs = time.perf_counter() - began
        await _empty(connection)
        await connection.execute("DELETE FROM companies_company")
    finally:
        await connection.close()
    return [
        ("import: rows and ledger, against a bare COPY", rows / ours, rows / theirs, theirs / ours, TARGET, "rows/s"),
        ("import: from source to verified, against it", rows / whole, rows / theirs, theirs / whole, FLOOR, "rows/s"),
    ]


async def _empty(connection: Any) -> None:
    await connection.execute("TRUNCATE sponsors_sponsor RESTART IDENTITY CASCADE")
    await connection.execute("TRUNCATE bridge.import_run, bridge.import_row")
    await connection.execute("VACUUM ANALYZE sponsors_sponsor")

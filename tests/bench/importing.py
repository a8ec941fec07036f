"""How fast an import writes, beside a bare COPY of the same rows into the same table.

Ours is the whole of `bridge import companies`: read, check, match, write, ledger, read back and compare. Theirs is one
COPY of rows that are ready. The table has its indexes and foreign keys both times, and is emptied in between.
"""

import time
from typing import Any

import asyncpg

from importers import core
from importers.companies import Companies
from importers.sources import DatabaseSource

ROWS = 100_000
TARGET = 0.3

FILL = """
INSERT INTO companies_company (name, slug, about, about_markup_type, _about_rendered, url)
SELECT 'Firm ' || md5(i::text) || ' GmbH', 'firm-' || i, 'What firm ' || i || ' does, in a sentence or two.', 'html',
       '<p>The same.</p>', 'https://www.firm-' || i || '.example/about' FROM generate_series(1, $1::int) i
"""


async def bench(database_url: str, rows: int = ROWS) -> list[tuple[str, float, float, float, float, str]]:
    """Rows of (name, ours, theirs, ratio, target, unit). The database is a throw-away one with Django's tables and the
    ledger; its sponsors and companies are deleted."""
    connection = await asyncpg.connect(database_url)
    try:
        await _empty(connection)
        await connection.execute("DELETE FROM companies_company")
        await connection.execute(FILL, rows)
        began = time.perf_counter()
        result = await core.run(connection, Companies(), DatabaseSource("shared", connection=connection), by="bench")
        ours = time.perf_counter() - began
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
        ("import of companies, against a bare COPY", rows / ours, rows / theirs, theirs / ours, TARGET, "rows/s"),
    ]


async def _empty(connection: Any) -> None:
    await connection.execute("TRUNCATE sponsors_sponsor RESTART IDENTITY CASCADE")
    await connection.execute("TRUNCATE bridge.import_run, bridge.import_row")
    await connection.execute("VACUUM ANALYZE sponsors_sponsor")

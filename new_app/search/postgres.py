"""The engine that needs no server: PostgreSQL's full-text search over `bridge.search_document`.

Words are stemmed in English; a query is read as people type it (`websearch_to_tsquery`: "a phrase", -without, or). A
word of the title counts for more than one of the text, and a document's `boost` multiplies.
"""

import json
from collections.abc import Collection, Sequence
from typing import Any

import asyncpg

from new_app.rows import Reader, RowsError
from new_app.search import Document, EngineError, Hits

RANKED = 2_000
"""Documents that are compared for an answer; of a word that more of them have, any of these are the best."""
_FOUND = """
    WITH asked AS MATERIALIZED (SELECT websearch_to_tsquery('english', $1) AS query),
    matching AS MATERIALIZED (
        SELECT kind, pk, boost, words FROM bridge.search_document, asked
        WHERE words @@ query AND (cardinality($2::text[]) = 0 OR kind = ANY($2))
    ),
    best AS (
        SELECT kind, pk, boost * ts_rank(words, query, 1) AS rank
        FROM (SELECT * FROM matching LIMIT $5) AS compared, asked
        ORDER BY rank DESC, kind, pk OFFSET $3 LIMIT $4
    )
    SELECT kind, pk, title, text, boost, shown,
        (SELECT jsonb_object_agg(kind, n) FROM (SELECT kind, count(*) AS n FROM matching GROUP BY kind) AS c) AS by_kind
    FROM (SELECT 1) AS always LEFT JOIN (best JOIN bridge.search_document USING (kind, pk)) ON true
    ORDER BY rank DESC, kind, pk"""
_PUT = """
    INSERT INTO bridge.search_document (kind, pk, title, text, shown, boost, words, run)
    SELECT kind, pk, title, text, shown::jsonb, boost,
        setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', words), 'C'), $8
    FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::text[])
        AS new (kind, pk, title, text, shown, boost, words)
    ON CONFLICT (kind, pk) DO UPDATE SET title = EXCLUDED.title, text = EXCLUDED.text, shown = EXCLUDED.shown,
        boost = EXCLUDED.boost, words = EXCLUDED.words, run = EXCLUDED.run"""
_REMOVED = "DELETE FROM bridge.search_document WHERE kind = $1 AND pk = ANY($2)"
_SWEPT = "DELETE FROM bridge.search_document WHERE kind = ANY($1) AND run < $2 RETURNING 1"
FAILURES = (RowsError, TimeoutError, asyncpg.PostgresError, OSError)


class PostgresEngine:
    """Documents beside the site's tables."""

    name = "postgresql"

    def __init__(self, rows: Reader) -> None:
        self._rows = rows

    async def prepare(self) -> None:
        """`bridge migrate` has made the table."""

    async def find(self, words: str, kinds: Collection[str], *, skip: int, limit: int) -> Hits:
        found = await self._ask(_FOUND, words, [*kinds], skip, limit, max(RANKED, skip + limit))
        by_kind = json.loads(found[0]["by_kind"] or "{}")
        return Hits(sum(by_kind.values()), [document(row) for row in found if row["pk"] is not None], by_kind)

    async def put(self, documents: Sequence[Document], run: int) -> None:
        if documents:
            columns = zip(*(row(one) for one in documents), strict=True)
            await self._ask(_PUT, *(list(column) for column in columns), run)

    async def remove(self, kind: str, keys: Collection[int]) -> None:
        await self._ask(_REMOVED, kind, [*keys])

    async def sweep(self, kinds: Collection[str], run: int) -> int:
        return len(await self._ask(_SWEPT, [*kinds], run))

    async def count(self) -> int:
        [(number,)] = await self._ask("SELECT count(*) FROM bridge.search_document")
        return int(number)

    async def close(self) -> None:
        """The connections are the site's."""

    async def _ask(self, statement: str, *values: object) -> Sequence[Any]:
        try:
            return await self._rows.fetch(statement, *values)
        except FAILURES as error:
            raise EngineError(f"postgresql: {error or type(error).__name__}") from error


def row(one: Document) -> tuple[Any, ...]:
    return (one.kind, one.pk, one.title, one.text, json.dumps(dict(one.shown)), one.boost, one.words)


def document(found: Any) -> Document:
    kind, pk, title, text, boost, shown, _ = found
    return Document(kind, pk, title, text, boost, json.loads(shown))

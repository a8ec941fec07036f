"""Meilisearch, where MEILI_URL names one: it forgives typing errors and counts what it finds by kind.

The settings of the index are this file. A document's key is its kind and number; what was put by an older reading than
the last is swept by a filter on `run`. Calls wait for the tasks that they start, so that what was put is found.
"""

import json
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, fields
from typing import Any

import httpx
import msgspec
from meilisearch_python_sdk import AsyncClient
from meilisearch_python_sdk.errors import MeilisearchError
from meilisearch_python_sdk.models.settings import MeilisearchSettings, Pagination, TypoTolerance

from new_app.search import Document, EngineError, Hits

INDEX, KEY = "site", "key"
PATIENCE = 5
"""Seconds for an answer."""
TASK = 60_000
"""Milliseconds for a task that writes."""
MOST = 10_000
"""Hits that can be paged through; Meilisearch looks at no more for a query."""
SETTINGS = MeilisearchSettings(
    searchable_attributes=["title", "words"],
    filterable_attributes=["kind", "run"],
    sortable_attributes=["boost"],
    ranking_rules=["words", "typo", "proximity", "attribute", "exactness", "boost:desc"],
    typo_tolerance=TypoTolerance(enabled=True),
    pagination=Pagination(max_total_hits=MOST),
)
FAILURES = (MeilisearchError, httpx.HTTPError, OSError, ValueError, KeyError, TypeError)


class MeiliEngine:
    """One index of a Meilisearch server. `url` is http(s), `key` may write to the index."""

    name = "meilisearch"

    def __init__(self, url: str, key: str = "", *, index: str = INDEX) -> None:
        self._client = AsyncClient(url, key or None, timeout=PATIENCE)
        self._index = self._client.index(index)

    async def prepare(self) -> None:
        async with _named():
            await self._done(await self._index.update_settings(SETTINGS))

    async def find(self, words: str, kinds: Collection[str], *, skip: int, limit: int) -> Hits:
        async with _named():
            page = await self._index.search(
                words,
                offset=skip,
                limit=limit,
                filter=of_kinds(kinds) if kinds else None,
                facets=["kind"],
                attributes_to_retrieve=[one.name for one in fields(Document)],
                matching_strategy="all",
            )
            found = [msgspec.convert(hit, Document) for hit in page.hits]
            by_kind = (page.facet_distribution or {}).get("kind", {})
            return Hits(page.estimated_total_hits or 0, found, by_kind)

    async def put(self, documents: Sequence[Document], run: int) -> None:
        rows = [{**asdict(one), KEY: key_of(one.kind, one.pk), "words": one.words, "run": run} for one in documents]
        async with _named():
            await self._done(await self._index.add_documents(rows, primary_key=KEY))

    async def remove(self, kind: str, keys: Collection[int]) -> None:
        async with _named():
            await self._done(await self._index.delete_documents([key_of(kind, key) for key in keys]))

    async def sweep(self, kinds: Collection[str], run: int) -> int:
        async with _named():
            before = (await self._index.get_stats()).number_of_documents
            await self._done(await self._index.delete_documents_by_filter(f"{of_kinds(kinds)} AND run < {run}"))
            return before - (await self._index.get_stats()).number_of_documents

    async def count(self) -> int:
        async with _named():
            return int((await self._index.get_stats()).number_of_documents)

    async def close(self) -> None:
        await self._client.aclose()

    async def _done(self, task: Any) -> None:
        result = await self._client.wait_for_task(task.task_uid, timeout_in_ms=TASK)
        if result.status != "succeeded":
            raise EngineError(f"meilisearch: task {task.task_uid} {result.status}: {result.error}")


def of_kinds(kinds: Collection[str]) -> str:
    return f"kind IN [{', '.join(json.dumps(kind) for kind in sorted(kinds))}]"


def key_of(kind: str, pk: int) -> str:
    """Letters, digits, dashes and underscores: what a key may have."""
    return f"{kind.replace('.', '-')}-{pk}"


@asynccontextmanager
async def _named() -> AsyncIterator[None]:
    try:
        yield
    except FAILURES as error:
        raise EngineError(f"meilisearch: {type(error).__name__}: {error}") from error

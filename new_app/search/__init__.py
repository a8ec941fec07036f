"""Search: documents that domains declare, kept in an engine, found by words.

A domain says with `Searched` which rows are documents and what is in them; `indexing.py` fills an engine and follows
the change feed; `/search/` asks it. There are two engines: PostgreSQL's full-text search, which needs no server of its
own, and Meilisearch, which forgives typing errors.

Refuses: to make a page fail because an engine does. Whoever asks gets `EngineError`, logs it, and shows nothing found.
"""

import html
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Select
from sqlalchemy.orm import Session

LONGEST_TEXT = 200_000
"""Characters of a document that are searched: a tsvector holds no more than a megabyte."""
_TAG = re.compile(r"<(?:!--.*?--|[^>]*)>", re.S)


class EngineError(Exception):
    """The engine did not answer, or not as it should; the message is for the log."""


@dataclass(frozen=True, slots=True)
class Document:
    """What is found. `text` is HTML; `shown` is what a result prints besides, by name, in JSON's types."""

    kind: str
    pk: int
    title: str
    text: str
    boost: float = 1.0
    shown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The text without markup."""
        return plain(self.text)[:LONGEST_TEXT]


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of what was found, how many there are in all, and how many of each kind."""

    total: int = 0
    documents: Sequence[Document] = ()
    by_kind: Mapping[str, int] = field(default_factory=dict)


NOTHING = Hits()


@dataclass(frozen=True, slots=True)
class Searched:
    """One kind of document. `kind` is Django's label of the model, `label` its plural as the page's form prints it.

    `question` chooses rows that are public, with everything that `document` looks at. `related` are tables whose
    changes change documents of other rows: the whole kind is then read anew. `moments` are
    names in `shown` whose values are times in ISO 8601. `load` gives the objects behind results
    by primary key, where their template asks for them.
    """

    kind: str
    label: str
    template: str
    model: Any
    question: Callable[[], Select[Any]]
    document: Callable[[Any], Document]
    related: Sequence[str] = ()
    moments: Sequence[str] = ()
    load: Callable[[Session, Collection[int]], Mapping[int, Any]] | None = None

    @property
    def table(self) -> str:
        name: str = self.model.__tablename__
        return name


class Engine(Protocol):
    """Where documents are kept. Every call may raise EngineError."""

    name: str

    async def prepare(self) -> None:
        """Make the index, or bring its settings up to date."""

    async def find(self, words: str, kinds: Collection[str], *, skip: int, limit: int) -> Hits:
        """Documents with all these words, the best first; of all kinds if none is named."""

    async def put(self, documents: Sequence[Document], run: int) -> None:
        """Add documents or replace them. `run` is the number of the reading that they come from."""

    async def remove(self, kind: str, keys: Collection[int]) -> None: ...

    async def sweep(self, kinds: Collection[str], run: int) -> int:
        """Remove those of these kinds that no reading since `run` has put; gives how many."""

    async def count(self) -> int: ...

    async def close(self) -> None: ...


def plain(text: str) -> str:
    """HTML as words: tags are gaps, entities are characters."""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())


@dataclass(frozen=True, slots=True)
class Search:
    """The engine, and the kinds of documents that domains keep in it."""

    engine: Engine
    kinds: Sequence[Searched]

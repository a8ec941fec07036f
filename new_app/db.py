"""Engines and sessions. The only place that commits.

Reads run on an AUTOCOMMIT engine (half the round trips), writes in one transaction per request. Both share a pool.
The tables are Django's: nothing here creates, alters or drops one.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import DateTime, MetaData, Text, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapper, RelationshipProperty, Session
from sqlalchemy.util import greenlet_spawn

from new_app import trace

BRIDGE_SCHEMA = "bridge"


T = TypeVar("T")


class Results(list[T]):
    """What a question found, as templates ask of a Django queryset: `release.files.all`, `items.count`."""

    def all(self) -> "Results[T]":
        return self

    def first(self) -> T | None:
        return self[0] if self else None

    def last(self) -> T | None:
        return self[-1] if self else None

    def exists(self) -> bool:
        return bool(self)

    def count(self, *value: Any) -> int:
        return super().count(*value) if value else len(self)


class LegacyBase(DeclarativeBase):
    """Tables that Django's migrations own, on their existing names, with Django's attribute names.

    `str` is TEXT and `datetime` is TIMESTAMPTZ unless the column says otherwise. The database has no defaults: a model
    brings Django's, in Python, at INSERT.
    """

    metadata = MetaData(info={"owner": "django"})
    type_annotation_map = {str: Text, datetime: DateTime(timezone=True)}

    @property
    def pk(self) -> Any:
        """The primary key, under the name that every template of Django's knows."""
        return self.__mapper__.primary_key_from_instance(self)[0]

    def __eq__(self, other: object) -> bool:
        """Whether both are the same row, as models of Django tell: templates compare rows."""
        if not isinstance(other, LegacyBase) or type(self) is not type(other):
            return NotImplemented
        return self is other if self.pk is None else self.pk == other.pk

    def __hash__(self) -> int:
        return object.__hash__(self) if self.pk is None else hash((type(self), self.pk))


@event.listens_for(LegacyBase, "before_mapper_configured", propagate=True)
def _related_as_results(mapper: Mapper[Any], _class: type) -> None:
    """What belongs to an object is asked as what a question finds."""
    for relation in mapper._props.values():
        if isinstance(relation, RelationshipProperty) and relation.collection_class in (None, list):
            relation.collection_class = Results


def async_url(database_url: str) -> URL:
    """`postgresql://…` as SQLAlchemy's asyncpg URL; refuses any other database."""
    url = make_url(database_url)
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise ValueError(f"DATABASE_URL must begin with postgresql://, not {url.drivername}://")
    return url.set(drivername="postgresql+asyncpg")


def plain_url(database_url: str) -> str:
    """The same database as asyncpg itself wants it: `postgresql://…`, whatever the driver that was named."""
    return async_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


READS: dict[str, Any] = {"expire_on_commit": False, "autoflush": False}
"""Options of a session that only reads."""


class Database:
    """One pool, three ways in: `read_only()`, `ask()` from sync code, and `unit_of_work()`."""

    def __init__(self, database_url: str, *, pool_size: int = 10) -> None:
        self.engine: AsyncEngine = create_async_engine(
            async_url(database_url), pool_size=pool_size, max_overflow=0, pool_pre_ping=False, pool_timeout=5
        )
        event.listen(self.engine.sync_engine, "before_cursor_execute", trace.of_cursor)
        self.reader = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def read_only(self) -> AsyncIterator[AsyncSession]:
        """A session for reading; it has no transaction and is never committed."""
        async with AsyncSession(self.reader, **READS) as session:
            yield session

    async def ask(self, question: Callable[[Callable[[], Session]], T]) -> T:
        """Run sync code that may ask: it gets what opens the session for reading, the first time it is called."""

        def asked() -> T:
            with ExitStack() as opened:

                @cache
                def session() -> Session:
                    return opened.enter_context(Session(self.reader.sync_engine, **READS))

                return question(session)

        return await greenlet_spawn(asked)

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed when the block ends, and rolled back if it raises.

        Django's foreign keys are deferred: a broken one raises IntegrityError here, at the commit, not at the flush.
        """
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            try:
                yield session
            except BaseException:
                await session.rollback()
                raise
            await session.commit()

    async def dispose(self) -> None:
        await self.engine.dispose()

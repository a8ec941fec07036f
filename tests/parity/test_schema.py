"""The schema lock finds each way in which a database can leave a mapping, and nothing where they agree."""

from collections.abc import Iterator

import pytest
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Engine,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    text,
)

from parity.schema import compare_schema, migration_drifts
from tests.conftest import new_database

METADATA = MetaData()
Table("shelf", METADATA, Column("id", Integer, Identity(), primary_key=True))
Table(
    "book",
    METADATA,
    Column("id", Integer, Identity(), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("slug", String(50), nullable=False),
    Column("bought", DateTime(timezone=True), index=True),
    Column("lent", Boolean, nullable=False),
    Column("shelf_id", ForeignKey("shelf.id", deferrable=True, initially="DEFERRED"), nullable=False, index=True),
    Column("pages", Integer, CheckConstraint("pages >= 0")),
    UniqueConstraint("slug"),
    Index("one_lent", "shelf_id", unique=True, postgresql_where=text("lent")),
)


@pytest.fixture(scope="module")
def server(postgres_url: str) -> Iterator[Engine]:
    with new_database(postgres_url) as url:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://", 1))
        yield engine
        engine.dispose()


@pytest.fixture
def engine(server: Engine) -> Engine:
    """The mapped tables, as they should be."""
    METADATA.drop_all(server)
    METADATA.create_all(server)
    return server


def drifts(engine: Engine, *statements: str) -> list[str]:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    with engine.connect() as connection:
        return [str(drift) for drift in compare_schema(connection, METADATA).drifts]


def test_a_database_made_from_the_mapping_has_no_drift(engine: Engine) -> None:
    assert drifts(engine) == []


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "ALTER TABLE book DROP COLUMN title",
            "book: column title: is missing, mapped character varying(200) NOT NULL",
        ),
        ("ALTER TABLE book RENAME TO volume", "book: table: is missing"),
        (
            "ALTER TABLE book ALTER title TYPE text",
            "book: column title: is text, mapped character varying(200)",
        ),
        (
            "ALTER TABLE book ALTER bought TYPE timestamp",
            "book: column bought: is timestamp without time zone, mapped timestamp with time zone",
        ),
        ("ALTER TABLE book ALTER lent DROP NOT NULL", "book: column lent: is NULL, mapped NOT NULL"),
        ("ALTER TABLE book ALTER bought SET NOT NULL", "book: column bought: is NOT NULL, mapped NULL"),
        (
            "ALTER TABLE book ALTER id DROP IDENTITY",
            "book: column id: numbers no new rows: it is mapped as an identity",
        ),
        ("ALTER TABLE book DROP CONSTRAINT book_pkey", "book: primary key: is missing, mapped (id)"),
        ("ALTER TABLE book DROP CONSTRAINT book_slug_key", "book: unique (slug): is missing"),
        ("DROP INDEX one_lent", "book: unique (shelf_id) WHERE lent: is missing"),
        ("DROP INDEX ix_book_bought", "book: index (bought): is missing: queries that rely on it will scan"),
        (
            "ALTER TABLE book DROP CONSTRAINT book_shelf_id_fkey",
            "book: foreign key (shelf_id) → shelf (id) DEFERRABLE INITIALLY DEFERRED: is missing",
        ),
        ("ALTER TABLE book DROP CONSTRAINT book_pages_check", "book: check CHECK ((pages >= 0)): is missing"),
        ("ALTER TABLE book ADD CHECK (pages < 9)", "book: check CHECK ((pages < 9)): is not in the mapping"),
        ("CREATE UNIQUE INDEX ON book (title)", "book: unique (title): is not in the mapping"),
        (
            "ALTER TABLE book ADD weight integer NOT NULL",
            "book: column weight: is integer NOT NULL without a default and unmapped: our inserts would fail",
        ),
    ],
)
def test_a_change_is_named(engine: Engine, statement: str, named: str) -> None:
    try:
        assert drifts(engine, statement) == [named]
    finally:
        drifts(engine, "DROP TABLE IF EXISTS volume")


def test_a_foreign_key_that_is_no_longer_deferred_is_named(engine: Engine) -> None:
    found = drifts(engine, "ALTER TABLE book ALTER CONSTRAINT book_shelf_id_fkey NOT DEFERRABLE")
    assert found == [
        "book: foreign key (shelf_id) → shelf (id) DEFERRABLE INITIALLY DEFERRED: is missing",
        "book: foreign key (shelf_id) → shelf (id): is not in the mapping",
    ]


def test_a_weakened_predicate_is_named(engine: Engine) -> None:
    found = drifts(engine, "DROP INDEX one_lent", "CREATE UNIQUE INDEX ON book (shelf_id) WHERE NOT lent")
    assert found == [
        "book: unique (shelf_id) WHERE lent: is missing",
        "book: unique (shelf_id) WHERE NOT lent: is not in the mapping",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE book ADD colour text",
        "ALTER TABLE book ADD colour text NOT NULL DEFAULT 'red'",
        "CREATE INDEX ON book (title varchar_pattern_ops)",
        "ALTER INDEX one_lent RENAME TO another_name",
        "ALTER TABLE book RENAME CONSTRAINT book_shelf_id_fkey TO another_name",
    ],
)
def test_what_cannot_break_a_read_or_a_write_is_no_drift(engine: Engine, statement: str) -> None:
    assert drifts(engine, statement) == []


def test_what_nothing_maps_is_listed(engine: Engine) -> None:
    drifts(engine, "CREATE TABLE other (id integer)", "ALTER TABLE book ADD colour text")
    with engine.connect() as connection:
        assert compare_schema(connection, METADATA).unmapped == ("book.colour", "other")
    drifts(engine, "DROP TABLE other")


def test_a_comparison_leaves_nothing_behind(engine: Engine) -> None:
    with engine.connect() as connection:
        compare_schema(connection, METADATA)
        count = connection.scalar(text("SELECT count(*) FROM pg_class WHERE relname = 'book'"))
    assert count == 1


def test_a_migration_of_the_site_that_is_not_applied_is_named() -> None:
    found = list(migration_drifts({"books": {"0001"}}, {"books": ["0001", "0002"], "shelves": ["0001"]}))
    assert [str(drift) for drift in found] == [
        "books: migration 0002: is in the site's code and not applied",
        "shelves: migration 0001: is in the site's code and not applied",
    ]

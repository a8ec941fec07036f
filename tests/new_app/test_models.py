"""Rows that the new site writes have what Django would have written, in every column that Django's Python fills."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from new_app.columns import Markup, points_at
from new_app.domains.boxes import Box
from new_app.domains.companies import Company
from new_app.domains.downloads.models import OS, Release, ReleaseFile
from new_app.domains.nominations.models import Election
from new_app.domains.sponsors.features import TextAsset
from new_app.domains.users.models import User
from new_app.models import metadata
from new_app.tables import ContentType


@pytest.fixture
def session(empty_database: str) -> Iterator[Session]:
    engine = create_engine(empty_database.replace("postgresql://", "postgresql+psycopg2://", 1))
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_what_django_would_have_filled_is_filled(session: Session) -> None:
    user = User(username="ada", password="!")
    release = Release(name="Python 9", slug="python-9", creator=user)
    file = ReleaseFile(name="source", slug="source", release=release, os=OS(name="Any", slug="any"), url="")
    session.add_all([user, release, file])
    session.commit()
    assert (user.is_active, user.is_staff, user.first_name, user.bio_markup_type) == (True, False, "", "markdown")
    assert (release.version, release.show_on_download_page, release.is_published) == (3, True, False)
    assert release.created == release.updated or release.created < release.updated
    assert (file.filesize, file.md5_sum, release.files) == (0, "", [file])


def test_a_save_moves_updated_and_nothing_else(session: Session) -> None:
    box = Box(label="a", content=Markup("*a*", "restructuredtext", "<p><em>a</em></p>"))
    session.add(box)
    session.commit()
    created, updated = box.created, box.updated
    box.content = Markup("b", "html", "b")
    session.commit()
    session.refresh(box)
    assert (box.created, box.content) == (created, Markup("b", "html", "b"))
    assert box.updated > updated


def test_markup_is_three_columns_and_one_value(session: Session) -> None:
    session.add(Box(label="a", content=Markup("raw", "html", "<b>raw</b>")))
    session.commit()
    columns = "content, content_markup_type, _content_rendered"
    assert tuple(session.execute(text(f"SELECT {columns} FROM boxes_box")).one()) == ("raw", "html", "<b>raw</b>")
    found = session.query(Box).filter(Box.content_raw == "raw").one()
    assert (str(found.content), bool(found.content), found.content.__html__()) == ("<b>raw</b>", True, "<b>raw</b>")
    assert not Markup("", "html", "<b>left over</b>")


def test_markup_that_is_null_is_false_and_prints_nothing(session: Session) -> None:
    session.execute(
        text(
            "INSERT INTO nominations_election (name, date, description_markup_type, hide_previous_service)"
            " VALUES ('e', '2030-01-01', 'markdown', false)"
        )
    )
    found = session.query(Election).one().description
    assert (bool(found), str(found), found.rendered) == (False, "", None)


def test_no_file_is_an_empty_string_also_where_null_is_allowed(session: Session) -> None:
    session.add(Company(name="c", slug="c"))
    session.commit()
    assert session.execute(text("SELECT logo, about_markup_type FROM companies_company")).one() == (
        "",
        "restructuredtext",
    )
    assert not session.query(Company).one().logo


def test_a_polymorphic_row_is_written_to_both_tables(session: Session) -> None:
    kind = session.query(ContentType).filter_by(app_label="sponsors", model="textasset").one()
    asset = TextAsset(polymorphic_ctype_id=kind.id, content_type_id=kind.id, object_id=1, internal_name="a", text="t")
    session.add(asset)
    session.commit()
    joined = "SELECT text FROM sponsors_textasset JOIN sponsors_genericasset ON genericasset_ptr_id = id"
    assert session.scalar(text(joined)) == "t"


def test_a_generic_reference_is_asked_by_name_since_type_ids_differ(session: Session) -> None:
    kind = session.query(ContentType).filter_by(app_label="sponsors", model="sponsor").one()
    session.add(TextAsset(content_type_id=kind.id, object_id=7, internal_name="a"))
    session.commit()
    of = partial(points_at, session, TextAsset.content_type_id, TextAsset.object_id, app_label="sponsors")
    assert session.query(TextAsset).filter(of(model="sponsor", key=7)).count() == 1
    assert session.query(TextAsset).filter(of(model="sponsorship", key=7)).count() == 0
    assert session.query(TextAsset).filter(of(model="sponsor", key=8)).count() == 0


def test_a_broken_reference_fails_at_commit(session: Session) -> None:
    session.add(Box(label="a", creator_id=999))
    session.flush()
    with pytest.raises(IntegrityError, match="boxes_box_creator_id"):
        session.commit()


def test_every_column_that_must_have_a_value_and_may_be_blank_has_a_default() -> None:
    """Flags and counters above all: the database has no default for any of them."""
    without = {
        str(column)
        for table in metadata.tables.values()
        for column in table.columns
        if not column.nullable and str(column.type) == "BOOLEAN" and column.default is None
    }
    assert without == set()

"""Boxes: small pieces of content an editor can change without a deploy, alone at /box/<label>/."""

import logging

from litestar import route
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column

from new_app.answer import Answer, ask_legacy
from new_app.cache import ANONYMOUS
from new_app.columns import Key, markup
from new_app.columns import Markup as MarkupField
from new_app.content import ContentManageable
from new_app.db import LegacyBase
from new_app.domain import Claim, Domain
from new_app.domains.users.models import User  # noqa: F401 - the relations of ContentManageable name it
from new_app.page import Page, steady
from new_app.rows import Rows
from new_app.snippets import Snippets


class Box(ContentManageable, LegacyBase):
    """A piece of content, known by its label."""

    __tablename__ = "boxes_box"

    id: Mapped[Key]
    label: Mapped[str] = mapped_column(String(100), unique=True)
    content: Mapped[MarkupField] = markup("content", "restructuredtext")


_log = logging.getLogger(__name__)
SNIPPETS = Snippets()
_BOXES = Box.__table__.c
_RENDERED = "SELECT _content_rendered FROM boxes_box WHERE label = $1"


@route("/box/{label:str}", http_method=["GET", "HEAD", "OPTIONS"], opt={"guard": "public", "cache": ANONYMOUS})
async def show(label: FromPath[str], read: NamedDependency[Rows]) -> Answer:
    rows = await read.fetch(_RENDERED, label)
    return Answer(rows[0][0].encode()) if rows else ask_legacy()


async def sample_urls(session: AsyncSession) -> list[str]:
    labels = (await session.scalars(select(Box.label).order_by(Box.label))).all()
    return [*(f"/box/{label}/" for label in labels), "/box/no-such-box/", "/box/two%20words/", "/box/"]


@steady
def box(page: Page, label: str) -> Markup:
    """A box as templates show it: an imported snippet, else the database's, else nothing and a line in the log."""

    def from_database(label: str) -> str | None:
        rendered = page.remember("boxes", _all_rendered).get(label)
        if rendered is None:
            _log.warning("no box is called %s", label)
        return rendered

    return SNIPPETS.box(label, from_database)


def _all_rendered(session: Session) -> dict[str, str]:
    """Every box by label: a page shows a dozen, and one question finds them all."""
    return {
        label: rendered or "" for label, rendered in session.execute(select(_BOXES.label, _BOXES._content_rendered))
    }


domain = Domain(
    name="boxes",
    tags={"box": box},
    claims=(Claim("box/<slug:label>/", "box"),),
    handlers=(show,),
    watches=("boxes_box",),
    samples=sample_urls,
)

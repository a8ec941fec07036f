"""Boxes: small pieces of content an editor can change without a deploy, alone at /box/<label>/."""

from litestar import route
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from new_app.answer import Answer, ask_legacy
from new_app.cache import ANONYMOUS
from new_app.columns import Key, Markup, markup
from new_app.content import ContentManageable
from new_app.db import LegacyBase
from new_app.domain import Claim, Domain
from new_app.domains.users.models import User  # noqa: F401 - the relations of ContentManageable name it
from new_app.rows import Rows


class Box(ContentManageable, LegacyBase):
    """A piece of content, known by its label."""

    __tablename__ = "boxes_box"

    id: Mapped[Key]
    label: Mapped[str] = mapped_column(String(100), unique=True)
    content: Mapped[Markup] = markup("content", "restructuredtext")


_RENDERED = "SELECT _content_rendered FROM boxes_box WHERE label = $1"


@route("/box/{label:str}", http_method=["GET", "HEAD", "OPTIONS"], opt={"guard": "public", "cache": ANONYMOUS})
async def show(label: FromPath[str], read: NamedDependency[Rows]) -> Answer:
    rows = await read.fetch(_RENDERED, label)
    return Answer(rows[0][0].encode()) if rows else ask_legacy()


async def sample_urls(session: AsyncSession) -> list[str]:
    labels = (await session.scalars(select(Box.label).order_by(Box.label))).all()
    return [*(f"/box/{label}/" for label in labels), "/box/no-such-box/", "/box/two%20words/", "/box/"]


domain = Domain(
    name="boxes",
    claims=(Claim("box/<slug:label>/", "box"),),
    handlers=(show,),
    watches=("boxes_box",),
    samples=sample_urls,
)

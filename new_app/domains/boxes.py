"""Boxes: small pieces of content an editor can change without a deploy, alone at /box/<label>/."""

from litestar import route
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.answer import Answer, ask_legacy
from new_app.domain import Claim, Domain
from new_app.rows import Rows

_RENDERED = "SELECT _content_rendered FROM boxes_box WHERE label = $1"


@route("/box/{label:str}", http_method=["GET", "HEAD", "OPTIONS"], opt={"guard": "public"})
async def show(label: str, read: Rows) -> Answer:
    rows = await read.fetch(_RENDERED, label)
    return Answer(rows[0][0].encode()) if rows else ask_legacy()


async def sample_urls(session: AsyncSession) -> list[str]:
    labels = (await session.scalars(text("SELECT label FROM boxes_box ORDER BY label"))).all()
    return [*(f"/box/{label}/" for label in labels), "/box/no-such-box/", "/box/two%20words/", "/box/"]


domain = Domain(name="boxes", claims=(Claim("box/<slug:label>/", "box"),), handlers=(show,), samples=sample_urls)

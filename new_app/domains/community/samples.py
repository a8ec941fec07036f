"""URLs of the community that parity compares: the list and its odd pages, public and private posts, what is missing."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.domains.community.models import Post

_LIST = (
    *("", "?page=1", "?page=2", "?page=last", "?page=999", "?page=0", "?page=-1", "?page=x", "?page=", "?page=%201"),
    *("?page=2.0", "?page=99999999999999999999", "?q=%3Ca%3E"),
)
_MISSING = ("999999999/", "99999999999999999999/", "0/", "-1/", "x/", "1x/")


async def sample_urls(session: AsyncSession) -> list[str]:
    newest = select(Post.id).order_by(Post.created.desc())
    public = (await session.scalars(newest.where(Post.status == Post.STATUS_PUBLIC).limit(40))).all()
    private = (await session.scalars(newest.where(Post.status == Post.STATUS_PRIVATE).limit(5))).all()
    return [
        *(f"/community/{path}" for path in (*_LIST, *_MISSING)),
        "/community",
        *(f"/community/{number}/" for number in (*public, *private)),
        *(f"/community/{number}" for number in (*public[:2], *private[:1])),
        *(f"/community/00{number}/?page=x" for number in public[:1]),
    ]

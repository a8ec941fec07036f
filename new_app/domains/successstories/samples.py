"""URLs of success stories that parity compares: every category, published stories and drafts, and what is not there.

The home page is among them; submitting a story is legacy's.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.domains.successstories.models import Story, StoryCategory

_LIST = ("", "?page=1", "?page=2", "?page=last", "?page=x", "?q=%3Ca%3E&b=%C3%A9")
_MISSING = ("none/", "category/none/", "category/", "category/none", "a/b/", "%C3%A9/", "none.html", "none")


async def sample_urls(session: AsyncSession) -> list[str]:
    newest = select(Story.slug).order_by(Story.created.desc())
    stories = (await session.scalars(newest.where(Story.is_published).limit(40))).all()
    drafts = (await session.scalars(newest.where(~Story.is_published).limit(5))).all()
    categories = (await session.scalars(select(StoryCategory.slug).order_by(StoryCategory.name))).all()
    return [
        *(f"/success-stories/{path}" for path in (*_LIST, *_MISSING)),
        "/success-stories",
        *(f"/success-stories/category/{slug}/{query}" for slug in categories for query in ("", "?page=2")),
        *(f"/success-stories/{slug}/" for slug in (*stories, *drafts)),
        *(f"/success-stories/{slug}" for slug in (*stories[:2], *drafts[:1])),
        *(f"/success-stories/{slug}/?a=%26" for slug in stories[:2]),
        *(f"/success-stories/{slug.upper()}/" for slug in stories[:1]),
    ]

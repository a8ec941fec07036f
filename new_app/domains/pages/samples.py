"""URLs of pages that parity compares."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.api.samples import of_resource

_FILTERS = (
    *(
        "path=about",
        "path__exact=about",
        "keywords=python",
        "keywords__icontains=PY",
        "keywords__icontains=_",
        "content=x",
    ),
    *("is_published=true", "is_published=false", "is_published=x", "title__startswith=A", "creator=1"),
)


async def sample_urls(session: AsyncSession) -> list[str]:
    key = (await session.execute(text("SELECT min(id) FROM pages_page"))).scalar() or 1
    draft = (await session.execute(text("SELECT id FROM pages_page WHERE NOT is_published LIMIT 1"))).scalar() or 0
    drafts = [f"/api/v{version}/pages/page/{draft}/" for version in (1, 2)]
    return [*of_resource("pages/page", key, _FILTERS), *drafts]

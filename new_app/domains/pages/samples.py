"""URLs of pages that parity compares."""

from urllib.parse import quote

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.api.samples import each_of, of_resource

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
    every = [*of_resource("pages/page", key, _FILTERS), *drafts, *await each_of(session, "pages/page", "pages_page")]
    return [*every, *await _of_the_chain(session)]


async def _of_the_chain(session: AsyncSession) -> list[str]:
    """Every page, some without their slash; every redirect; what is not there."""
    pages = (await session.execute(text("SELECT path FROM pages_page ORDER BY path"))).scalars().all()
    redirects = (await session.execute(text("SELECT old_path FROM django_redirect ORDER BY old_path"))).scalars().all()
    return [
        *(f"/{quote(path)}/" for path in pages),
        *(f"/{quote(path)}?a=1" for path in pages[::10]),
        *redirects,
        *("/no/such/page", "/no/such/page/", "/no%20such/", "/about", "/psf-landing?a=b"),
    ]

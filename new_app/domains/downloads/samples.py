"""URLs of downloads that parity compares: every redirect, filter, page, format and error."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.api.samples import each_of, of_resource

_FILE_FILTERS = (
    *(
        "os={os}",
        "os__in={os},999",
        "os__in=",
        "os__gt=0",
        "os__lte={os}",
        "os__isnull=false",
        "os__isnull=maybe",
        "os=abc",
    ),
    *(
        "os__name=Windows",
        "os__slug=windows",
        "os__name__exact=Windows",
        "os__name__contains=W",
        "os__bogus=1",
        "release={id}",
    ),
    *("release__slug={slug}", "release__version=3", "release__version__startswith=3", "release__version__in=3,2"),
    *(
        "release__is_published=true",
        "release__is_published=0",
        "release__pre_release=perhaps",
        "release__release_page=1",
    ),
    *(
        "description=x",
        "description__contains=a",
        "description__contains=100%25",
        "url=x",
        "resource_uri=x",
        "os=99999999999",
    ),
)
_RELEASE_FILTERS = (
    *("version=3", "version=true", "version=abc", "version__startswith=1", "version__gt=2", "pre_release=false"),
    *("is_published=true", "is_published=t", "is_published=abc", "is_published=none", "release_date=2020-01-01"),
    *("release_date__gte=2020-01-01", "release_date__year=2020", "release_page=1", "version=99999999999", "version=zz"),
    *(
        "release_date=2020-10-05T12:30:15Z",
        "release_date=yesterday",
        "is_published=False&pre_release=TRUE",
        "is_latest=true",
    ),
)
_LATEST = (
    *(
        "latest",
        "latest/",
        "latest/python2",
        "latest/python2/",
        "latest/python3",
        "latest/python3/",
        "latest/python3.0",
    ),
    *(
        "latest/prerelease",
        "latest/prerelease/",
        "latest/pymanager",
        "latest/pymanager/",
        "latest/?a=1",
        "latest/python4/",
    ),
    *(
        "latest/python3.14/",
        "latest/python3.13",
        "latest/python3.999/",
        "latest/python3.x/",
        "feed.rss",
        "feed.rss?x=1",
    ),
)


async def sample_urls(session: AsyncSession) -> list[str]:
    """Some hundred URLs; keys and names come from the database."""
    pages = [f"/{mount}/{path}" for mount in ("downloads", "getit") for path in _LATEST]
    release = (await session.execute(text("SELECT id, slug FROM downloads_release ORDER BY id LIMIT 1"))).first()
    draft = (
        await session.execute(text("SELECT id FROM downloads_release WHERE NOT is_published LIMIT 1"))
    ).scalar() or 0
    key, slug = release or (1, "x")
    system = (await session.execute(text("SELECT min(id) FROM downloads_os"))).scalar() or 1
    file_id = (await session.execute(text("SELECT min(id) FROM downloads_releasefile"))).scalar() or 1
    return [
        *pages,
        *await _html(session),
        *of_resource("downloads/os", system, ("slug=windows", "slug__exact=windows")),
        *of_resource("downloads/release", key, _RELEASE_FILTERS),
        *(f"/api/v{version}/downloads/release/{draft}/" for version in (1, 2)),
        *of_resource(
            "downloads/release_file", file_id, [query.format(os=system, id=key, slug=slug) for query in _FILE_FILTERS]
        ),
        "/api/v2/downloads/release_file/delete_by_release/?release=1",
        *await each_of(session, "downloads/release", "downloads_release"),
        *await each_of(session, "downloads/release_file", "downloads_releasefile"),
    ]


async def _html(session: AsyncSession) -> list[str]:
    """The pages, under one prefix every release and under the other some."""
    systems = (await session.execute(text("SELECT slug FROM downloads_os ORDER BY slug"))).scalars().all()
    releases = (await session.execute(text("SELECT slug FROM downloads_release ORDER BY slug"))).scalars().all()
    paths = ["", "?page=2", "operating-systems/", "no-such-system/", "release/no-such-release/", "release/x"]
    paths += [f"{slug}/" for slug in systems]
    return [
        *(f"/{mount}/{path}" for mount in ("downloads", "getit") for path in paths),
        *(f"/downloads/release/{slug}/" for slug in releases[::6]),
        *(f"/getit/release/{slug}/" for slug in releases[::20]),
        *("/doc/", "/doc/versions/", "/doc", "/doc/versions/?a=1"),
    ]

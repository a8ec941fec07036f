"""URLs of any resource that parity compares, in both versions of the API."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

EACH = 100
"""Objects of a resource that are asked for one by one."""

_LISTS = (
    *(
        "",
        "?limit=3",
        "?limit=3&offset=2",
        "?limit=0",
        "?limit=2000",
        "?limit=-1",
        "?limit=abc",
        "?limit=%3Cb%3E%22",
        "?limit=",
    ),
    *(
        "?offset=1",
        "?offset=-1",
        "?offset=x",
        "?offset=100000",
        "?limit=1&a=%C3%A9&a=2+3&limit=2",
        "?format=xml&limit=2",
    ),
    *(
        "?format=yaml&limit=2",
        "?format=plist&limit=1",
        "?format=bogus&limit=1",
        "?format=json&limit=1",
        "?callback=f&limit=1",
    ),
    *(
        "?order_by=name",
        "?order_by=-bogus",
        "?sort_by=slug",
        "?username=staff&api_key=x",
        "?name=nobody",
        "?name__bogus=1",
    ),
    *(
        "?name__contains=a",
        "?resource_uri=1",
        "?unknown=1",
        "?unknown__exact=1",
        "?name=true",
        "?name=none",
        "?name=%27%25",
    ),
)
_DETAILS = (
    "0/",
    "999999/",
    "abc/",
    "99999999999/",
    "%20{key}%20/",
    "{key}/{key}/",
    "/",
    "{key}/?format=xml",
    "{key}/?limit=x",
)
_SETS = ("set/{key}/", "set/{key};999999/", "set/{key};abc/", "set//", "set/{key}/?format=xml", "set/")
_V2 = (
    *("/", ".json", ".json/", ".xml", "/?format=json", "/?format=xml", "/?format=", "/?unknown=1", "/?unknown__a__b=1"),
    *(
        "/?name=nobody",
        "/?name=",
        "/?name=+x+",
        "/?name__exact=a",
        "/?name=%00",
        "/{key}.json",
        "/{key}.json/",
        "/{key}.xml",
    ),
    *("/0/", "/999999/", "/abc/", "/99999999999/", "/{key}/?name=nobody", "/{key}/?format=json"),
)


def of_resource(name: str, key: int, filters: Iterable[str]) -> list[str]:
    """Lists, pages, formats, errors and details of a resource of which `key` exists, and its own filters."""
    old, new = f"/api/v1/{name}/", f"/api/v2/{name}"
    filters = list(filters)
    details = [tail.format(key=key) for tail in ("{key}/", *_DETAILS, *_SETS)]
    return [
        *(old + query for query in _LISTS),
        *(old + tail for tail in details),
        *(f"{old}?limit=2&{query}" for query in filters),
        old.rstrip("/"),
        f"{new}/{key}/",
        *(new + tail.format(key=key) for tail in _V2),
        *(f"{new}/?{query}" for query in filters),
        new,
    ]


async def each_of(session: AsyncSession, name: str, table: str) -> list[str]:
    """Objects of a resource, each in both versions: the newest, for those are what people ask for."""
    keys = await session.scalars(text(f"SELECT id FROM {table} ORDER BY id DESC LIMIT {EACH}"))  # noqa: S608 - declared names
    return [f"/api/v{version}/{name}/{key}/" for key in keys for version in (1, 2)]

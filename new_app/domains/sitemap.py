"""The site's sitemap: which pages there are, for search engines."""

from collections.abc import Callable
from typing import Any

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from new_app import trace
from new_app.answer import Answer
from new_app.cache import ANONYMOUS
from new_app.columns import LARGEST_KEY
from new_app.domain import Claim, Domain
from new_app.page import TELLS_TIME, Pages
from new_app.request import Call
from new_app.sitemap import SPAN, Listed, index, part
from new_app.tables import Site

XML = "application/xml; charset=utf-8"
KINDS = NamedDependency[tuple[Listed, ...]]
READ = frozenset({"GET", "HEAD"})


async def answered(
    request: Request[Any, Any, Any], pages: Pages, make: Callable[[Session, str], bytes | None]
) -> Answer:
    call = Call.of(request)

    def asked(session: Callable[[], Session]) -> bytes | None:
        site = session().get(Site, call.public.site_id)
        return make(session(), f"{call.scheme}://{site.domain if site else call.host}")

    trace.lasts(TELLS_TIME)
    body = await pages.database.ask(asked)
    return Answer(body, content_type=XML) if body is not None else await pages.missing(call)


@route("/sitemap.xml", http_method=["GET", "HEAD"], opt={"guard": "public", "cache": ANONYMOUS})
async def whole(request: Request[Any, Any, Any], pages: NamedDependency[Pages], listed: KINDS) -> Answer:
    return await answered(request, pages, lambda session, origin: index(session, origin, listed))


@route("/sitemap/{name:str}", http_method=["GET", "HEAD"], opt={"guard": "public", "cache": ANONYMOUS})
async def span(
    request: Request[Any, Any, Any], pages: NamedDependency[Pages], listed: KINDS, name: FromPath[str]
) -> Answer:
    kind, _, number = name.removesuffix(".xml").rpartition("-")
    found = next((one for one in listed if one.name == kind), None)
    if found is None or not number.isascii() or not number.isdigit() or int(number) > LARGEST_KEY // SPAN:
        return await pages.missing(Call.of(request))
    return await answered(request, pages, lambda session, origin: part(session, origin, found, int(number)))


domain = Domain(
    name="sitemap",
    claims=(
        Claim("sitemap.xml", "sitemap", READ, added=True),
        Claim(r"^sitemap/(?P<name>[a-z]+-\d+\.xml)$", "sitemap_part", READ, added=True),
    ),
    handlers=(whole, span),
)

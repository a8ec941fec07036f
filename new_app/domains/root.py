"""Root: the health check, files at the top of the site, media that has moved away, and the roots of the JSON APIs.

The files are the legacy site's own, read from the folder `files`; one that is not there is asked of legacy.
"""

import json
from pathlib import Path, PurePosixPath
from typing import Any

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.types import Method
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.answer import Answer, ask_legacy, redirect
from new_app.api.handlers import ROOTS, version_1, version_2
from new_app.domain import Claim, Domain
from new_app.request import Call, iri_to_uri

ANY: list[Method] = ["GET", "HEAD", "OPTIONS"]


@route("/_health", http_method=ANY, opt={"guard": "public"})
async def health() -> Answer:
    return Answer(b"OK")


@route(["/robots.txt", "/humans.txt"], http_method=ANY, opt={"guard": "public"})
async def text_file(request: Request[Any, Any, Any], files: NamedDependency[Path]) -> Answer:
    if request.scope["method"] == "OPTIONS":
        return Answer(headers=[(b"allow", b"GET, HEAD, OPTIONS")])
    try:
        body = (files / request.scope["path"].strip("/")).read_bytes()
    except FileNotFoundError:
        return ask_legacy()
    return Answer(body, content_type="text/plain", headers=[(b"vary", b"Cookie")])


@route(["/m", "/m/{rest:path}"], http_method=ANY, opt={"guard": "public"})
async def moved_media(request: Request[Any, Any, Any]) -> Answer:
    """Media that lies in a store of its own now, wherever a path tries to climb to; the query is dropped."""
    call = Call.of(request)
    if not call.public.media_store:
        return ask_legacy()
    parts = PurePosixPath(call.path.removeprefix("/m/").removesuffix("/")).as_posix().lstrip("/").split("/")
    kept = "/".join(part for part in parts if part not in (".", ".."))
    return redirect(iri_to_uri(f"{call.public.media_store.rstrip('/')}/{kept}"), 301)


@route("/funding.json", http_method=ANY, opt={"guard": "public"})
async def funding(files: NamedDependency[Path]) -> Answer:
    """The file, parsed and written again."""
    try:
        data = json.loads((files / "funding.json").read_text())
    except FileNotFoundError:
        return ask_legacy()
    except json.JSONDecodeError:
        return Answer(b'{"error": "Invalid JSON in funding.json"}', 500, "application/json")
    return Answer(json.dumps(data).encode(), content_type="application/json")


async def sample_urls(_session: AsyncSession) -> list[str]:
    return [
        *(
            "/_health",
            "/_health/",
            "/_healthy",
            "/_health/a/b",
            "/robots.txt",
            "/humans.txt",
            "/funding.json",
            "/funding.json/",
        ),
        *(
            "/api/v1/",
            "/api/v1/?format=xml",
            "/api/v1/?format=yaml",
            "/api/v1/?format=plist",
            "/api/v1/?fullschema=false",
        ),
        *("/api/v2/", "/api/v2/?format=json", "/api/v2/?format=xml", "/api/v2/.json", "/api/v2/.json/", "/api/v2/.xml"),
        *("/api/v1", "/api/v2", "/api/", "/api/v3/"),
    ]


domain = Domain(
    name="root",
    claims=(
        Claim("^_health/?", "health"),
        Claim("humans.txt", "humans.txt"),
        Claim("robots.txt", "robots.txt"),
        Claim("funding.json", "funding_json"),
        Claim("^m/(?P<url>.*)/$", "media_migration_view"),
        *ROOTS,
    ),
    handlers=(health, text_file, funding, moved_media, version_1, version_2),
    samples=sample_urls,
)

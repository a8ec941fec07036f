"""The handlers of both APIs, and the claims that each resource makes."""

from typing import Any

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency

from new_app.answer import Answer
from new_app.api import v1, v2
from new_app.api.resources import Resource
from new_app.domain import Claim
from new_app.request import Call

READS = frozenset({"GET", "HEAD"})
NO_HEAD = frozenset({"GET", "OPTIONS"})
"""A resource of v1 refuses HEAD; a router that answers HEAD from GET would not, so legacy refuses it."""


@route(["/api/v1", "/api/v1/{rest:path}"], http_method=["GET", "HEAD", "OPTIONS"], opt={"guard": "public"})
async def version_1(request: Request[Any, Any, Any], api_v1: NamedDependency[v1.Api]) -> Answer:
    """Public reading; drafts are shown to staff, who prove an API key."""
    return await api_v1.answer(Call.of(request))


@route(["/api/v2", "/api/v2/{rest:path}"], http_method=["GET", "HEAD"], opt={"guard": "public"})
async def version_2(request: Request[Any, Any, Any], api_v2: NamedDependency[v2.Api]) -> Answer:
    """Public reading; drafts are shown to staff, who prove a token. OPTIONS describes forms and stays with legacy."""
    return await api_v2.answer(Call.of(request))


ROOTS = (
    Claim("^api/v1/$", "api_v1_top_level"),
    Claim("api/v2/", "api-root", READS),
    Claim(r"^api/v2/\.(?P<format>[a-z0-9]+)/?$", "api-root", READS),
)


def claims(resource: Resource, v2_name: str) -> tuple[Claim, ...]:
    """The URLs of a resource in both versions; `v2_name` is how v2 names its routes."""
    old, new = f"^api/v1/{resource.name}/", f"^api/v2/{resource.name}"
    return (
        Claim(f"{old}$", "api_dispatch_list", NO_HEAD),
        Claim(f"{old}schema/$", "api_get_schema", NO_HEAD),
        Claim(f"{old}set/(?P<pk_list>.*?)/$", "api_get_multiple", NO_HEAD),
        Claim(f"{old}(?P<pk>.*?)/$", "api_dispatch_detail", NO_HEAD),
        Claim(f"{new}/$", f"{v2_name}-list", READS),
        Claim(rf"{new}\.(?P<format>[a-z0-9]+)/?$", f"{v2_name}-list", READS),
        Claim(f"{new}/(?P<pk>[^/.]+)/$", f"{v2_name}-detail", READS),
        Claim(rf"{new}/(?P<pk>[^/.]+)\.(?P<format>[a-z0-9]+)/?$", f"{v2_name}-detail", READS),
    )

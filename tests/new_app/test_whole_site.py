"""The whole site, as it is shipped: every route of the real application, for every persona, in every environment."""

import itertools
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from new_app.asgi import route_table
from new_app.db import Database
from new_app.domains import DOMAINS
from new_app.page import Guard
from tests.conftest import new_database
from tests.new_app.sides import Shipped, shipped
from tests.new_app.test_pages import HOST, PASSWORD

ENVIRONMENTS = {
    "production": {},
    "staging": {"page_cache": False},
    "development": {"memory": False, "page_cache": False, "reload_theme": True},
}
PERSONAS = {"anonymous": "", "user": "reader", "staff": "editor", "superuser": "admin"}
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
XML = ("application/rss+xml", "application/atom+xml", "application/xml", "text/xml")
NEVER_POSTED = {
    *("/accounts/github/login/callback", "/accounts/google/login/callback"),
    *("/users/sponsorships/sponsor/edit", "/sponsors/application"),
}
"""Handlers that could take a POST, and whose claims send none: they only answer, and set messages or a session."""
PARAMETER = re.compile(r"\{[^}]*\}")
OUTSIDE = ("/admin", "/static", "/media", "/m/")
"""What legacy or a web server answers, whatever is moved."""


@dataclass
class Site:
    name: str
    sides: Shipped
    url: str
    legacy: httpx.AsyncClient
    cookies: dict[str, str]
    address: Iterator[str]

    @property
    def app(self) -> Litestar:
        """The Litestar application inside the shipped one."""
        found = self.sides.new._transport.app  # type: ignore[attr-defined]
        while not isinstance(found, Litestar):
            found = next(getattr(found, name) for name in ("router", "new_app", "app", "_app") if hasattr(found, name))
        return found

    async def get(self, path: str, persona: str = "anonymous", *, side: str = "new") -> httpx.Response:
        """As a visitor with an address of their own, so that no limit is counted."""
        client = self.sides.new if side == "new" else self.legacy
        client.cookies.clear()
        headers = {"Host": HOST, "X-Forwarded-For": f"10.{next(self.address)}.1"}
        if self.cookies[persona]:
            headers["Cookie"] = self.cookies[persona]
        return await client.get(path, headers=headers)


@pytest.fixture(scope="module", params=list(ENVIRONMENTS))
async def site(
    request: pytest.FixtureRequest, seeded_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp(request.param)
    addresses = (f"{a}.{b}" for a, b in itertools.product(range(1, 200), range(250)))
    with new_database(seeded_template, template=seeded_template) as url:
        async with (
            shipped(url, folder, "legacy.settings_quick", **ENVIRONMENTS[request.param]) as sides,
            httpx.AsyncClient(base_url=sides.legacy_url, timeout=30) as legacy,
        ):
            cookies = {persona: await signed_in(legacy, name) if name else "" for persona, name in PERSONAS.items()}
            yield Site(request.param, sides, url, legacy, cookies, addresses)


async def signed_in(legacy: httpx.AsyncClient, name: str) -> str:
    legacy.cookies.clear()
    form = await legacy.get("/accounts/login/", headers={"Host": HOST})
    token = form.cookies["csrftoken"]
    said = {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": token}
    done = await legacy.post("/accounts/login/", data=said, headers={"Host": HOST, "Cookie": f"csrftoken={token}"})
    assert done.status_code == 302
    return f"sessionid={done.cookies['sessionid']}; csrftoken={done.cookies['csrftoken']}"


async def samples(site: Site) -> list[str]:
    database = Database(site.url)
    async with database.read_only() as session:
        found = [path for domain in DOMAINS if domain.samples for path in await domain.samples(session)]
    await database.dispose()
    return [*dict.fromkeys(found)]


def handlers_of(app: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    """Each with its path; Litestar's own answers to OPTIONS are none of ours."""
    for route in app.routes:
        for handler in route.route_handlers:  # type: ignore[union-attr]
            if isinstance(handler, HTTPRouteHandler) and handler.http_methods != {"OPTIONS"}:
                yield route.path, handler


def test_every_handler_says_who_may_call_it(site: Site) -> None:
    handlers = [*handlers_of(site.app)]
    assert len(handlers) > 80
    for path, handler in handlers:
        said = handler.opt.get("guard")
        assert handler.guards or said == "public" or isinstance(said, Guard), path


def test_nothing_writes_that_no_claim_says_to(site: Site) -> None:
    """What the router sends a POST to is what the domains claim one for."""
    table, unclaimed = route_table(None), set()
    for path, handler in handlers_of(site.app):
        asked = f"{PARAMETER.sub('1-a', path)[1:]}/"
        if WRITES & handler.http_methods and table.match(asked, "POST") is None:
            unclaimed.add(path)
    assert unclaimed == NEVER_POSTED


async def test_no_sample_fails_and_what_is_public_is_nobodys_own(site: Site) -> None:
    """For each persona: no 5xx that legacy does not answer too (v1 of the API has some), no page for everybody that differs by visitor, and XML that is XML."""
    paths = await samples(site)
    if site.name != "production":
        paths = paths[::4]
    assert len(paths) > 200
    broken = []
    answered = 0
    for persona in PERSONAS:
        for path in paths:
            answer = await site.get(path, persona)
            if not answer.headers["x-bridge"].startswith("new"):
                continue
            answered += 1
            kind = answer.headers.get("content-type", "").partition(";")[0]
            control = answer.headers.get("cache-control", "")
            if answer.status_code >= 500 and (await site.get(path, persona, side="legacy")).status_code < 500:
                broken.append(f"{persona} {path}: {answer.status_code}")
            if "public" in control and "cookie" in answer.headers.get("vary", "").lower():
                broken.append(f"{persona} {path}: {control} and it varies by cookie")
            if kind in XML and answer.status_code == 200:
                etree.fromstring(answer.content)
    assert not broken, "\n".join(broken[:20])
    assert answered > len(paths) * 3


async def test_no_link_leads_nowhere_that_leads_somewhere_on_legacy(site: Site) -> None:
    pages = [path for path in await samples(site) if not path.startswith("/api/")][
        :: 1 if site.name == "production" else 10
    ]
    links: dict[str, str] = {}
    for path in pages:
        answer = await site.get(path)
        if answer.headers.get("content-type", "").startswith("text/html"):
            for link in links_of(answer.text, path):
                links.setdefault(link, path)
    assert len(links) > 100
    lost = []
    for link, path in links.items():
        if (await site.get(link)).status_code == 404 and (await site.get(link, side="legacy")).status_code != 404:
            lost.append(f"{path} links to {link}")
    assert not lost, "\n".join(lost[:20])


def links_of(text: str, path: str) -> set[str]:
    """Paths on this site that a page links to, with their query."""
    found = set()
    for node in LexborHTMLParser(text).css("a[href], link[rel=alternate][href], form[action]"):
        said = node.attributes.get("href") or node.attributes.get("action") or ""
        to = urlsplit(urljoin(f"http://{HOST}{path}", urldefrag(said)[0]))
        if to.netloc == HOST and to.scheme in {"http", "https"} and not to.path.startswith(OUTSIDE):
            found.add(f"{to.path}?{to.query}" if to.query else to.path)
    return found

"""Missing: what the site says where no URL of its own matches, in Django's order.

0. the root of accounts: a redirect into them (allauth/account/middleware.py, inside all others)
1. a redirect that editors set: to another address, or gone for good (django/contrib/redirects/middleware.py)
2. a page that editors made under that path; without its slash, a redirect to it, the query dropped
3. a URL of the site that only lacks its slash: a redirect to it (django/middleware/common.py)
4. the page that says so

The redirect of step 3 is made outside everything that sets the site's headers, so it has none of them.

Every answer here varies by cookie: who asks decides which pages there are. Where only legacy can say who that is, it
answers.
"""

import re
from collections.abc import Callable
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from new_app.answer import Answer, ask_legacy, redirect
from new_app.domains.pages.models import Page as EditorsPage
from new_app.page import Page, Pages
from new_app.request import Call, iri_to_uri
from new_app.session import Unknowable
from new_app.tables import Redirect

DEFAULT_TEMPLATE = "pages/default.html"
OLD_RELEASE = re.compile(r"/download/releases/([\d.]+)/$")
OLD_SITE = "http://legacy.python.org"
ACCOUNTS = "/accounts/"
PACKAGE_INDEX = "https://pypi.org/"
NOT_THERE = {"download_path": "/downloads/", "doc_path": "/doc/", "pypi_path": PACKAGE_INDEX}
MINUTES = (b"cache-control", b"max-age=300")


class MissingPages:
    """The chain. `is_url` says whether a path is a URL of the site."""

    def __init__(self, is_url: Callable[[str], bool]) -> None:
        self._is_url = is_url

    async def __call__(self, call: Call, pages: Pages) -> Answer:
        try:
            visitor = await pages.visitors.visitor(call)
        except Unknowable:
            return ask_legacy()
        found = await pages.ask(call, visitor, lambda page: self._found(page))
        if found is None and not call.path.endswith("/") and not self._is_url(call.path):
            found = self._with_slash(call)
        if isinstance(found, Answer):
            return await pages.visitors.finish(call, found)
        if found is not None:
            names = [name for name in (found.template_name, DEFAULT_TEMPLATE) if name]
            variables = {"page": found, "object": found, "in_pages_app": True}
            return await pages.show(call, *names, make=lambda _page: variables, content_type=found.content_type)
        shown = {**NOT_THERE, "legacy_path": OLD_SITE + quote(call.path, safe="/%")}
        return await pages.show(call, "404.html", make=lambda _page: shown, status=404, headers=[MINUTES])

    def _with_slash(self, call: Call) -> Answer | None:
        if not self._is_url(f"{call.path}/"):
            return None
        return _permanently(_no_scheme(call.full_path(slash=True)), bare=True)

    def _found(self, page: Page) -> Answer | EditorsPage | None:
        call, drafts = page.call, bool(page.user.is_staff)
        if call.path == ACCOUNTS:
            return redirect(f"{ACCOUNTS}{'email' if page.user.is_authenticated else 'login'}/")
        redirects: dict[str, str] = page.remember("redirects", lambda session: _redirects(session, call.public.site_id))
        tried = [call.full_path()] + ([call.full_path(slash=True)] if not call.path.endswith("/") else [])
        if target := next((path for path in tried if path in redirects), None):
            to = redirects[target]
            return _permanently(iri_to_uri(to)) if to else Answer(status=410)
        found = _editors_page(page, drafts)
        if found is None:
            return None
        if not call.path.endswith("/"):
            return _permanently(iri_to_uri(f"{call.origin}{call.path}/"))
        if number := OLD_RELEASE.match(call.path):
            slug = f"python-{number[1].replace('.', '')}"
            if page.remember(("release without page", slug), lambda session: _has_no_page(session, slug)):
                return _permanently(f"/downloads/release/{slug}/")
        return found


def _redirects(session: Session, site_id: int) -> dict[str, str]:
    """Every redirect: a table of at most some thousand rows, asked at each missing page."""
    question = select(Redirect.old_path, Redirect.new_path).where(Redirect.site_id == site_id)
    return {old: new for old, new in session.execute(question)}  # noqa: C416 - rows are no pairs to mypy


def _editors_page(page: Page, drafts: bool) -> EditorsPage | None:
    """The page under this path, with or without a slash at the end; a draft for staff only."""
    path = page.call.path[1:]
    other = path[:-1] if path.endswith("/") else f"{path}/"

    def loaded(session: Session) -> EditorsPage | None:
        question = select(EditorsPage).where(EditorsPage.path.in_([path, other]))
        if not drafts:
            question = question.where(EditorsPage.is_published)
        question = question.options(selectinload(EditorsPage.image_set), selectinload(EditorsPage.documentfile_set))
        both = {found.path: found for found in session.scalars(question)}
        return both.get(path) or both.get(other)

    return page.remember(("page", path, drafts), loaded)


def _has_no_page(session: Session, slug: str) -> bool:
    from new_app.domains.downloads.models import Release

    return session.scalar(select(Release.id).where(Release.slug == slug, Release.release_page_id.is_(None))) is not None


def _permanently(location: str, *, bare: bool = False) -> Answer:
    return Answer(status=301, headers=[(b"location", location.encode("ascii"))], bare=bare)


def _no_scheme(path: str) -> str:
    """Two slashes at the beginning would name a host."""
    return f"/%2F{path.removeprefix('//')}" if path.startswith("//") else path

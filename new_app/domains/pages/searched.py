"""What is found of pages: those that are published."""

from typing import Any

from sqlalchemy import Select, select

from legacy_adapters.dtl.safe import escape
from new_app.domains.pages.models import Page
from new_app.search import Document, Searched
from new_app.search.words import beginning


def question() -> Select[Any]:
    return select(Page).where(Page.is_published)


def document(page: Page) -> Document:
    content = str(page.content)
    text = "\n".join([*(escape(part) for part in (page.title, page.keywords, page.description)), content])
    shown = {"title": page.title, "description": page.description or beginning(content), "path": page.path}
    return Document("pages.page", page.id, page.title, text, shown=shown)


PAGES = Searched("pages.page", "Pages", "search/includes/pages.page.html", Page, question, document)

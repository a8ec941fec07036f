"""Sitemap: the pages that search engines should know (sitemaps.org), which the old site does not have.

A domain declares with `Listed` whose pages there are. `/sitemap.xml` names a file for each span of primary keys that
has some: a span's file stays the same when others change, and is read by its index, however many rows there are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lxml.builder import ElementMaker
from lxml.etree import tostring
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from new_app.request import iri_to_uri

SPAN = 10_000
"""Primary keys of a file; a sitemap has at most 50,000 URLs."""
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
E = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})


@dataclass(frozen=True, slots=True)
class Listed:
    """Pages of one kind: `name` is the file's, `public` chooses the rows that anybody may see, `options` load what
    their `get_absolute_url` looks at. A row that knows when it was changed says so.
    """

    name: str
    model: Any
    public: Callable[[], Sequence[ColumnElement[bool] | InstrumentedAttribute[bool]]] = tuple
    options: Sequence[Any] = ()


def index(session: Session, origin: str, kinds: Sequence[Listed]) -> bytes:
    """The sitemap of sitemaps."""
    files = []
    for one in kinds:
        spans = select(one.model.id // SPAN).where(*one.public()).distinct()
        files += [f"{origin}/sitemap/{one.name}-{number}.xml" for number in sorted(session.scalars(spans))]
    return written(E.sitemapindex(*(E.sitemap(E.loc(url)) for url in files)))


def part(session: Session, origin: str, one: Listed, number: int) -> bytes | None:
    """The pages of one span, None where there are none."""
    rows = select(one.model).where(*one.public(), one.model.id >= number * SPAN, one.model.id < (number + 1) * SPAN)
    urls = []
    for row in session.scalars(rows.order_by(one.model.id).options(*one.options)):
        changed = getattr(row, "updated", None)
        said = [E.lastmod(changed.date().isoformat())] if changed else []
        urls.append(E.url(E.loc(origin + iri_to_uri(row.get_absolute_url())), *said))
    return written(E.urlset(*urls)) if urls else None


def written(element: Any) -> bytes:
    found: bytes = tostring(element, xml_declaration=True, encoding="utf-8")
    return found

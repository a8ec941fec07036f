"""Search: what the site's documents say of some words, the best first, twenty to a page.

The form and the pages are haystack's (SearchView, ModelSearchForm); what is found, and in which order, is the engine's
of `new_app/search`, by design not the old one's. An engine that fails finds nothing, and the log says so.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import route
from litestar.connection import Request
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from legacy_adapters.forms import CharField, CheckboxSelectMultiple, Form, MultipleChoiceField, TextInput
from new_app.answer import Answer
from new_app.domain import Claim, Domain
from new_app.page import Missing, Page, Pages
from new_app.paging import PageOf, Paginator
from new_app.request import Call
from new_app.search import NOTHING, Document, EngineError, Hits, Search, Searched
from new_app.tasks import Task, Work

PER_PAGE = 20
FURTHEST = 500
"""The last page that is shown: nobody reads so far, and each page costs more than the one before."""
_log = logging.getLogger(__name__)


class SearchForm(Form):
    """Words, and the kinds of documents to find them in; of every kind if none is chosen."""

    q = CharField(label="Search", required=False, widget=TextInput(attrs={"type": "search"}))
    models = MultipleChoiceField(label="Search In", required=False, widget=CheckboxSelectMultiple())


class Result:
    """A document as a template prints it. What it does not have is None, as in haystack's SearchResult."""

    def __init__(self, one: Searched, document: Document, objects: Mapping[int, Any]) -> None:
        self.include_template, self.object = one.template, objects.get(document.pk)
        self.pk, self.text, self.title = document.pk, document.text, document.title
        self.app_label, _, self.model_name = document.kind.partition(".")
        for name, value in document.shown.items():
            is_moment = name in one.moments and isinstance(value, str)
            setattr(self, name, datetime.fromisoformat(value) if is_moment else value)

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


@route("/search/", http_method=["GET", "HEAD"], opt={"guard": "public"})
async def search(
    request: Request[Any, Any, Any], pages: NamedDependency[Pages], index: NamedDependency[Search]
) -> Answer:
    """The page; one that is no number, or that nothing is on, is missing."""
    call = Call.of(request)
    form = form_of(call, index.kinds)
    is_valid = form.is_valid()
    query = form.cleaned_data["q"] if is_valid else ""
    try:
        number = page_number(call.params.get("page"))
        hits = await found(index, query, form.cleaned_data["models"], number) if query else NOTHING
        paginator = Paginator(min(hits.total, FURTHEST * PER_PAGE), PER_PAGE)
        paginator.number(str(number))
    except Missing:
        return await pages.missing(call)

    def variables(page: Page) -> dict[str, Any]:
        shown = PageOf(results(page, index.kinds, hits), number, paginator)
        said = {"query": query, "form": form, "page": shown, "paginator": paginator, "suggestion": None}
        return {**said, "by_kind": hits.by_kind}

    return await pages.show(call, "search/search.html", make=variables)


def form_of(call: Call, kinds: Sequence[Searched]) -> SearchForm:
    form = SearchForm(call.params if call.query else None)
    models = form.fields["models"]
    assert isinstance(models, MultipleChoiceField)
    models.choices = sorted(((one.kind, one.label) for one in kinds), key=lambda choice: choice[1])
    return form


def page_number(said: str | None) -> int:
    """Raises Missing for what is no page."""
    try:
        number = int("1" if said is None else said)
    except ValueError:
        raise Missing from None
    if not 1 <= number <= FURTHEST:
        raise Missing
    return number


async def found(search: Search, query: str, kinds: Collection[str], number: int) -> Hits:
    try:
        return await search.engine.find(query, kinds, skip=(number - 1) * PER_PAGE, limit=PER_PAGE)
    except EngineError as error:
        _log.error("search for %r finds nothing: %s", query, error)
        return NOTHING


def results(page: Page, kinds: Sequence[Searched], hits: Hits) -> list[Result]:
    """What was found, with the objects that its templates ask for; a kind that we do not know is left out."""
    by_kind = {one.kind: one for one in kinds}
    objects: dict[str, Mapping[int, Any]] = {}
    for kind, one in by_kind.items():
        keys = [document.pk for document in hits.documents if document.kind == kind]
        if keys and one.load is not None:
            objects[kind] = one.load(page.session, keys)
    known = [document for document in hits.documents if document.kind in by_kind]
    return [Result(by_kind[one.kind], one, objects.get(one.kind, {})) for one in known]


async def sample_urls(_session: AsyncSession) -> list[str]:
    """The form, and what no engine finds: what is found is not the old site's."""
    nothing = "q=zzyzxqwfp"
    return [
        *(f"/search/{query}" for query in ("", "?q=", "?q=+", "?page=1", "?page=", "?page=0", "?page=2", "?page=x")),
        *(f"/search/?{nothing}{more}" for more in ("", "&page=1", "&page=2", "&models=pages.page", "&models=x", "&q=")),
        "/search/?q=%00",
    ]


async def read_anew(work: Work) -> str:
    """What grows old in the index by time alone is put right: vacancies that end, events that are over."""
    return f"{await work.reindex()} documents read"


domain = Domain(
    name="search",
    claims=(Claim("search/", "haystack_search", frozenset({"GET", "HEAD"})),),
    handlers=(search,),
    samples=sample_urls,
    tasks=(Task("search_index", "10 2 * * *", read_anew, is_shared=False),),
)

"""Pages of the community: its public posts, and one of them. A post in the list has a template by its kind."""

from typing import Any

from markupsafe import Markup

from new_app.domains.community import queries
from new_app.domains.community.models import Post
from new_app.page import Missing, Page, shown, steady
from new_app.paging import Paginator, paged

PER_PAGE = 25
TYPES = "community/types"


def posts(page: Page) -> dict[str, Any]:
    pages = Paginator(queries.count(page), PER_PAGE)
    made = paged(pages, page.call.params.get("page"), lambda _number, before: queries.public(page, before, PER_PAGE))
    return {**made, "post_list": made["object_list"], "view": {"kwargs": {}}}


def post(page: Page, pk: int) -> dict[str, Any]:
    found = queries.by_number(page, pk)
    if found is None:
        raise Missing
    return {"object": found, "post": found, "view": {"kwargs": {"pk": pk}}}


@steady
def render_template_for(
    page: Page, obj: Post, template: str | None = None, template_directory: str | None = None
) -> Markup:
    """A post in the first template that there is: this one, by its kind in this folder, by its kind."""
    kind = obj.get_media_type_display()
    folders = [folder for folder in (template_directory, TYPES) if folder]
    names = [f"{folder}/{name}.html" for folder in folders for name in (kind, "default")]
    return page.fragment(*([template] if template else []), *names, object=obj)


HANDLERS = (
    shown("/community", "community/post_list.html", posts),
    shown("/community/{pk:int}", "community/post_detail.html", post),
)

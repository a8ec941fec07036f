"""Pages of success stories: the newest, one story, one category. Drafts are shown to staff alone."""

from typing import Any

from new_app.domains.successstories import queries
from new_app.page import Missing, Page, shown
from new_app.paging import UNPAGED

NEWEST = 4


def home(page: Page) -> dict[str, Any]:
    """The newest stories; the template asks for categories itself."""
    stories = queries.latest_stories(page, NEWEST)
    return {
        "object_list": stories,
        "stories": stories,
        **UNPAGED,
        "view": {"kwargs": {}},
    }


def detail(page: Page, slug: str = "category") -> dict[str, Any]:
    story = queries.by_slug(page, slug)
    if story is None or not (story.is_published or page.user.is_staff):
        raise Missing
    return {"story": story, **_shown(page, story, slug)}


def category(page: Page, slug: str) -> dict[str, Any]:
    """A category, with whatever it has: the template leaves drafts out."""
    found = queries.category(page, slug)
    if found is None:
        raise Missing
    return {"storycategory": found, **_shown(page, found, slug)}


def _shown(page: Page, what: object, slug: str) -> dict[str, Any]:
    return {"object": what, "category_list": queries.story_categories(page), "view": {"kwargs": {"slug": slug}}}


HANDLERS = (
    shown("/success-stories", "successstories/story_list.html", home),
    shown("/success-stories/category/{slug:str}", "successstories/storycategory_detail.html", category),
    shown(["/success-stories/{slug:str}", "/success-stories/category"], "successstories/story_detail.html", detail),
)

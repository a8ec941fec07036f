"""Questions about stories. All that are published are asked for at once and remembered: lists are taken from them."""

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from new_app.content import results
from new_app.db import Results
from new_app.domains.successstories.models import Story, StoryCategory
from new_app.page import Page

_WHOLE = (joinedload(Story.category), joinedload(Story.company), joinedload(Story.submitted_by))
_STORIES = selectinload(StoryCategory.success_stories).options(
    joinedload(Story.company), joinedload(Story.submitted_by)
)
_NEWEST: Select[Story] = select(Story).order_by(Story.created.desc()).options(*_WHOLE)


def published(page: Page) -> Results[Story]:
    """The published stories, newest first."""
    question = _NEWEST.where(Story.is_published)
    return page.remember("stories", lambda session: results(session, question))


def featured_story(page: Page) -> Story | Results[Story]:
    """One of the featured stories, by chance; nothing where there is none."""
    stories = Results(story for story in published(page) if story.featured)
    return page.choice(stories) if stories else stories


def latest_stories(page: Page, limit: int = 5) -> Results[Story]:
    return Results(published(page)[:limit])


def stories_of_category(page: Page, category_slug: str, limit: int = 5) -> Results[Story]:
    found = [story for story in published(page) if story.category.slug == category_slug]
    return Results(found[:limit])


def story_categories(page: Page) -> Results[StoryCategory]:
    """The categories, each with all of its stories."""
    question = select(StoryCategory).order_by(StoryCategory.name).options(_STORIES)
    return page.remember("story categories", lambda session: results(session, question))


def by_slug(page: Page, slug: str) -> Story | None:
    """A story, published or not."""
    question = select(Story).where(Story.slug == slug).options(*_WHOLE)
    return page.remember(("story", slug), lambda session: session.scalars(question).first())


def category(page: Page, slug: str) -> StoryCategory | None:
    return next((one for one in story_categories(page) if one.slug == slug), None)

"""Success stories: who uses Python, and for what."""

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from new_app.columns import Key, Markup, StoredFile, markup, reference, stored_file
from new_app.content import ContentManageable, NameSlug, results
from new_app.db import LegacyBase, Results
from new_app.domain import Domain
from new_app.domains.companies import Company
from new_app.domains.users.models import User
from new_app.page import Page


class StoryCategory(NameSlug, LegacyBase):
    """A category of stories. Ordered by name."""

    __tablename__ = "successstories_storycategory"

    id: Mapped[Key]

    success_stories: Mapped[list["Story"]] = relationship(back_populates="category")

    def get_absolute_url(self) -> str:
        return f"/success-stories/category/{self.slug}/"


class Story(NameSlug, ContentManageable, LegacyBase):
    """A story. Ordered newest first."""

    __tablename__ = "successstories_story"

    id: Mapped[Key]
    company_name: Mapped[str] = mapped_column(String(500))
    company_url: Mapped[str] = mapped_column(String(200))
    company_id: Mapped[int | None] = reference("companies_company.id")
    category_id: Mapped[int] = reference("successstories_storycategory.id")
    author: Mapped[str] = mapped_column(String(500))
    author_email: Mapped[str | None] = mapped_column(String(100))
    pull_quote: Mapped[str]
    content: Mapped[Markup] = markup("content", "restructuredtext")
    is_published: Mapped[bool] = mapped_column(default=False, index=True)
    featured: Mapped[bool] = mapped_column(default=False)
    image: Mapped[StoredFile] = stored_file(nullable=True)
    submitted_by_id: Mapped[int | None] = reference("users_user.id")

    company: Mapped[Company | None] = relationship()
    category: Mapped[StoryCategory] = relationship(back_populates="success_stories")
    submitted_by: Mapped[User | None] = relationship(foreign_keys=[submitted_by_id])

    def get_absolute_url(self) -> str:
        return f"/success-stories/{self.slug}/"


_PUBLISHED = (
    select(Story)
    .where(Story.is_published)
    .order_by(Story.created.desc())
    .options(joinedload(Story.category), joinedload(Story.company), joinedload(Story.submitted_by))
)


def featured_story(page: Page) -> Story | Results[Story]:
    """One of the featured stories, by chance; nothing where there is none."""
    featured = _PUBLISHED.where(Story.featured)
    stories = page.remember("featured stories", lambda session: results(session, featured))
    return page.choice(stories) if stories else stories


def latest_stories(page: Page, limit: int = 5) -> Results[Story]:
    return page.remember(("stories", limit), lambda session: results(session, _PUBLISHED.limit(limit)))


def stories_of_category(page: Page, category_slug: str, limit: int = 5) -> Results[Story]:
    wanted = _PUBLISHED.where(Story.category.has(StoryCategory.slug == category_slug)).limit(limit)
    return page.remember(("stories", category_slug, limit), lambda session: results(session, wanted))


def story_categories(page: Page) -> Results[StoryCategory]:
    question = select(StoryCategory).order_by(StoryCategory.name)
    return page.remember("story categories", lambda session: results(session, question))


domain = Domain(
    name="successstories",
    watches=("companies_company", "successstories_story", "successstories_storycategory", "users_user"),
    tags={
        "get_featured_story": featured_story,
        "get_stories_by_category": stories_of_category,
        "get_stories_latest": latest_stories,
        "get_story_categories": story_categories,
    },
)

"""Tables of success stories: the stories and their categories."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, Markup, StoredFile, markup, reference, stored_file
from new_app.content import ContentManageable, NameSlug
from new_app.db import LegacyBase, Results
from new_app.domains.companies import Company
from new_app.domains.users.models import User


class Stories(Results["Story"]):
    """The stories of a category, newest first, as templates ask the manager of stories."""

    def published(self) -> Results["Story"]:
        return Results(story for story in self if story.is_published)

    def draft(self) -> Results["Story"]:
        return Results(story for story in self if not story.is_published)

    def featured(self) -> Results["Story"]:
        return Results(story for story in self.published() if story.featured)

    def latest(self) -> Results["Story"]:
        return Results(self.published()[:4])


class StoryCategory(NameSlug, LegacyBase):
    """A category of stories. Ordered by name."""

    __tablename__ = "successstories_storycategory"

    id: Mapped[Key]

    success_stories: Mapped[list["Story"]] = relationship(
        back_populates="category", order_by="Story.created.desc()", collection_class=Stories
    )

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

    def get_admin_url(self) -> str:
        return f"/admin/successstories/story/{self.id}/change/"

    def get_company_name(self) -> str:
        """The company's own name, where the story names one."""
        return self.company.name if self.company else self.company_name

    def get_company_url(self) -> str | None:
        """The company's own URL, which may be none, where the story names one."""
        return self.company.url if self.company else self.company_url

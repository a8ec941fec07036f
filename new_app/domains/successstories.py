"""Success stories: who uses Python, and for what."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, Markup, StoredFile, markup, reference, stored_file
from new_app.content import ContentManageable, NameSlug
from new_app.db import LegacyBase
from new_app.domains.companies import Company
from new_app.domains.users.models import User


class StoryCategory(NameSlug, LegacyBase):
    """A category of stories. Ordered by name."""

    __tablename__ = "successstories_storycategory"

    id: Mapped[Key]

    success_stories: Mapped[list["Story"]] = relationship(back_populates="category")


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

"""Pages, with the images and documents that belong to them.

A page's markup is rendered without the sanitiser that all other markup goes through; see docs/django-facts.md.
"""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, Markup, StoredFile, markup, reference, stored_file
from new_app.content import ContentManageable
from new_app.db import LegacyBase
from new_app.domains.users.models import User  # noqa: F401 - the relations of ContentManageable name it


class Page(ContentManageable, LegacyBase):
    """A page that editors write, at `path` without the outer slashes. Ordered by title, then path."""

    __tablename__ = "pages_page"

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(String(500))
    keywords: Mapped[str] = mapped_column(String(1000), default="")
    description: Mapped[str] = mapped_column(default="")
    path: Mapped[str] = mapped_column(String(500), unique=True)
    content: Mapped[Markup] = markup("content", "restructuredtext")
    is_published: Mapped[bool] = mapped_column(default=True, index=True)
    content_type: Mapped[str] = mapped_column(String(150), default="text/html")
    template_name: Mapped[str] = mapped_column(String(100), default="")

    def __str__(self) -> str:
        return self.title

    @property
    def get_title(self) -> str:
        return self.title or "** No Title **"

    def get_absolute_url(self) -> str:
        return f"/{self.path}/"

    image_set: Mapped[list["Image"]] = relationship(back_populates="page")
    documentfile_set: Mapped[list["DocumentFile"]] = relationship(back_populates="page")


class Image(LegacyBase):
    """An image of a page."""

    __tablename__ = "pages_image"

    id: Mapped[Key]
    image: Mapped[StoredFile] = stored_file(400)
    page_id: Mapped[int] = reference("pages_page.id")

    page: Mapped[Page] = relationship(back_populates="image_set")

    def __str__(self) -> str:
        return self.image.url


class DocumentFile(LegacyBase):
    """A document of a page."""

    __tablename__ = "pages_documentfile"

    id: Mapped[Key]
    document: Mapped[StoredFile] = stored_file(500)
    page_id: Mapped[int] = reference("pages_page.id")

    page: Mapped[Page] = relationship(back_populates="documentfile_set")

    def __str__(self) -> str:
        return self.document.url

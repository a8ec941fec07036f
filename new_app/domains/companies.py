"""Companies: what success stories are about. New ones are sponsors; see `bridge import companies`."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from new_app.columns import Key, Markup, StoredFile, markup, stored_file
from new_app.content import NameSlug
from new_app.db import LegacyBase


class Company(NameSlug, LegacyBase):
    """A company. Ordered by name."""

    __tablename__ = "companies_company"

    id: Mapped[Key]
    about: Mapped[Markup] = markup("about", "restructuredtext")
    contact: Mapped[str | None] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(254))
    url: Mapped[str | None] = mapped_column(String(200))
    logo: Mapped[StoredFile] = stored_file(nullable=True)

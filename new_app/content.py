"""Columns that several domains share: who made a row and when, and names with slugs."""

import re
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Select, String
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, relationship

from new_app.columns import now, reference
from new_app.db import Results

if TYPE_CHECKING:
    from new_app.domains.users.models import User


T = TypeVar("T")


def slugify(text: str) -> str:
    """django/utils/text.py: slugify, without Unicode: what URLs are made of."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_text.lower())).strip("-_")


class ContentManageable:
    """When a row was made and last saved, and by whom.

    Django's save() sets `updated` at every save, its bulk update() does not; SQLAlchemy sets it in both cases, unless
    the statement names the column.
    """

    created: Mapped[datetime] = mapped_column(default=now, index=True)
    updated: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    creator_id: Mapped[int | None] = reference("users_user.id")
    last_modified_by_id: Mapped[int | None] = reference("users_user.id")

    @declared_attr
    @classmethod
    def creator(cls) -> Mapped["User | None"]:
        return relationship("User", foreign_keys=f"{cls.__name__}.creator_id")

    @declared_attr
    @classmethod
    def last_modified_by(cls) -> Mapped["User | None"]:
        return relationship("User", foreign_keys=f"{cls.__name__}.last_modified_by_id")


def results(session: Session, question: Select[T]) -> Results[T]:
    """The objects that a question finds."""
    return Results(session.scalars(question))


class NameSlug:
    """A name, and the slug made of it that its URL uses."""

    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(200), unique=True)

    def __str__(self) -> str:
        return self.name

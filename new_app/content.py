"""Columns that several domains share: who made a row and when, and names with slugs."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from new_app.columns import now, reference

if TYPE_CHECKING:
    from new_app.domains.users.models import User


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


class NameSlug:
    """A name, and the slug made of it that its URL uses."""

    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(200), unique=True)

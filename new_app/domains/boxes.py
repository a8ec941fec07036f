"""Boxes: small pieces of content an editor can change without a deploy."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from new_app.columns import Key, Markup, markup
from new_app.content import ContentManageable
from new_app.db import LegacyBase
from new_app.domains.users.models import User  # noqa: F401 - the relations of ContentManageable name it


class Box(ContentManageable, LegacyBase):
    """A piece of content, known by its label."""

    __tablename__ = "boxes_box"

    id: Mapped[Key]
    label: Mapped[str] = mapped_column(String(100), unique=True)
    content: Mapped[Markup] = markup("content", "restructuredtext")

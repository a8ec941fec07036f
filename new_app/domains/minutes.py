"""Minutes: what the board decided, by date."""

import datetime

from sqlalchemy.orm import Mapped, mapped_column

from new_app.columns import Key, Markup, markup
from new_app.content import ContentManageable
from new_app.db import LegacyBase
from new_app.domains.users.models import User  # noqa: F401 - the relations of ContentManageable name it


class Minutes(ContentManageable, LegacyBase):
    """The minutes of one meeting."""

    __tablename__ = "minutes_minutes"

    id: Mapped[Key]
    date: Mapped[datetime.date] = mapped_column(index=True)
    content: Mapped[Markup] = markup("content", "restructuredtext")
    is_published: Mapped[bool] = mapped_column(default=False, index=True)

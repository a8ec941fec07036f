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

    def __str__(self) -> str:
        return f"PSF Meeting Minutes {self.date:%B %d, %Y}"

    def get_absolute_url(self) -> str:
        return f"/psf/records/board/minutes/{self.get_date_year()}-{self.get_date_month()}-{self.get_date_day()}/"

    def get_date_year(self) -> str:
        return f"{self.date.year}"

    def get_date_month(self) -> str:
        return f"{self.date.month:02}"

    def get_date_day(self) -> str:
        return f"{self.date.day:02}"

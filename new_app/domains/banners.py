"""Banners: a message above the pages, until someone switches it off."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from new_app.columns import Key
from new_app.db import LegacyBase


class Banner(LegacyBase):
    """A message with a link; only active ones show, and most only on the foundation's pages."""

    __tablename__ = "banners_banner"

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(String(1024))
    message: Mapped[str] = mapped_column(String(2048))
    link: Mapped[str] = mapped_column(String(1024))
    active: Mapped[bool] = mapped_column(default=False)
    psf_pages_only: Mapped[bool] = mapped_column(default=True)

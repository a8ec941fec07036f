"""Banners: a message above the pages, until someone switches it off."""

from markupsafe import Markup
from sqlalchemy import Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from new_app.columns import Key
from new_app.db import LegacyBase
from new_app.domain import Domain
from new_app.page import Page


class Banner(LegacyBase):
    """A message with a link; only active ones show, and most only on the foundation's pages."""

    __tablename__ = "banners_banner"

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(String(1024))
    message: Mapped[str] = mapped_column(String(2048))
    link: Mapped[str] = mapped_column(String(1024))
    active: Mapped[bool] = mapped_column(default=False)
    psf_pages_only: Mapped[bool] = mapped_column(default=True)


_ACTIVE = select(Banner).where(Banner.active).order_by(Banner.id).limit(1)
_ACTIVE_EVERYWHERE = _ACTIVE.where(Banner.psf_pages_only.is_(False))


def active_banner(page: Page) -> Markup | str:
    """The first active banner that is for every page."""
    return page.remember("banner", lambda session: _rendered(page, session, _ACTIVE_EVERYWHERE))


def active_foundation_banner(page: Page) -> Markup | str:
    """The first active banner of either kind."""
    return page.remember("banner of the foundation", lambda session: _rendered(page, session, _ACTIVE))


def _rendered(page: Page, session: Session, question: Select[Banner]) -> Markup | str:
    banner = session.scalars(question).first()
    if banner is None:
        return ""
    return page.fragment("banners/banner.html", message=banner.message, title=banner.title, link=banner.link)


domain = Domain(
    name="banners",
    watches=("banners_banner",),
    tags={"render_active_banner": active_banner, "render_active_psf_banner": active_foundation_banner},
)

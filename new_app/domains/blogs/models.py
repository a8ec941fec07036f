"""Feeds of other sites that are imported, their entries, and blogs that are only linked."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, reference
from new_app.content import ContentManageable
from new_app.db import LegacyBase
from new_app.domains.users.models import User  # noqa: F401 - the relations of ContentManageable name it
from new_app.tables import many_to_many
from new_app.visible import visible_text

aggregate_feeds = many_to_many(
    "blogs_feedaggregate_feeds", "feedaggregate_id", "feed_id", "blogs_feedaggregate", "blogs_feed"
)


class Feed(LegacyBase):
    """A feed that is imported."""

    __tablename__ = "blogs_feed"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(200))
    website_url: Mapped[str] = mapped_column(String(200))
    feed_url: Mapped[str] = mapped_column(String(200))
    last_import: Mapped[datetime | None]

    def __str__(self) -> str:
        return self.name


class BlogEntry(LegacyBase):
    """An entry of a feed."""

    __tablename__ = "blogs_blogentry"

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(default="")
    pub_date: Mapped[datetime]
    url: Mapped[str] = mapped_column(String(200))
    feed_id: Mapped[int] = reference("blogs_feed.id")

    feed: Mapped[Feed] = relationship()

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return self.url

    @property
    def excerpt(self) -> str:
        """The text of the summary."""
        return visible_text(self.summary)


class FeedAggregate(LegacyBase):
    """Feeds that show together, by slug."""

    __tablename__ = "blogs_feedaggregate"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(50), unique=True)
    description: Mapped[str]

    feeds: Mapped[list[Feed]] = relationship(secondary=aggregate_feeds)

    def __str__(self) -> str:
        return self.name


class RelatedBlog(ContentManageable, LegacyBase):
    """A blog that is only linked, with the title of its last entry."""

    __tablename__ = "blogs_relatedblog"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100))
    feed_url: Mapped[str] = mapped_column(String(200))
    blog_url: Mapped[str] = mapped_column(String(200))
    blog_name: Mapped[str] = mapped_column(String(200))
    last_entry_published: Mapped[datetime] = mapped_column(index=True)
    last_entry_title: Mapped[str] = mapped_column(String(500))

    def __str__(self) -> str:
        return self.name

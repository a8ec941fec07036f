"""Blogs: entries and feeds of other sites, imported for their page, the front page and the side columns."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from new_app.columns import Key, reference
from new_app.content import ContentManageable, results
from new_app.db import LegacyBase, Results
from new_app.domain import Claim, Domain
from new_app.domains.users.models import User  # noqa: F401 - the relations of ContentManageable name it
from new_app.page import Page, shown
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


_NEWEST = select(BlogEntry).options(joinedload(BlogEntry.feed)).order_by(BlogEntry.pub_date.desc())


def latest_entries(page: Page, limit: int = 5) -> Results[BlogEntry]:
    """The newest entries of all feeds."""
    return page.remember(("blog entries", limit), lambda session: results(session, _NEWEST.limit(limit)))


def entries_of(page: Page, slug: str, limit: int = 10) -> Results[BlogEntry]:
    """The newest entries of the feeds that an aggregate shows together."""
    feeds = select(aggregate_feeds.c.feed_id).join(
        FeedAggregate, aggregate_feeds.c.feedaggregate_id == FeedAggregate.id
    )
    wanted = _NEWEST.where(BlogEntry.feed_id.in_(feeds.where(FeedAggregate.slug == slug))).limit(limit)
    return page.remember(("blog entries", slug, limit), lambda session: results(session, wanted))


def blog(page: Page) -> dict[str, Any]:
    """The newest entry, and the five before it."""
    newest = latest_entries(page, 6)
    return {"latest_entry": newest.first(), "entries": newest[1:]}


async def sample_urls(_session: AsyncSession) -> list[str]:
    return ["/blogs/", "/blogs/?page=2", "/blogs/?q=%3Ca%3E", "/blogs", "/blogs/none/"]


domain = Domain(
    name="blogs",
    claims=(Claim("blogs/", "blog"),),
    handlers=(shown("/blogs", "blogs/index.html", blog),),
    watches=("blogs_blogentry", "blogs_feed", "blogs_feedaggregate", "blogs_feedaggregate_feeds"),
    tags={"get_latest_blog_entries": latest_entries, "feed_list": entries_of},
    samples=sample_urls,
)

"""Blogs: entries and feeds of other sites, imported for their page, the front page and the side columns."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from new_app.content import results
from new_app.db import Results
from new_app.domain import Claim, Domain
from new_app.domains.blogs.models import BlogEntry, FeedAggregate, aggregate_feeds
from new_app.domains.blogs.tasks import UPDATE
from new_app.page import Page, shown

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
    tasks=(UPDATE,),
)

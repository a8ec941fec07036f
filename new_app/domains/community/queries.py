"""Questions about posts. Each comes with its media."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from new_app.columns import LARGEST_KEY
from new_app.content import results
from new_app.db import Results
from new_app.domains.community.models import Post
from new_app.page import Page

_MEDIA = (selectinload(Post.related_link), selectinload(Post.related_photo), selectinload(Post.related_video))
_PUBLIC: Select[Post] = select(Post).where(Post.status == Post.STATUS_PUBLIC)


def count(page: Page) -> int:
    """How many posts are public."""

    def counted(session: Session) -> int:
        return session.scalar(select(func.count()).select_from(Post).where(Post.status == Post.STATUS_PUBLIC)) or 0

    return page.remember("posts", counted)


def public(page: Page, before: int, limit: int) -> Results[Post]:
    """The public posts of one page of the list, newest first."""
    question = _PUBLIC.order_by(Post.created.desc()).limit(limit).offset(before).options(*_MEDIA)
    return page.remember(("posts", before, limit), lambda session: results(session, question))


def by_number(page: Page, pk: int) -> Post | None:
    """A public post."""
    if pk > LARGEST_KEY:
        return None
    question = _PUBLIC.where(Post.id == pk).options(*_MEDIA, joinedload(Post.creator))
    return page.remember(("post", pk), lambda session: session.scalars(question).first())

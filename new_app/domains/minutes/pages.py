"""Pages of minutes: all of them, and those of one day. Staff sees drafts too; beside a meeting everybody sees the days
of its year's drafts, as in legacy.
"""

from datetime import date
from typing import Any

from sqlalchemy import extract, select
from sqlalchemy.orm import joinedload

from new_app.content import results
from new_app.db import Results
from new_app.domains.minutes.models import Minutes
from new_app.page import Missing, Page, shown
from new_app.paging import UNPAGED
from new_app.session import Unknowable

_EDITORS = (joinedload(Minutes.creator), joinedload(Minutes.last_modified_by))


def seen(page: Page) -> Results[Minutes]:
    """Those that the visitor may see, latest first."""
    question = select(Minutes).order_by(Minutes.date.desc())
    if page.user.is_staff:
        return page.remember("all minutes", lambda session: results(session, question))
    published = question.where(Minutes.is_published)
    return page.remember("published minutes", lambda session: results(session, published))


def index(page: Page) -> dict[str, Any]:
    found = seen(page)
    return {
        "object_list": found,
        "minutes_list": found,
        **UNPAGED,
    }


def detail(page: Page, day: str) -> dict[str, Any]:
    """The minutes of one day. Two meetings on it are legacy's to fail over, and so is the year 0."""
    year, month, number = (int(part) for part in day.split("-"))
    if year == 0:
        raise Unknowable("legacy fails over this year, and knows how")
    try:
        said = date(year, month, number)
    except ValueError:
        raise Missing from None
    question = select(Minutes).where(Minutes.date == said).options(*_EDITORS)
    if not page.user.is_staff:
        question = question.where(Minutes.is_published)
    key = ("minutes", said, page.user.is_staff)
    found = page.remember(key, lambda session: results(session, question))
    if len(found) > 1:
        raise Unknowable("legacy fails over two meetings on one day, and knows how")
    if not found:
        raise Missing
    return {"object": found[0], "minutes": found[0], "same_year_minutes": of_year(page, year)}


def of_year(page: Page, year: int) -> Results[Minutes]:
    """Drafts included."""
    question = select(Minutes).where(extract("year", Minutes.date) == year).order_by(Minutes.date)
    return page.remember(("minutes of", year), lambda session: results(session, question))


HANDLERS = (
    shown("/psf/records/board/minutes", "minutes/minutes_list.html", index),
    shown("/psf/records/board/minutes/{day:str}", "minutes/minutes_detail.html", detail),
)

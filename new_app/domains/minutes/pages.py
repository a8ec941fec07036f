"""Pages of minutes: all of them, and those of one day. Staff sees drafts too, and beside a meeting the days of its
year's drafts, which legacy tells everybody.
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
    """The minutes of one day: of two meetings the first that was written, where legacy fails."""
    year, month, number = (int(part) for part in day.split("-"))
    try:
        said = date(year, month, number)
    except ValueError:
        raise Missing from None
    question = select(Minutes).where(Minutes.date == said).order_by(Minutes.id).options(*_EDITORS)
    if not page.user.is_staff:
        question = question.where(Minutes.is_published)
    key = ("minutes", said, page.user.is_staff)
    found = page.remember(key, lambda session: results(session, question))
    if not found:
        raise Missing
    return {"object": found[0], "minutes": found[0], "same_year_minutes": of_year(page, year)}


def of_year(page: Page, year: int) -> Results[Minutes]:
    question = select(Minutes).where(extract("year", Minutes.date) == year).order_by(Minutes.date)
    if not page.user.is_staff:
        question = question.where(Minutes.is_published)
    return page.remember(("minutes of", year, page.user.is_staff), lambda session: results(session, question))


HANDLERS = (
    shown("/psf/records/board/minutes", "minutes/minutes_list.html", index),
    shown("/psf/records/board/minutes/{day:str}", "minutes/minutes_detail.html", detail),
)

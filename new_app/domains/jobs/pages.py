"""The pages of the job board: its lists, one vacancy, one's own, and those that only the board may see.

Forms that write stay legacy's. A list of one's own or of the board's is asked each time; everything else is remembered.
"""

from collections.abc import Callable, Mapping
from typing import Any

from litestar.handlers import HTTPRouteHandler

from new_app.content import results
from new_app.db import Results
from new_app.domains.jobs import queries
from new_app.domains.jobs.form import CommentForm
from new_app.domains.jobs.models import Job, JobCategory, JobType
from new_app.domains.jobs.queries import OpenList
from new_app.page import SIGNED_IN, Guard, Missing, Page, shown
from new_app.paging import UNPAGED, Paginator, paged

PER_PAGE = 25
PER_PAGE_OF_BOARD = 20
LIST, TYPE, CATEGORY, LOCATION = "job_list_view", "job_type_view", "job_category_view", "job_location_view"
"""The entries of the menu, as templates ask the view which one it is."""


BOARD = Guard("the job board's", queries.is_of_board)


def common(page: Page, *menu: str) -> dict[str, Any]:
    """What every page of the board says: how many vacancies are open, and where."""
    active = queries.active(page)
    return {
        "view": dict.fromkeys(menu, _chosen),
        "jobs_count": queries.opening(page).count,
        "active_types": active.types,
        "active_categories": active.categories,
        "active_locations": active.locations,
        "jobs_board_admin": queries.is_of_board(page),
    }


def _chosen() -> bool:
    return True


def _list(page: Page, jobs: OpenList, *menu: str) -> dict[str, Any]:
    said = page.call.params.get("page")
    paginator = Paginator(jobs.count, PER_PAGE)
    found = paged(paginator, said, lambda _number, before: jobs.part(PER_PAGE, before))
    return {**common(page, *menu), **found, "job_list": found["object_list"]}


def index(page: Page) -> dict[str, Any]:
    return _list(page, OpenList(page, "all"), LIST)


def of_type(page: Page, slug: str) -> dict[str, Any]:
    found = queries.named(page, JobType, slug)
    if found is None:
        raise Missing
    return {**_list(page, queries.of_type(page, slug), TYPE), "current_type": found}


def of_category(page: Page, slug: str) -> dict[str, Any]:
    found = queries.named(page, JobCategory, slug)
    if found is None:
        raise Missing
    return {**_list(page, queries.of_category(page, slug), CATEGORY), "current_category": found}


def of_location(page: Page, slug: str) -> dict[str, Any]:
    """An unknown place is an empty list."""
    return _list(page, queries.of_location(page, slug), LOCATION)


def telecommute(page: Page) -> dict[str, Any]:
    jobs = queries.telecommuting(page)
    return {**_list(page, jobs, LOCATION, LIST), "jobs_count": jobs.count, "jobs": jobs}


def types(page: Page) -> dict[str, Any]:
    question = queries.types_with_jobs(queries.BEGAN)
    found = page.remember("job types", lambda session: results(session, question), seconds=queries.HOUR)
    return {**common(page, TYPE), **_unpaged("types", found)}


def categories(page: Page) -> dict[str, Any]:
    question = queries.categories_with_jobs(queries.BEGAN)
    found = page.remember("job categories", lambda session: results(session, question), seconds=queries.HOUR)
    return {**common(page, CATEGORY), **_unpaged("categories", found)}


def _unpaged(name: str, found: Results[Any]) -> dict[str, Any]:
    return {name: found, "object_list": found, **UNPAGED}


def locations(page: Page) -> dict[str, Any]:
    return {**common(page, LOCATION), "jobs": queries.towns(page)}


def detail(page: Page, pk: int) -> dict[str, Any]:
    """Open vacancies to everybody, one's own to oneself, all to the board."""
    job = queries.by_number(page, pk)
    if job is None:
        raise Missing
    board, own = queries.is_of_board(page), job.creator_id is not None and job.creator_id == page.user.pk
    is_open = job.status == Job.APPROVED and job.expires is not None and job.expires >= page.now
    if not (board or own or is_open):
        raise Missing
    return {
        **common(page),
        "object": job,
        "job": job,
        "category_jobs": queries.newest_of_category(page, job.category_id),
        "user_can_edit": (own or board) and job.editable,
        "job_review_form": CommentForm(job.id),
    }


def mine(page: Page) -> dict[str, Any]:
    question = queries.made_by(page.user.pk)
    return {**_asked(page, question, PER_PAGE), "mine_listing": True}


def review(page: Page) -> dict[str, Any]:
    jobs, size = queries.waiting(page), PER_PAGE_OF_BOARD
    said = page.call.params.get("page")
    found = paged(Paginator(len(jobs), size), said, lambda _number, before: Results(jobs[before : before + size]))
    return {**common(page), **found, "job_list": found["object_list"], "mode": "review"}


def moderate(page: Page) -> dict[str, Any]:
    title = page.call.params.get("q") if "q" in page.call.params else None
    return {**_asked(page, queries.reviewed(title), PER_PAGE_OF_BOARD), "mode": "moderate"}


def _asked(page: Page, question: Any, size: int) -> dict[str, Any]:
    count, load = queries.counted(page, question), queries.part(page, question, size)
    found = paged(Paginator(count, size), page.call.params.get("page"), load)
    return {**common(page), **found, "job_list": found["object_list"]}


Handlers = tuple[HTTPRouteHandler, ...]
TEMPLATES: Mapping[str, tuple[str, Callable[..., Mapping[str, Any]]]] = {
    "/jobs": ("jobs/job_list.html", index),
    "/jobs/type/{slug:str}": ("jobs/job_type_list.html", of_type),
    "/jobs/category/{slug:str}": ("jobs/job_category_list.html", of_category),
    "/jobs/location/telecommute": ("jobs/job_telecommute_list.html", telecommute),
    "/jobs/location/{slug:str}": ("jobs/job_location_list.html", of_location),
    "/jobs/types": ("jobs/job_types.html", types),
    "/jobs/categories": ("jobs/job_categories.html", categories),
    "/jobs/locations": ("jobs/job_locations.html", locations),
    "/jobs/{pk:int}": ("jobs/job_detail.html", detail),
}
HANDLERS: Handlers = (
    *(shown(path, template, make) for path, (template, make) in TEMPLATES.items()),
    shown("/jobs/thanks", "jobs/job_thanks.html"),
    shown("/jobs/mine", "jobs/job_list.html", mine, SIGNED_IN),
    shown("/jobs/review", "jobs/job_review.html", review, BOARD),
    shown("/jobs/moderate", "jobs/job_review.html", moderate, BOARD),
)

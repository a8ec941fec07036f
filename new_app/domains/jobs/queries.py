"""Questions about vacancies. What a page shows of them is loaded with them: objects come back detached.

Which vacancies are open changes with the clock, and yet nothing here is stale: the first last day among them is known,
and what is asked of them is remembered until then.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from new_app.columns import LARGEST_KEY
from new_app.content import results
from new_app.db import Results
from new_app.domains.jobs.models import Job, JobCategory, JobReviewComment, JobType
from new_app.domains.users.models import user_groups
from new_app.page import Page
from new_app.tables import Group

BOARD = "Job Board Admin"
WAITING = timedelta(days=120)
HOUR = 3600.0
"""Seconds: what was open at some moment is remembered for so long, and is right for as long as no row changes."""
BEGAN = datetime.now(UTC)
"""Legacy's lists of types and of categories see the clock once, as its process begins; ours do too."""
Named = TypeVar("Named", JobType, JobCategory)
T = TypeVar("T")
_OF_ONE = (joinedload(Job.category), joinedload(Job.creator))
_LISTED = (*_OF_ONE, selectinload(Job.job_types))
_WHOLE = (
    *_LISTED,
    joinedload(Job.submitted_by),
    joinedload(Job.last_modified_by),
    selectinload(Job.review_comments).joinedload(JobReviewComment.creator),
)
_NEWEST = select(Job).order_by(Job.created.desc())


@dataclass(frozen=True, slots=True)
class Active:
    """Types, categories and places with open vacancies, as the menu lists them."""

    types: Results[JobType]
    categories: Results[JobCategory]
    locations: Results[Job]


@dataclass(frozen=True, slots=True)
class Opening:
    """How many vacancies are open, and until when the same ones are, unless a row changes."""

    count: int
    until: datetime | None


def opening(page: Page) -> Opening:
    def counted(session: Session) -> Opening:
        question = select(func.count(), func.min(Job.expires)).where(is_open(page.now))
        return Opening(*session.execute(question).one())

    known = page.remember("opening", counted, seconds=HOUR)
    if known.until is not None and known.until < page.now:
        page.site.memory.forget("opening")
        known = page.remember("opening", counted, seconds=HOUR)
    return known


@dataclass(frozen=True, slots=True)
class OpenList:
    """Open vacancies, newest first: those for which all of `conditions` hold. `name` tells it from other lists.

    To a template it is their sequence: counted without being loaded.
    """

    page: Page
    name: Hashable
    conditions: Sequence[ColumnElement[bool]] = ()

    @property
    def question(self) -> Select[Job]:
        return _NEWEST.where(is_open(self.page.now), *self.conditions)

    @property
    def count(self) -> int:
        if not self.conditions:
            return opening(self.page).count
        return self._kept("count", lambda session: count_of(session, self.question))

    def part(self, size: int, before: int) -> Results[Job]:
        question = self.question.options(*_LISTED).limit(size).offset(before)
        return self._kept((size, before), lambda session: results(session, question))

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, place: int) -> Job:
        return self._whole()[place]

    def __iter__(self) -> Iterator[Job]:
        return iter(self._whole())

    def _whole(self) -> Results[Job]:
        return self._kept("whole", lambda session: results(session, self.question.options(*_LISTED)))

    def _kept(self, what: Hashable, load: Callable[[Session], T]) -> T:
        return self.page.remember(("open", self.name, opening(self.page).until, what), load, seconds=HOUR)


def count_of(session: Session, question: Select[Job]) -> int:
    return session.scalar(select(func.count()).select_from(question.order_by(None).subquery())) or 0


def of_type(page: Page, slug: str) -> OpenList:
    return OpenList(page, ("type", slug), [Job.job_types.any(JobType.slug == slug)])


def of_category(page: Page, slug: str) -> OpenList:
    return OpenList(page, ("category", slug), [Job.category.has(JobCategory.slug == slug)])


def of_location(page: Page, slug: str) -> OpenList:
    return OpenList(page, ("location", slug), [Job.location_slug == slug])


def telecommuting(page: Page) -> OpenList:
    return OpenList(page, "telecommuting", [Job.telecommuting.is_(True)])


def opened(now: datetime) -> Select[Job]:
    return select(Job).where(is_open(now))


def active(page: Page) -> Active:
    def found(session: Session) -> Active:
        places = _open_by(page.now, Job.location_slug)
        return Active(
            results(session, types_with_jobs(page.now)),
            results(session, categories_with_jobs(page.now)),
            results(session, places),
        )

    return page.remember(("active", opening(page).until), found, seconds=HOUR)


def towns(page: Page) -> Results[Job]:
    """One open vacancy of each city, by country."""
    question = _open_by(page.now, Job.country, Job.city)
    return page.remember(("towns", opening(page).until), lambda session: results(session, question), seconds=HOUR)


def types_with_jobs(now: datetime) -> Select[JobType]:
    return select(JobType).where(JobType.active, JobType.jobs.any(is_open(now))).order_by(JobType.name)


def categories_with_jobs(now: datetime) -> Select[JobCategory]:
    return select(JobCategory).where(JobCategory.jobs.any(is_open(now))).order_by(JobCategory.name)


def named(page: Page, model: type[Named], slug: str) -> Named | None:
    """The type or category of this slug, in use or not."""

    def found(session: Session) -> Named | None:
        return session.scalars(select(model).where(model.slug == slug)).first()

    return page.remember((model.__name__, slug), found)


def by_number(page: Page, pk: int) -> Job | None:
    """A vacancy, whatever its status, with everything that belongs to it."""
    if pk > LARGEST_KEY:
        return None
    question = select(Job).where(Job.id == pk).options(*_WHOLE)
    return page.remember(("vacancy", pk), lambda session: session.scalars(question).first())


def newest_of_category(page: Page, category_id: int, limit: int = 5) -> Results[Job]:
    question = _NEWEST.where(Job.category_id == category_id).limit(limit).options(joinedload(Job.category))
    return page.remember(("category's vacancies", category_id, limit), lambda session: results(session, question))


def waiting(page: Page) -> Results[Job]:
    """Those to be reviewed, oldest first; what waits for too long is not shown."""
    question = select(Job).where(Job.status == Job.REVIEW).order_by(Job.created).options(*_LISTED)
    known = page.remember("waiting vacancies", lambda session: results(session, question))
    return Results(job for job in known if job.created >= page.now - WAITING)


def reviewed(title: str | None) -> Select[Job]:
    """Those that wait for no review; with a part of their title, in any case."""
    question = _NEWEST.where(Job.status != Job.REVIEW)
    if title is None:
        return question
    if "\0" in title:  # no title has this character, and no statement can say it: legacy fails
        return question.where(false())
    escaped = title.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return question.where(func.upper(Job.job_title).like(func.upper(f"%{escaped}%")))


def made_by(user_id: int) -> Select[Job]:
    return _NEWEST.where(Job.creator_id == user_id)


def counted(page: Page, question: Select[Job]) -> int:
    return count_of(page.session, question)


def part(page: Page, question: Select[Job], size: int) -> Callable[[int, int], Results[Job]]:
    """The vacancies on one page of the list."""
    return lambda _number, before: results(page.session, question.options(*_LISTED).limit(size).offset(before))


def is_of_board(page: Page) -> bool:
    """Staff, superusers and the group of that name decide about vacancies."""
    user = page.user
    if not user.is_authenticated:
        return False
    if user.is_staff or user.is_superuser:
        return True
    question = select(Group.name).join(user_groups, user_groups.c.group_id == Group.id)
    mine = question.where(user_groups.c.user_id == user.pk)
    return BOARD in page.remember(("groups", user.pk), lambda session: list(session.scalars(mine)))


def is_open(now: datetime) -> ColumnElement[bool]:
    return and_(Job.status == Job.APPROVED, Job.expires >= now)


def _open_by(now: datetime, *columns: InstrumentedAttribute[str]) -> Select[Job]:
    """One open vacancy for each value of the columns, in their order."""
    return select(Job).where(is_open(now)).ext(distinct_on(*columns)).order_by(*columns)

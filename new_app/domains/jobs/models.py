"""Vacancies, their categories and types, and what reviewers say about them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, UnaryExpression, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from new_app.columns import Key, Markup, markup, reference
from new_app.content import ContentManageable, NameSlug
from new_app.db import LegacyBase
from new_app.domains.users.models import User
from new_app.page import current
from new_app.tables import many_to_many

job_job_types = many_to_many("jobs_job_job_types", "job_id", "jobtype_id", "jobs_job", "jobs_jobtype")

NEW = timedelta(days=30)


class NoListing(LookupError):
    """There is no vacancy before the first, and none after the last: templates show nothing."""

    silent_variable_failure = True


class JobType(NameSlug, LegacyBase):
    """What a job is about. Ordered by name."""

    __tablename__ = "jobs_jobtype"

    id: Mapped[Key]
    active: Mapped[bool] = mapped_column(default=True)

    jobs: Mapped[list["Job"]] = relationship(secondary=job_job_types, back_populates="job_types")


class JobCategory(NameSlug, LegacyBase):
    """A category of jobs. Ordered by name."""

    __tablename__ = "jobs_jobcategory"

    id: Mapped[Key]
    active: Mapped[bool] = mapped_column(default=True)

    jobs: Mapped[list["Job"]] = relationship(back_populates="category")


class Job(ContentManageable, LegacyBase):
    """A vacancy. Ordered newest first. The two slugs are made anew at every save."""

    __tablename__ = "jobs_job"

    STATUSES = ("draft", "review", "approved", "rejected", "archived", "removed", "expired")
    APPROVED, REVIEW = "approved", "review"
    EDITABLE = ("draft", "review", "rejected")

    id: Mapped[Key]
    category_id: Mapped[int] = reference("jobs_jobcategory.id")
    other_job_type: Mapped[str] = mapped_column(String(100), default="")
    company_name: Mapped[str | None] = mapped_column(String(100))
    company_description: Mapped[Markup] = markup("company_description", "restructuredtext")
    job_title: Mapped[str] = mapped_column(String(100))
    city: Mapped[str] = mapped_column(String(100))
    region: Mapped[str] = mapped_column(String(100), default="")
    country: Mapped[str] = mapped_column(String(100), index=True)
    location_slug: Mapped[str] = mapped_column(String(350), index=True)
    country_slug: Mapped[str] = mapped_column(String(100), index=True)
    description: Mapped[Markup] = markup("description", "restructuredtext")
    requirements: Mapped[Markup] = markup("requirements", "restructuredtext")
    contact: Mapped[str | None] = mapped_column(String(100))
    email: Mapped[str] = mapped_column(String(254))
    url: Mapped[str | None] = mapped_column(String(200))
    submitted_by_id: Mapped[int | None] = reference("users_user.id")
    status: Mapped[str] = mapped_column(String(20), default="review", index=True)
    expires: Mapped[datetime | None]
    telecommuting: Mapped[bool] = mapped_column(default=False)
    agencies: Mapped[bool] = mapped_column(default=True)
    is_featured: Mapped[bool] = mapped_column(default=False, index=True)

    category: Mapped[JobCategory] = relationship(back_populates="jobs")
    job_types: Mapped[list[JobType]] = relationship(
        secondary=job_job_types, back_populates="jobs", order_by="JobType.name"
    )
    submitted_by: Mapped[User | None] = relationship(foreign_keys=[submitted_by_id])
    review_comments: Mapped[list["JobReviewComment"]] = relationship(
        back_populates="job", order_by="JobReviewComment.created"
    )

    def __str__(self) -> str:
        return f"Job Listing #{self.id}"

    def get_absolute_url(self) -> str:
        return f"/jobs/{self.id}/"

    @property
    def display_name(self) -> str:
        return f"{self.job_title}, {self.company_name}"

    @property
    def display_description(self) -> Markup:
        return self.company_description

    @property
    def display_location(self) -> str:
        return ", ".join(part for part in (self.city, self.region, self.country) if part)

    @property
    def is_new(self) -> bool:
        return self.created > datetime.now(UTC) - NEW

    @property
    def editable(self) -> bool:
        return self.status in self.EDITABLE

    def get_previous_listing(self) -> "Job":
        """The approved vacancy made before this one, its last day past or not. Raises NoListing."""
        earlier = or_(Job.created < self.created, and_(Job.created == self.created, Job.id < self.id))
        return self._neighbour("before", earlier, Job.created.desc(), Job.id.desc())

    def get_next_listing(self) -> "Job":
        """The approved vacancy made after this one. Raises NoListing."""
        later = or_(Job.created > self.created, and_(Job.created == self.created, Job.id > self.id))
        return self._neighbour("after", later, Job.created.asc(), Job.id.asc())

    def _neighbour(self, side: str, where: ColumnElement[bool], *order: UnaryExpression[Any]) -> "Job":
        question = select(Job).where(Job.status == self.APPROVED, where).order_by(*order).limit(1)

        def first(session: Session) -> "Job | None":
            return session.scalars(question).first()

        found = current().remember(("vacancy", side, self.id), first)
        if found is None:
            raise NoListing(f"no approved vacancy {side} number {self.id}")
        return found


class JobReviewComment(ContentManageable, LegacyBase):
    """What a reviewer or the submitter says about a vacancy. Ordered oldest first."""

    __tablename__ = "jobs_jobreviewcomment"

    id: Mapped[Key]
    job_id: Mapped[int] = reference("jobs_job.id")
    comment: Mapped[Markup] = markup("comment", "restructuredtext")

    job: Mapped[Job] = relationship(back_populates="review_comments")

"""Vacancies, their categories and types, and what reviewers say about them."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, Markup, markup, reference
from new_app.content import ContentManageable, NameSlug
from new_app.db import LegacyBase
from new_app.domains.users.models import User
from new_app.tables import many_to_many

job_job_types = many_to_many("jobs_job_job_types", "job_id", "jobtype_id", "jobs_job", "jobs_jobtype")


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
    job_types: Mapped[list[JobType]] = relationship(secondary=job_job_types, back_populates="jobs")
    submitted_by: Mapped[User | None] = relationship(foreign_keys=[submitted_by_id])
    review_comments: Mapped[list["JobReviewComment"]] = relationship(
        back_populates="job", order_by="JobReviewComment.created"
    )


class JobReviewComment(ContentManageable, LegacyBase):
    """What a reviewer or the submitter says about a vacancy. Ordered oldest first."""

    __tablename__ = "jobs_jobreviewcomment"

    id: Mapped[Key]
    job_id: Mapped[int] = reference("jobs_job.id")
    comment: Mapped[Markup] = markup("comment", "restructuredtext")

    job: Mapped[Job] = relationship(back_populates="review_comments")

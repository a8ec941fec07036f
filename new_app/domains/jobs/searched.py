"""What is found of vacancies: the open ones, and the types and categories that have some."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import joinedload, selectinload

from legacy_adapters.dtl.safe import escape
from new_app.columns import now
from new_app.domains.jobs.models import Job, JobCategory, JobType
from new_app.domains.jobs.queries import categories_with_jobs, opened, types_with_jobs
from new_app.search import Document, Searched
from new_app.search.words import beginning


def types() -> Select[Any]:
    return types_with_jobs(now())


def of_type(one: JobType) -> Document:
    shown = {"name": one.name, "path": f"/jobs/type/{one.slug}/"}
    return Document("jobs.jobtype", one.id, one.name, f"job type {escape(one.name)}", 1.3, shown)


def categories() -> Select[Any]:
    return categories_with_jobs(now())


def of_category(one: JobCategory) -> Document:
    shown = {"name": one.name, "path": f"/jobs/category/{one.slug}/"}
    return Document("jobs.jobcategory", one.id, one.name, f"job category {escape(one.name)}", 1.4, shown)


def vacancies() -> Select[Any]:
    return opened(now()).options(joinedload(Job.category), selectinload(Job.job_types))


def vacancy(one: Job) -> Document:
    content = str(one.description)
    said = ["job", one.job_title, one.company_name or "", one.city, one.region, one.country, one.category.name]
    said += [*(kind.name for kind in one.job_types), "telecommute remote work" if one.telecommuting else ""]
    texts = (content, str(one.requirements), str(one.company_description))
    shown = {
        "name": one.job_title,
        "city": one.city,
        "region": one.region,
        "country": one.country,
        "telecommuting": one.telecommuting,
        "description": beginning(content),
        "path": one.get_absolute_url(),
    }
    text = "\n".join([*map(escape, said), *texts])
    return Document("jobs.job", one.id, one.job_title, text, 1.1, shown)


KINDS = (
    Searched(
        "jobs.jobtype",
        "Job types",
        "search/includes/jobs.job_type.html",
        JobType,
        types,
        of_type,
        related=("jobs_job", "jobs_job_job_types"),
    ),
    Searched(
        "jobs.jobcategory",
        "Job categories",
        "search/includes/jobs.job_category.html",
        JobCategory,
        categories,
        of_category,
        related=("jobs_job",),
    ),
    Searched(
        "jobs.job",
        "Jobs",
        "search/includes/jobs.job.html",
        Job,
        vacancies,
        vacancy,
        related=("jobs_jobcategory", "jobs_jobtype", "jobs_job_job_types"),
    ),
)

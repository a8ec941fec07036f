"""`expire_jobs`: vacancies whose last day was ninety days ago are expired, as the old command has it."""

from datetime import timedelta

from sqlalchemy import update

from new_app.columns import now
from new_app.domains.jobs.models import Job
from new_app.tasks import Task, Work

KEPT = timedelta(days=90)
EXPIRED = "expired"


async def expire_jobs(work: Work) -> str:
    ended = (Job.status == Job.APPROVED, Job.expires <= now() - KEPT)
    async with work.database.unit_of_work() as session:
        # A bulk update of Django's does not touch `updated`.
        done = await session.execute(update(Job).where(*ended).values(status=EXPIRED, updated=Job.updated))
    return f"{done.rowcount} vacancies expired"  # type: ignore[attr-defined]


EXPIRE = Task("expire_jobs", "20 3 * * *", expire_jobs)

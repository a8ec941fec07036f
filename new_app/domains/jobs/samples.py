"""URLs of the job board that parity compares: every list and its odd pages, every vacancy, and what is guarded.

The feed says the second at which it was built, and is left to its own test.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.domains.jobs.models import Job, JobCategory, JobType

_LISTS = ("", "types/", "categories/", "locations/", "location/telecommute/", "thanks/")
_ODD = ("?page=1", "?page=last", "?page=2", "?page=0", "?page=x", "?page=", "?page=99999999999999999999", "?a=1")
_GUARDED = ("mine/", "mine/?page=2", "review/", "moderate/", "moderate/?q=py&page=1", "mine/?next=%2Fa&b=%C3%A9")
_MISSING = ("type/none/", "category/none/", "999999999/", "99999999999999999999/", "none/", "types", "type/", "x/edit/")


async def sample_urls(session: AsyncSession) -> list[str]:
    types = (await session.scalars(select(JobType.slug).order_by(JobType.slug))).all()
    categories = (await session.scalars(select(JobCategory.slug).order_by(JobCategory.slug))).all()
    places = (await session.scalars(select(Job.location_slug).distinct().order_by(Job.location_slug).limit(40))).all()
    numbers = (await session.scalars(select(Job.id).order_by(Job.id).limit(60))).all()
    return [
        *(f"/jobs/{path}" for path in (*_LISTS, *_ODD, *_GUARDED, *_MISSING)),
        *(f"/jobs/location/telecommute/{query}" for query in _ODD),
        *(f"/jobs/type/{slug}/" for slug in types),
        *(f"/jobs/category/{slug}/" for slug in categories),
        *(f"/jobs/location/{slug}/" for slug in (*places, "nowhere")),
        *(f"/jobs/{number}/" for number in numbers),
        *(f"/jobs/{number}" for number in numbers[:3]),
    ]

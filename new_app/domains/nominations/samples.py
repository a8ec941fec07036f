"""URLs of elections that parity compares."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.domains.nominations.models import Election, Nomination, Nominee

HOME = "/nominations/"
ODD = ("elections/none/nominees/", "election/none/", "none/1/", "elections/none/nominees/nobody/", "elections/x/")


async def sample_urls(session: AsyncSession) -> list[str]:
    slugs = [slug for slug in await session.scalars(select(Election.slug)) if slug]
    nominees = await session.execute(select(Election.slug, Nominee.slug).join(Nominee.election).limit(60))
    made = await session.execute(select(Election.slug, Nomination.id).join(Nomination.election).limit(60))
    return [
        *("/users/nominations/", f"{HOME}elections/", f"{HOME}elections", f"{HOME}statement-preview/"),
        *(f"{HOME}{odd}" for odd in ODD),
        *(f"{HOME}election/{slug}/" for slug in slugs),
        *(f"{HOME}elections/{slug}/nominees/" for slug in slugs),
        *(f"{HOME}elections/{election}/nominees/{slug}/" for election, slug in nominees),
        *(f"{HOME}{election}/{pk}/" for election, pk in made),
        *(f"{HOME}{slug}/99999999999/" for slug in slugs[:1]),
    ]

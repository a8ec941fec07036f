"""URLs of minutes that parity compares: the list, the feed, every meeting of late, drafts, and days without one."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.domains.minutes.models import Minutes

_ALL = "/psf/records/board/minutes/"
_ODD = ("?page=2", "feed/?a=1", "1900-01-01/", "2024-02-30/", "2024-13-01/", "2024-1-1/", "2024-01-01/x/", "none/")


async def sample_urls(session: AsyncSession) -> list[str]:
    days = (await session.scalars(select(Minutes.date).order_by(Minutes.date.desc()).limit(60))).all()
    return [
        *(_ALL, f"{_ALL}feed/", _ALL.rstrip("/"), f"{_ALL}feed"),
        *(f"{_ALL}{odd}" for odd in _ODD),
        *(f"{_ALL}{day}/" for day in days),
        *(f"{_ALL}{day}" for day in days[:2]),
    ]

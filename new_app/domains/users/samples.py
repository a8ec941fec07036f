"""URLs of accounts that parity compares."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

NEXT = ("/", "/downloads/?a=b&c=d", "javascript:alert(1)", "https:evil.example", "%20", "%00/")


async def sample_urls(_session: AsyncSession) -> Iterable[str]:
    forms = ("/accounts/login/", "/accounts/logout/", "/accounts/password/change/")
    return [*forms, *(f"{form}?next={wish}" for form in forms[:2] for wish in NEXT)]

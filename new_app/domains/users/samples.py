"""URLs of accounts that parity compares."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

NEXT = ("/", "/downloads/?a=b&c=d", "javascript:alert(1)", "https:evil.example", "%20", "%00/")


FORMS = ("/accounts/login/", "/accounts/logout/", "/accounts/signup/", "/accounts/password/reset/")
OWN = ("/accounts/email/", "/accounts/password/change/", "/accounts/password/set/", "/accounts/reauthenticate/")
PLAIN = (
    "/accounts/",
    "/accounts/inactive/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/MQ:1abcde:nobody-signed-this/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/1-set-password/",
    "/accounts/password/reset/key/zzzzzzzzzzzzzz-abcdef-0123/",
    "/accounts/password/reset/key/1-a/b/",
    "/accounts/signup/?email=somebody@example.com",
    "/accounts/signup/?email=nobody",
)


async def sample_urls(_session: AsyncSession) -> Iterable[str]:
    return [*FORMS, *OWN, *PLAIN, *(f"{form}?next={wish}" for form in FORMS for wish in NEXT)]

"""URLs of accounts that parity compares."""

from collections.abc import Iterable
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.domains.users.models import User

NEXT = ("/", "/downloads/?a=b&c=d", "javascript:alert(1)", "https:evil.example", "%20", "%00/")


FORMS = ("/accounts/login/", "/accounts/logout/", "/accounts/signup/", "/accounts/password/reset/")
OWN = (
    *("/accounts/email/", "/accounts/password/change/", "/accounts/password/set/", "/accounts/reauthenticate/"),
    *("/users/edit/", "/users/membership/", "/users/membership/edit/", "/users/sponsorships/"),
)
PLAIN = (
    "/membership/",
    "/membership/?psf_membership=1",
    "/membership/?dwft_psf_membership=1",
    "/users/membership/thanks/",
    "/users/membership/affirm/",
    "/users/membership/affirm/done/",
    "/users/membership/delete/nobody-of-this-name/",
    "/users/nobody-of-this-name/delete/",
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


PROFILES = 30
"""How many people are sampled: the newest, and the first. Samples follow what the database has, but not all of it."""


async def sample_urls(session: AsyncSession) -> Iterable[str]:
    named = select(User.username).limit(PROFILES)
    ends = [(await session.scalars(named.order_by(order))).all() for order in (User.id, User.id.desc())]
    names = dict.fromkeys([*ends[0], *ends[1], "nobody-of-this-name", "UPPER@example.com"])
    profiles = [f"/users/{quote(name, safe='@+')}/" for name in names]
    return [*profiles, *FORMS, *OWN, *PLAIN, *(f"{form}?next={wish}" for form in FORMS for wish in NEXT)]

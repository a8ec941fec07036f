"""People: accounts, memberships and user groups. Who is signed in may act; what is not claimed here is legacy's."""

from new_app.domain import SAFE, Claim, Domain
from new_app.domains.users import password, signin
from new_app.domains.users.samples import sample_urls

ACTS = SAFE | {"POST"}

domain = Domain(
    name="users",
    claims=(
        Claim("accounts/login/", "account_login", ACTS),
        Claim("accounts/logout/", "account_logout", ACTS),
        Claim("accounts/password/change/", "account_change_password", ACTS),
    ),
    handlers=(*signin.HANDLERS, *password.HANDLERS),
    watches=("users_membership",),
    samples=sample_urls,
)

"""People: accounts, memberships and user groups. Who is signed in may act; what is not claimed here is legacy's."""

from new_app.domain import SAFE, Claim, Domain
from new_app.domains.users import (
    credentials,
    emails,
    mails,
    membership,
    password,
    profiles,
    signin,
    signup,
    social,
)
from new_app.domains.users.samples import sample_urls
from new_app.domains.users.tasks import TASKS
from new_app.oauth import PROVIDERS

ACTS = SAFE | {"POST"}
NAME = r"(?P<slug>[-a-zA-Z0-9_\@\.+]+)"

domain = Domain(
    name="users",
    claims=(
        Claim("accounts/login/", "account_login", ACTS),
        Claim("accounts/logout/", "account_logout", ACTS),
        Claim("accounts/inactive/", "account_inactive"),
        Claim("accounts/signup/", "account_signup", ACTS),
        Claim("accounts/reauthenticate/", "account_reauthenticate", ACTS),
        Claim("accounts/email/", "account_email", ACTS),
        Claim("accounts/confirm-email/", "account_email_verification_sent"),
        Claim(r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", "account_confirm_email", ACTS),
        Claim("accounts/password/change/", "account_change_password", ACTS),
        Claim("accounts/password/set/", "account_set_password", ACTS),
        Claim("accounts/password/reset/", "account_reset_password", ACTS),
        Claim("accounts/password/reset/done/", "account_reset_password_done"),
        Claim("accounts/password/reset/key/done/", "account_reset_password_from_key_done"),
        Claim(
            r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
            "account_reset_password_from_key",
            ACTS,
        ),
        Claim("users/edit/", "users:user_profile_edit", ACTS),
        Claim("membership/", "membership", frozenset({"GET", "HEAD"})),
        Claim("users/membership/", "users:user_membership_create", ACTS),
        Claim("users/membership/edit/", "users:user_membership_edit", ACTS),
        Claim(rf"^users/membership/delete/{NAME}/$", "users:user_membership_delete", ACTS),
        Claim("users/membership/thanks/", "users:user_membership_thanks"),
        Claim("users/membership/affirm/", "users:membership_affirm_vote", ACTS),
        Claim("users/membership/affirm/done/", "users:membership_affirm_vote_done"),
        Claim(rf"^users/{NAME}/delete/$", "users:user_delete", ACTS),
        Claim(rf"^users/{NAME}/$", "users:user_detail"),
        *(Claim(f"accounts/{name}/login/", f"{name}_login", ACTS, added=True) for name in PROVIDERS),
        *(Claim(f"accounts/{name}/login/callback/", f"{name}_callback", added=True) for name in PROVIDERS),
        Claim("accounts/3rdparty/", "socialaccount_connections", ACTS, added=True),
        Claim("accounts/api-keys/", "account_api_keys", ACTS, added=True),
        Claim("api/auth/token/", "api_auth_token", frozenset({"POST"}), added=True),
        Claim("api/auth/revoke/", "api_auth_revoke", frozenset({"POST"}), added=True),
    ),
    handlers=(
        *(*signin.HANDLERS, *signup.HANDLERS, *emails.HANDLERS, *password.HANDLERS),
        *(*profiles.HANDLERS, *membership.HANDLERS, *social.HANDLERS, *credentials.HANDLERS),
    ),
    watches=("users_membership",),
    templates=(*mails.TEMPLATES, "account/*.html", "users/*.html"),
    samples=sample_urls,
    tasks=TASKS,
)

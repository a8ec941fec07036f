"""Users with every form of stored password, their tokens, addresses and memberships.

Everybody's password is PASSWORD. `md5` cannot sign in, for the site has no hasher of that name; neither can `locked`,
whose password is unusable, nor `inactive`.
"""

import hashlib

from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.contrib.auth.models import Group, Permission
from rest_framework.authtoken.models import Token
from tastypie.models import ApiKey

from apps.users.models import Membership, User, UserGroup

from . import moment

PASSWORD = "correct-horse"
SALT = "saltOfTheReferenceSite"


class CheapArgon2(hashers.Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 1, 64, 1


def stored_password(kind: str, argument: int = 0) -> str:
    """PASSWORD as Django stores it, by the hasher `kind` with the cheapest cost that its format can say."""
    if kind == "pbkdf2_sha256":
        return hashers.PBKDF2PasswordHasher().encode(PASSWORD, SALT, argument)
    if kind == "pbkdf2_sha1":
        return hashers.PBKDF2SHA1PasswordHasher().encode(PASSWORD, SALT, argument)
    if kind == "argon2":
        return CheapArgon2().encode(PASSWORD, SALT)
    if kind == "bcrypt_sha256":
        return hashers.BCryptSHA256PasswordHasher().encode(PASSWORD, b"$2b$04$abcdefghijklmnopqrstuu")
    if kind == "scrypt":
        return hashers.ScryptPasswordHasher().encode(PASSWORD, SALT, n=16, r=8, p=1)
    if kind == "md5":
        return f"md5${SALT}${hashlib.md5((SALT + PASSWORD).encode()).hexdigest()}"
    return "!" + "u" * 40


USERS = [
    # username, stored password, iterations, columns
    ("admin", "pbkdf2_sha256", 1_000, {"is_staff": True, "is_superuser": True, "email": "admin@example.com"}),
    ("editor", "pbkdf2_sha256", 10_000, {"is_staff": True, "first_name": "Ed", "last_name": "Itor"}),
    ("release-manager", "pbkdf2_sha256", 1_000_000, {"is_staff": True, "first_name": "Rhea", "last_name": "Lease"}),
    ("reader", "pbkdf2_sha256", 150_000, {"first_name": "Ada", "last_name": "Reader"}),
    ("old-hand", "pbkdf2_sha1", 1_000, {"first_name": "Otto", "last_name": "Händ"}),
    ("argon", "argon2", 0, {}),
    ("bcrypt", "bcrypt_sha256", 0, {}),
    ("scrypt", "scrypt", 0, {}),
    ("md5", "md5", 0, {}),
    ("locked", "unusable", 0, {}),
    ("inactive", "pbkdf2_sha256", 1_000, {"is_active": False}),
    ("inactive-staff", "pbkdf2_sha256", 1_000, {"is_active": False, "is_staff": True}),
    ("MixedCase", "pbkdf2_sha256", 1_000, {}),
    ("twin", "pbkdf2_sha256", 1_000, {}),
    ("Twin", "pbkdf2_sha256", 1_000, {}),
    ("dot.plus+at@example.com", "pbkdf2_sha256", 1_000, {"email": "odd@example.com"}),
    ("private", "pbkdf2_sha256", 1_000, {"public_profile": False, "search_visibility": 0, "email_privacy": 0}),
    ("no-mail", "pbkdf2_sha256", 1_000, {"email": ""}),
    ("publisher", "pbkdf2_sha256", 1_000, {}),
    ("job-board", "pbkdf2_sha256", 1_000, {}),
]
WITHOUT_KEYS = {"twin", "Twin"}
WITHOUT_ADDRESS = {"Twin", "no-mail", "scrypt", "md5"}


def key_of(username: str, purpose: str) -> str:
    """The token (`token`) or API key (`apikey`) of a seeded user: 40 hex digits."""
    return hashlib.sha1(f"{purpose} of {username}".encode()).hexdigest()


def add() -> None:
    users = [
        User(
            pk=number,
            username=name,
            password=stored_password(kind, iterations),
            date_joined=moment(number - 900),
            bio=f"I am **{name}** & I write <b>Python</b>." if number % 3 else "",
            **{"email": f"{name.lower()}@example.com", **columns},
        )
        for number, (name, kind, iterations, columns) in enumerate(USERS, start=1)
    ]
    User.objects.bulk_create(users)
    _add_credentials([user for user in users if user.username not in WITHOUT_KEYS])
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email.lower(), verified=user.username != "private", primary=True)
        for user in users
        if user.username not in WITHOUT_ADDRESS
    )
    by_name = {user.username: user for user in users}
    board = Group.objects.create(name="Job Board Admin")
    board.user_set.add(by_name["job-board"])
    by_name["publisher"].user_permissions.add(Permission.objects.get(codename="sponsor_publisher"))
    _add_memberships(by_name)


def _add_credentials(users: list[User]) -> None:
    Token.objects.bulk_create(Token(user=user, key=key_of(user.username, "token")) for user in users)
    ApiKey.objects.bulk_create(
        ApiKey(user=user, key=key_of(user.username, "apikey"), created=moment(-30)) for user in users
    )
    Token.objects.update(created=moment(-30))


def _add_memberships(users: dict[str, User]) -> None:
    Membership.objects.bulk_create(
        Membership(
            creator=users[name],
            membership_type=kind,
            legal_name=users[name].get_full_name() or name,
            preferred_name=name,
            email_address=users[name].email,
            country="Portugal",
            votes=kind != Membership.Type.BASIC,
            psf_code_of_conduct=True,
            last_vote_affirmation=moment(-400) if kind != Membership.Type.BASIC else None,
            created=moment(-500),
            updated=moment(-400),
        )
        for name, kind in zip(("reader", "old-hand", "editor", "argon", "publisher"), Membership.Type, strict=True)
    )
    UserGroup.objects.bulk_create(
        UserGroup(name=f"Python in {place}", location=place, url=f"https://example.org/{place.lower()}", url_type=kind)
        for place, kind in (("Porto", "meetup"), ("Oslo", "distribution list"), ("Lima", "other"))
    )

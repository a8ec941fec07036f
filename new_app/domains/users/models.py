"""People, and what belongs to one person: memberships, addresses, API keys, log entries, flags they are in.

The tables of allauth, authtoken, tastypie, waffle and the admin that point at a user are here too, so that importing a
user brings every table that its relations need.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Index, Numeric, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, Markup, markup, not_negative, now, reference
from new_app.db import LegacyBase
from new_app.tables import ContentType, Group, Permission, many_to_many

user_groups = many_to_many("users_user_groups", "user_id", "group_id", "users_user", "auth_group")
user_permissions = many_to_many(
    "users_user_user_permissions", "user_id", "permission_id", "users_user", "auth_permission"
)
flag_groups = many_to_many("waffle_flag_groups", "flag_id", "group_id", "waffle_flag", "auth_group")
flag_users = many_to_many("waffle_flag_users", "flag_id", "user_id", "waffle_flag", "users_user")


class User(LegacyBase):
    """A person with an account. The database's unique name is case-sensitive, every look-up is not."""

    __tablename__ = "users_user"

    SEARCH_PRIVATE, SEARCH_PUBLIC = 0, 1
    EMAIL_PUBLIC, EMAIL_PRIVATE, EMAIL_NEVER = 0, 1, 2
    SEARCH_CHOICES: ClassVar = (
        (SEARCH_PUBLIC, "Allow search engines to index my profile page (recommended)"),
        (SEARCH_PRIVATE, "Don't allow search engines to index my profile page"),
    )
    EMAIL_CHOICES: ClassVar = (
        (EMAIL_PUBLIC, "Anyone can see my e-mail address"),
        (EMAIL_PRIVATE, "Only logged-in users can see my e-mail address"),
        (EMAIL_NEVER, "No one can ever see my e-mail address"),
    )

    id: Mapped[Key]
    password: Mapped[str] = mapped_column(String(128))
    last_login: Mapped[datetime | None]
    is_superuser: Mapped[bool] = mapped_column(default=False)
    username: Mapped[str] = mapped_column(String(150), unique=True)
    first_name: Mapped[str] = mapped_column(String(150), default="")
    last_name: Mapped[str] = mapped_column(String(150), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    is_staff: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    date_joined: Mapped[datetime] = mapped_column(default=now)
    bio: Mapped[Markup] = markup("bio", "markdown")
    search_visibility: Mapped[int] = mapped_column(default=SEARCH_PUBLIC)
    email_privacy: Mapped[int] = mapped_column(default=EMAIL_NEVER)
    public_profile: Mapped[bool] = mapped_column(default=True)

    groups: Mapped[list[Group]] = relationship(secondary=user_groups)

    is_authenticated, is_anonymous = True, False

    def __str__(self) -> str:
        return self.username

    def get_username(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name

    user_permissions: Mapped[list[Permission]] = relationship(secondary=user_permissions)
    membership: Mapped["Membership | None"] = relationship(back_populates="creator")
    auth_token: Mapped["Token | None"] = relationship(back_populates="user")
    api_key: Mapped["ApiKey | None"] = relationship(back_populates="user")
    emailaddress_set: Mapped[list["EmailAddress"]] = relationship(back_populates="user")


class Membership(LegacyBase):
    """A person's membership of the foundation; at most one each."""

    __tablename__ = "users_membership"

    BASIC, SUPPORTING, SPONSOR, CONTRIBUTING, FELLOW = 0, 1, 2, 4, 5
    TYPES: ClassVar = {
        BASIC: "Basic Member",
        SUPPORTING: "Supporting Member",
        SPONSOR: "Sponsor Member",
        CONTRIBUTING: "Contributing Member",
        FELLOW: "Fellow",
    }

    id: Mapped[Key]
    legal_name: Mapped[str] = mapped_column(String(100))
    preferred_name: Mapped[str] = mapped_column(String(100))
    email_address: Mapped[str] = mapped_column(String(100))
    city: Mapped[str] = mapped_column(String(100), default="")
    region: Mapped[str] = mapped_column(String(100), default="")
    country: Mapped[str] = mapped_column(String(100), default="")
    postal_code: Mapped[str] = mapped_column(String(20), default="")
    psf_code_of_conduct: Mapped[bool | None]
    psf_announcements: Mapped[bool | None]
    created: Mapped[datetime] = mapped_column(default=now)
    updated: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    creator_id: Mapped[int | None] = reference("users_user.id", unique=True)
    last_vote_affirmation: Mapped[datetime | None]
    votes: Mapped[bool] = mapped_column(default=False)
    membership_type: Mapped[int] = mapped_column(default=BASIC)

    creator: Mapped[User | None] = relationship(back_populates="membership")

    @property
    def higher_level_member(self) -> bool:
        return self.membership_type != self.BASIC

    def get_membership_type_display(self) -> str:
        return self.TYPES.get(self.membership_type, str(self.membership_type))


class UserGroup(LegacyBase):
    """A local group of people who meet."""

    __tablename__ = "users_usergroup"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(255))
    location: Mapped[str] = mapped_column(String(255))
    url: Mapped[str] = mapped_column(String(200))
    url_type: Mapped[str] = mapped_column(String(20))
    start_date: Mapped[date | None]
    approved: Mapped[bool] = mapped_column(default=False)
    trusted: Mapped[bool] = mapped_column(default=False)


class EmailAddress(LegacyBase):
    """An address of django-allauth's, in lower case; one primary per person, one verified per address."""

    __tablename__ = "account_emailaddress"
    __table_args__ = (
        UniqueConstraint("user_id", "email"),
        Index("unique_primary_email", "user_id", "primary", unique=True, postgresql_where=text('"primary"')),
        Index("unique_verified_email", "email", unique=True, postgresql_where=text("verified")),
    )

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254), index=True)
    verified: Mapped[bool] = mapped_column(default=False)
    primary: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[int] = reference("users_user.id")

    user: Mapped[User] = relationship(back_populates="emailaddress_set")


class EmailConfirmation(LegacyBase):
    """A confirmation of the kind that allauth stores. The site uses signed links instead and leaves the table empty."""

    __tablename__ = "account_emailconfirmation"

    id: Mapped[Key]
    created: Mapped[datetime] = mapped_column(default=now)
    sent: Mapped[datetime | None]
    key: Mapped[str] = mapped_column(String(64), unique=True)
    email_address_id: Mapped[int] = reference("account_emailaddress.id")

    email_address: Mapped[EmailAddress] = relationship()


class Token(LegacyBase):
    """The key for version 2 of the API: 40 hexadecimal digits."""

    __tablename__ = "authtoken_token"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    created: Mapped[datetime] = mapped_column(default=now)
    user_id: Mapped[int] = reference("users_user.id", unique=True)

    user: Mapped[User] = relationship(back_populates="auth_token")


class ApiKey(LegacyBase):
    """The key for version 1 of the API."""

    __tablename__ = "tastypie_apikey"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(128), default="", index=True)
    created: Mapped[datetime] = mapped_column(default=now)
    user_id: Mapped[int] = reference("users_user.id", unique=True)

    user: Mapped[User] = relationship(back_populates="api_key")


class LogEntry(LegacyBase):
    """What a person did in the admin; sponsorship workflows write here too."""

    __tablename__ = "django_admin_log"
    __table_args__ = (not_negative("action_flag"),)

    ADDITION, CHANGE, DELETION = 1, 2, 3

    id: Mapped[Key]
    action_time: Mapped[datetime] = mapped_column(default=now)
    object_id: Mapped[str | None]
    object_repr: Mapped[str] = mapped_column(String(200))
    action_flag: Mapped[int] = mapped_column(SmallInteger)
    change_message: Mapped[str] = mapped_column(default="")
    content_type_id: Mapped[int | None] = reference("django_content_type.id")
    user_id: Mapped[int] = reference("users_user.id")

    content_type: Mapped[ContentType | None] = relationship()
    user: Mapped[User] = relationship()


class Flag(LegacyBase):
    """A django-waffle flag: on for some people."""

    __tablename__ = "waffle_flag"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    everyone: Mapped[bool | None]
    percent: Mapped[Decimal | None] = mapped_column(Numeric(3, 1))
    testing: Mapped[bool] = mapped_column(default=False)
    superusers: Mapped[bool] = mapped_column(default=True)
    staff: Mapped[bool] = mapped_column(default=False)
    authenticated: Mapped[bool] = mapped_column(default=False)
    languages: Mapped[str] = mapped_column(default="")
    rollout: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    created: Mapped[datetime] = mapped_column(default=now, index=True)
    modified: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    groups: Mapped[list[Group]] = relationship(secondary=flag_groups)
    users: Mapped[list[User]] = relationship(secondary=flag_users)

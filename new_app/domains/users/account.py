"""Account: a signed-in user as templates know one, with what the site's own model adds to Django's.

Everything that takes a question is asked when a template looks at it, and remembered until its rows change.
"""

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from new_app.columns import Markup
from new_app.db import Results
from new_app.domains.sponsors.models import Sponsorship, visible_to
from new_app.domains.users.models import Membership, Token, User
from new_app.page import Page
from new_app.tables import ContentType, Permission


def profile_url(username: str) -> str:
    return f"/users/{quote(username, safe='@')}/"


def _every_permission(session: Session) -> frozenset[str]:
    rows = session.execute(select(ContentType.app_label, Permission.codename).join_from(Permission, ContentType))
    return frozenset(f"{app}.{codename}" for app, codename in rows)


class Account:
    """The user behind a session; attributes are the columns of `users_user`, methods Django's."""

    def __init__(self, page: Page, user: Any) -> None:
        self._user, self._page = user, page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._user, name)

    def __str__(self) -> str:
        return str(self._user)

    def __eq__(self, other: object) -> bool:
        return bool(getattr(other, "pk", None) == self._user.pk)

    def __hash__(self) -> int:
        return hash(self._user.pk)

    def get_all_permissions(self) -> Collection[str]:
        """`app.codename` of each; a superuser has every one that there is."""
        if not (self._user.is_superuser and self._user.is_active):
            granted: Collection[str] = self._user.get_all_permissions()
            return granted
        return self._page.remember("every permission", _every_permission)

    def get_absolute_url(self) -> str:
        return profile_url(self._user.username)

    @property
    def bio(self) -> Markup:
        user = self._user
        if isinstance(user, User):
            return user.bio
        return Markup(user.bio, user.bio_markup_type, user._bio_rendered)

    @property
    def has_membership(self) -> bool:
        return bool(self.membership)

    @property
    def membership(self) -> Membership | None:
        def found(session: Session) -> Membership | None:
            return session.scalars(select(Membership).where(Membership.creator_id == self._user.pk)).first()

        return self._page.remember(("membership", self._user.pk), found)

    @property
    def sponsorships(self) -> Results[Sponsorship]:
        """Those that the user applied for, or is a contact of the sponsor of."""

        def visible(session: Session) -> Results[Sponsorship]:
            return Results(session.scalars(select(Sponsorship).where(*visible_to(self._user.pk))))

        return self._page.remember(("visible sponsorships", self._user.pk), visible)

    @property
    def api_v2_token(self) -> str:
        question = select(Token.key).where(Token.user_id == self._user.pk)
        return self._page.session.scalar(question) or ""


def navigation(page: Page) -> dict[str, Any]:
    """USER_NAV_BAR: the links that a signed-in visitor has and nobody else."""
    user = page.user
    if not user.is_authenticated:
        return {}
    member = (
        {"url": "/users/membership/edit/", "label": "Edit PSF Basic membership"}
        if user.has_membership
        else {"url": "/users/membership/", "label": "Become a PSF Basic member"}
    )
    return {
        "account": _section(
            "Your Account",
            {"url": user.get_absolute_url(), "label": "View profile"},
            {"url": "/users/edit/", "label": "Edit profile"},
            {"url": "/accounts/password/change/", "label": "Change password"},
        ),
        "psf_membership": _section("Membership", {"url": "/users/nominations/", "label": "Nominations"}, member),
        "sponsorships": {
            "label": "Sponsorships Dashboard",
            "url": "/users/sponsorships/" if user.sponsorships else None,
        },
    }


def _section(label: str, *links: dict[str, str]) -> dict[str, str | Sequence[dict[str, str]]]:
    return {"label": label, "urls": list(links)}

"""Profiles: what others see of a person."""

from typing import Any

from sqlalchemy import select

from new_app.domains.users.account import Account
from new_app.domains.users.models import User
from new_app.page import Missing, Page, shown


def profile(page: Page, slug: str) -> dict[str, Any]:
    """One's own; of others those who are active and want to be found. `user` is the person shown, as in Django."""
    question = select(User).where(User.username == slug)
    found = page.remember(("profile", slug), lambda session: session.scalar(question))
    if found is None or not (slug == page.user.get_username() or is_listed(found)):
        raise Missing
    account = Account(page, found)
    return {"object": account, "user": account}


def is_listed(user: User) -> bool:
    return user.is_active and user.public_profile and user.search_visibility == User.SEARCH_PUBLIC


HANDLERS: tuple[Any, ...] = (shown("/users/{slug:str}/", "users/user_detail.html", profile),)

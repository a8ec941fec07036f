"""Signing in and out: by user name or e-mail address, as the site's two authentication backends do it.

Nobody learns whether an account is there: an unknown name takes as long as a wrong password and is told the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.action import Action, NotOurs, acts, never_cached
from new_app.answer import Answer
from new_app.domains.users import emails
from new_app.domains.users.entrance import (
    PENDING,
    by_page,
    expire,
    forget,
    is_email,
    is_verified,
    leave,
    offered,
    prove,
    users_of_email,
    wait,
    with_address_bar,
)
from new_app.domains.users.forms import LoginForm, ReauthenticateForm
from new_app.domains.users.limits import Limits
from new_app.domains.users.mails import require_mail, tell
from new_app.domains.users.models import EmailAddress, User
from new_app.page import SIGNED_IN, Forbidden, shown
from new_app.tables import Site

HOME = "/"
BY_NAME = "django.contrib.auth.backends.ModelBackend"
BY_EMAIL = "allauth.account.auth_backends.AuthenticationBackend"
REMEMBERED = 1_209_600
"""Seconds for which the box "Remember Me" keeps somebody signed in."""
TOO_MANY = "Too many failed login attempts. Try again later."
NO_PASSWORD = "!"  # noqa: S105 - what a stored password begins with if nobody can sign in with it
SUSPENDED = "account_reauthentication_state"


@dataclass(frozen=True, slots=True)
class Found:
    """Whose password it was, and which backend says so."""

    user: User
    backend: str


async def login(action: Action) -> Answer:
    if action.is_post and await Limits(action.identity.counters, action.call).use("login") is None:
        return await action.refuse("429", 429)
    if action.user.is_authenticated:
        answer = await action.redirect(action.next or HOME)
        answer.headers += never_cached()
        return answer
    expire(action)
    form = LoginForm(action.sent if action.is_post else None)
    if action.is_post and form.is_valid():
        done = await signed_in(action, form)
        if done is not None:
            done.headers += never_cached()
            return done
    variables = {
        "form": form,
        "signup_url": action.with_next("/accounts/signup/"),
        "SOCIALACCOUNT_ENABLED": False,
        "SOCIALACCOUNT_ONLY": False,
        "LOGIN_BY_CODE_ENABLED": False,
        "PASSKEY_LOGIN_ENABLED": False,
        "oauth_providers": offered(action),
    }
    return await action.show("account/login.html", with_address_bar(action, variables), headers=never_cached())


async def signed_in(action: Action, form: LoginForm) -> Answer | None:
    """Sign in whom the form names; None, and the form says why, if that is nobody."""
    name, password = form.cleaned_data["login"], form.cleaned_data["password"]
    email = name if is_email(name) else None
    async with action.reading() as session:
        candidates = await candidates_of(session, name, name)
        domain = await session.scalar(select(Site.domain).where(Site.id == action.call.public.site_id))
    limits = Limits(action.identity.counters, action.call)
    usage = await limits.use("login_failed", key=f"{domain}:{name.lower()}")
    if usage is None:
        form.add_error(None, TOO_MANY)
        return None
    found = await authenticated(action, candidates, password)
    if found is None:
        kind = "email address" if email else "username"
        form.add_error(None, f"The {kind} and/or password you specified are not correct.")
        return None
    await limits.take_back(usage)
    async with action.reading() as session:
        verified = await is_verified(session, found.user, email)
    if found.user.is_active and not verified:
        require_mail(action)
    prove(action, "password", email=email, username=name)
    if not found.user.is_active:
        to = "/accounts/inactive/"
    elif not verified:
        to = await confirm_first(action, found.user, email)
    else:
        to = action.next or HOME
        forget(action, [PENDING])
        user = await action.visitor.login(found.user.pk, found.backend)
        await tell(action, "SUCCESS", "logged_in", user=user)
    action.visitor.session.set_expiry(REMEMBERED if form.cleaned_data["remember"] else 0)
    return await action.redirect(to)


async def confirm_first(action: Action, user: User, email: str | None) -> str:
    """Who has not confirmed the address is mailed a link to, and waits."""
    assert action.identity.links is not None
    async with action.reading() as session:
        best = (EmailAddress.primary.desc(), EmailAddress.verified.desc())
        mine = select(EmailAddress).where(EmailAddress.user_id == user.pk).order_by(*best).limit(1)
        address = await emails.own(session, user.pk, email) if email else await session.scalar(mine)
    if address is None:
        address = await emails.with_row(action, user, email or user.email.lower())
    if address is not None and not address.verified:
        await emails.ask_to_confirm(action, address.email, address, user, signup=False)
    wait(action, action.identity.links.uid(user.pk), email=email, signup=False, next_=action.next)
    return "/accounts/confirm-email/"


async def candidates_of(session: AsyncSession, name: str, email: str | None) -> list[Found]:
    """Who may be meant by these, in the order in which the backends try their passwords."""
    named = [
        *await session.scalars(select(User).where(func.upper(User.username) == func.upper(name)).order_by(User.id))
    ]
    mailed = await users_of_email(session, email) if email else []
    first = [Found(user, BY_NAME) for user in named if len(named) == 1]
    return [*first, *(Found(user, BY_EMAIL) for user in (*mailed, *named[:1]))]


async def authenticated(action: Action, candidates: Sequence[Found], password: str) -> Found | None:
    """The first active user whose password it is, else an inactive one. Each password is checked once."""
    passwords, right, inactive = action.identity.passwords, {}, None
    for found in candidates:
        pk = found.user.pk
        if pk not in right:
            check = await passwords.verify(password, found.user.password)
            right[pk] = check.correct
            if check.correct and check.outdated:
                await store_anew(action, found.user, await passwords.encode(password))
        if right[pk] and found.user.is_active:
            return found
        if right[pk] and found.backend == BY_EMAIL:
            inactive = inactive or found
    if not candidates:
        await passwords.burn(password)
    return inactive


async def store_anew(action: Action, user: User, encoded: str) -> None:
    """Replace an outdated hash, unless the password has been changed meanwhile."""
    async with action.unit_of_work() as session:
        column = update(User).where(User.id == user.pk, User.password == user.password)
        await session.execute(column.values(password=encoded).execution_options(synchronize_session=False))


async def logout(action: Action) -> Answer:
    """A page that asks, and on a POST the end of the session."""
    to = action.next or HOME
    if action.is_post:
        await leave(action)
    elif action.user.is_authenticated:
        return await action.show("account/logout.html", with_address_bar(action, {}))
    return await action.redirect(to)


async def reauthenticate(action: Action) -> Answer:
    """Prove again who one is, with the password."""
    user, limits = action.user, Limits(action.identity.counters, action.call)
    if user.password.startswith(NO_PASSWORD):
        raise Forbidden
    if action.is_post and await limits.use("reauthenticate", user=user.pk) is None:
        return await action.refuse("429", 429)
    if SUSPENDED in action.visitor.session:
        raise NotOurs  # a request waits for it
    form = ReauthenticateForm(action.sent if action.is_post else None)
    if action.is_post and await is_again(action, form, limits):
        prove(action, "password", reauthenticated=True)
        return await action.redirect(action.next or HOME)
    variables = {"form": form, "reauthentication_alternatives": []}
    return await action.show("account/reauthenticate.html", with_address_bar(action, variables))


async def is_again(action: Action, form: ReauthenticateForm, limits: Limits) -> bool:
    if not form.is_valid():
        return False
    async with action.reading() as session:
        mine = select(EmailAddress.email).where(EmailAddress.user_id == action.user.pk, EmailAddress.primary)
        email = await session.scalar(mine) or action.user.email
        candidates = await candidates_of(session, action.user.username, email or None)
        domain = await session.scalar(select(Site.domain).where(Site.id == action.call.public.site_id))
    usage = await limits.use("login_failed", key=f"{domain}:{(email or action.user.username).lower()}")
    if usage is None:
        form.add_error("password", TOO_MANY)
        return False
    found = await authenticated(action, candidates, form.cleaned_data["password"])
    if found is not None:
        await limits.take_back(usage)
    if found is None or found.user.pk != action.user.pk:
        form.add_error("password", "Incorrect password.")
    return form.is_valid()


HANDLERS: tuple[Any, ...] = (
    acts("/accounts/login/", by_page(login)),
    acts("/accounts/logout/", by_page(logout)),
    acts("/accounts/reauthenticate/", reauthenticate, SIGNED_IN),
    shown("/accounts/inactive/", "account/account_inactive.html"),
)

"""Signing in and out: by user name or e-mail address, as the site's two authentication backends do it.

Nobody learns whether an account is there: an unknown name takes as long as a wrong password and is told the same.
"""

import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from legacy_adapters.forms import ValidationError
from legacy_adapters.forms.validators import validate_email
from new_app.action import Action, NotOurs, acts, never_cached
from new_app.answer import Answer
from new_app.domains.users.forms import LoginForm
from new_app.domains.users.limits import Limits
from new_app.domains.users.models import EmailAddress, User
from new_app.tables import Site

HOME = "/"
BY_NAME = "django.contrib.auth.backends.ModelBackend"
BY_EMAIL = "allauth.account.auth_backends.AuthenticationBackend"
METHODS = "account_authentication_methods"
"""How a session's visitor has proved who they are, and when."""
REMEMBERED = 1_209_600
"""Seconds for which the box "Remember Me" keeps somebody signed in."""
UNFINISHED = ("account_login", "account_password_reset_verification", "_password_reset_key")
"""What a session keeps of steps that were not finished."""
TOO_MANY = "Too many failed login attempts. Try again later."


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
    form = LoginForm(action.sent if action.is_post else None)
    if action.is_post and form.is_valid():
        done = await signed_in(action, form)
        if done is not None:
            done.headers += never_cached()
            return done
    asked = action.asked_next
    variables = {
        "form": form,
        "signup_url": action.with_next("/accounts/signup/"),
        "redirect_field_name": "next",
        "redirect_field_value": asked or None,
        "SOCIALACCOUNT_ENABLED": False,
        "SOCIALACCOUNT_ONLY": False,
        "LOGIN_BY_CODE_ENABLED": False,
        "PASSKEY_LOGIN_ENABLED": False,
    }
    return await action.show("account/login.html", variables, headers=never_cached())


async def signed_in(action: Action, form: LoginForm) -> Answer | None:
    """Sign in whom the form names; None, and the form says why, if that is nobody."""
    name, password = form.cleaned_data["login"], form.cleaned_data["password"]
    email = name if is_email(name) else None
    async with action.reading() as session:
        candidates = await candidates_of(session, name)
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
        if found.user.is_active and not await is_verified(session, found.user, email):
            raise NotOurs  # legacy mails the link
    proof = {"method": "password", "at": time.time(), **({"email": email} if email else {}), "username": name}
    action.visitor.session[METHODS] = [*action.visitor.session.get(METHODS, []), proof]
    to = "/accounts/inactive/"
    if found.user.is_active:
        to = action.next or HOME
        forget(action, UNFINISHED[:1])
        user = await action.visitor.login(found.user.pk, found.backend)
        action.succeed(f"Successfully signed in as {user.username}.")
    action.visitor.session.set_expiry(REMEMBERED if form.cleaned_data["remember"] else 0)
    return await action.redirect(to)


async def candidates_of(session: AsyncSession, name: str) -> list[Found]:
    """Who may be meant by this name, in the order in which the backends try their passwords."""
    named = [
        *await session.scalars(select(User).where(func.upper(User.username) == func.upper(name)).order_by(User.id))
    ]
    mailed = await users_of_email(session, name)
    first = [Found(user, BY_NAME) for user in named if len(named) == 1]
    return [*first, *(Found(user, BY_EMAIL) for user in (*mailed, *named[:1]))]


async def users_of_email(session: AsyncSession, email: str) -> list[User]:
    """Users with this address: those who have verified it if any has, else all, the account's own column included."""
    email = email.lower()
    rows = await session.execute(
        select(EmailAddress, User).join(User, User.id == EmailAddress.user_id).where(EmailAddress.email == email)
    )
    addresses = [(address, user) for address, user in rows]
    verified = [(address, user) for address, user in addresses if address.verified]
    users = [user for address, user in verified or addresses if same_text(address.email, email)]
    if not verified:
        users += list(await session.scalars(select(User).where(User.email == email)))
    return [*{user.pk: user for user in users}.values()]


async def is_verified(session: AsyncSession, user: User, email: str | None) -> bool:
    """Whether the user has verified the address that was given, or any if none was."""
    question = select(EmailAddress.id).where(EmailAddress.user_id == user.pk, EmailAddress.verified)
    if email:
        question = question.where(func.lower(EmailAddress.email) == email.lower())
    return await session.scalar(question.limit(1)) is not None


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
    if not action.is_post:
        if not action.user.is_authenticated:
            return await action.redirect(to)
        return await action.show(
            "account/logout.html",
            {"redirect_field_name": "next", "redirect_field_value": action.asked_next or None},
        )
    if action.user.is_authenticated:
        action.succeed("You have signed out.")
        await action.visitor.logout()
    forget(action, UNFINISHED)
    return await action.redirect(to)


def forget(action: Action, names: Sequence[str]) -> None:
    for name in names:
        action.visitor.session.pop(name, None)


def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def same_text(one: str, other: str) -> bool:
    """Alike to a reader, whatever the case and the code points (Unicode TR 36, 2.11.2)."""

    def plain(text: str) -> str:
        return unicodedata.normalize("NFKC", text).casefold()

    return plain(one) == plain(other)


HANDLERS: tuple[Any, ...] = (acts("/accounts/login/", login), acts("/accounts/logout/", logout))

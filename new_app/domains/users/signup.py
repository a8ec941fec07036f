"""Signing up: a person with a name, an address that waits to be confirmed, and keys for both versions of the API.

An address that has an account already looks, to whoever asks, like one that has none: its mailbox is told.
"""

import secrets
from typing import Any

from sqlalchemy.exc import IntegrityError

from new_app.action import Action, acts, never_cached
from new_app.answer import Answer
from new_app.domains.users.emails import ask_to_confirm
from new_app.domains.users.entrance import (
    by_page,
    expire,
    is_email,
    is_name_taken,
    require_no_rules,
    users_of_email,
    wait,
    with_address_bar,
)
from new_app.domains.users.forms import SignupForm
from new_app.domains.users.limits import Limits
from new_app.domains.users.mails import require_mail
from new_app.domains.users.models import ApiKey, EmailAddress, Token, User

HOME, SENT = "/", "/accounts/confirm-email/"
STASHED = "account_verified_email"
TAKEN = "A user with that username already exists."


async def signup(action: Action) -> Answer:
    require_mail(action)
    require_no_rules(action)
    if action.is_post and await Limits(action.identity.counters, action.call).use("signup") is None:
        return await action.refuse("429", 429)
    answer = await _signup(action)
    answer.headers += never_cached()
    return answer


async def _signup(action: Action) -> Answer:
    if action.user.is_authenticated:
        return await action.redirect(action.next or HOME)
    expire(action)
    email = action.call.params.get("email") or ""
    initial = {"email": email} if is_email(email) else {}
    form = SignupForm(action.sent if action.is_post else None, initial=initial)
    if action.is_post and await is_free(action, form):
        done = await signed_up(action, form)
        if done is not None:
            return done
    variables = {
        "form": form,
        "login_url": action.with_next("/accounts/login/"),
        "signup_url": action.with_next("/accounts/signup/"),
        "signup_by_passkey_url": None,
        "SOCIALACCOUNT_ENABLED": False,
        "SOCIALACCOUNT_ONLY": False,
        "PASSKEY_SIGNUP_ENABLED": False,
    }
    return await action.show("account/signup.html", with_address_bar(action, variables))


async def is_free(action: Action, form: SignupForm) -> bool:
    """Whether the form is right and nobody has the name, in whatever case."""
    form.is_valid()
    name = form.cleaned_data.get("username")
    if name is not None:
        async with action.reading() as session:
            if await is_name_taken(session, name):
                form.add_error("username", TAKEN)
    return form.is_valid()


async def signed_up(action: Action, form: SignupForm) -> Answer | None:
    """The rows and the mail; None if somebody took the name meanwhile."""
    said, links = form.cleaned_data, action.identity.links
    email, passwords = said["email"], action.identity.passwords
    assert links is not None
    async with action.reading() as session:
        known = bool(await users_of_email(session, email, prefer_verified=False))
    if known:
        await passwords.burn(said["password1"])
        await ask_to_confirm(action, email, None, None, signup=True)
        wait(action, None, email=email, signup=True, next_="")
        return await action.redirect(SENT)
    user = User(username=said["username"], email=email, password=await passwords.encode(said["password1"]))
    try:
        address = await written(action, user)
    except IntegrityError:
        form.add_error("username", TAKEN)
        return None
    action.visitor.session[STASHED] = None
    await ask_to_confirm(action, email, address, user, signup=True)
    wait(action, links.uid(user.pk), email=None, signup=True, next_=action.next, told={})
    return await action.redirect(SENT)


async def written(action: Action, user: User, *, verified: bool = False) -> EmailAddress:
    """The person, with what every account begins with. Raises IntegrityError if somebody has the name."""
    async with action.unit_of_work() as session:
        session.add(user)
        await session.flush()
        address = EmailAddress(user_id=user.id, email=user.email, primary=True, verified=verified)
        keys = [ApiKey(user_id=user.id, key=secrets.token_hex(20)), Token(user_id=user.id, key=secrets.token_hex(20))]
        session.add_all([address, *keys])
    return address


HANDLERS: tuple[Any, ...] = (acts("/accounts/signup/", by_page(signup), trap=True),)

"""Passwords: changed or set by who is signed in, set anew by who follows a link that was mailed.

Every other session of that person ends. A link is good until its person signs in, has another address or another
password; its key moves from the address bar to the session before a page is shown.
"""

import re
from typing import Any

from sqlalchemy import select, update

from new_app.action import Action, acts
from new_app.answer import Answer
from new_app.columns import LARGEST_KEY
from new_app.domains.users.emails import with_row
from new_app.domains.users.entrance import (
    RESET_KEY,
    by_page,
    leave,
    require_no_rules,
    users_of_email,
    with_address_bar,
)
from new_app.domains.users.forms import (
    ChangePasswordForm,
    NewPassword,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from new_app.domains.users.limits import Limits
from new_app.domains.users.mails import mail, require_mail, tell
from new_app.domains.users.models import EmailAddress, User
from new_app.page import SIGNED_IN, Missing, shown
from new_app.tables import Site

USABLE = "!"
"""What a stored password does not begin with if somebody can sign in with it."""
CHANGE, SET = "/accounts/password/change/", "/accounts/password/set/"
RESET = "/accounts/password/reset/"
KEY_URL = re.compile(r"([0-9A-Za-z]+)-(.+)", re.S)
KEPT = "set-password"
"""What stands in the URL in place of the key."""


# -- by who is signed in ----------------------------------------------------------------------------------------------


async def change(action: Action) -> Answer:
    require_no_rules(action)
    user = action.user
    limits = Limits(action.identity.counters, action.call)
    if action.is_post and await limits.use("change_password", user=user.pk) is None:
        return await action.refuse("429", 429)
    if user.password.startswith(USABLE):
        return await action.redirect(SET)
    form = ChangePasswordForm(action.sent if action.is_post else None)
    if action.is_post and await fits(action, form):
        await store(action, user.pk, form)
        await action.visitor.keep_session()
        await tell(action, "SUCCESS", "password_changed")
        return await action.redirect("/users/edit/")
    variables = {"form": form, "password_change_form": form}
    return await action.show("account/password_change.html", with_address_bar(action, variables))


async def fits(action: Action, form: ChangePasswordForm) -> bool:
    form.is_valid()
    old = form.cleaned_data.get("oldpassword")
    if old and not (await action.identity.passwords.verify(old, action.user.password)).correct:
        form.add_error("oldpassword", "Please type your current password.")
    return form.is_valid()


async def first(action: Action) -> Answer:
    """The first password of somebody who has none, as people have whom another site signed in."""
    require_no_rules(action)
    user = action.user
    limits = Limits(action.identity.counters, action.call)
    if action.is_post and await limits.use("change_password", user=user.pk) is None:
        return await action.refuse("429", 429)
    if not user.password.startswith(USABLE):
        return await action.redirect(CHANGE)
    form = SetPasswordForm(action.sent if action.is_post else None)
    if form.is_valid():
        await store(action, user.pk, form)
        await action.visitor.keep_session()
        await tell(action, "SUCCESS", "password_set")
        return await action.redirect(action.next or CHANGE)
    return await action.show(
        "account/password_set.html", with_address_bar(action, {"form": form, "password_set_form": form})
    )


async def store(action: Action, pk: Any, form: NewPassword) -> None:
    encoded = await action.identity.passwords.encode(form.cleaned_data["password1"])
    async with action.unit_of_work() as session:
        await session.execute(update(User).where(User.id == pk).values(password=encoded))


# -- by a link --------------------------------------------------------------------------------------------------------


async def ask(action: Action) -> Answer:
    """Mail a link to an address, whoever's it is: what is answered does not tell."""
    require_mail(action)
    form = ResetPasswordForm(action.sent if action.is_post else None)
    if form.is_valid():
        email = form.cleaned_data["email"]
        limits = Limits(action.identity.counters, action.call)
        if await limits.use("reset_password", key=email) is None:
            return await action.refuse("429", 429)
        await mail_links(action, email)
        return await action.redirect(action.next or f"{RESET}done/")
    variables = {"form": form, "password_reset_form": form, "login_url": action.with_next("/accounts/login/")}
    return await action.show("account/password_reset.html", with_address_bar(action, variables))


async def mail_links(action: Action, email: str) -> None:
    links, origin = action.identity.links, action.call.origin
    assert links is not None
    async with action.reading() as session:
        users = [user for user in await users_of_email(session, email) if user.is_active]
    if not users:
        await mail(action, "unknown_account", email, signup_url=f"{origin}/accounts/signup/")
    for user in users:
        uid, key = links.uid(user.pk), links.reset(user, await addresses_of(action, user))
        url = f"{origin}{RESET}key/{uid}-{key}/"
        said = {"user": user, "password_reset_url": url, "uid": uid, "key": key, "username": user.username}
        await mail(action, "password_reset_key", email, **said)


async def addresses_of(action: Action, user: User) -> frozenset[str]:
    """All of a person's addresses, that of the account among them; it gets a row if it had none."""
    email = user.email.lower()
    await with_row(action, user, email)
    async with action.reading() as session:
        rows = await session.scalars(select(EmailAddress.email).where(EmailAddress.user_id == user.pk))
        return frozenset([*rows, *([email] if email else [])])


async def reset(action: Action, said: str) -> Answer:
    """The URL with the key sends on to the one without; there, if the key in the session is good, is the form."""
    require_mail(action)
    require_no_rules(action)
    limits = Limits(action.identity.counters, action.call)
    if action.is_post and await limits.use("reset_password_from_key") is None:
        return await action.refuse("429", 429)
    found = KEY_URL.fullmatch(said.strip("/"))
    if found is None:
        raise Missing
    uid, key = found.groups()
    if key == KEPT:
        key = action.visitor.session.get(RESET_KEY, "")
        user = await owner(action, uid, key)
        if user is not None:
            return await reset_by(action, user, key, said)
    elif await owner(action, uid, key) is not None:
        action.visitor.session[RESET_KEY] = key
        return await action.redirect(action.with_next(action.call.path.replace(key, KEPT)))
    return await reset_page(
        action, said, ResetPasswordKeyForm(action.sent if action.is_post else None), token_fail=True
    )


async def owner(action: Action, uid: str, key: str) -> User | None:
    """Whose password the key sets."""
    links = action.identity.links
    assert links is not None
    try:
        pk = links.pk(uid)
    except ValueError:
        return None
    async with action.reading() as session:
        user = await session.get(User, pk) if key and -LARGEST_KEY - 1 <= pk <= LARGEST_KEY else None
    if user is None or not links.resets(user, await addresses_of(action, user), key):
        return None
    return user


async def reset_by(action: Action, user: User, key: str, said: str) -> Answer:
    if action.user.is_authenticated and action.user.pk != user.pk:
        await leave(action)
        action.visitor.session[RESET_KEY] = key
    form = ResetPasswordKeyForm(action.sent if action.is_post else None)
    if not form.is_valid():
        return await reset_page(action, said, form)
    await store(action, user.pk, form)
    await forgive(action, user)
    await tell(action, "SUCCESS", "password_changed")
    return await action.redirect(action.next or f"{RESET}key/done/")


async def forgive(action: Action, user: User) -> None:
    """Whoever reads the person's mail may sign in: tries that failed are forgotten."""
    async with action.reading() as session:
        domain = await session.scalar(select(Site.domain).where(Site.id == action.call.public.site_id))
        emails = [*await session.scalars(select(EmailAddress.email).where(EmailAddress.user_id == user.pk))]
    limits = Limits(action.identity.counters, action.call)
    for email in emails:
        await limits.clear("login_failed", key=f"{domain}:{email.lower()}")


async def reset_page(action: Action, said: str, form: ResetPasswordKeyForm, **more: Any) -> Answer:
    variables = {"form": form, "action_url": f"{RESET}key/{said.strip('/')}/", **more}
    return await action.show("account/password_reset_from_key.html", with_address_bar(action, variables))


HANDLERS: tuple[Any, ...] = (
    acts(CHANGE, by_page(change), SIGNED_IN, trap=True),
    acts(SET, by_page(first), SIGNED_IN),
    acts(RESET, by_page(ask)),
    shown(f"{RESET}done/", "account/password_reset_done.html"),
    shown(f"{RESET}key/done/", "account/password_reset_from_key_done.html"),
    acts(f"{RESET}key/{{said:path}}", by_page(reset)),
)

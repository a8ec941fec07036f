"""Passwords: changed by who is signed in. Every other session of theirs ends, this one goes on."""

from sqlalchemy import update

from new_app.action import Action, acts
from new_app.answer import Answer
from new_app.domains.users.forms import ChangePasswordForm
from new_app.domains.users.limits import Limits
from new_app.domains.users.models import User
from new_app.page import SIGNED_IN

USABLE = "!"
"""What a stored password does not begin with if somebody can sign in with it."""


async def change(action: Action) -> Answer:
    user = action.user
    limits = Limits(action.identity.counters, action.call)
    if action.is_post and await limits.use("change_password", user=user.pk) is None:
        return await action.refuse("429", 429)
    if user.password.startswith(USABLE):
        return await action.redirect("/accounts/password/set/")
    form = ChangePasswordForm(action.sent if action.is_post else None)
    if action.is_post and await fits(action, form):
        await store(action, form.cleaned_data["password1"])
        await action.visitor.keep_session()
        action.succeed("Password successfully changed.")
        return await action.redirect("/users/edit/")
    return await action.show("account/password_change.html", {"form": form, "password_change_form": form})


async def fits(action: Action, form: ChangePasswordForm) -> bool:
    form.is_valid()
    old = form.cleaned_data.get("oldpassword")
    if old and not (await action.identity.passwords.verify(old, action.user.password)).correct:
        form.add_error("oldpassword", "Please type your current password.")
    return form.is_valid()


async def store(action: Action, password: str) -> None:
    encoded = await action.identity.passwords.encode(password)
    async with action.unit_of_work() as session:
        await session.execute(update(User).where(User.id == action.user.pk).values(password=encoded))


HANDLERS = (acts("/accounts/password/change/", change, SIGNED_IN, trap=True),)

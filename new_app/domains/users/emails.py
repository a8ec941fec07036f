"""E-mail addresses: each is confirmed by a link that is mailed to it; one of a person's is the primary one.

`users_user.email` is the primary address in lower case, and may have no row of its own: people made in the admin get
theirs when it is first needed. Whether an address has an account is told to its mailbox, to nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.action import Action, acts
from new_app.answer import Answer
from new_app.domains.users import entrance
from new_app.domains.users.entrance import by_page, is_email, with_address_bar
from new_app.domains.users.forms import AddEmailForm
from new_app.domains.users.limits import Limits
from new_app.domains.users.mails import mail, require_mail, tell
from new_app.domains.users.models import EmailAddress, EmailConfirmation, User
from new_app.page import SIGNED_IN, Missing, Page, shown

HOME, SIGN_IN, ADDRESSES = "/", "/accounts/login/", "/accounts/email/"


# -- rows -------------------------------------------------------------------------------------------------------------


async def with_row(action: Action, user: Any, email: str) -> EmailAddress | None:
    """The address, if it had no row and has one now; None if there was one."""
    if not email:
        return None
    async with action.unit_of_work() as session:
        known = select(EmailAddress.id).where(EmailAddress.user_id == user.pk, EmailAddress.email == email)
        if await session.scalar(known.limit(1)) is not None:
            return None
        row = insert(EmailAddress).values(user_id=user.pk, email=email, verified=False, primary=False)
        added = row.on_conflict_do_nothing().returning(EmailAddress)
        return await session.scalar(added)


async def own(session: AsyncSession, pk: Any, email: str) -> EmailAddress | None:
    """This address of this person."""
    return await session.scalar(
        select(EmailAddress).where(EmailAddress.user_id == pk, EmailAddress.email == email.lower())
    )


async def others(session: AsyncSession, address: EmailAddress) -> Sequence[EmailAddress]:
    """The other addresses of the same person, verified ones first."""
    mine = (EmailAddress.user_id == address.user_id, EmailAddress.id != address.id)
    return (await session.scalars(select(EmailAddress).where(*mine).order_by(EmailAddress.verified.desc()))).all()


async def make_primary(session: AsyncSession, address: EmailAddress) -> None:
    """The address that mails go to, and that `users_user.email` says."""
    of_user = update(EmailAddress).where(EmailAddress.user_id == address.user_id)
    await session.execute(of_user.where(EmailAddress.primary).values(primary=False))
    await session.execute(update(EmailAddress).where(EmailAddress.id == address.id).values(primary=True))
    await session.execute(update(User).where(User.id == address.user_id).values(email=address.email.lower()))


# -- confirming -------------------------------------------------------------------------------------------------------


async def ask_to_confirm(action: Action, email: str, row: EmailAddress | None, user: Any, *, signup: bool) -> None:
    """Mail the link, at most once in three minutes. Who has none of this address (`row`) is told that they are known.

    Nobody who watches the site can tell which of the two was mailed.
    """
    if await Limits(action.identity.counters, action.call).use("confirm_email", key=email.lower()) is None:
        return
    if row is None:
        urls = {"signup_url": "/accounts/signup/", "password_reset_url": "/accounts/password/reset/"}
        absolute = {name: action.call.origin + path for name, path in urls.items()}
        await mail(action, "account_already_exists", email, **absolute)
    else:
        assert action.identity.links is not None
        key = action.identity.links.confirmation(row.id)
        url = f"{action.call.origin}/accounts/confirm-email/{key}/"
        name = "email_confirmation_signup" if signup else "email_confirmation"
        await mail(action, name, row.email, user=user, key=key, activate_url=url)
    await tell(action, "INFO", "email_confirmation_sent", email=email, login=not signup, signup=signup)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the page of a link shows. `key` is made anew, as django-allauth makes it."""

    email_address: Any
    make: Any

    @property
    def key(self) -> str:
        return str(self.make(self.email_address.pk))


async def confirm(action: Action, key: str) -> Answer:
    require_mail(action)
    links = action.identity.links
    assert links is not None
    address = await waiting(action, links.confirmed(key))
    if not action.is_post:
        return await confirmation_page(action, address)
    if address is None:
        raise Missing
    async with action.unit_of_work() as session:
        confirmed = not await is_taken(session, address)
        if confirmed:
            await session.execute(update(EmailAddress).where(EmailAddress.id == address.id).values(verified=True))
            primary = select(EmailAddress.id).where(EmailAddress.user_id == address.user_id, EmailAddress.primary)
            if await session.scalar(primary) is None:
                await make_primary(session, address)
    if confirmed:
        await tell(action, "SUCCESS", "email_confirmed", email=address.email)
        entrance.end_of_stage(action)
        await leave_if_other(action, address.user_id)
    else:
        await tell(action, "ERROR", "email_confirmation_failed", email=address.email)
    return await action.redirect(action.next or (HOME if action.user.is_authenticated else SIGN_IN))


async def waiting(action: Action, pk: Any) -> EmailAddress | None:
    """The address that a link confirms, if it still waits for that."""
    if not isinstance(pk, int):
        return None
    async with action.reading() as session:
        question = select(EmailAddress).where(EmailAddress.id == pk, EmailAddress.verified.is_(False))
        return await session.scalar(question)


async def is_taken(session: AsyncSession, address: EmailAddress) -> bool:
    """Whether somebody else has verified it."""
    same = select(EmailAddress.id).where(EmailAddress.email == address.email, EmailAddress.id != address.id)
    return await session.scalar(same.where(EmailAddress.verified).limit(1)) is not None


async def confirmation_page(action: Action, address: EmailAddress | None) -> Answer:
    variables: dict[str, Any] = {"confirmation": None, "can_confirm": None}
    if address is not None:
        assert action.identity.links is not None
        await leave_if_other(action, address.user_id)
        async with action.reading() as session:
            user = await session.get(User, address.user_id)
            can = not await is_taken(session, address)
        shown_as = SimpleNamespace(pk=address.id, email=address.email, user=user)
        confirmation = Confirmation(shown_as, action.identity.links.confirmation)
        variables = {"confirmation": confirmation, "can_confirm": can, "email": address.email}
    return await action.show("account/email_confirm.html", with_address_bar(action, variables))


async def leave_if_other(action: Action, pk: Any) -> None:
    """Whoever follows a link of somebody else's account is signed out of their own."""
    if action.user.is_authenticated and action.user.pk != pk:
        await entrance.leave(action)


# -- managing ---------------------------------------------------------------------------------------------------------


async def manage(action: Action) -> Answer:
    require_mail(action)
    user = action.user
    if action.is_post and await Limits(action.identity.counters, action.call).use("manage_email", user=user.pk) is None:
        return await action.refuse("429", 429)
    await with_row(action, user, user.email.lower())
    form = AddEmailForm(action.sent if "action_add" in action.sent else None)
    if not action.is_post:
        return await addresses_page(action, form)
    if "action_add" in action.sent:
        return await add(action, form)
    email = action.sent.get("email") or ""
    chosen = await own_or_none(action, email)
    if chosen is not None:
        if "action_send" in action.sent:
            await ask_to_confirm(action, chosen.email, chosen, user, signup=False)
        elif "action_remove" in action.sent:
            await remove(action, chosen)
        elif "action_primary" in action.sent:
            await choose(action, chosen)
    return await action.redirect(ADDRESSES)


async def own_or_none(action: Action, email: str) -> EmailAddress | None:
    if not is_email(email):
        return None
    async with action.reading() as session:
        return await own(session, action.user.pk, email)


async def addresses_page(action: Action, form: AddEmailForm) -> Answer:
    def variables(page: Page) -> dict[str, Any]:
        mine = select(EmailAddress).where(EmailAddress.user_id == action.user.pk).order_by(EmailAddress.email)
        found = list(page.session.scalars(mine))
        radios = [
            {"id": f"email_radio_{i}", "checked": one.primary or len(found) == 1, "emailaddress": one}
            for i, one in enumerate(found)
        ]
        return {
            "form": form,
            "add_email_form": form,
            "emailaddresses": found,
            "emailaddress_radios": radios,
            "can_add_email": True,
        }

    return await action.show("account/email.html", variables)


async def add(action: Action, form: AddEmailForm) -> Answer:
    """An address of the person's own is refused; whether somebody else has it is told to its mailbox alone."""
    user, email = action.user, ""
    if form.is_valid():
        email = form.cleaned_data["email"]
        async with action.reading() as session:
            if user.pk in {one.pk for one in await entrance.users_of_email(session, email, prefer_verified=False)}:
                form.add_error("email", "This email address is already associated with this account.")
    if not form.is_valid():
        return await addresses_page(action, form)
    added = await with_row(action, user, email)
    if added is not None:
        await ask_to_confirm(action, email, added, user, signup=False)
    return await action.redirect(ADDRESSES)


async def remove(action: Action, address: EmailAddress) -> None:
    async with action.unit_of_work() as session:
        left = await others(session, address)
        kept = address.primary and bool(left)
        if not kept:
            await session.execute(delete(EmailConfirmation).where(EmailConfirmation.email_address_id == address.id))
            await session.execute(delete(EmailAddress).where(EmailAddress.id == address.id))
            if action.user.email.lower() == address.email:
                instead = left[0].email.lower() if left else ""
                await session.execute(update(User).where(User.id == address.user_id).values(email=instead))
    if kept:
        await tell(action, "ERROR", "cannot_delete_primary_email", email=address.email)
    else:
        await tell(action, "SUCCESS", "email_deleted", email=address.email)


async def choose(action: Action, address: EmailAddress) -> None:
    """Make it the primary one; only a verified one, if the person has any."""
    async with action.unit_of_work() as session:
        may = address.verified or not any(other.verified for other in await others(session, address))
        if may:
            await make_primary(session, address)
    if may:
        await tell(action, "SUCCESS", "primary_email_set")
    else:
        await tell(action, "ERROR", "unverified_primary_email")


HANDLERS: tuple[Any, ...] = (
    shown("/accounts/confirm-email/", "account/verification_sent.html"),
    acts("/accounts/confirm-email/{key:str}/", by_page(confirm)),
    acts(ADDRESSES, by_page(manage), SIGNED_IN),
)

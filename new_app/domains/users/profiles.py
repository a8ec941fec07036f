"""Profiles: what others see of a person, what the person says, and the end of an account."""

from typing import Any

from sqlalchemy import Table, delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.action import Action, NotOurs, acts
from new_app.answer import Answer
from new_app.db import LegacyBase
from new_app.domains.users.account import Account, profile_url
from new_app.domains.users.entrance import is_name_taken
from new_app.domains.users.forms import ProfileForm
from new_app.domains.users.models import EmailAddress, EmailConfirmation, Membership, User
from new_app.domains.users.signup import TAKEN
from new_app.markup import rendered
from new_app.page import SIGNED_IN, Forbidden, Missing, Page, shown

EDIT, HOME = "/users/edit/", "/"
PEOPLE = LegacyBase.metadata.tables[User.__tablename__]


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


# -- editing ----------------------------------------------------------------------------------------------------------


async def edit(action: Action) -> Answer:
    async with action.reading() as session:
        person = await session.get_one(User, action.user.pk)
        session.expunge(person)
    said = {name: getattr(person, name) for name in ProfileForm.base_fields}
    form = ProfileForm(action.sent if action.is_post else None, initial={**said, "bio": person.bio.raw})
    if action.is_post:
        if await is_unique(action, form, person.id) and await stored(action, form, person):
            return await action.redirect(profile_url(form.cleaned_data["username"]))
        for name, value in form.cleaned_data.items():
            if name != "bio":
                setattr(person, name, value)  # the page's heading says what was typed, as in Django

    def variables(page: Page) -> dict[str, Any]:
        account = Account(page, person)
        return {"form": form, "object": account, "user": account}

    return await action.show("users/user_form.html", variables)


async def is_unique(action: Action, form: ProfileForm, pk: int) -> bool:
    """Whether the form is right, and nobody else has the name in whatever case, or the address as it is written.

    No address is an address too: only one person can be without.
    """
    form.is_valid()
    name, email = form.cleaned_data.get("username"), form.cleaned_data.get("email")
    async with action.reading() as session:
        if name is not None and await is_name_taken(session, name, but=pk):
            form.add_error("username", TAKEN)
        same = select(User.id).where(User.id != pk, User.email == email).limit(1)
        if email is not None and await session.scalar(same) is not None:
            form.add_error("email", "Please use a unique email address.")
    return form.is_valid()


async def stored(action: Action, form: ProfileForm, person: User) -> bool:
    """Write the profile; False, and the form says why, if somebody took the name meanwhile."""
    said = dict(form.cleaned_data)
    try:
        bio = rendered(said.pop("bio"), person.bio.markup_type or "", escape_html=True)
    except LookupError:
        raise NotOurs from None
    mailbox, at, host = said["email"].rpartition("@")
    said |= {"email": f"{mailbox}{at}{host.lower()}", "bio_raw": bio.raw, "_bio_rendered": bio.rendered}
    try:
        async with action.unit_of_work() as session:
            await session.execute(update(PEOPLE).where(PEOPLE.c.id == person.id).values(said))
    except IntegrityError:
        form.add_error("username", TAKEN)
        return False
    return True


# -- the end of an account --------------------------------------------------------------------------------------------


async def remove(action: Action, slug: str) -> Answer:
    """One's own account, with all that belongs to it alone; legacy removes people who own anything of the site's."""
    async with action.reading() as session:
        person = await session.scalar(select(User).where(User.username == slug))
        if person is None:
            raise Missing
        if person.id != action.user.pk:
            raise Forbidden
        if not action.is_post:
            return await only_post(action)
        if await owns_content(session, person.id):
            raise NotOurs
    try:
        async with action.unit_of_work() as session:
            await erased(session, person.id)
    except IntegrityError:
        raise NotOurs from None  # written meanwhile
    return await action.redirect(HOME)


async def only_post(action: Action) -> Answer:
    return await action.finish(Answer(b"", 405, headers=[(b"allow", b"POST, DELETE")]))


PERSONAL = (
    "users_user_groups",
    "users_user_user_permissions",
    "waffle_flag_users",
    "authtoken_token",
    "tastypie_apikey",
    Membership.__tablename__,
    EmailAddress.__tablename__,
)
"""Tables whose rows go with their person, in an order in which they can."""


def _pointing() -> dict[str, list[tuple[Table, Any]]]:
    """The columns that point at a person, by table."""
    found: dict[str, list[tuple[Table, Any]]] = {}
    for table in LegacyBase.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table.name == User.__tablename__:
                found.setdefault(table.name, []).append((table, key.parent))
    return found


async def owns_content(session: AsyncSession, pk: int) -> bool:
    """Whether any table that is not a person's own has a row of theirs."""
    own = [
        exists().where(column == pk)
        for name, columns in _pointing().items()
        if name not in PERSONAL
        for _, column in columns
    ]
    return any((await session.execute(select(*own))).one())


async def erased(session: AsyncSession, pk: int) -> None:
    mine = select(EmailAddress.id).where(EmailAddress.user_id == pk)
    await session.execute(delete(EmailConfirmation).where(EmailConfirmation.email_address_id.in_(mine)))
    pointing = _pointing()
    for name in PERSONAL:
        for table, column in pointing[name]:
            await session.execute(delete(table).where(column == pk))
    await session.execute(delete(User).where(User.id == pk))


HANDLERS: tuple[Any, ...] = (
    shown("/users/{slug:str}/", "users/user_detail.html", profile),
    acts(EDIT, edit, SIGNED_IN, trap=True),
    acts("/users/{slug:str}/delete/", remove, SIGNED_IN),
)

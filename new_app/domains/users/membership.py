"""Membership of the foundation: joining, what a member says, and the yearly word that a member wants to vote."""

from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from new_app.action import Action, acts
from new_app.answer import Answer
from new_app.columns import now
from new_app.domains.users.account import profile_url
from new_app.domains.users.forms import MembershipForm, MembershipUpdateForm
from new_app.domains.users.models import Membership, User
from new_app.domains.users.profiles import only_post
from new_app.page import SIGNED_IN, Forbidden, Missing, Page, shown

JOIN, EDIT, THANKS, AFFIRM = (f"/users/membership/{step}" for step in ("", "edit/", "thanks/", "affirm/"))
FORM = "users/membership_form.html"


async def own(action: Action) -> Membership | None:
    async with action.reading() as session:
        return await session.scalar(select(Membership).where(Membership.creator_id == action.user.pk))


async def join(action: Action) -> Answer:
    """Who is a member already edits instead. The announcements that the row knows are asked by no form: NULL."""
    if await own(action) is not None:
        return await action.redirect(EDIT)
    form = MembershipForm(action.sent if action.is_post else None, initial={"email_address": action.user.email})
    if not form.is_valid():
        return await action.show(FORM, {"form": form, "object": None})
    row = insert(Membership).values(creator_id=action.user.pk, **form.cleaned_data)
    try:
        async with action.unit_of_work() as session:
            await session.execute(row)
    except IntegrityError:
        return await action.redirect(EDIT)  # joined meanwhile, in another window
    return await action.redirect(THANKS)


async def edit(action: Action) -> Answer:
    member = await own(action)
    if member is None:
        raise Missing
    said = {name: getattr(member, name) for name in MembershipUpdateForm.base_fields}
    form = MembershipUpdateForm(action.sent if action.is_post else None, initial=said)
    if not form.is_valid():
        return await action.show(FORM, {"form": form, "object": member, "membership": member})
    await write(action, member, **form.cleaned_data)
    return await action.redirect(THANKS)


async def write(action: Action, member: Membership, **said: Any) -> None:
    """A member who votes has said so at some time: now, if never before."""
    votes = said.get("votes", member.votes)
    if votes and member.last_vote_affirmation is None:
        said.setdefault("last_vote_affirmation", now())
    async with action.unit_of_work() as session:
        await session.execute(update(Membership).where(Membership.id == member.id).values(updated=now(), **said))


async def affirm(action: Action) -> Answer:
    """Anybody may look. Strangers who send it are asked to sign in, and who is no member to join."""
    if not action.is_post:
        return await action.show("users/membership_vote_affirm.html", {})
    if not action.user.is_authenticated:
        return await action.redirect(f"/accounts/login/?next={AFFIRM}")
    member = await own(action)
    if member is None:
        return await action.redirect(JOIN)
    await write(action, member, votes=True, last_vote_affirmation=now())
    return await action.redirect(f"{AFFIRM}done/")


async def leave(action: Action, slug: str) -> Answer:
    async with action.reading() as session:
        of = select(Membership).join(User, Membership.creator_id == User.id).where(User.username == slug)
        member = await session.scalar(of)
    if member is None:
        raise Missing
    if member.creator_id != action.user.pk:
        raise Forbidden
    if not action.is_post:
        return await only_post(action)
    async with action.unit_of_work() as session:
        await session.execute(delete(Membership).where(Membership.id == member.id))
    return await action.redirect(profile_url(action.user.username))


def landing(page: Page) -> dict[str, Any]:
    """For those for whom the flag is on; for others there is no such page."""
    if not page.is_on("psf_membership"):
        raise Missing
    return {}


HANDLERS: tuple[Any, ...] = (
    shown("/membership/", "users/membership.html", landing),
    acts(JOIN, join, SIGNED_IN, trap=True),
    acts(EDIT, edit, SIGNED_IN, trap=True),
    acts(AFFIRM, affirm),
    acts("/users/membership/delete/{slug:str}/", leave, SIGNED_IN),
    shown(THANKS, "users/membership_thanks.html"),
    shown(f"{AFFIRM}done/", "users/membership_vote_affirm_done.html"),
)

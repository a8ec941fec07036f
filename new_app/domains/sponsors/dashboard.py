"""What a sponsor's people see of their sponsorships: all of them, and which sponsor to edit."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from new_app.action import Action, acts
from new_app.answer import Answer
from new_app.content import results
from new_app.context import MESSAGE_LEVELS
from new_app.db import Results
from new_app.domains.sponsors.models import Sponsor, SponsorContact, Sponsorship, visible_to
from new_app.page import SIGNED_IN, Page, shown
from new_app.paging import UNPAGED
from new_app.session import Unknowable

MINE = "/users/sponsorships/"


def mine(page: Page) -> dict[str, Any]:
    """Those that run, and the others by what became of them, the last step first."""
    pk = page.user.pk

    def visible(session: Session) -> Results[Sponsorship]:
        whole = (joinedload(Sponsorship.sponsor), selectinload(Sponsorship.package))  # one join, as legacy's: its order
        return results(session, select(Sponsorship).where(*visible_to(pk)).options(*whole))

    found = page.remember(("sponsorships of", pk), visible)
    if any(one.sponsor is None for one in found):
        raise Unknowable("legacy fails over a sponsorship without a sponsor, and knows how")
    inactive = [one for one in found if not one.is_active]
    grouped = [(name, [one for one in inactive if one.status == status]) for status, name in Sponsorship.LATEST_FIRST]
    return {
        "object_list": found,
        "sponsorships": found,
        "active": [one for one in found if one.is_active],
        "by_status": grouped,
        **UNPAGED,
    }


async def choose(action: Action) -> Answer:
    """On to the one sponsor that somebody speaks for, or a choice of several."""
    question = select(Sponsor).join(SponsorContact).where(SponsorContact.user_id == action.user.pk)
    async with action.reading() as session:
        sponsors = (await session.scalars(question)).all()
    say = action.visitor.messages.add
    if not sponsors:
        say(MESSAGE_LEVELS["INFO"], "No Sponsors associated with your user.")
        return await action.redirect("/users/edit/")
    if len(sponsors) == 1:
        return await action.redirect(f"{MINE}sponsor/{sponsors[0].id}/")
    say(MESSAGE_LEVELS["INFO"], "Multiple Sponsors associated with your user.")
    return await action.show("users/sponsor_select.html", {"sponsors": Results(sponsors)})


HANDLERS: tuple[Any, ...] = (
    shown(MINE, "users/list_user_sponsorships.html", mine, SIGNED_IN),
    acts(f"{MINE}sponsor/edit/", choose, SIGNED_IN),
)

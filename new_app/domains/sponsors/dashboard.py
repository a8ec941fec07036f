"""What a sponsor's people see of their sponsorships: all, one with its benefits and assets, which sponsor to edit."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from new_app.action import Action, acts
from new_app.answer import Answer
from new_app.columns import LARGEST_KEY
from new_app.content import results
from new_app.context import MESSAGE_LEVELS
from new_app.db import Results
from new_app.domains.sponsors import assets
from new_app.domains.sponsors.models import Sponsor, SponsorContact, Sponsorship, visible_to
from new_app.page import SIGNED_IN, Missing, Page, shown
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


def one(page: Page, pk: int) -> Sponsorship:
    """A sponsorship that the visitor may see: a superuser any, others theirs."""
    if pk > LARGEST_KEY:
        raise Missing
    theirs = () if page.user.is_superuser else visible_to(page.user.pk)
    whole = (joinedload(Sponsorship.sponsor), joinedload(Sponsorship.package))
    found = page.session.scalar(select(Sponsorship).where(Sponsorship.id == pk, *theirs).options(*whole))
    if found is None:
        raise Missing
    if found.sponsor is None:
        raise Unknowable("legacy fails over a sponsorship without a sponsor, and knows how")
    return found


def detail(page: Page, pk: int) -> dict[str, Any]:
    """A sponsorship with its benefits, what is still wanted for them, and what the sponsor is given."""
    found, session = one(page, pk), page.session
    wanted = assets.of(session, found, assets.REQUIRED)
    return {
        "object": found,
        "sponsorship": found,
        "sponsor": found.sponsor,
        "required_assets": [asset for asset in wanted if not asset.value],
        "fulfilled_assets": [asset for asset in wanted if asset.value],
        "provided_assets": given(session, found),
    }


def given(session: Session, sponsorship: Sponsorship) -> list[assets.Provided]:
    return [asset for asset in assets.of(session, sponsorship, assets.PROVIDED) if asset.value]


def provided(page: Page, pk: int) -> dict[str, Any]:
    found, asked = one(page, pk), page.call.params.get("provided_asset")
    shown_as = {"object": found, "sponsorship": found, "provided_asset_id": asked}
    return {**shown_as, "provided_assets": given(page.session, found)}


def required(page: Page, pk: int) -> dict[str, Any]:
    """The form for what is wanted, or for one asset of it."""
    found, asked = one(page, pk), page.call.params.get("required_asset")
    wanted = assets.of(page.session, found, assets.REQUIRED)
    if asked:
        wanted = [asset for asset in wanted if asset.id == numbered(asked)]
    shown_as = {"object": found, "sponsorship": found, "required_asset_id": asked}
    return {**shown_as, "form": assets.AssetsForm(wanted)}


def numbered(said: str) -> int | None:
    """A key as it was said; None where it is no number, which legacy answers with 500."""
    try:
        return int(said)
    except ValueError:
        return None


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
    shown(MINE + "{pk:int}/", "users/sponsorship_detail.html", detail, SIGNED_IN),
    shown(MINE + "{pk:int}/assets/", "users/sponsorship_assets_update.html", required, SIGNED_IN),
    shown(MINE + "{pk:int}/provided-assets/", "users/sponsorship_assets_view.html", provided, SIGNED_IN),
)

"""Pages of elections: all of them, one, who stands, what was said of them, and what a person has to do with it."""

import json
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from new_app.action import Action, acts
from new_app.answer import Answer
from new_app.columns import LARGEST_KEY
from new_app.content import results
from new_app.db import Results
from new_app.domains.nominations.models import Election, Nomination, Nominee
from new_app.markup import rendered
from new_app.page import SIGNED_IN, Missing, Page, shown
from new_app.paging import UNPAGED
from new_app.session import Unknowable

T = TypeVar("T")


def of_nominee() -> Select[Nominee]:
    said = selectinload(Nominee.nominations).joinedload(Nomination.nominator)
    return select(Nominee).options(joinedload(Nominee.user), joinedload(Nominee.election), said)


def of_nomination() -> Select[Nomination]:
    return select(Nomination).options(
        joinedload(Nomination.election).joinedload(Election.kind),
        joinedload(Nomination.nominee).joinedload(Nominee.user),
        joinedload(Nomination.nominator),
    )


def listed(page: Page) -> dict[str, Any]:
    question = select(Election).order_by(Election.date.desc()).options(joinedload(Election.kind))
    found = page.remember("elections", lambda session: results(session, question))
    return {
        "object_list": found,
        "election_list": found,
        **UNPAGED,
    }


def election_of(page: Page, slug: str) -> Election:
    question = select(Election).where(Election.slug == slug).order_by(Election.id).options(joinedload(Election.kind))
    return first(page.remember(("election", slug), lambda session: results(session, question)))


def first(found: Results[T]) -> T:
    """Of two rows of one name the older, where legacy fails."""
    if not found:
        raise Missing
    return found[0]


def one(page: Page, election: str) -> dict[str, Any]:
    return {"election": election_of(page, election)}


def standing(page: Page, election: str) -> dict[str, Any]:
    """Everybody who stands, once nominations are closed; before, to a visitor, what they are nominated for anywhere."""
    asked, user = election_of(page, election), page.user
    question, key = None, ("nominees", asked.id, 0)
    if asked.nominations_complete or user.is_superuser:
        good = (Nominee.accepted, Nominee.approved, Nominee.election_id == asked.id, Nominee.user_id.is_not(None))
        question = of_nominee().where(*good)
    elif user.is_authenticated:
        question, key = of_nominee().where(Nominee.user_id == user.pk), ("nominees", 0, user.pk)
    found = None if question is None else page.remember(key, lambda session: results(session, question))
    require_named(found or ())
    shown_as = {"election": asked, "object_list": found, **UNPAGED}
    return shown_as if found is None else {**shown_as, "nominee_list": found}


def require_named(nominees: Any) -> None:
    """Legacy fails over a nominee whom nobody named."""
    if not all(nominee.nominations for nominee in nominees):
        raise Unknowable("legacy fails over a nominee whom nobody named, and knows how")


def nominee(page: Page, election: str, slug: str) -> dict[str, Any]:
    asked = election_of(page, election)
    question = of_nominee().where(Nominee.election_id == asked.id, Nominee.slug == slug).order_by(Nominee.id)
    found = first(page.remember(("nominee", asked.id, slug), lambda session: results(session, question)))
    if not found.visible(page.user):
        raise Missing
    require_named([found])
    return {"election": asked, "object": found, "nominee": found}


def nomination(page: Page, election: str, pk: int) -> dict[str, Any]:
    question = of_nomination().join(Nomination.election).where(Election.slug == election, Nomination.id == pk)
    if pk > LARGEST_KEY:
        raise Missing
    found = page.remember(("nomination", election, pk), lambda session: session.scalar(question))
    if found is None or not found.visible(page.user):
        raise Missing
    return {"object": found, "nomination": found, "editable": found.editable(page.user)}


def own(page: Page) -> dict[str, Any]:
    """What somebody was nominated for, and whom they named, by election, the latest first."""
    user, found = page.user, dict[Election, dict[str, list[Nomination]]]()
    received = of_nomination().join(Nomination.nominee).where(Nominee.user_id == user.pk)
    made = of_nomination().where(Nomination.nominator_id == user.pk)
    for name, question in (("nominations_recieved", received), ("nominations_made", made)):
        for one in page.session.scalars(question):
            one.is_editable = one.editable(user)  # type: ignore[attr-defined]
            both: dict[str, list[Nomination]] = {"nominations_recieved": [], "nominations_made": []}
            found.setdefault(one.election, both)[name].append(one)
    return {"elections": dict(sorted(found.items(), key=lambda pair: pair[0].date, reverse=True))}


async def preview(action: Action) -> Answer:
    """A statement as it would be stored."""
    if not action.is_post:
        return await action.finish(Answer(b"", 405, headers=[(b"allow", b"POST, OPTIONS")]))
    html = rendered(action.sent.get("text") or "", "markdown").rendered
    return await action.finish(Answer(json.dumps({"html": html}).encode(), content_type="application/json"))


HANDLERS: tuple[Any, ...] = (
    shown("/nominations/elections/", "nominations/election_list.html", listed),
    shown("/nominations/election/{election:str}/", "nominations/election_detail.html", one),
    shown("/nominations/elections/{election:str}/nominees/", "nominations/nominee_list.html", standing),
    shown("/nominations/elections/{election:str}/nominees/{slug:str}/", "nominations/nominee_detail.html", nominee),
    acts("/nominations/statement-preview/", preview, SIGNED_IN),
    shown("/nominations/{election:str}/{pk:int}/", "nominations/nomination_detail.html", nomination),
    shown("/users/nominations/", "users/nominations_view.html", own, SIGNED_IN),
)

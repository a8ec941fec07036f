"""The entrance: the steps between a stranger and somebody signed in, as a session keeps them for either side.

Whoever has not confirmed an address waits in the session under `account_login`, as django-allauth writes it, for a
quarter of an hour; a reset link waits under `_password_reset_key`.
"""

import time
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from legacy_adapters.dtl.safe import SafeString, escape
from legacy_adapters.forms import ValidationError
from legacy_adapters.forms.validators import validate_email
from new_app.action import NEXT, Action, Do, NotOurs
from new_app.answer import Answer
from new_app.domains.users.mails import tell
from new_app.domains.users.models import EmailAddress, User

PENDING, RESET_KEY = "account_login", "_password_reset_key"
UNFINISHED = (PENDING, "account_password_reset_verification", RESET_KEY)
"""What a session keeps of steps that were not finished."""
STAGES = ("login_by_code", "verify_phone", "verify_email")
"""django-allauth's stages in their order; the first two have nothing to do here."""
LONGEST_WAIT = 900.0
METHODS = "account_authentication_methods"
"""How a session's visitor has proved who they are, and when."""


def by_page(do: Do) -> Do:
    """A handler that answers pages; scripts, whom django-allauth answers in JSON, are left to legacy."""

    async def answered(action: Action, **said: Any) -> Answer:
        headers = action.call.headers
        if (
            headers.get("x-requested-with") == "XMLHttpRequest"
            or headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
            or headers.get("accept") == "application/json"
        ):
            raise NotOurs
        return await do(action, **said)

    return answered


async def is_name_taken(session: AsyncSession, name: str, *, but: int | None = None) -> bool:
    """Whether somebody has the name, in whatever case; `but` is who may have it."""
    same = select(User.id).where(func.upper(User.username) == func.upper(name)).limit(1)
    return await session.scalar(same if but is None else same.where(User.id != but)) is not None


def require_no_rules(action: Action) -> None:
    """Before anything is written: legacy takes new passwords where it has rules for them that are not ours."""
    if action.identity.rules:
        raise NotOurs


def forget(action: Action, names: Sequence[str]) -> None:
    for name in names:
        action.visitor.session.pop(name, None)


def prove(action: Action, method: str, **said: Any) -> None:
    """Note how the visitor has proved who they are."""
    proof = {"method": method, "at": time.time(), **{name: value for name, value in said.items() if value}}
    action.visitor.session[METHODS] = [*action.visitor.session.get(METHODS, []), proof]


def wait(action: Action, uid: str | None, *, email: str | None, signup: bool, next_: str, told: Any = None) -> None:
    """Keep who is waiting to confirm an address; `uid` is None for an address that has an account already."""
    passed = {stage: {"data": {}, "handled": True} for stage in STAGES[:-1]}
    action.visitor.session[PENDING] = {
        "user_pk": uid,
        "email_verification": "mandatory",
        "signup": signup,
        "redirect_url": next_ or None,
        "email": email,
        "phone": None,
        "signal_kwargs": told,
        "state": {"stages": {**passed, STAGES[-1]: {"data": {}}, "current": STAGES[-1]}},
        "initiated_at": time.time(),
    }


def expire(action: Action) -> None:
    """Forget who has waited too long."""
    pending = action.visitor.session.get(PENDING)
    if isinstance(pending, dict) and time.time() - pending.get("initiated_at", 0.0) > LONGEST_WAIT:
        forget(action, [PENDING])


def end_of_stage(action: Action) -> None:
    """An address is confirmed: whoever waited for that signs in by the form."""
    pending = action.visitor.session.get(PENDING)
    if isinstance(pending, dict):
        stages = pending.get("state", {}).get("stages", {})
        expire(action)
        if stages.get("current") == STAGES[-1]:
            forget(action, [PENDING])


async def leave(action: Action) -> None:
    """Sign out, whoever it is, and forget what was not finished."""
    if action.user.is_authenticated:
        await tell(action, "SUCCESS", "logged_out")
        await action.visitor.logout()
    forget(action, UNFINISHED)


def with_address_bar(action: Action, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables, with those that pass on where the visitor asked to be sent."""
    asked = action.asked_next
    field = f'<input type="hidden" name="{NEXT}" value="{escape(asked)}">' if asked else ""
    return {
        "redirect_field_name": NEXT,
        "redirect_field_value": asked or None,
        "redirect_field": SafeString(field),
        **variables,
    }


def offered(action: Action) -> list[dict[str, str]]:
    """The providers, as templates may know them."""
    return [{"label": one.label, "url": url_of(one.name)} for one in action.identity.providers.values()]


def url_of(provider: str, step: str = "") -> str:
    """Where a visitor leaves for a provider, and comes back to."""
    return f"/accounts/{provider}/login/{step}"


async def users_of_email(session: AsyncSession, email: str, *, prefer_verified: bool = True) -> list[User]:
    """Users with this address, in the account's own column too; if so preferred, only those who have verified it."""
    email = email.lower()
    rows = await session.execute(
        select(EmailAddress, User).join(User, User.id == EmailAddress.user_id).where(EmailAddress.email == email)
    )
    addresses = [(address, user) for address, user in rows]
    verified = [(address, user) for address, user in addresses if address.verified and prefer_verified]
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

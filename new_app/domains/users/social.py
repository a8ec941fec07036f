"""Signing in with another site (OAuth), off unless OAUTH_CLIENTS names one. In this order:

1. a form with a CSRF token sends the visitor to the provider; a state and a verifier stay in the session
2. who comes back is heard once, with that state, from the browser that left, as the visitor who left
3. an account that the provider's is connected with signs in; one that is signed in already is connected
4. a stranger whom the provider knows by a confirmed address gets an account

Refuses: to take an existing account over by its address. Its owner signs in with the password and connects then.
"""

import hmac
import logging
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

from litestar.handlers import HTTPRouteHandler
from sqlalchemy import column, delete, func, select, table, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from new_app.action import NEXT, Action, Do, acts, never_cached
from new_app.answer import Answer
from new_app.context import MESSAGE_LEVELS
from new_app.db import BRIDGE_SCHEMA
from new_app.domains.users.entrance import (
    PENDING,
    by_page,
    forget,
    is_name_taken,
    offered,
    prove,
    url_of,
    users_of_email,
)
from new_app.domains.users.limits import Limits
from new_app.domains.users.mails import tell
from new_app.domains.users.models import User
from new_app.domains.users.signin import BY_EMAIL, HOME, NO_PASSWORD
from new_app.domains.users.signup import written
from new_app.oauth import PROVIDERS, Person, Provider, ProviderFailed
from new_app.page import SIGN_IN, SIGNED_IN, Missing

CONNECTIONS = "/accounts/3rdparty/"
LEFT = "oauth_left"
"""Where the session keeps who left for a provider."""
LONGEST = 600.0
"""Seconds until a visitor has come back."""
TRIES = 20
"""Names that are tried for a new account before a random one."""
NAMED = re.compile(r"[^-\w@.+]", re.ASCII)
ACCOUNTS = table(
    "social_account",
    *(column(name) for name in ("provider", "uid", "user_id", "label", "signed_in_at")),
    schema=BRIDGE_SCHEMA,
)


def say(action: Action, level: str, text: str) -> None:
    action.visitor.messages.add(MESSAGE_LEVELS[level], text)


# -- there ------------------------------------------------------------------------------------------------------------


async def begin(action: Action, provider: str) -> Answer:
    """A page that asks; sending it leaves for the provider. A link alone must not: it could sign anybody in."""
    said = action.identity.providers[provider]
    if not action.is_post:
        variables = {"provider": {"label": said.label}, "next": action.next}
        return await action.show("account/social_begin.html", variables, headers=never_cached())
    if await Limits(action.identity.counters, action.call).use("login") is None:
        return await action.refuse("429", 429)
    begun = said.begin(action.call.origin + url_of(provider, "callback/"))
    action.visitor.session[LEFT] = {
        "provider": provider,
        "state": begun.state,
        "verifier": begun.verifier,
        "next": action.next,
        "user": action.user.pk,
        "at": time.time(),
    }
    return await action.redirect(begun.url)


# -- and back ---------------------------------------------------------------------------------------------------------


async def back(action: Action, provider: str) -> Answer:
    said, left = action.identity.providers[provider], action.visitor.session.pop(LEFT, None)
    answer = await _came_back(action, said, left)
    answer.headers += never_cached()
    return answer


async def _came_back(action: Action, said: Provider, left: Any) -> Answer:
    state, code = action.call.params.get("state") or "", action.call.params.get("code")
    if not is_expected(action, said, left, state):
        say(action, "ERROR", f"Signing in with {said.label} was not begun here, or too long ago. Please try again.")
        return await action.redirect(SIGN_IN)
    if not code:
        say(action, "INFO", f"You were not signed in with {said.label}.")
        return await action.redirect(CONNECTIONS if left["user"] else SIGN_IN)
    try:
        person = await said.person(code, left["verifier"], action.call.origin + url_of(said.name, "callback/"))
    except ProviderFailed as error:
        logging.getLogger(__name__).warning("%s", error)
        say(action, "ERROR", f"{said.label} did not say who you are. Please try again.")
        return await action.redirect(CONNECTIONS if left["user"] else SIGN_IN)
    if left["user"]:
        return await connect(action, said, person)
    return await enter(action, said, person, left["next"])


def is_expected(action: Action, said: Provider, left: Any, state: str) -> bool:
    """Whether this browser left for this provider a short while ago, as who it is now."""
    if not isinstance(left, dict) or left["provider"] != said.name or left["user"] != action.user.pk:
        return False
    return hmac.compare_digest(left["state"].encode(), state.encode()) and time.time() - left["at"] < LONGEST


async def connected(action: Action, said: Provider, person: Person) -> User | None:
    """The user whom the provider's account is connected with, and who is there still."""
    of = select(User).join(ACCOUNTS, ACCOUNTS.c.user_id == User.id)
    async with action.reading() as session:
        found: User | None = await session.scalar(
            of.where(ACCOUNTS.c.provider == said.name, ACCOUNTS.c.uid == person.uid)
        )
    return found


async def link(action: Action, said: Provider, person: Person, user: int) -> None:
    row = insert(ACCOUNTS).values(provider=said.name, uid=person.uid, user_id=user, label=person.login)
    again = row.on_conflict_do_update(
        index_elements=[ACCOUNTS.c.provider, ACCOUNTS.c.uid], set_={"user_id": user, "label": person.login}
    )
    async with action.unit_of_work() as session:
        await session.execute(again)


async def connect(action: Action, said: Provider, person: Person) -> Answer:
    owner = await connected(action, said, person)
    if owner is not None and owner.pk != action.user.pk:
        say(action, "ERROR", f"This {said.label} account is connected with another account here.")
    else:
        await link(action, said, person, action.user.pk)
        say(action, "SUCCESS", f"Your {said.label} account is connected.")
    return await action.redirect(CONNECTIONS)


async def enter(action: Action, said: Provider, person: Person, next_: str) -> Answer:
    """Sign in whom the provider's account is connected with, or make an account for them."""
    user = await connected(action, said, person)
    if user is None:
        if not person.email:
            say(action, "ERROR", f"{said.label} knows no confirmed e-mail address of yours. Please sign up here.")
            return await action.redirect("/accounts/signup/")
        async with action.reading() as session:
            is_known = bool(await users_of_email(session, person.email, prefer_verified=False))
        if is_known:
            text = (
                f"There is an account with your e-mail address. Sign in with its password, then connect {said.label}."
            )
            say(action, "INFO", text)
            return await action.redirect(f"{SIGN_IN}?{NEXT}={CONNECTIONS}")
        user = await made(action, person)
        await link(action, said, person, user.pk)
    prove(action, "socialaccount", provider=said.name, uid=person.uid)
    if not user.is_active:
        return await action.redirect("/accounts/inactive/")
    forget(action, [PENDING])
    signed_in = await action.visitor.login(user.pk, BY_EMAIL)
    mine = (ACCOUNTS.c.provider == said.name, ACCOUNTS.c.uid == person.uid)
    async with action.unit_of_work() as session:
        await session.execute(update(ACCOUNTS).where(*mine).values(signed_in_at=func.now()))
    await tell(action, "SUCCESS", "logged_in", user=signed_in)
    return await action.redirect(next_ or HOME)


async def made(action: Action, person: Person) -> User:
    """A new account under the provider's name for the person, or the nearest that is free; without a password."""
    wanted = NAMED.sub("", person.login)[:100] or "user"
    numbered = [wanted, *(f"{wanted}{number}" for number in range(2, TRIES)), f"{wanted}-{secrets.token_hex(8)}"]
    for name in numbered:
        async with action.reading() as session:
            if await is_name_taken(session, name):
                continue
        user = User(
            username=name,
            email=person.email,
            first_name=person.first_name[:150],
            last_name=person.last_name[:150],
            password=NO_PASSWORD + secrets.token_hex(20),
        )
        try:
            await written(action, user, verified=True)
        except IntegrityError:
            continue  # somebody took the name meanwhile
        return user
    raise RuntimeError(f"no name for {wanted!r} was free {len(numbered)} times")


# -- connections ------------------------------------------------------------------------------------------------------


async def connections(action: Action) -> Answer:
    mine = ACCOUNTS.c.user_id == action.user.pk
    async with action.reading() as session:
        rows = await session.execute(select(ACCOUNTS.c.provider, ACCOUNTS.c.uid, ACCOUNTS.c.label).where(mine))
        connected = [dict(row._mapping) for row in rows]
    if action.is_post:
        await disconnect(action, connected)
        return await action.redirect(CONNECTIONS)
    variables = {"accounts": named(connected, action.identity.providers), "providers": offered(action)}
    return await action.show("account/connections.html", variables, headers=never_cached())


def named(accounts: list[dict[str, Any]], providers: Mapping[str, Provider]) -> list[dict[str, Any]]:
    """With the provider's own spelling, where it is still in use."""
    labels = {name: provider.label for name, provider in providers.items()}
    return [{**one, "provider_label": labels.get(one["provider"], one["provider"])} for one in accounts]


async def disconnect(action: Action, connected: list[dict[str, Any]]) -> None:
    provider, uid = action.sent.get("provider"), action.sent.get("uid")
    if not any(one["provider"] == provider and one["uid"] == uid for one in connected):
        raise Missing
    if len(connected) == 1 and action.user.password.startswith(NO_PASSWORD):
        say(action, "ERROR", "Set a password first: without it and this account you could not sign in again.")
        return
    these = (ACCOUNTS.c.provider == provider, ACCOUNTS.c.uid == uid, ACCOUNTS.c.user_id == action.user.pk)
    async with action.unit_of_work() as session:
        await session.execute(delete(ACCOUNTS).where(*these))
    say(action, "SUCCESS", "The account is no longer connected.")


def of(name: str, do: Do) -> HTTPRouteHandler:
    """The handler of one provider's step; legacy's where no setting names the provider."""
    step = "callback/" if do is back else ""

    async def done(action: Action) -> Answer:
        return await do(action, name)

    return acts(url_of(name, step), by_page(done), needs=lambda identity: name in identity.providers)


HANDLERS: tuple[Any, ...] = (
    *(of(name, do) for name in PROVIDERS for do in (begin, back)),
    acts(CONNECTIONS, by_page(connections), SIGNED_IN, needs=lambda identity: identity.providers),
)

"""Credentials of programs, off unless TOKEN_KEYS or API_KEYS is set: JWTs at /api/auth/, API keys on a page.

`POST /api/auth/token/` speaks OAuth 2 (RFC 6749): `grant_type` is `password` with `username` and `password`, or
`refresh_token`; errors are its own. `POST /api/auth/revoke/` is RFC 7009. Neither reads a cookie, so that no other site
can use a visitor's session; tries are counted with those of the sign-in form.
"""

import uuid
from typing import Any

import msgspec
from sqlalchemy import select

from new_app.action import Action, acts, never_cached, programs
from new_app.answer import Answer
from new_app.domains.users.entrance import is_email, is_verified
from new_app.domains.users.limits import Limits
from new_app.domains.users.signin import authenticated, candidates_of
from new_app.page import SIGNED_IN, Missing
from new_app.tables import Site
from new_app.tokens import SCOPES, BadToken, Pair, Tokens

KEYS = "/accounts/api-keys/"
LONGEST_NAME = 100
DAYS = (30, 90, 365)
"""How long a key may be good for; none of them: until it is revoked."""


class Wrong(Exception):
    """A request that gets no token: the error's name in RFC 6749, 5.2, and what to do."""

    def __init__(self, error: str, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.error, self.status = error, status


def said(data: Any, status: int = 200) -> Answer:
    headers = [(b"cache-control", b"no-store"), (b"pragma", b"no-cache")]
    return Answer(msgspec.json.encode(data), status, "application/json", headers)


def tokens_of(action: Action) -> Tokens:
    assert action.identity.tokens is not None
    return action.identity.tokens


# -- JWT --------------------------------------------------------------------------------------------------------------


async def token(action: Action) -> Answer:
    tokens = tokens_of(action)
    grants = {"password": by_password, "refresh_token": by_refresh_token}
    try:
        grant = grants.get(action.sent.get("grant_type") or "")
        if grant is None:
            raise Wrong("unsupported_grant_type", f"grant_type is one of: {', '.join(grants)}")
        pair = await grant(action, tokens)
    except Wrong as wrong:
        return said({"error": wrong.error, "error_description": str(wrong)}, wrong.status)
    except BadToken as bad:
        return said({"error": "invalid_grant", "error_description": str(bad)}, 400)
    return said(
        {
            "access_token": pair.access,
            "token_type": "Bearer",
            "expires_in": pair.seconds,
            "refresh_token": pair.refresh,
            "scope": " ".join(pair.scopes),
        }
    )


async def by_password(action: Action, tokens: Tokens) -> Pair:
    """A pair for a name or address, and its password. Nobody learns whether the account is there."""
    name, password = action.sent.get("username") or "", action.sent.get("password") or ""
    scopes = wanted_scopes(action.sent.get("scope"))
    if not name or not password or "\0" in name + password:
        raise Wrong("invalid_request", "send username and password")
    limits = Limits(action.identity.counters, action.call)
    if await limits.use("login") is None:
        raise Wrong("invalid_request", "too many tries; wait a minute", 429)
    async with action.reading() as session:
        candidates = await candidates_of(session, name, name)
        domain = await session.scalar(select(Site.domain).where(Site.id == action.call.public.site_id))
    usage = await limits.use("login_failed", key=f"{domain}:{name.lower()}")
    if usage is None:
        raise Wrong("invalid_request", "too many failed tries; wait five minutes", 429)
    found = await authenticated(action, candidates, password)
    if found is None or not found.user.is_active:
        raise Wrong("invalid_grant", "the name or the password is wrong")
    await limits.take_back(usage)
    async with action.reading() as session:
        if not await is_verified(session, found.user, name if is_email(name) else None):
            raise Wrong("invalid_grant", "confirm the e-mail address first: sign in on the site")
    return await tokens.begin(found.user.pk, scopes)


async def by_refresh_token(action: Action, tokens: Tokens) -> Pair:
    return await tokens.renew(action.sent.get("refresh_token") or "")


def wanted_scopes(text: str | None) -> tuple[str, ...]:
    """The scopes in a request, in our order; `read` if it names none. Raises Wrong for one that there is not."""
    asked = (text or "read").split()
    if unknown := [name for name in asked if name not in SCOPES]:
        raise Wrong("invalid_scope", f"there is no scope {unknown[0][:40]!r}; there are: {', '.join(SCOPES)}")
    return tuple(name for name in SCOPES if name in asked)


async def revoke(action: Action) -> Answer:
    sent = action.sent.get("token")
    if not sent:
        return said({"error": "invalid_request", "error_description": "send token"}, 400)
    await tokens_of(action).revoke(sent)
    return said({})


# -- API keys ---------------------------------------------------------------------------------------------------------


async def keys(action: Action) -> Answer:
    """A person's keys; a new one is shown once, in the answer that made it."""
    tokens = tokens_of(action)
    made: str | None = None
    errors: list[str] = []
    if action.is_post and (key := action.sent.get("revoke")):
        await ended(action, tokens, key)
        return await action.redirect(KEYS)
    if action.is_post:
        errors, values = checked(action)
        if not errors:
            made = await tokens.make_key(action.user.pk, *values)
            errors = [] if made else ["You have as many keys as one person can have. Revoke one first."]
    variables = {
        "keys": await tokens.keys(action.user.pk),
        "made": made,
        "errors": errors,
        "scopes": [{"name": name, "label": label} for name, label in SCOPES.items()],
        "days": DAYS,
    }
    return await action.show("account/api_keys.html", variables, headers=never_cached())


def checked(action: Action) -> tuple[list[str], tuple[str, list[str], int | None]]:
    """What is wrong with the form, and its name, scopes and days."""
    name, scopes = (action.sent.get("name") or "").strip(), action.sent.all("scopes")
    days = action.sent.get("days") or ""
    errors = []
    if not name or len(name) > LONGEST_NAME or "\0" in name:
        errors.append(f"Give the key a name of at most {LONGEST_NAME} characters.")
    if not scopes or not set(scopes) <= set(SCOPES):
        errors.append("Choose what the key may be used for.")
    if days and days not in map(str, DAYS):
        errors.append("Choose for how long the key is good.")
    return errors, (name, [one for one in SCOPES if one in scopes], int(days) if days and not errors else None)


async def ended(action: Action, tokens: Tokens, key: str) -> None:
    try:
        had = await tokens.end_key(action.user.pk, uuid.UUID(key))
    except ValueError:
        had = False
    if not had:
        raise Missing


HANDLERS: tuple[Any, ...] = (
    programs("/api/auth/token/", token, needs=lambda identity: identity.tokens and identity.tokens.with_jwt),
    programs("/api/auth/revoke/", revoke, needs=lambda identity: identity.tokens),
    acts(KEYS, keys, SIGNED_IN, needs=lambda identity: identity.tokens and identity.tokens.with_keys),
)

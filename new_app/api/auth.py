"""Who asks: `Authorization: ApiKey name:key` in v1, `Authorization: Token key` in v2, and `Bearer` where the site
gives tokens of its own (RFC 6750). A session cookie means nothing here.
"""

import hmac
from dataclasses import dataclass

from new_app.request import Call
from new_app.rows import Reader
from new_app.tokens import Tokens

_API_KEY = """
    SELECT users_user.id, users_user.username, users_user.is_staff, users_user.is_active, tastypie_apikey.key
    FROM users_user LEFT JOIN tastypie_apikey ON tastypie_apikey.user_id = users_user.id
    WHERE users_user.username = $1"""
_OWNER = """
    SELECT users_user.id, users_user.username, users_user.is_staff, users_user.is_active
    FROM authtoken_token JOIN users_user ON users_user.id = authtoken_token.user_id
    WHERE authtoken_token.key = $1"""


_MAY = """
    SELECT users_user.is_staff OR users_user.is_superuser OR EXISTS (
        SELECT FROM auth_permission
        JOIN django_content_type ON django_content_type.id = auth_permission.content_type_id
        WHERE app_label || '.' || codename = $2 AND (
            EXISTS (SELECT FROM users_user_user_permissions own
                    WHERE own.permission_id = auth_permission.id AND own.user_id = users_user.id)
            OR EXISTS (SELECT FROM auth_group_permissions shared JOIN users_user_groups USING (group_id)
                       WHERE shared.permission_id = auth_permission.id AND users_user_groups.user_id = users_user.id)))
    FROM users_user WHERE id = $1 AND is_active"""


@dataclass(frozen=True, slots=True)
class Caller:
    """A user who proved a key."""

    id: int
    username: str
    is_staff: bool


class Refused(Exception):
    """The credentials are no good; the message is what v2 says of them."""


async def by_api_key(read: Reader, call: Call) -> Caller | None:
    """The owner of the API key, None for a guest. Credentials anywhere but in the header are refused."""
    if "username" in call.params or "api_key" in call.params:
        raise Refused("credentials in the query string")
    header = call.headers.get("authorization", "")
    if not header:
        return None
    scheme, space, credentials = header.partition(" ")
    username, _, key = credentials.partition(":")
    if not space or scheme.lower() != "apikey" or credentials.count(":") != 1 or not username or not key:
        raise Refused("not an API key")
    for row in await read.fetch(_API_KEY, username):
        if row[3] and row[4] is not None and hmac.compare_digest(row[4].encode(), key.encode()):
            return Caller(row[0], row[1], row[2])
    raise Refused("unknown API key")


async def by_token(read: Reader, call: Call) -> Caller | None:
    """The owner of the token, None where another scheme or none is used."""
    parts = call.headers.get("authorization", "").encode("latin-1").split()
    if not parts or parts[0].lower() != b"token":
        return None
    if len(parts) == 1:
        raise Refused("Invalid token header. No credentials provided.")
    if len(parts) > 2:
        raise Refused("Invalid token header. Token string should not contain spaces.")
    try:
        key = parts[1].decode()
    except UnicodeDecodeError:
        raise Refused("Invalid token header. Token string should not contain invalid characters.") from None
    for row in await read.fetch(_OWNER, key):
        if not row[3]:
            raise Refused("User inactive or deleted.")
        return Caller(row[0], row[1], row[2])
    raise Refused("Invalid token.")


class TooNarrow(Exception):
    """The token is genuine and not for this; the message names the scope that is wanted."""


def bearer_token(call: Call) -> str | None:
    """The token after `Bearer`, None where another scheme or none is used."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def by_bearer(tokens: Tokens, sent: str, scope: str) -> Caller:
    """Who sends a token that is for this, with no more rights than its scopes give. Raises BadToken, TooNarrow."""
    bearer = await tokens.bearer(sent)
    if scope not in bearer.scopes:
        raise TooNarrow(scope)
    return Caller(bearer.id, bearer.username, bearer.is_staff and "drafts" in bearer.scopes)


async def may(read: Reader, caller: Caller, permission: str) -> bool:
    """Whether somebody is of the staff, or has the permission (`app_label.codename`), by themselves or by a group."""
    return any(row[0] for row in await read.fetch(_MAY, caller.id, permission))

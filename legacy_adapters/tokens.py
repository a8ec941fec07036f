"""Keys of APIs: tokens of Django REST framework, API keys of tastypie. Read from the tables, made as both make them.

A header is read as the package reads it; a refusal carries the package's own words and never says whether a user is
there. `fetch(statement, *values)` asks PostgreSQL.
"""

import hmac
import secrets
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from legacy_adapters.errors import LegacyError
from legacy_adapters.signing import same
from legacy_adapters.users import User, UserModel, Users, quoted

Fetch = Callable[..., Awaitable[Sequence[Any]]]


class BadCredentials(LegacyError):
    """An Authorization header that means this package and nobody. The message is what the answer says."""


def new_token() -> str:
    return secrets.token_hex(20)


def new_api_key() -> str:
    return hmac.new(uuid.uuid4().bytes, digestmod="sha1").hexdigest()


def token_in(header: str, keyword: str = "Token") -> str | None:
    """The token of `Authorization: Token …`; None for no header or another scheme. Raises BadCredentials."""
    parts = header.encode("latin-1", "replace").split()
    if not parts or parts[0].lower() != keyword.lower().encode():
        return None
    if len(parts) == 1:
        raise BadCredentials("Invalid token header. No credentials provided.")
    if len(parts) > 2:
        raise BadCredentials("Invalid token header. Token string should not contain spaces.")
    try:
        return parts[1].decode()
    except UnicodeDecodeError:
        raise BadCredentials("Invalid token header. Token string should not contain invalid characters.") from None


def api_key_in(header: str) -> tuple[str, str] | None:
    """User name and key of `Authorization: ApiKey name:key`; None for no header. Raises BadCredentials."""
    scheme, _, given = header.partition(" ")
    if not header:
        return None
    name, colon, key = given.partition(":")
    if scheme.lower() != "apikey" or not colon or not name or not key:
        raise BadCredentials("")
    return name, key


class Keys:
    """The owners of tokens and keys."""

    def __init__(
        self, fetch: Fetch, model: UserModel, *, tokens: str = "authtoken_token", api_keys: str = "tastypie_apikey"
    ) -> None:
        self._fetch, self._users = fetch, Users(fetch, model)
        who = f"{model.selected} FROM {quoted(model.table)} u"
        pk, name = f"u.{quoted(model.pk)}", f"u.{quoted(model.username)}"
        self._by_token = f"SELECT {who} JOIN {quoted(tokens)} k ON k.user_id = {pk} WHERE k.key = $1"
        self._by_name = f"""
            SELECT (SELECT k.key FROM {quoted(api_keys)} k WHERE k.user_id = {pk}), {who}
            WHERE {name} = $1"""  # noqa: S608

    async def owner_of_token(self, token: str) -> User:
        """Raises BadCredentials."""
        user = None if "\0" in token else self._users.first(await self._fetch(self._by_token, token))
        if user is None:
            raise BadCredentials("Invalid token.")
        if not user.is_active:
            raise BadCredentials("User inactive or deleted.")
        return user

    async def owner_of_api_key(self, username: str, key: str) -> User:
        """Raises BadCredentials."""
        rows = [] if "\0" in username else await self._fetch(self._by_name, username)
        user = self._users.first(rows, skip=1)
        if user is None or not user.is_active or not same(rows[0][0] or "", key) or not key:
            raise BadCredentials("")
        return user

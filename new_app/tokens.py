"""Tokens: what a program proves itself with, in place of a session: JWTs that are renewed, and API keys with scopes.

One sign-in is a family: an access token of a few minutes, and a refresh token that is good once. It promises, in this
order:

1. a token is signed with one of our keys, for our audience, and in time; whatever else it says is not looked at before
2. its family has not been revoked, and belongs to a user who is active and has the password of that sign-in still
3. a refresh token that was used before is a copy in somebody's hands: the whole family is revoked
4. an API key is kept as a digest; nobody can read it out of the database

A digest without salt is enough for a key: salt and slow hashes are for what can be guessed, and 256 random bits cannot.
Refuses: to sign with a key that is shorter than the hash (RFC 7518, 3.2).
"""

import hashlib
import secrets
import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import jwt

from new_app.rows import Reader

ALGORITHM = "HS256"
SHORTEST = 32
"""Bytes of a key."""
ACCESS, REFRESH = 600, 30 * 86_400
"""Seconds that a token is good for; a family lasts as long as its refresh token, renewed or not."""
KEY_MARK = "bridge_"
"""What an API key begins with, so that scanners of leaked secrets know one."""
SHOWN = len(KEY_MARK) + 6
"""Characters by which its owner knows a key."""
SCOPES = {
    "read": "Read as yourself",
    "drafts": "See what is not published yet, where you may",
    "sponsors": "See sponsors' logos, contacts and assets, where you may",
}
Use = Literal["access", "refresh"]

_SIGNED_PASSWORD = "encode(sha256(convert_to(u.password, 'UTF8')), 'hex')"  # noqa: S105 - SQL
_BEGUN = f"""
    INSERT INTO bridge.token_family (id, user_id, audience, scopes, password_digest, current, expires_at)
    SELECT $1, u.id, $3, $4, {_SIGNED_PASSWORD}, $5, $6 FROM users_user u WHERE u.id = $2 AND u.is_active
    RETURNING user_id"""  # noqa: S608
_OF_FAMILY = f"""
    FROM users_user u WHERE f.id = $1 AND f.audience = $2 AND u.id = f.user_id AND u.is_active
    AND f.revoked_at IS NULL AND f.expires_at > now() AND f.password_digest = {_SIGNED_PASSWORD}"""
_RENEWED = f"""
    UPDATE bridge.token_family f SET current = $4 {_OF_FAMILY} AND f.current = $3
    RETURNING f.user_id, f.scopes, f.expires_at"""  # noqa: S608
_BY_FAMILY = f"""
    SELECT u.id, u.username, u.is_staff FROM bridge.token_family f, LATERAL (SELECT u.* {_OF_FAMILY}) u"""  # noqa: S608
_REVOKED = "UPDATE bridge.token_family SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL"
_BY_KEY = """
    SELECT u.id, u.username, u.is_staff, k.scopes, k.id AS key, k.used_at
    FROM bridge.api_key k JOIN users_user u ON u.id = k.user_id
    WHERE k.digest = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AND u.is_active"""
_USED = "UPDATE bridge.api_key SET used_at = now() WHERE id = $1"
_KEYS = """
    SELECT id, name, beginning, scopes, created_at, used_at, expires_at FROM bridge.api_key
    WHERE user_id = $1 AND revoked_at IS NULL ORDER BY created_at, id"""
_MADE = """
    INSERT INTO bridge.api_key (id, user_id, name, beginning, digest, scopes, expires_at)
    SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (
        SELECT count(*) FROM bridge.api_key WHERE user_id = $2 AND revoked_at IS NULL) < $8
    RETURNING id"""
_ENDED = """
    UPDATE bridge.api_key SET revoked_at = now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL RETURNING id"""
NOTED_EVERY = timedelta(minutes=1)
"""How exactly it is known when a key was used: a write for each request would cost more than the request."""
MOST_KEYS = 50
"""Keys of one person."""


class BadToken(Exception):
    """It proves nothing; the message is for whoever sent it and names no secret."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token belongs to, and what it may be used for."""

    id: int
    username: str
    is_staff: bool
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """What a program gets for a sign-in or a refresh token; `seconds` is how long the access token is good for."""

    access: str
    refresh: str
    scopes: tuple[str, ...]
    seconds: int = ACCESS


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its owner may see it again."""

    id: uuid.UUID
    name: str
    beginning: str
    scopes: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None


class Tokens:
    """The tokens of one site. `keys` sign and verify JWTs: the first signs, each verifies; without one there are none.

    `with_keys` says whether API keys are accepted and made. Raises ValueError for a key that is too short.
    """

    def __init__(self, rows: Reader, keys: Sequence[str], audience: str, *, with_keys: bool = False) -> None:
        for key in keys:
            if len(key.encode()) < SHORTEST:
                raise ValueError(f"TOKEN_KEYS: a key has fewer than {SHORTEST} bytes; `openssl rand -hex 32` makes one")
        self._rows, self._audience, self.with_keys = rows, audience, with_keys
        self._keys = {hashlib.sha256(key.encode()).hexdigest()[:8]: key for key in keys}

    @property
    def with_jwt(self) -> bool:
        return bool(self._keys)

    # -- families ---------------------------------------------------------------------------------------------------

    async def begin(self, user: int, scopes: Sequence[str]) -> Pair:
        """A new family for a user who has just proved a password. Raises BadToken if the user is inactive or gone."""
        family, current = uuid.uuid4(), uuid.uuid4()
        ends = datetime.now(UTC) + timedelta(seconds=REFRESH)
        made = await self._rows.fetch(_BEGUN, family, user, self._audience, [*scopes], current, ends)
        if not made:
            raise BadToken("the account is not active")
        return self._pair(user, family, current, scopes, ends)

    async def renew(self, refresh: str) -> Pair:
        """The next pair of a family. Raises BadToken; one that was used before revokes the family."""
        said = self._read(refresh, "refresh")
        family, used, current = uuid.UUID(said["sid"]), uuid.UUID(said["jti"]), uuid.uuid4()
        found = await self._rows.fetch(_RENEWED, family, self._audience, used, current)
        if not found:
            await self._rows.fetch(_REVOKED, family)
            raise BadToken("it has been used, revoked, or ended with its password")
        [(user, scopes, ends)] = found
        return self._pair(user, family, current, scopes, ends)

    async def revoke(self, token: str) -> None:
        """End the family of a token of either use, expired or not, or an API key. One that is not ours is no error
        (RFC 7009, 2.2).
        """
        if token.startswith(KEY_MARK):
            await self._rows.fetch("UPDATE bridge.api_key SET revoked_at = now() WHERE digest = $1", digest(token))
            return
        for use in ("access", "refresh"):
            try:
                said = self._read(token, use, late=True)
            except BadToken:
                continue
            await self._rows.fetch(_REVOKED, uuid.UUID(said["sid"]))

    async def bearer(self, token: str) -> Bearer:
        """Who sends this access token or API key. Raises BadToken."""
        if token.startswith(KEY_MARK):
            return await self._by_key(token)
        said = self._read(token, "access")
        for user, name, is_staff in await self._rows.fetch(_BY_FAMILY, uuid.UUID(said["sid"]), self._audience):
            return Bearer(user, name, is_staff, frozenset(said["scope"].split()))
        raise BadToken("it was revoked, or ended with its password")

    def _pair(self, user: int, family: uuid.UUID, current: uuid.UUID, scopes: Sequence[str], ends: datetime) -> Pair:
        said = {"sub": str(user), "sid": str(family), "aud": self._audience, "scope": " ".join(scopes)}
        now = int(time.time())
        access = self._signed({**said, "use": "access", "jti": str(uuid.uuid4()), "iat": now, "exp": now + ACCESS})
        refresh = self._signed(
            {**said, "use": "refresh", "jti": str(current), "iat": now, "exp": int(ends.timestamp())}
        )
        return Pair(access, refresh, tuple(scopes))

    def _signed(self, said: dict[str, Any]) -> str:
        kid, key = next(iter(self._keys.items()))
        return jwt.encode(said, key, ALGORITHM, headers={"kid": kid})

    def _read(self, token: str, use: Use, *, late: bool = False) -> dict[str, Any]:
        try:
            key = self._keys[jwt.get_unverified_header(token).get("kid", "")]
            needed: Any = {
                "require": ["sub", "sid", "aud", "scope", "use", "jti", "iat", "exp"],
                "verify_exp": not late,
            }
            said: dict[str, Any] = jwt.decode(token, key, [ALGORITHM], audience=self._audience, options=needed)
        except (jwt.InvalidTokenError, KeyError, TypeError):
            raise BadToken("it is not ours, or its time is over") from None
        if said["use"] != use:
            raise BadToken(f"it is not for {use}")
        return said

    # -- API keys ---------------------------------------------------------------------------------------------------

    async def make_key(self, user: int, name: str, scopes: Collection[str], days: int | None) -> str | None:
        """A new key, which nobody can see again; None if the user has MOST_KEYS of them."""
        key = KEY_MARK + secrets.token_urlsafe(32)
        ends = datetime.now(UTC) + timedelta(days=days) if days else None
        values = (uuid.uuid4(), user, name, key[:SHOWN], digest(key), [*scopes], ends, MOST_KEYS)
        return key if await self._rows.fetch(_MADE, *values) else None

    async def keys(self, user: int) -> list[ApiKey]:
        """The user's keys that have not been revoked, oldest first."""
        rows = await self._rows.fetch(_KEYS, user)
        return [ApiKey(**{**row, "scopes": tuple(row["scopes"])}) for row in rows]

    async def end_key(self, user: int, key: uuid.UUID) -> bool:
        """Whether the user had this key; it is good no more."""
        return bool(await self._rows.fetch(_ENDED, key, user))

    async def _by_key(self, token: str) -> Bearer:
        if not self.with_keys:
            raise BadToken("API keys are not in use here")
        for user, name, is_staff, scopes, key, used in await self._rows.fetch(_BY_KEY, digest(token)):
            if used is None or datetime.now(UTC) - used > NOTED_EVERY:
                await self._rows.fetch(_USED, key)
            return Bearer(user, name, is_staff, frozenset(scopes))
        raise BadToken("no such key, or its time is over")


def digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()

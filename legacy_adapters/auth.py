"""Who a session belongs to, and signing in and out, as django/contrib/auth/__init__.py does it.

The session names a user, a backend and a hash of the user's password column. All three must hold: a backend that is no
longer configured makes nobody, a hash that fits no secret ends the session, one that fits a fallback secret moves the
session to a new key and is renewed.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from legacy_adapters.errors import SettingsError
from legacy_adapters.passwords import Pool
from legacy_adapters.sessions import USER_ID, Session
from legacy_adapters.settings import LegacySettings
from legacy_adapters.signing import Keys, salted_hmac, same
from legacy_adapters.users import AnonymousUser, User, Users, quoted

BACKEND, HASH = "_auth_user_backend", "_auth_user_hash"
HASH_SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
ANONYMOUS = AnonymousUser()
KNOWN_BACKENDS: Mapping[str, bool] = {
    "django.contrib.auth.backends.ModelBackend": True,
    "django.contrib.auth.backends.AllowAllUsersModelBackend": False,
    "django.contrib.auth.backends.RemoteUserBackend": True,
    "django.contrib.auth.backends.AllowAllUsersRemoteUserBackend": False,
    "allauth.account.auth_backends.AuthenticationBackend": True,
}
"""Backends that find a user by primary key, and whether only active ones."""
Fetch = Callable[..., Awaitable[Sequence[Any]]]


def session_hash(password: str, secret: str | bytes) -> str:
    """What a session keeps of the password column."""
    return salted_hmac(HASH_SALT, password, secret).hex()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whose a session is. `ended`: it must be deleted; `renewed`: it moves to a new key, with this hash."""

    user: User | AnonymousUser
    ended: bool = False
    renewed: str = ""


class Authentication:
    """Users of sessions. `backends` says of backends that are not Django's whether they want active users only."""

    def __init__(
        self, users: Users, settings: LegacySettings, keys: Keys, backends: Mapping[str, bool] | None = None
    ) -> None:
        self.users, self._keys = users, keys
        known = {**KNOWN_BACKENDS, **(backends or {})}
        for path in settings.authentication_backends:
            if path not in known:
                raise SettingsError(
                    f"AUTHENTICATION_BACKENDS has {path}: say in Authentication(backends=…) whether it wants active "
                    "users only"
                )
        self._backends = {path: known[path] for path in settings.authentication_backends}

    async def user(self, session: Session) -> User | AnonymousUser:
        """The session's user. May end the session, or move it to a new key: close() it."""
        await session.load()
        claimed = self.claimed(session)
        if claimed is None:
            return ANONYMOUS
        verdict = self.judge(session, await self.users.by_pk(claimed))
        await self.apply(session, verdict)
        return verdict.user

    def claimed(self, session: Session) -> Any:
        """The primary key that a loaded session names, None where it names nobody who could be signed in."""
        if USER_ID not in session or session.get(BACKEND) not in self._backends:
            return None
        try:
            return self.users.model.to_pk(session[USER_ID])
        except (ValueError, TypeError):
            return None

    def judge(self, session: Session, user: User | None) -> "Verdict":
        """Whether a loaded session is that of the user whom `claimed` names. Changes nothing."""
        if user is None or (self._backends[session[BACKEND]] and not user.is_active):
            return Verdict(ANONYMOUS)
        kept = session.get(HASH)
        if isinstance(kept, str) and kept:
            current = session_hash(user.password, self._keys.secret)
            if same(kept, current):
                return Verdict(user)
            if any(same(kept, session_hash(user.password, key)) for key in self._keys.fallbacks):
                return Verdict(user, renewed=current)
        return Verdict(ANONYMOUS, ended=True)

    async def apply(self, session: Session, verdict: "Verdict") -> None:
        """End the session or move it to a new key, where the verdict says so; once."""
        if verdict.ended and USER_ID in session:
            await session.flush()
        elif verdict.renewed and session.get(HASH) != verdict.renewed:
            await session.cycle()
            session[HASH] = verdict.renewed

    async def authenticate(
        self, pool: Pool, fetch: Fetch, username: str, password: str, *, any_case: bool = False
    ) -> User | None:
        """The active user of this name and password. Nobody is told apart by the time it takes; a password whose stored
        form is outdated is stored anew, unless somebody else changed it meanwhile. May raise PoolFull.
        """
        user = await self.users.by_name(username, any_case=any_case)
        if user is None:
            await pool.burn(password)
            return None
        check = await pool.verify(password, user.password)
        if check.correct and check.outdated:
            await self._store(fetch, user, await pool.encode(password))
        return user if check.correct and user.is_active else None

    async def set_password(self, pool: Pool, fetch: Fetch, user: User, password: str) -> bool:
        """Change the column; False if it has changed since the user was read. See keep_session for this session."""
        return await self._store(fetch, user, await pool.encode(password))

    async def _store(self, fetch: Fetch, user: User, encoded: str) -> bool:
        model = user._model
        statement = f"""UPDATE {quoted(model.table)} u SET password = $3
            WHERE {model.where_pk % "$1"} AND password = $2 RETURNING 1"""  # noqa: S608
        changed = bool(await fetch(statement, user.pk, user.password, encoded))
        if changed:
            user.__dict__["password"] = encoded
        return changed

    async def login(self, session: Session, user: User, backend: str) -> None:
        """Sign a user in: a new key, unless the same user is signed in already. The caller rotates the CSRF token,
        saves the session, and notes the time with `note_login`.
        """
        if backend not in self._backends:
            raise SettingsError(f"{backend} is not in AUTHENTICATION_BACKENDS: the session would make nobody")
        await session.load()
        current = session_hash(user.password, self._keys.secret)
        if USER_ID not in session:
            await session.cycle()
        elif str(session[USER_ID]) != user.session_id or not same(str(session.get(HASH) or ""), current):
            await session.flush()
        session.update({USER_ID: user.session_id, BACKEND: backend, HASH: current})

    async def logout(self, session: Session) -> None:
        await session.load()
        await session.flush()

    async def keep_session(self, session: Session, user: User) -> None:
        """After a change of the user's own password: this session stays, all others end."""
        await session.cycle()
        session[HASH] = session_hash(user.password, self._keys.secret)


async def note_login(fetch: Fetch, user: User, now: datetime | None = None) -> datetime:
    """Write `last_login`, and nothing else, as Django does when a user signs in."""
    now = now or datetime.now(UTC)
    model = user._model
    await fetch(
        f"UPDATE {quoted(model.table)} u SET last_login = $2 WHERE {model.where_pk % '$1'}",  # noqa: S608
        user.pk,
        now,
    )
    user.__dict__["last_login"] = now
    return now

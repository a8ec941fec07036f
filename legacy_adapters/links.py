"""Links that Django's packages mail, and that either side may be asked for: password resets, e-mail confirmations.

A link is good while what it was made from has not changed: using a reset link changes the password it is made from.
The moment in a password reset is *local* time of the site, not UTC: `time_zone` is TIME_ZONE.
"""

import base64
import binascii
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from legacy_adapters.settings import LegacySettings
from legacy_adapters.signing import BadSignature, Keys, dumps, loads, salted_hmac, same

DIGITS36 = "0123456789abcdefghijklmnopqrstuvwxyz"
RESET_SALT = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
CONFIRMATION_SALT = "account"
LONGEST_BASE36 = 13


def to_base36(number: int) -> str:
    if number < 0:
        raise ValueError("a negative number has no base 36 here")
    letters = ""
    while number:
        number, rest = divmod(number, 36)
        letters = DIGITS36[rest] + letters
    return letters or "0"


def from_base36(text: str) -> int:
    if len(text) > LONGEST_BASE36:
        raise ValueError("too long for a number in base 36")
    return int(text, 36)


def to_uid(pk: Any) -> str:
    """`uidb64` of Django's own links."""
    return base64.urlsafe_b64encode(str(pk).encode()).rstrip(b"=").decode()


def from_uid(uid: str) -> str:
    """The primary key, as text. Raises ValueError."""
    given = uid.encode()
    try:
        return base64.urlsafe_b64decode(given.ljust(len(given) + len(given) % 4, b"=")).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{uid!r} is no user's") from error


def to_allauth_uid(pk: Any) -> str:
    """`uidb36` of django-allauth's links: base 36 of a number, hexadecimal of a UUID."""
    if isinstance(pk, UUID):
        return pk.hex
    return to_base36(pk) if isinstance(pk, int) else str(pk)


def from_allauth_uid(uid: str, pk_type: str = "int") -> Any:
    """The primary key. Raises ValueError."""
    if pk_type == "int":
        return from_base36(uid)
    return UUID(uid) if pk_type == "uuid" else uid


@dataclass(frozen=True, slots=True)
class Subject:
    """What a password reset is made from. `addresses` are all of the user's, for django-allauth; None for Django's."""

    pk: Any
    password: str
    last_login: datetime | None
    email: str | None
    addresses: frozenset[str] | None = None

    @classmethod
    def of(cls, user: Any, addresses: Iterable[str] | None = None) -> "Subject":
        """Of a user of users.py. `addresses` are the rows of account_emailaddress; the user's own is added."""
        email = getattr(user, user._model.email, None)
        every = None if addresses is None else frozenset([*addresses, *([email] if email else [])])
        return cls(user.pk, user.password, user.last_login, email, every)

    def text(self, moment: int, use_tz: bool, zone: ZoneInfo) -> str:
        login = "" if self.last_login is None else str(self._login(use_tz, zone))
        every = "" if self.addresses is None else "|".join(sorted(self.addresses))
        return f"{self.pk}{self.password}{login}{moment}{self.email or ''}{every}"

    def _login(self, use_tz: bool, zone: ZoneInfo) -> datetime:
        """The digits that Django sees: UTC with USE_TZ, the site's own time without."""
        assert self.last_login is not None
        aware = self.last_login.tzinfo is not None
        moment = self.last_login.astimezone(UTC if use_tz else zone) if aware else self.last_login
        return moment.replace(microsecond=0, tzinfo=None)


class PasswordResets:
    """Tokens of password reset links (django/contrib/auth/tokens.py)."""

    def __init__(self, settings: LegacySettings, keys: Keys, clock: Callable[[], float] = time.time) -> None:
        self._keys, self._clock = keys, clock
        self._timeout, self._use_tz = settings.password_reset_timeout, settings.use_tz
        self._zone = ZoneInfo(settings.time_zone or "UTC")

    def token(self, subject: Subject) -> str:
        return self._token(subject, self._now(), self._keys.secret)

    def is_good(self, subject: Subject | None, token: str) -> bool:
        """Whether the token was made for this subject as it is now, and not too long ago."""
        if subject is None or token.count("-") != 1:
            return False
        try:
            moment = from_base36(token.split("-")[0])
            good = any(same(self._token(subject, moment, key), token) for key in self._keys.every)
        except ValueError:
            return False
        return good and self._now() - moment <= self._timeout

    def _token(self, subject: Subject, moment: int, key: str | bytes) -> str:
        digest = salted_hmac(RESET_SALT, subject.text(moment, self._use_tz, self._zone), key).hex()
        return f"{to_base36(moment)}-{digest[::2]}"

    def _now(self) -> int:
        local = datetime.fromtimestamp(self._clock(), self._zone).replace(tzinfo=None)
        return int((local - datetime(2001, 1, 1)).total_seconds())


class EmailConfirmations:
    """Keys of django-allauth's confirmation links: the primary key of an address, signed. `salt` is ACCOUNT_SALT,
    `days` ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS. Whether the address waits to be verified is the caller's to ask.
    """

    def __init__(
        self, keys: Keys, *, days: float = 3, salt: str = CONFIRMATION_SALT, clock: Callable[[], float] = time.time
    ) -> None:
        self._keys, self._days, self._salt, self._clock = keys, days, salt, clock

    def key(self, address: int) -> str:
        return dumps(address, self._keys, self._salt, clock=self._clock)

    def address(self, key: str) -> Any:
        """The primary key of the address, None for a key that is not ours or too old."""
        try:
            return loads(key, self._keys, self._salt, max_age=self._days * 86400, clock=self._clock)
        except BadSignature:
            return None


class AccountLinks:
    """The links of django-allauth that a visitor gets by mail: an address is confirmed, a password is set anew."""

    def __init__(self, settings: LegacySettings, keys: Keys, *, pk_type: str = "int") -> None:
        self._resets, self._confirmations = PasswordResets(settings, keys), EmailConfirmations(keys)
        self._pk_type = pk_type

    def confirmation(self, address: int) -> str:
        """The key of a link, made from the primary key of an address."""
        return self._confirmations.key(address)

    def confirmed(self, key: str) -> Any:
        """The primary key of the address, None for a key that is not ours or too old."""
        return self._confirmations.address(key)

    def uid(self, pk: Any) -> str:
        return to_allauth_uid(pk)

    def pk(self, uid: str) -> Any:
        """The primary key of a user. Raises ValueError."""
        return from_allauth_uid(uid, self._pk_type)

    def reset(self, user: Any, addresses: Iterable[str]) -> str:
        """The token of a link. `user` has Django's attributes; `addresses` are all of theirs."""
        return self._resets.token(self._subject(user, addresses))

    def resets(self, user: Any, addresses: Iterable[str], token: str) -> bool:
        """Whether the token was made for this user as it is now, and not too long ago."""
        return self._resets.is_good(self._subject(user, addresses), token)

    def _subject(self, user: Any, addresses: Iterable[str]) -> Subject:
        return Subject(user.pk, user.password, user.last_login, user.email, frozenset(addresses))


FALLBACKS = {
    **dict.fromkeys(("zh-cn", "zh-my", "zh-sg"), "zh-hans"),
    **dict.fromkeys(("zh-hk", "zh-mo", "zh-tw"), "zh-hant"),
}
LONGEST_TAG = 500


def language(cookies: Mapping[str, str], languages: Sequence[str], *, cookie: str = "django_language") -> str | None:
    """The language that the visitor's cookie asks for, among the site's: the tag itself, a wider one, a sibling
    (django/utils/translation/trans_real.py: get_supported_language_variant()).
    """
    wanted = cookies.get(cookie, "")
    if wanted in languages:
        return wanted
    if len(wanted) > LONGEST_TAG:
        wanted = wanted[: max(wanted.rfind("-", 0, LONGEST_TAG), 0)]
    parts = wanted.split("-")
    wider = ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
    if wanted in FALLBACKS:
        wider.insert(1, FALLBACKS[wanted])
    for tag in wider:
        if tag and tag.lower() in languages:
            return tag
    siblings = [tag for tag in languages if wider[-1] and tag.startswith(f"{wider[-1]}-")]
    return siblings[0] if siblings else None

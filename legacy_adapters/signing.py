"""Values that Django signed, and values that Django will believe (django/core/signing.py).

A signed value is `value:signature`, with a timestamp `value:time:signature`; an object is JSON, compressed where that
is shorter, in URL-safe base64. Signing uses the current secret; reading tries it and then each fallback. Whatever is
not exactly so is refused with `BadSignature`, whatever Django would raise.

The salts of signed cookies changed inside Django 5.2 and 6.0: `CookieSigning` writes what the deployed version reads.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Protocol

from legacy_adapters.errors import LegacyError

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS62 = {letter: value for value, letter in enumerate(BASE62)}
COOKIE_KEY = b"django.http.cookies"
COOKIE_SALT_V2_SINCE = {(5, 2): 15, (6, 0): 6}
"""The first patch of each line that signs cookies with the second kind of salt; every later line always does."""
UNSAFE_SEPARATOR = re.compile(r"[A-z0-9-_=]*")


class BadSignature(LegacyError):
    """A value that nobody with the secret signed for this purpose."""


class SignatureExpired(BadSignature):
    """A value that was signed too long ago."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """SECRET_KEY and SECRET_KEY_FALLBACKS. Never printed."""

    secret: str | bytes
    fallbacks: tuple[str | bytes, ...] = ()

    @property
    def every(self) -> tuple[str | bytes, ...]:
        return (self.secret, *self.fallbacks)

    def for_cookies(self) -> "Keys":
        """The keys that Django signs cookies with, and the messages in one."""
        return Keys(COOKIE_KEY + as_bytes(self.secret), tuple(COOKIE_KEY + as_bytes(key) for key in self.fallbacks))


class Serializer(Protocol):
    def dumps(self, value: Any) -> bytes: ...

    def loads(self, data: bytes) -> Any: ...


class JSONSerializer:
    """Django's: no spaces, ASCII only."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value, separators=(",", ":")).encode("latin-1")

    def loads(self, data: bytes) -> Any:
        return json.loads(data.decode("latin-1"))


JSON = JSONSerializer()


class Signer:
    """Signs text without a time. The default salt is Django's own for this class."""

    def __init__(
        self, keys: Keys, salt: str = "django.core.signing.Signer", *, sep: str = ":", algorithm: str = "sha256"
    ) -> None:
        if UNSAFE_SEPARATOR.fullmatch(sep):
            raise ValueError(f"the separator {sep!r} may occur in what it separates")
        self.sep = sep
        self._algorithm = algorithm
        self._keys = tuple(derived_key(salt + "signer", key, algorithm) for key in keys.every)

    def sign(self, value: str) -> str:
        return f"{value}{self.sep}{self._signature(value, self._keys[0])}"

    def unsign(self, signed: str) -> str:
        value, sep, signature = signed.rpartition(self.sep)
        if not sep:
            raise BadSignature(f"there is no {self.sep!r} in the value")
        given = signature.encode("utf-8", "surrogatepass")
        if any(hmac.compare_digest(given, self._signature(value, key).encode()) for key in self._keys):
            return value
        raise BadSignature("the signature does not match")

    def sign_bytes(self, data: bytes, *, compress: bool = False) -> str:
        """Sign data as Django signs an object that its serializer has made into bytes."""
        prefix = ""
        if compress:
            shorter = zlib.compress(data)
            if len(shorter) < len(data) - 1:
                data, prefix = shorter, "."
        return self.sign(prefix + b64_encode(data))

    def sign_object(self, value: Any, *, serializer: Serializer = JSON, compress: bool = False) -> str:
        return self.sign_bytes(serializer.dumps(value), compress=compress)

    def unsign_object(self, signed: str, *, serializer: Serializer = JSON) -> Any:
        return unpack(self.unsign(signed), serializer)

    def _signature(self, value: str, key: bytes) -> str:
        try:
            return b64_encode(hmac.digest(key, value.encode(), self._algorithm))
        except UnicodeEncodeError as error:
            raise BadSignature("the value is not text") from error


class TimestampSigner(Signer):
    """Signs text with the time of signing, which a reader may hold against it."""

    def __init__(
        self,
        keys: Keys,
        salt: str = "django.core.signing.TimestampSigner",
        *,
        sep: str = ":",
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(keys, salt, sep=sep)
        self._clock = clock

    def sign(self, value: str) -> str:
        return super().sign(f"{value}{self.sep}{b62_encode(int(self._clock()))}")

    def unsign(self, signed: str, max_age: float | timedelta | None = None) -> str:
        value, sep, stamp = super().unsign(signed).rpartition(self.sep)
        if not sep:
            raise BadSignature("there is no time in the value")
        signed_at = b62_decode(stamp)
        if isinstance(max_age, timedelta):
            max_age = max_age.total_seconds()
        if max_age is not None and (age := self._clock() - signed_at) > max_age:
            raise SignatureExpired(f"signed {age:.0f} seconds ago, valid for {max_age:.0f}")
        return value

    def unsign_object(
        self, signed: str, *, serializer: Serializer = JSON, max_age: float | timedelta | None = None
    ) -> Any:
        return unpack(self.unsign(signed, max_age), serializer)


def dumps(
    value: Any,
    keys: Keys,
    salt: str = "django.core.signing",
    *,
    serializer: Serializer = JSON,
    compress: bool = False,
    clock: Callable[[], float] = time.time,
) -> str:
    """`django.core.signing.dumps`."""
    return TimestampSigner(keys, salt, clock=clock).sign_object(value, serializer=serializer, compress=compress)


def loads(
    signed: str,
    keys: Keys,
    salt: str = "django.core.signing",
    *,
    serializer: Serializer = JSON,
    max_age: float | timedelta | None = None,
    clock: Callable[[], float] = time.time,
) -> Any:
    """`django.core.signing.loads`."""
    return TimestampSigner(keys, salt, clock=clock).unsign_object(signed, serializer=serializer, max_age=max_age)


class CookieSigning:
    """Cookies of `set_signed_cookie` and `get_signed_cookie`.

    `django` is the version the site runs on, as the manifest says it: an older patch cannot read the second kind of
    salt, so it decides which one is written. Both are read, the first kind only while the site reads it too:
    `legacy_fallback` is its SIGNED_COOKIE_LEGACY_SALT_FALLBACK, None that version's default, off since 6.1.
    """

    def __init__(
        self, keys: Keys, django: str, *, legacy_fallback: bool | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._keys = keys.for_cookies()
        self._clock = clock
        self.second_kind = signs_second_kind(django)
        if legacy_fallback is None:
            legacy_fallback = version_of(django)[:2] < (6, 1)
        self._reads_first_kind = legacy_fallback or not self.second_kind

    def sign(self, name: str, value: str, salt: str = "") -> str:
        return self._signer(cookie_salt(name, salt) if self.second_kind else name + salt).sign(value)

    def unsign(self, name: str, signed: str, salt: str = "", max_age: float | timedelta | None = None) -> str:
        """The value. Raises BadSignature, or SignatureExpired once a salt fits and the time does not."""
        try:
            return self._signer(cookie_salt(name, salt)).unsign(signed, max_age)
        except SignatureExpired:
            raise
        except BadSignature:
            if not self._reads_first_kind:
                raise
            return self._signer(name + salt).unsign(signed, max_age)

    def _signer(self, salt: str) -> TimestampSigner:
        return TimestampSigner(self._keys, salt, clock=self._clock)


def cookie_salt(name: str, salt: str = "") -> str:
    """The second kind of salt: no two pairs of name and salt share one."""
    return f"{COOKIE_KEY.decode()}.v2:{len(salt)}:{salt}{name}"


def signs_second_kind(django: str) -> bool:
    """Whether this version of Django signs cookies with the second kind of salt."""
    *start, patch = version_of(django)
    line = (start[0], start[1])
    if line in COOKIE_SALT_V2_SINCE:
        return patch >= COOKIE_SALT_V2_SINCE[line]
    return line > max(COOKIE_SALT_V2_SINCE)


def version_of(django: str) -> tuple[int, int, int]:
    """Major, minor and patch, of "5.2", "5.2.19" or "6.1rc1"."""
    numbers = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", django)
    if numbers is None:
        raise ValueError(f"{django!r} is not a version of Django: run `bridge adopt` again")
    return int(numbers[1]), int(numbers[2]), int(numbers[3] or 0)


def salted_hmac(salt: str, value: str, secret: str | bytes, algorithm: str = "sha256") -> bytes:
    """`django.utils.crypto.salted_hmac(…).digest()`."""
    return hmac.digest(derived_key(salt, secret, algorithm), value.encode(), algorithm)


@lru_cache(maxsize=256)
def derived_key(salt: str, secret: str | bytes, algorithm: str = "sha256") -> bytes:
    return hashlib.new(algorithm, salt.encode() + as_bytes(secret)).digest()


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def as_bytes(key: str | bytes) -> bytes:
    return key if isinstance(key, bytes) else key.encode()


def unpack(text: str, serializer: Serializer) -> Any:
    """The object in a text whose signature was good."""
    try:
        packed = text.encode()
        if packed[:1] == b".":
            return serializer.loads(zlib.decompress(b64_decode(packed[1:])))
        return serializer.loads(b64_decode(packed))
    except (ValueError, RecursionError, zlib.error, binascii.Error) as error:
        raise BadSignature(f"the signed value cannot be read: {error}") from error


def b64_encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).strip(b"=").decode()


def b64_decode(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def b62_encode(number: int) -> str:
    sign, number = ("-", -number) if number < 0 else ("", number)
    letters = ""
    while number:
        number, rest = divmod(number, 62)
        letters = BASE62[rest] + letters
    return sign + (letters or "0")


def b62_decode(text: str) -> int:
    if not text:
        raise BadSignature("there is no time in the value")
    sign, letters = (-1, text[1:]) if text[0] == "-" else (1, text)
    number = 0
    try:
        for letter in letters:
            number = number * 62 + DIGITS62[letter]
    except KeyError as error:
        raise BadSignature("the time in the value is not one") from error
    return sign * number

"""Passwords as Django keeps them, checked and made by the rules both sides share (django/contrib/auth/hashers.py).

`Hashers` has the list that PASSWORD_HASHERS names, with the costs of the Django that the site runs on: the first one
makes new passwords, the others are read. A password is made anew exactly when Django would: each time the column
changes, the user's other sessions end, so two sides that disagreed would sign people out by turns.

`Pool` does the work beside the event loop, in few threads of low priority. When too many wait, it raises `PoolFull`.
"""

import asyncio
import base64
import binascii
import hashlib
import math
import os
import re
import secrets
import string
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import bcrypt

from legacy_adapters.errors import LegacyError, SettingsError
from legacy_adapters.settings import LegacySettings
from legacy_adapters.signing import same

UNUSABLE, UNUSABLE_LENGTH = "!", 40
SALT_LETTERS = string.ascii_letters + string.digits
SALT_BITS = 128
SALT_LENGTH = math.ceil(SALT_BITS / math.log2(len(SALT_LETTERS)))
ITERATIONS: Sequence[tuple[tuple[int, int], int]] = (
    *(((3, 2), 260_000), ((4, 0), 320_000), ((4, 1), 390_000), ((4, 2), 600_000), ((5, 0), 720_000)),
    *(((5, 1), 870_000), ((5, 2), 1_000_000), ((6, 0), 1_200_000), ((6, 1), 1_500_000)),
)
"""Of PBKDF2, since which version of Django."""
DJANGO = "django.contrib.auth.hashers"
Result = TypeVar("Result")


class PoolFull(LegacyError):
    """Too many passwords wait to be checked. Answer 503 with Retry-After."""


class MissingLibrary(LegacyError):
    """A stored password needs a package that is not installed. The message names it."""


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a password is right, and whether its stored form should be made anew."""

    correct: bool
    outdated: bool = False


class Hasher(Protocol):
    """One algorithm. `verify` and `outdated` raise ValueError for what is not of its form."""

    @property
    def algorithm(self) -> str: ...

    def encode(self, password: str, salt: str | None = None) -> str: ...

    def verify(self, password: str, encoded: str) -> bool: ...

    def outdated(self, encoded: str) -> bool: ...

    def harden(self, password: str, encoded: str) -> None:
        """Take as long as the current cost would have taken more."""


def new_salt() -> str:
    return "".join(secrets.choice(SALT_LETTERS) for _ in range(SALT_LENGTH))


def weak(salt: str) -> bool:
    return len(salt) * math.log2(len(SALT_LETTERS)) < SALT_BITS


def checked(salt: str | None) -> str:
    salt = new_salt() if salt is None else salt
    if not salt or "$" in salt:
        raise ValueError("a salt is not empty and has no $")
    return salt


def in_base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class Pbkdf2:
    iterations: int
    algorithm: str = "pbkdf2_sha256"

    def encode(self, password: str, salt: str | None = None) -> str:
        return self._encode(password, checked(salt), self.iterations)

    def verify(self, password: str, encoded: str) -> bool:
        _, iterations, salt, _ = encoded.split("$", 3)
        return same(encoded, self._encode(password, salt, int(iterations)))

    def outdated(self, encoded: str) -> bool:
        _, iterations, salt, _ = encoded.split("$", 3)
        return int(iterations) != self.iterations or weak(salt)

    def harden(self, password: str, encoded: str) -> None:
        _, iterations, salt, _ = encoded.split("$", 3)
        if (more := self.iterations - int(iterations)) > 0:
            self._encode(password, salt, more)

    def _encode(self, password: str, salt: str, iterations: int) -> str:
        digest = self.algorithm.removeprefix("pbkdf2_")
        made = hashlib.pbkdf2_hmac(digest, password.encode(), checked(salt).encode(), iterations)
        return f"{self.algorithm}${iterations}${salt}${in_base64(made)}"


@dataclass(frozen=True, slots=True)
class Argon2:
    """Needs the package argon2-cffi, which is the extra `argon2` of ours."""

    time_cost: int = 2
    memory_cost: int = 102_400
    parallelism: int = 8
    algorithm: str = "argon2"

    def encode(self, password: str, salt: str | None = None) -> str:
        low = library().low_level
        made = low.hash_secret(
            password.encode(),
            (new_salt() if salt is None else salt).encode(),
            time_cost=self.time_cost,
            memory_cost=self.memory_cost,
            parallelism=self.parallelism,
            hash_len=library().DEFAULT_HASH_LENGTH,
            type=low.Type.ID,
        )
        return self.algorithm + str(made.decode())

    def verify(self, password: str, encoded: str) -> bool:
        try:
            return bool(library().PasswordHasher().verify(encoded.removeprefix(self.algorithm), password))
        except library().exceptions.VerificationError:
            return False
        except library().exceptions.InvalidHashError as error:
            raise ValueError(str(error)) from error

    def outdated(self, encoded: str) -> bool:
        argon2 = library()
        now = argon2.extract_parameters(encoded.removeprefix(self.algorithm))
        salt = encoded.split("$")[-2]
        kept = base64.b64decode(salt + "=" * (-len(salt) % 4)).decode("latin1")
        wanted = (argon2.low_level.Type.ID, argon2.low_level.ARGON2_VERSION, argon2.DEFAULT_HASH_LENGTH)
        cost = (now.time_cost, now.memory_cost, now.parallelism)
        return (now.type, now.version, now.hash_len) != wanted or cost != self._cost or weak(kept)

    def harden(self, password: str, encoded: str) -> None:
        """The time it takes is too complicated to make up for, Django finds."""

    @property
    def _cost(self) -> tuple[int, int, int]:
        return self.time_cost, self.memory_cost, self.parallelism


@dataclass(frozen=True, slots=True)
class Bcrypt:
    """`bcrypt_sha256` hashes the password first; plain `bcrypt` sees its first 72 bytes."""

    algorithm: str = "bcrypt_sha256"
    rounds: int = 12

    def encode(self, password: str, salt: str | None = None) -> str:
        return self._encode(password, bcrypt.gensalt(self.rounds) if salt is None else salt.encode())

    def verify(self, password: str, encoded: str) -> bool:
        return same(encoded, self._encode(password, encoded.split("$", 1)[1].encode("ascii")))

    def outdated(self, encoded: str) -> bool:
        return int(encoded.split("$", 4)[3]) != self.rounds

    def harden(self, password: str, encoded: str) -> None:
        _, data = encoded.split("$", 1)
        for _ in range(2 ** max(self.rounds - int(data.split("$")[2]), 0) - 1):
            self._encode(password, data[:29].encode("ascii"))

    def _encode(self, password: str, salt: bytes) -> str:
        given = password.encode()
        if self.algorithm == "bcrypt_sha256":
            given = binascii.hexlify(hashlib.sha256(given).digest())
        return f"{self.algorithm}${bcrypt.hashpw(given[:72], salt).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Scrypt:
    parallelism: int = 5
    work_factor: int = 2**14
    block_size: int = 8
    algorithm: str = "scrypt"

    def encode(self, password: str, salt: str | None = None) -> str:
        return self._encode(password, checked(salt), self.work_factor, self.block_size, self.parallelism)

    def verify(self, password: str, encoded: str) -> bool:
        _, n, salt, r, p, _ = encoded.split("$", 6)
        return same(encoded, self._encode(password, salt, int(n), int(r), int(p)))

    def outdated(self, encoded: str) -> bool:
        _, n, _, r, p, _ = encoded.split("$", 6)
        return (int(n), int(r), int(p)) != (self.work_factor, self.block_size, self.parallelism)

    def harden(self, password: str, encoded: str) -> None:
        """As with Argon2."""

    def _encode(self, password: str, salt: str, n: int, r: int, p: int) -> str:
        made = hashlib.scrypt(password.encode(), salt=checked(salt).encode(), n=n, r=r, p=p, maxmem=0, dklen=64)
        return f"{self.algorithm}${n}${salt}${r}${p}${in_base64(made)}"


@dataclass(frozen=True, slots=True)
class Digest:
    """`md5$salt$hex` and `sha1$salt$hex`."""

    algorithm: str

    def encode(self, password: str, salt: str | None = None) -> str:
        salt = checked(salt)
        return f"{self.algorithm}${salt}${hashlib.new(self.algorithm, (salt + password).encode()).hexdigest()}"

    def verify(self, password: str, encoded: str) -> bool:
        return same(encoded, self.encode(password, encoded.split("$", 2)[1]))

    def outdated(self, encoded: str) -> bool:
        return weak(encoded.split("$", 2)[1])

    def harden(self, password: str, encoded: str) -> None:
        """There is no cost to make up for."""


@dataclass(frozen=True, slots=True)
class Unsalted:
    """Ancient digests without a salt. They are read; nothing is made of them."""

    algorithm: str

    def encode(self, password: str, salt: str | None = None) -> str:
        raise SettingsError(f"{self.algorithm} is only read: put a hasher with a salt first in PASSWORD_HASHERS")

    def verify(self, password: str, encoded: str) -> bool:
        name = self.algorithm.removeprefix("unsalted_")
        return same(encoded.removeprefix(f"{name}$$"), hashlib.new(name, password.encode()).hexdigest())

    def outdated(self, encoded: str) -> bool:
        return False

    def harden(self, password: str, encoded: str) -> None:
        """There is no cost to make up for."""


def known_hashers(django: str) -> Mapping[str, Hasher]:
    """Django's own hashers by their path, with the costs of this version."""
    numbers = re.match(r"(\d+)\.(\d+)", django)
    if numbers is None:
        raise SettingsError(f"{django!r} is not a version of Django: run `bridge adopt` again")
    version = (int(numbers[1]), int(numbers[2]))
    cost = [iterations for since, iterations in ITERATIONS if since <= version]
    if not cost or version > ITERATIONS[-1][0]:
        raise SettingsError(f"the costs of Django {django} are not known here: hand in Hashers(custom=…)")
    made: dict[str, Hasher] = {
        "PBKDF2": Pbkdf2(cost[-1]),
        "PBKDF2SHA1": Pbkdf2(cost[-1], "pbkdf2_sha1"),
        "Argon2": Argon2(),
        "BCryptSHA256": Bcrypt(),
        "BCrypt": Bcrypt("bcrypt"),
        "Scrypt": Scrypt(5 if version >= (5, 1) else 1),
        "MD5": Digest("md5"),
        "SHA1": Digest("sha1"),
        "UnsaltedMD5": Unsalted("unsalted_md5"),
        "UnsaltedSHA1": Unsalted("unsalted_sha1"),
    }
    return {f"{DJANGO}.{name}PasswordHasher": hasher for name, hasher in made.items()}


class Hashers:
    """The hashers of one site. `custom` has those that are not Django's, by their path in PASSWORD_HASHERS."""

    def __init__(self, settings: LegacySettings, django: str, custom: Mapping[str, Hasher] | None = None) -> None:
        known = {**known_hashers(django), **(custom or {})}
        for path in settings.password_hashers:
            if path not in known:
                raise SettingsError(f"PASSWORD_HASHERS has {path}: hand in Hashers(custom=…) for it")
        listed = [known[path] for path in settings.password_hashers]
        if not listed:
            raise SettingsError("PASSWORD_HASHERS is empty: nobody could sign in")
        self.preferred = listed[0]
        self._by_name = {hasher.algorithm: hasher for hasher in listed}

    def encode(self, password: str) -> str:
        """A new password for the column."""
        return self.preferred.encode(password)

    def verify(self, password: str, encoded: str) -> Check:
        """Check a password; where there is nothing to check it against, take as long as if there were."""
        hasher = self._hasher_of(encoded)
        if hasher is None:
            self.encode(unusable())
            return Check(False)
        try:
            outdated = hasher is not self.preferred or hasher.outdated(encoded)
            correct = hasher.verify(password, encoded)
            if not correct and outdated and hasher is self.preferred:
                hasher.harden(password, encoded)
        except (ValueError, IndexError):  # a broken column: nobody's password
            self.encode(unusable())
            return Check(False)
        return Check(correct, outdated)

    def burn(self, password: str) -> None:
        """Take the time of a check, where there is no user."""
        self.encode(password)

    def knows(self, encoded: str) -> bool:
        """Whether a stored password is of a listed algorithm."""
        return self._hasher_of(encoded) is not None

    def _hasher_of(self, encoded: str) -> Hasher | None:
        if encoded.startswith(UNUSABLE):
            return None
        if (len(encoded) == 32 and "$" not in encoded) or (len(encoded) == 37 and encoded.startswith("md5$$")):
            return self._by_name.get("unsalted_md5")
        if len(encoded) == 46 and encoded.startswith("sha1$$"):
            return self._by_name.get("unsalted_sha1")
        return self._by_name.get(encoded.split("$", 1)[0])


def unusable() -> str:
    """A column that no password fits."""
    return UNUSABLE + "".join(secrets.choice(SALT_LETTERS) for _ in range(UNUSABLE_LENGTH))


def is_usable(encoded: str) -> bool:
    return not encoded.startswith(UNUSABLE)


def library() -> Any:
    try:
        import argon2
    except ImportError as error:
        raise MissingLibrary("a password is stored with Argon2: install argon2-cffi") from error
    return argon2


class Pool:
    """Hashing beside the event loop: `workers` at once, by default as many as half of the cores, others in line.

    The line ends where it holds `waiting`, or where the last would wait for more than `longest` seconds, as long as
    hashing has taken of late: some hundred cheap hashes are no line, some fifty costly ones are.
    """

    def __init__(self, hashers: Hashers, *, workers: int = 0, waiting: int = 512, longest: float = 20.0) -> None:
        self.hashers = hashers
        workers = workers or max(1, (os.cpu_count() or 1) // 2)
        self._workers, self._most, self._longest = workers, workers + waiting, longest
        self._inside, self._typical = 0, 0.0
        self._threads = ThreadPoolExecutor(workers, "passwords", initializer=_step_back)

    async def verify(self, password: str, encoded: str) -> Check:
        return await self._run(self.hashers.verify, password, encoded)

    async def encode(self, password: str) -> str:
        return await self._run(self.hashers.encode, password)

    async def burn(self, password: str) -> None:
        await self._run(self.hashers.burn, password)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[..., Result], *values: str) -> Result:
        wait = self._inside * self._typical / self._workers
        if self._inside >= self._most or wait > self._longest:
            raise PoolFull(f"{self._inside} passwords are being checked already, for some {wait:.1f} s")
        self._inside += 1
        loop = asyncio.get_running_loop()
        done = self._threads.submit(self._timed, work, *values)
        done.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave))
        return await asyncio.wrap_future(done)

    def _timed(self, work: Callable[..., Result], *values: str) -> Result:
        began = time.perf_counter()
        try:
            return work(*values)
        finally:
            took = time.perf_counter() - began
            self._typical = took if not self._typical else self._typical + (took - self._typical) / 8

    def _leave(self) -> None:
        self._inside -= 1


def _step_back() -> None:
    """Let the event loop's thread go first, where the system can tell threads apart."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)

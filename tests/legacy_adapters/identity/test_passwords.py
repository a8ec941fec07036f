"""A password stored by one side is checked by the other, and stored anew only when Django would."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from hypothesis import strategies

from legacy_adapters import passwords
from legacy_adapters.auth import Authentication
from legacy_adapters.errors import SettingsError
from legacy_adapters.passwords import Argon2, Bcrypt, Check, Digest, Hasher, Hashers, Pbkdf2, Pool, PoolFull, Scrypt
from legacy_adapters.settings import LegacySettings
from legacy_adapters.users import UserModel, Users
from new_app.rows import Rows
from tests.legacy_adapters.identity.cases import generated
from tests.legacy_adapters.identity.conftest import KEYS, TABLE, Oracle

KINDS = ("PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "Scrypt", "MD5")
PATHS = tuple(f"{passwords.DJANGO}.{kind}PasswordHasher" for kind in KINDS)
SALT = "saltsaltsaltsaltsalt22"
CHEAP: dict[str, Hasher] = {
    "PBKDF2": Pbkdf2(3),
    "PBKDF2SHA1": Pbkdf2(3, "pbkdf2_sha1"),
    "Argon2": Argon2(1, 64, 1),
    "BCryptSHA256": Bcrypt(rounds=4),
    "BCrypt": Bcrypt("bcrypt", 4),
    "Scrypt": Scrypt(1, 16, 1),
    "MD5": Digest("md5"),
}
typed = strategies.text(strategies.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80)


def listed(*kinds: str) -> LegacySettings:
    paths = tuple(f"{passwords.DJANGO}.{kind}PasswordHasher" for kind in kinds)
    return msgspec.structs.replace(LegacySettings(), password_hashers=paths or PATHS)


@pytest.fixture(scope="module")
def oracle(bare: Oracle) -> Oracle:
    return bare.with_settings(PASSWORD_HASHERS=list(PATHS))


@pytest.fixture(scope="module")
def ours(bare: Oracle) -> Hashers:
    return Hashers(listed(), bare.ask("version"))


@generated(
    2000,
    password=typed,
    kind=strategies.sampled_from(KINDS),
    salt=strategies.text("abcXYZ019", min_size=8, max_size=24),
)
def test_a_stored_password_is_the_same_on_both_sides(oracle: Oracle, password: str, kind: str, salt: str) -> None:
    if kind == "BCrypt" and len(password.encode()) > 72:
        password = password[:18]
    theirs = oracle.ask("password_made", password=password, kind=kind, salt=salt)
    assert CHEAP[kind].verify(password, theirs)
    assert not CHEAP[kind].verify(password + "x", theirs)
    assert oracle.ask("password_checked", password=password, encoded=CHEAP[kind].encode(password))[0] is True
    if not kind.startswith("BCrypt"):
        assert CHEAP[kind].encode(password, salt) == theirs


@pytest.mark.parametrize("kind", KINDS)
def test_the_cost_is_the_one_of_django(oracle: Oracle, kind: str) -> None:
    only = Hashers(listed(kind), oracle.ask("version"))
    alone = oracle.with_settings(PASSWORD_HASHERS=list(listed(kind).password_hashers))
    theirs = alone.ask("password_made", password="secret", kind=kind, salt=None, cheap=False)
    assert only.verify("secret", theirs) == Check(True, False)
    assert alone.ask("password_checked", password="secret", encoded=only.encode("secret")) == [True, False]
    cheap = alone.ask("password_made", password="secret", kind=kind, salt="shortone")
    assert only.verify("secret", cheap) == Check(True, True)
    assert alone.ask("password_checked", password="secret", encoded=cheap) == [True, True]


@pytest.mark.parametrize("kind", KINDS[1:])
def test_another_algorithm_is_stored_anew_at_the_next_login(oracle: Oracle, ours: Hashers, kind: str) -> None:
    stored = oracle.ask("password_made", password="secret", kind=kind, salt=SALT)
    assert ours.verify("secret", stored) == Check(True, True)
    assert oracle.ask("password_checked", password="secret", encoded=stored) == [True, True]
    assert not ours.verify("wrong", stored).correct


GOLDEN = {
    "pbkdf2_sha256": "pbkdf2_sha256$1000$saltsaltsaltsaltsalt22$1F/4lsEbFxGi3PRIzpRS0zgJWUEQT2sSKEPljoMMeyo=",
    "pbkdf2_sha1": "pbkdf2_sha1$1000$saltsaltsaltsaltsalt22$ZR2gyxtdjOwu8Y7+pn5D4m6zzHs=",
    "argon2": "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdHNhbHRzYWx0c2FsdHNhbHQyMg$cGyogf03zX1o35qMsMSE1yYz0k7puD/pb6HRJ2l2ACY",
    "bcrypt_sha256": "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuOvXt8Qn2itmH3DK49tNpKs5mKQnp2Dq",
    "bcrypt": "bcrypt$$2b$04$abcdefghijklmnopqrstuugDq78tJTIDxVqzzW1dxeshbA7rmcDgO",
    "scrypt": "scrypt$16384$saltsaltsaltsaltsalt22$8$5$pCYPZH3XQWocpMYnW9BcOJ67bIv6gITQXBzvbFDvY/IW5mIlYCyHsmWBHg8Py2QnHgsi1OyAUjyELdHu4Rb1EQ==",
    "md5": "md5$saltsaltsaltsaltsalt22$1dc92a1349868317dd4e558baa02c021",
}


@pytest.mark.parametrize("encoded", GOLDEN.values(), ids=GOLDEN)
def test_the_golden_vectors_of_django_5_2_are_right(ours: Hashers, encoded: str) -> None:
    assert ours.verify("pÄss wörd", encoded).correct


@pytest.mark.parametrize(
    ("django", "iterations", "parallelism"),
    [
        *(("3.2.25", 260_000, 1), ("4.0", 320_000, 1), ("4.1", 390_000, 1), ("4.2.30", 600_000, 1)),
        *(("5.0", 720_000, 1), ("5.1.9", 870_000, 5), ("5.2.19", 1_000_000, 5), ("6.0.6", 1_200_000, 5)),
        *(("6.1.3", 1_500_000, 5),),
    ],
)
def test_each_version_of_django_has_its_costs(django: str, iterations: int, parallelism: int) -> None:
    known = passwords.known_hashers(django)
    assert known[f"{passwords.DJANGO}.PBKDF2PasswordHasher"] == Pbkdf2(iterations)
    assert known[f"{passwords.DJANGO}.ScryptPasswordHasher"] == Scrypt(parallelism)


BROKEN = [
    *("", "!", passwords.unusable(), "pbkdf2_sha256$x$salt$hash", "pbkdf2_sha256$1$salt", "pbkdf2_sha256$0$salt$x"),
    *("plain text", "unknown$1$2$3", "scrypt$3$salt$8$5$x", "bcrypt$$2b$04$short", "bcrypt_sha256$x", "md5$only"),
    *("argon2$argon2id$v=19$m=8,t=1,p=1$c2Fs", "argon2$", "a" * 32, "sha1$$" + "a" * 40, "md5$$" + "a" * 32),
]


@pytest.mark.parametrize("encoded", BROKEN, ids=lambda encoded: encoded[:1] + str(len(encoded)))
def test_what_is_no_password_fits_nobody(encoded: str) -> None:
    hashers = Hashers(listed("MD5", *KINDS[:-1]), "5.2.19", {PATHS[0]: Pbkdf2(3), PATHS[1]: Pbkdf2(3, "pbkdf2_sha1")})
    for password in ("", "secret"):
        assert not hashers.verify(password, encoded).correct


@pytest.mark.parametrize(
    ("kind", "encoded"),
    [
        ("UnsaltedMD5", "5ebe2294ecd0e0f08eab7690d2a6ee69"),
        ("UnsaltedMD5", "md5$$5ebe2294ecd0e0f08eab7690d2a6ee69"),
        ("UnsaltedSHA1", "sha1$$e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"),
        ("SHA1", "sha1$salt$48e3b74aa5dd0d0b39bf4bdbf4e1eb9a4f4d3eae"),
    ],
)
def test_ancient_passwords_are_read_where_they_are_listed(kind: str, encoded: str) -> None:
    hashers = Hashers(listed("MD5", kind), "3.2.25")
    if kind == "SHA1":
        encoded = Digest("sha1").encode("secret", "salt")
    assert hashers.verify("secret", encoded) == Check(True, True)
    assert not hashers.verify("other", encoded).correct
    assert not Hashers(listed("MD5"), "3.2.25").verify("secret", encoded).correct


def test_nothing_new_is_stored_without_a_salt() -> None:
    with pytest.raises(SettingsError, match="only read"):
        Hashers(listed("UnsaltedMD5"), "3.2.25").encode("secret")


@pytest.mark.parametrize(
    ("changes", "django", "why"),
    [
        ({"password_hashers": ("shop.Hasher",)}, "5.2", r"shop\.Hasher.*custom="),
        ({"password_hashers": ()}, "5.2", "empty"),
        ({}, "2.2", "not known"),
        ({}, "6.2", "not known"),
        ({}, "main", "bridge adopt"),
    ],
)
def test_what_we_do_not_know_is_refused(changes: dict[str, Any], django: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        Hashers(msgspec.structs.replace(LegacySettings(), **changes), django)


def test_a_hasher_of_the_sites_own_is_used() -> None:
    settings = msgspec.structs.replace(LegacySettings(), password_hashers=("shop.Slow",))
    hashers = Hashers(settings, "5.2", {"shop.Slow": Pbkdf2(7)})
    assert hashers.encode("secret").startswith("pbkdf2_sha256$7$")


def test_checks_against_nothing_take_as_long_as_checks() -> None:
    """Unknown user, unusable password, weaker password, wrong password: none is told apart by its time."""
    settings = listed("PBKDF2")
    hashers = Hashers(settings, "5.2", {PATHS[0]: Pbkdf2(300_000)})
    full, weak = hashers.encode("secret"), Pbkdf2(1000).encode("secret", SALT)
    cases = {
        "wrong": lambda: hashers.verify("wrong", full),
        "nobody": lambda: hashers.burn("wrong"),
        "unusable": lambda: hashers.verify("wrong", passwords.unusable()),
        "weaker": lambda: hashers.verify("wrong", weak),
        "broken": lambda: hashers.verify("wrong", "pbkdf2_sha256$x"),
    }

    def thread_time(case: Any) -> float:
        taken = []
        for _ in range(3):
            start = time.thread_time()
            case()
            taken.append(time.thread_time() - start)
        return min(taken)

    times = {name: thread_time(case) for name, case in cases.items()}
    assert max(times.values()) < 1.5 * min(times.values()), times


class Slow:
    """Hashers that take as long as the test lets them."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.running = 0

    def verify(self, password: str, encoded: str) -> Check:
        self.running += 1
        asyncio.run_coroutine_threadsafe(self.go.wait(), self.loop).result(10)
        return Check(True)


async def test_a_full_pool_says_so_and_recovers() -> None:
    slow = Slow()
    hashers: Any = slow
    pool = Pool(hashers, workers=1, waiting=2)
    checks = [asyncio.ensure_future(pool.verify("a", "b")) for _ in range(3)]
    await asyncio.sleep(0.01)
    with pytest.raises(PoolFull):
        await pool.verify("a", "b")
    slow.go.set()
    assert await asyncio.gather(*checks) == [Check(True)] * 3
    await asyncio.sleep(0.01)
    assert await pool.verify("a", "b") == Check(True)
    pool.close()


class Costly:
    def verify(self, password: str, encoded: str) -> Check:
        time.sleep(0.05)
        return Check(True)


async def test_the_line_ends_where_the_last_would_wait_too_long() -> None:
    hashers: Any = Costly()
    pool = Pool(hashers, workers=1, longest=0.12)
    await pool.verify("a", "b")
    line = [asyncio.ensure_future(pool.verify("a", "b")) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(PoolFull):
        await pool.verify("a", "b")
    assert await asyncio.gather(*line) == [Check(True)] * 3
    assert await pool.verify("a", "b") == Check(True)
    pool.close()


async def test_a_visitor_who_leaves_frees_the_place_when_the_work_is_done() -> None:
    slow = Slow()
    hashers: Any = slow
    pool = Pool(hashers, workers=1, waiting=0)
    check = asyncio.ensure_future(pool.verify("a", "b"))
    await asyncio.sleep(0.01)
    check.cancel()
    with pytest.raises(PoolFull):  # the thread is still busy: nobody may pile up behind it
        await pool.verify("a", "b")
    slow.go.set()
    await asyncio.sleep(0.05)
    assert await pool.verify("a", "b") == Check(True)
    pool.close()


async def test_the_event_loop_goes_on_while_passwords_are_checked() -> None:
    hashers = Hashers(listed("PBKDF2"), "5.2", {PATHS[0]: Pbkdf2(300_000)})
    pool = Pool(hashers, workers=1)
    check = asyncio.ensure_future(pool.encode("secret"))
    turns = 0
    while not check.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 5
    pool.close()


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    hashers = Hashers(listed("PBKDF2", "MD5"), "5.2", {PATHS[0]: Pbkdf2(1000)})
    made = Pool(hashers)
    yield made
    made.close()


@pytest.mark.parametrize("stored", ["current", "old"])
@pytest.mark.parametrize("active", [True, False])
async def test_signing_in_with_a_password(
    django: Oracle, rows: Rows, user_model: UserModel, settings: LegacySettings, pool: Pool, stored: str, active: bool
) -> None:
    cheap = django.with_settings(
        PASSWORD_HASHERS=[PATHS[-1], PATHS[0]], AUTHENTICATION_BACKENDS=list(settings.authentication_backends[:1])
    )
    name = f"typist {stored} {active}"
    pk = cheap.ask("user_made", username=name, password="secret", is_active=active)
    encoded = Pbkdf2(1000 if stored == "current" else 10).encode("secret")
    await rows.fetch(f"UPDATE {TABLE} SET password = $2 WHERE id = $1", pk, encoded)
    auth = Authentication(Users(rows.fetch, user_model), settings, KEYS)
    for username, password in ((name, "wrong"), ("no such typist", "secret"), (name, ""), (name.upper(), "secret")):
        assert await auth.authenticate(pool, rows.fetch, username, password) is None
    user = await auth.authenticate(pool, rows.fetch, name, "secret")
    assert (user is not None) is active
    (row,) = await rows.fetch(f"SELECT password FROM {TABLE} WHERE id = $1", pk)
    assert (row[0] == encoded) is (stored == "current")
    assert cheap.ask("authenticated", username=name, password="secret") == (pk if active else None)


async def test_a_password_changed_meanwhile_is_not_overwritten(
    django: Oracle, rows: Rows, user_model: UserModel, settings: LegacySettings, pool: Pool
) -> None:
    pk = django.with_settings(PASSWORD_HASHERS=[PATHS[-1]]).ask("user_made", username="racer", password="secret")
    auth = Authentication(Users(rows.fetch, user_model), settings, KEYS)
    user = await auth.users.by_pk(pk)
    assert user is not None
    await rows.fetch(f"UPDATE {TABLE} SET password = '!' WHERE id = $1", pk)
    assert await auth.set_password(pool, rows.fetch, user, "new") is False
    again = await auth.users.by_pk(pk)
    assert again is not None
    assert again.password == "!"
    assert await auth.set_password(pool, rows.fetch, again, "new") is True
    assert again.password.startswith("pbkdf2_sha256$1000$")

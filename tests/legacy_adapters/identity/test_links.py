"""Links and keys that one side gives out are good on the other, for as long and as often."""

import itertools
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import strategies

from legacy_adapters import links, tokens
from legacy_adapters.links import EmailConfirmations, PasswordResets, Subject
from legacy_adapters.settings import LegacySettings
from legacy_adapters.signing import Keys, dumps
from legacy_adapters.users import User, UserModel, Users
from new_app.rows import Rows
from tests.legacy_adapters.identity.cases import generated
from tests.legacy_adapters.identity.conftest import FALLBACK, KEYS, TABLE, Oracle, Refused

names = (f"linked{number}" for number in itertools.count())
ZONES = ("UTC", "Europe/Prague", "America/Chicago", "Asia/Kathmandu")


@pytest.fixture(scope="module", autouse=True)
def fast_hasher(django: Oracle) -> Iterator[None]:
    django._settings["PASSWORD_HASHERS"] = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    yield
    del django._settings["PASSWORD_HASHERS"]


@pytest.fixture
def pk(django: Oracle) -> int:
    name = next(names)
    made: int = django.ask("user_made", username=name, password="secret", email=f"{name}@example.org")
    return made


@pytest.fixture
def users(rows: Rows, user_model: UserModel) -> Users:
    return Users(rows.fetch, user_model)


async def user_of(users: Users, pk: int) -> User:
    user = await users.by_pk(pk)
    assert user is not None
    return user


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seen", [False, True], ids=["never signed in", "signed in"])
async def test_a_reset_link_is_good_on_both_sides(
    django: Oracle, rows: Rows, users: Users, settings: LegacySettings, pk: int, zone: str, seen: bool
) -> None:
    if seen:
        await rows.fetch(f"UPDATE {TABLE} SET last_login = now() WHERE id = $1", pk)
    oracle = django.with_settings(TIME_ZONE=zone)
    resets = PasswordResets(msgspec.structs.replace(settings, time_zone=zone), KEYS)
    user = await user_of(users, pk)
    made = oracle.ask("reset_token", pk=pk)
    plain = Subject.of(user)
    assert links.to_uid(pk) == made["uid"]
    assert int(links.from_uid(made["uid"])) == pk
    assert resets.is_good(plain, made["token"])
    assert oracle.ask("reset_checked", pk=pk, token=resets.token(plain)) is True


async def test_a_reset_link_of_allauth_is_good_on_both_sides(
    django: Oracle, users: Users, settings: LegacySettings, pk: int
) -> None:
    resets, user, made = PasswordResets(settings, KEYS), await user_of(users, pk), django.ask("allauth_token", pk=pk)
    plain, allauth = Subject.of(user), Subject.of(user, [])
    assert links.to_allauth_uid(pk) == made["uid"]
    assert links.from_allauth_uid(made["uid"]) == pk
    assert resets.is_good(allauth, made["token"])
    assert not resets.is_good(plain, made["token"])
    assert django.ask("reset_checked", pk=pk, token=resets.token(allauth), allauth=True) is True
    assert django.ask("reset_checked", pk=pk, token=resets.token(plain), allauth=True) is False


async def test_all_addresses_of_a_user_count_for_allauth(
    django: Oracle, rows: Rows, users: Users, settings: LegacySettings, pk: int
) -> None:
    django.ask("address_made", user=pk, email=f"zz{pk}@example.org")
    django.ask("address_made", user=pk, email=f"aa{pk}@example.org")
    made = django.ask("allauth_token", pk=pk)["token"]
    addresses = [row[0] for row in await rows.fetch("SELECT email FROM account_emailaddress WHERE user_id = $1", pk)]
    user = await user_of(users, pk)
    resets = PasswordResets(settings, KEYS)
    assert resets.is_good(Subject.of(user, addresses), made)
    assert not resets.is_good(Subject.of(user, []), made)


CHANGES = {
    "password": "password = 'md5$salt$other'",
    "sign-in": "last_login = now() + interval '1 minute'",
    "address": "email = 'another@example.org'",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_a_reset_link_is_used_up_by_what_it_is_made_from(
    django: Oracle, rows: Rows, users: Users, settings: LegacySettings, pk: int, change: str
) -> None:
    resets = PasswordResets(settings, KEYS)
    token = resets.token(Subject.of(await user_of(users, pk)))
    await rows.fetch(f"UPDATE {TABLE} SET {change} WHERE id = $1", pk)
    assert not resets.is_good(Subject.of(await user_of(users, pk)), token)
    assert django.ask("reset_checked", pk=pk, token=token) is False


@pytest.mark.parametrize(
    "token",
    [
        *("", "-", "a-b", "a-b-c", "nodash", "-" * 50, "!-" + "a" * 32, "z" * 14 + "-" + "a" * 32, "é-é", " 1-a"),
        *("crftc0-b086288ad3182805067138d6d478539c", "0" * 1000),
    ],
)
async def test_a_token_nobody_made_is_refused(
    django: Oracle, users: Users, settings: LegacySettings, pk: int, token: str
) -> None:
    assert django.ask("reset_checked", pk=pk, token=token) is False
    assert not PasswordResets(settings, KEYS).is_good(Subject.of(await user_of(users, pk)), token)
    assert not PasswordResets(settings, KEYS).is_good(None, token)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("age", [-3600, 0, 259_190, 259_210, 400_000])
async def test_a_reset_link_ends_when_django_says(
    django: Oracle, users: Users, settings: LegacySettings, pk: int, age: int, zone: str
) -> None:
    local = msgspec.structs.replace(settings, time_zone=zone)
    subject = Subject.of(await user_of(users, pk))
    made = PasswordResets(local, KEYS, clock=lambda: time.time() - age).token(subject)
    good = PasswordResets(local, KEYS).is_good(subject, made)
    theirs = django.with_settings(TIME_ZONE=zone).ask("reset_checked", pk=pk, token=made)
    assert good is theirs is (age < 259_200)


@pytest.mark.parametrize(("secret", "good"), [(FALLBACK, True), ("of another site", False)])
async def test_a_reset_link_outlives_a_change_of_the_secret(
    django: Oracle, users: Users, settings: LegacySettings, pk: int, secret: str, good: bool
) -> None:
    subject = Subject.of(await user_of(users, pk))
    token = PasswordResets(settings, Keys(secret)).token(subject)
    assert PasswordResets(settings, KEYS).is_good(subject, token) is good
    assert django.ask("reset_checked", pk=pk, token=token) is good


def test_the_golden_vectors_of_django_5_2_are_ours() -> None:
    golden = Keys("k" * 50)
    resets = PasswordResets(
        LegacySettings(time_zone="UTC"), golden, clock=lambda: datetime(2025, 6, 15, 12, tzinfo=UTC).timestamp()
    )
    seen = datetime(2025, 6, 1, 12, 30, 15, 123456, UTC)
    ann = Subject(42, "pbkdf2_sha256$1000000$abc$def", seen, "ann@example.org")
    assert resets.token(ann) == "crftc0-b086288ad3182805067138d6d478539c"
    assert resets.token(Subject(43, "!x", None, "")) == "crftc0-7749f669878003898ee614e3da1c77f9"
    assert links.to_uid(42) == "NDI"
    assert EmailConfirmations(golden, clock=lambda: 1_750_000_000).key(7) == (
        "Nw:1uQowS:_QXZGLeiU5vS8ckSGB99aoq7JLdtnDk07V5grBZs858"
    )


def test_without_time_zones_a_sign_in_has_the_sites_own_digits() -> None:
    seen = datetime(2025, 6, 1, 12, tzinfo=UTC)
    naive = LegacySettings(time_zone="Europe/Prague", use_tz=False)
    resets = PasswordResets(naive, KEYS)
    token = resets.token(Subject(1, "x", datetime(2025, 6, 1, 14), ""))
    assert resets.is_good(Subject(1, "x", seen, ""), token)


@pytest.mark.parametrize("uid", ["", "NDI", "NDI=", "MQ", "Mg==", "!!", "é", "4pyT", "_-", "a" * 100, "/w"])
def test_a_uid_is_read_alike(bare: Oracle, uid: str) -> None:
    try:
        theirs = bare.ask("uid_read", uid=uid)
    except Refused:
        with pytest.raises(ValueError, match="is no user's"):
            links.from_uid(uid)
    else:
        assert links.from_uid(uid) == theirs


@generated(4000, number=strategies.integers(0, 2**63))
def test_base_36_goes_both_ways(number: int) -> None:
    assert links.from_base36(links.to_base36(number)) == number


def test_uids_of_allauth_know_uuids() -> None:
    pk = UUID("6f1e0e9a-0000-4000-8000-000000000000")
    assert links.from_allauth_uid(links.to_allauth_uid(pk), "uuid") == pk
    with pytest.raises(ValueError, match="base 36"):
        links.from_allauth_uid("z" * 14)


async def test_a_confirmation_link_is_good_on_both_sides(django: Oracle, pk: int) -> None:
    address = django.ask("address_made", user=pk, email=f"new{pk}@example.org")
    confirmations = EmailConfirmations(KEYS)
    assert confirmations.address(django.ask("confirmation_key", pk=address)) == address
    assert django.ask("confirmed", key=confirmations.key(address)) == address


@pytest.mark.parametrize(
    "key",
    [
        *("", "nonsense", "Nw:1uQowS:_QXZGLeiU5vS8ckSGB99aoq7JLdtnDk07V5grBZs858", dumps(1, KEYS, "other")),
        *(dumps(1, Keys("foreign"), "account"), dumps(1, KEYS, "account", clock=lambda: time.time() - 4 * 86400)),
    ],
    ids=["empty", "nonsense", "other time", "other salt", "other secret", "too old"],
)
def test_a_confirmation_link_that_is_not_ours_or_too_old_is_refused(django: Oracle, key: str) -> None:
    assert EmailConfirmations(KEYS).address(key) is None
    assert django.ask("confirmed", key=key) is None


LANGUAGES = ["en-us", "cs", "de-at", "zh-hans", "pt-br"]


@pytest.mark.parametrize(
    "cookie",
    [
        *(
            "en-us",
            "EN-US",
            "en",
            "en-gb",
            "cs",
            "cs-cz",
            "de",
            "de-ch",
            "zh-cn",
            "zh-tw",
            "pt",
            "fr",
            "",
            "-",
            "x" * 600,
        ),
        *("cs-" + "x" * 600, "cs@latin", "../../etc", "zh-hans-cn"),
    ],
)
def test_a_language_cookie_is_read_alike(bare: Oracle, cookie: str) -> None:
    oracle = bare.with_settings(LANGUAGES=[[tag, tag] for tag in LANGUAGES], LANGUAGE_CODE="en-us")
    theirs = oracle.ask("language_of", cookie=cookie, languages=LANGUAGES)
    assert links.language({"django_language": cookie}, LANGUAGES) == theirs


# Keys of APIs

HEADERS = [
    *("", "Token", "Token ", "Token {token}", "token {token}", "TOKEN  {token} ", "Token {token} x", "Token x{token}"),
    *("Bearer {token}", "Token{token}", "Token \xe9", "Token {api key}", "Token\t{token}"),
]
API_HEADERS = [
    *("", "ApiKey", "ApiKey ", "ApiKey {name}:{api key}", "apikey {name}:{api key}", "ApiKey {name}:", "ApiKey :"),
    *("ApiKey {name}", "ApiKey {name}:{token}", "Basic {name}:{api key}", "ApiKey  {name}:{api key}"),
    *("ApiKey {name}:{api key}:", "ApiKey nobody:{api key}", "ApiKey {name}:{api key} "),
]


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("header", HEADERS)
async def test_a_token_is_believed_as_by_rest_framework(
    django: Oracle, rows: Rows, user_model: UserModel, pk: int, header: str, active: bool
) -> None:
    known = django.ask("keys_of", pk=pk)
    await rows.fetch(f"UPDATE {TABLE} SET is_active = $2 WHERE id = $1", pk, active)
    said = header.format(**known)
    keys = tokens.Keys(rows.fetch, user_model)

    async def ours() -> Any:
        token = tokens.token_in(said)
        return None if token is None else (await keys.owner_of_token(token)).pk

    try:
        theirs = django.ask("token_owner", header=said)
    except Refused as refused:
        with pytest.raises(tokens.BadCredentials, match=re.escape(refused.args[1])):
            await ours()
    else:
        assert await ours() == theirs


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("header", API_HEADERS)
async def test_an_api_key_is_believed_as_by_tastypie(
    django: Oracle, rows: Rows, user_model: UserModel, pk: int, header: str, active: bool
) -> None:
    (row,) = await rows.fetch(f"SELECT username FROM {TABLE} WHERE id = $1", pk)
    said = header.format(name=row[0], **django.ask("keys_of", pk=pk))
    await rows.fetch(f"UPDATE {TABLE} SET is_active = $2 WHERE id = $1", pk, active)
    theirs = django.ask("api_key_owner", header=said)
    try:
        given = tokens.api_key_in(said)
        ours = None if given is None else (await tokens.Keys(rows.fetch, user_model).owner_of_api_key(*given)).pk
    except tokens.BadCredentials:
        ours = None
    assert ours == theirs


@pytest.mark.parametrize("made", [tokens.new_token, tokens.new_api_key])
def test_new_keys_are_forty_hexadecimal_digits(made: Any) -> None:
    several = {made() for _ in range(50)}
    assert len(several) == 50
    assert all(len(key) == 40 and int(key, 16) >= 0 for key in several)

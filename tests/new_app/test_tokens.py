"""What programs prove themselves with: JWTs at /api/auth/, API keys that people make, and what version 2 makes of them."""

import re
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest

from new_app.domains.users.credentials import KEYS
from new_app.rows import Rows
from new_app.tokens import KEY_MARK, MOST_KEYS, BadToken, Tokens
from parity.journeys import Visitor, Walk
from tests.new_app.accounts import HOST, PASSWORD, Accounts, world

LIST = "/api/v2/downloads/release/"
DRAFT = "Python 9.9 that nobody sees"
SECRETS = ["first" * 10, "second" * 10]


@pytest.fixture(scope="module")
async def place(seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Accounts]:
    folder = tmp_path_factory.mktemp("tokens")
    async with world(seeded_template, folder, token_keys=SECRETS, api_keys=True) as made:
        await made.database.execute(
            f"""UPDATE downloads_release SET is_published = false, name = '{DRAFT}'
            WHERE id = (SELECT min(id) FROM downloads_release)"""
        )
        yield made


@pytest.fixture(autouse=True)
async def begun(place: Accounts) -> None:
    await place.begin()
    await place.database.execute("DELETE FROM bridge.token_family; DELETE FROM bridge.api_key")


@pytest.fixture
async def tokens(place: Accounts) -> AsyncIterator[Tokens]:
    rows = Rows(place.url)
    yield Tokens(rows, SECRETS, "api", with_keys=True)
    await rows.close()


async def post(place: Accounts, path: str = "/api/auth/token/", **said: str) -> httpx.Response:
    return await place.sides.new.post(path, data=said, headers={"Host": HOST})


async def pair(place: Accounts, name: str = "reader", scope: str = "read") -> dict[str, Any]:
    answer = await post(place, grant_type="password", username=name, password=PASSWORD, scope=scope)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def releases(place: Accounts, token: str, path: str = LIST) -> httpx.Response:
    return await place.sides.new.get(path, headers={"Host": HOST, "Authorization": f"Bearer {token}".encode()})


async def is_good(place: Accounts, token: str) -> bool:
    answer = await releases(place, token)
    assert answer.status_code in {200, 401}, answer.text
    return answer.status_code == 200


async def is_staff(place: Accounts, name: str, said: bool = True) -> None:
    await place.database.execute("UPDATE users_user SET is_staff = $2 WHERE username = $1", name, said)


async def test_a_password_gives_a_pair_that_no_cache_keeps(place: Accounts) -> None:
    answer = await post(place, grant_type="password", username="reader", password=PASSWORD)
    said = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert "set-cookie" not in answer.headers
    assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 600, "read")
    assert await is_good(place, said["access_token"])
    assert not await is_good(place, said["refresh_token"])


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"grant_type": "password", "username": "reader"}, "invalid_request"),
        ({"grant_type": "password", "username": "reader", "password": "wrong"}, "invalid_grant"),
        ({"grant_type": "password", "username": "nobody", "password": PASSWORD}, "invalid_grant"),
        ({"grant_type": "password", "username": "inactive", "password": PASSWORD}, "invalid_grant"),
        ({"grant_type": "password", "username": "\0", "password": "\0"}, "invalid_request"),
        ({"grant_type": "password", "username": "reader", "password": PASSWORD, "scope": "root"}, "invalid_scope"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "no.jwt.at-all"}, "invalid_grant"),
    ],
)
async def test_what_proves_nothing_gets_the_error_of_the_standard(
    place: Accounts, said: dict[str, str], error: str
) -> None:
    answer = await post(place, **said)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert await place.database.fetchval("SELECT count(*) FROM bridge.token_family") == 0


async def test_an_address_that_is_not_confirmed_gets_no_token(place: Accounts) -> None:
    await place.database.execute("UPDATE account_emailaddress SET verified = false")
    answer = await post(place, grant_type="password", username="reader", password=PASSWORD)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_tries_are_counted_with_those_of_the_form(place: Accounts) -> None:
    for _ in range(5):
        await post(place, grant_type="password", username="reader", password="wrong")
    answer = await post(place, grant_type="password", username="reader", password=PASSWORD)
    assert answer.status_code == 429
    visitor = Walk(place, frozenset()).visitor()
    await visitor.get("/accounts/login/")
    assert b"Too many failed login attempts" in (await visitor.submit(login="reader", password=PASSWORD)).body


async def test_a_refresh_token_is_good_once_and_a_copy_ends_the_family(place: Accounts) -> None:
    first = await pair(place)
    second = (await post(place, grant_type="refresh_token", refresh_token=first["refresh_token"])).json()
    assert await is_good(place, second["access_token"])
    other = await pair(place)
    answer = await post(place, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert not await is_good(place, second["access_token"])
    answer = await post(place, grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert answer.status_code == 400
    assert await is_good(place, other["access_token"]), "another sign-in ended too"


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_a_revoked_token_ends_its_family_at_once(place: Accounts, which: str) -> None:
    said = await pair(place)
    assert (await post(place, "/api/auth/revoke/", token=said[which])).status_code == 200
    assert not await is_good(place, said["access_token"])
    assert (await post(place, grant_type="refresh_token", refresh_token=said["refresh_token"])).status_code == 400
    assert (await post(place, "/api/auth/revoke/", token="unknown")).status_code == 200
    assert (await post(place, "/api/auth/revoke/")).status_code == 400


@pytest.mark.parametrize("change", ["is_active = false", "password = 'another'"])
async def test_tokens_end_with_the_account_and_with_the_password(place: Accounts, change: str) -> None:
    said = await pair(place)
    await place.database.execute(f"UPDATE users_user SET {change} WHERE username = 'reader'")
    assert not await is_good(place, said["access_token"])
    assert (await post(place, grant_type="refresh_token", refresh_token=said["refresh_token"])).status_code == 400


async def test_forged_and_foreign_tokens_prove_nothing(place: Accounts) -> None:
    good = (await pair(place))["access_token"]
    said = jwt.decode(good, options={"verify_signature": False})
    kid = jwt.get_unverified_header(good)["kid"]
    late = {**said, "exp": int(time.time()) - 1}
    without = {name: value for name, value in said.items() if name != "exp"}
    forged = [
        jwt.encode(said, "", "none", headers={"kid": kid}),
        jwt.encode(said, "a key of somebody else, long enough", "HS256", headers={"kid": kid}),
        jwt.encode(said, SECRETS[0], "HS384", headers={"kid": kid}),
        jwt.encode({**said, "aud": "elsewhere"}, SECRETS[0], "HS256", headers={"kid": kid}),
        jwt.encode(late, SECRETS[0], "HS256", headers={"kid": kid}),
        jwt.encode(without, SECRETS[0], "HS256", headers={"kid": kid}),
        jwt.encode(said, SECRETS[0], "HS256", headers={"kid": "unknown"}),
        jwt.encode(said, SECRETS[0], "HS256"),
        *(good[:-2], good + "x", "", "x", KEY_MARK, f"{KEY_MARK}guessed", "é"),
    ]
    for token in forged:
        answer = await releases(place, token)
        assert answer.status_code == 401, token
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert await is_good(place, good)


async def test_a_new_key_signs_and_the_old_one_still_verifies(place: Accounts, tokens: Tokens) -> None:
    good = (await pair(place))["access_token"]
    turned = Tokens(tokens._rows, SECRETS[::-1], "api")
    assert (await turned.bearer(good)).username == "reader"
    with pytest.raises(BadToken):
        await Tokens(tokens._rows, SECRETS[1:], "api").bearer(good)
    with pytest.raises(BadToken):
        await Tokens(tokens._rows, SECRETS, "another audience").bearer(good)


def test_a_short_key_is_refused_with_what_to_do(tokens: Tokens) -> None:
    with pytest.raises(ValueError, match="openssl rand -hex 32"):
        Tokens(tokens._rows, ["short"], "api")


async def test_drafts_are_for_staff_whose_token_says_so(place: Accounts) -> None:
    for scope, staff, sees in [("read drafts", False, False), ("read", True, False), ("drafts read", True, True)]:
        if staff:
            await is_staff(place, "reader")
        answer = await releases(place, (await pair(place, scope=scope))["access_token"])
        assert (DRAFT in answer.text) is sees, (scope, staff)


async def test_a_token_that_may_not_read_is_told_what_it_lacks(place: Accounts) -> None:
    answer = await releases(place, (await pair(place, scope="drafts"))["access_token"])
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="read"'


async def test_sponsors_are_for_a_token_that_says_so_and_somebody_who_may(place: Accounts) -> None:
    where = "/api/v2/sponsors/logo-placement/"
    for scope, staff, status in [("read", True, 403), ("sponsors", False, 403), ("sponsors", True, 200)]:
        await is_staff(place, "reader", staff)
        answer = await releases(place, (await pair(place, scope=scope))["access_token"], where)
        assert answer.status_code == status, (scope, staff, answer.text)


# -- API keys ---------------------------------------------------------------------------------------------------------


async def signed_in(place: Accounts, name: str = "reader") -> Visitor:
    visitor = Walk(place, frozenset(range(999))).visitor()
    await visitor.get("/accounts/login/")
    assert (await visitor.submit(login=name, password=PASSWORD)).status == 302
    await visitor.get(KEYS)
    return visitor


async def made(visitor: Visitor, **said: str) -> str:
    page = await visitor.submit(**{"name": "CI <b>", "scopes": "read", "days": "30", **said})
    found = re.search(rf"{KEY_MARK}[-\w]{{43}}", page.body.decode())
    assert found, page.body
    return found[0]


async def test_a_key_is_shown_once_and_kept_as_a_digest(place: Accounts) -> None:
    visitor = await signed_in(place)
    key = await made(visitor)
    assert await is_good(place, key)
    page = (await visitor.get(KEYS)).body.decode()
    assert key not in page
    assert f"{key[:13]}…" in page
    assert "CI &lt;b&gt;" in page
    row = await place.database.fetchrow("SELECT * FROM bridge.api_key")
    assert key[13:] not in str(dict(row))
    assert row["used_at"] is not None
    assert 29 < (row["expires_at"] - row["created_at"]).days + 1 <= 30


async def test_a_key_is_good_for_its_scopes_until_it_is_revoked(place: Accounts) -> None:
    await is_staff(place, "reader")
    visitor = await signed_in(place)
    key = await made(visitor)
    assert DRAFT not in (await releases(place, key)).text
    row = await place.database.fetchval("SELECT id FROM bridge.api_key")
    other = await signed_in(place, "editor")
    said = {"csrfmiddlewaretoken": other.browser.cookies["csrftoken"]}
    for wrong in (str(row), "nonsense", "' OR 1=1"):
        assert (await other.post(KEYS, {**said, "revoke": wrong})).status == 404
    assert await is_good(place, key)
    await visitor.get(KEYS)
    assert (await visitor.submit(revoke=str(row))).status == 302
    assert not await is_good(place, key)


@pytest.mark.parametrize(
    "end", ["UPDATE bridge.api_key SET expires_at = now()", "UPDATE users_user SET is_active = false"]
)
async def test_a_key_ends_with_its_time_and_its_owner(place: Accounts, end: str) -> None:
    key = await made(await signed_in(place))
    await place.database.execute(end)
    assert not await is_good(place, key)


async def test_a_key_that_leaked_is_ended_by_whoever_has_it(place: Accounts) -> None:
    key = await made(await signed_in(place))
    assert (await post(place, "/api/auth/revoke/", token=key)).status_code == 200
    assert not await is_good(place, key)


@pytest.mark.parametrize(
    "said", [{"name": " "}, {"name": "x" * 101}, {"scopes": "root"}, {"scopes": ""}, {"days": "-1"}, {"days": "9" * 30}]
)
async def test_a_form_that_is_wrong_makes_no_key(place: Accounts, said: dict[str, str]) -> None:
    visitor = await signed_in(place)
    page = await visitor.submit(**{"name": "CI", "scopes": "read", "days": "", **said})
    assert b'class="errorlist"' in page.body
    assert await place.database.fetchval("SELECT count(*) FROM bridge.api_key") == 0


async def test_one_person_has_so_many_keys(place: Accounts, tokens: Tokens) -> None:
    reader = await place.database.fetchval("SELECT id FROM users_user WHERE username = 'reader'")
    for number in range(MOST_KEYS):
        assert await tokens.make_key(reader, str(number), ["read"], None)
    page = await (await signed_in(place)).submit(name="CI", scopes="read", days="")
    assert b"You have as many keys as one person can have" in page.body


async def test_strangers_are_sent_to_sign_in(place: Accounts) -> None:
    answer = await Walk(place, frozenset(range(999))).visitor().get(KEYS)
    assert (answer.status, answer.first("location")) == (302, f"/accounts/login/?next={KEYS}")


async def test_nothing_of_this_is_there_without_the_setting(accounts: Accounts) -> None:
    new = accounts.sides.new
    for path in (KEYS, "/api/auth/token/", "/api/auth/revoke/"):
        method = "GET" if path == KEYS else "POST"
        answer = await new.request(method, path, headers={"Host": HOST}, data={} if method == "GET" else {"a": "b"})
        assert answer.headers["x-bridge"].startswith("legacy"), path
        assert answer.status_code in {403, 404}, path
    answer = await new.get(LIST, headers={"Host": HOST, "Authorization": "Bearer nonsense"})
    assert (answer.status_code, answer.headers["x-bridge"][:3]) == (200, "new")

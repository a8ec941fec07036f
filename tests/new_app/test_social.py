"""Signing in with another site: against a provider of this machine that speaks the protocol."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from new_app.domains.users import social
from new_app.domains.users.social import CONNECTIONS
from parity.journeys import Visitor, Walk
from tests.new_app.accounts import PASSWORD, Accounts, world
from tests.new_app.provider import LocalProvider, local_provider

BEGIN, BACK = "/accounts/github/login/", "/accounts/github/login/callback/"
LOGIN, EDIT = "/accounts/login/", "/users/edit/"


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[LocalProvider]:
    async with local_provider() as one:
        yield one


@pytest.fixture(scope="module")
async def place(
    provider: LocalProvider, seeded_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Accounts]:
    clients = {"github": provider.settings, "google": provider.settings}
    async with world(seeded_template, tmp_path_factory.mktemp("social"), oauth_clients=clients) as made:
        yield made


@pytest.fixture(autouse=True)
async def begun(place: Accounts, provider: LocalProvider) -> None:
    await place.begin()
    await place.database.execute("DELETE FROM bridge.social_account")
    provider.broken = ""
    is_github(provider, 7, "octo cat", "new@example.net")


def is_github(provider: LocalProvider, uid: int, login: str, email: str, *, verified: bool = True) -> None:
    other = {"email": "elsewhere@example.net", "primary": False, "verified": False}
    provider.person = {"id": uid, "login": login, "name": "Mona Lisa Octocat"}
    provider.emails = [other, {"email": email.upper(), "primary": True, "verified": verified}]


def visitor_of(place: Accounts) -> Visitor:
    return Walk(place, frozenset(range(999))).visitor()


async def left(place: Accounts, visitor: Visitor | None = None, path: str = BEGIN) -> tuple[Visitor, str]:
    """A visitor who has left for the provider, and where to."""
    visitor = visitor or visitor_of(place)
    page = await visitor.get(path)
    assert page.status == 200, page.body
    answer = await visitor.submit(csrfmiddlewaretoken=sent_token(page.body))
    assert answer.status == 302, answer.body
    return visitor, answer.first("location")


def sent_token(body: bytes) -> str:
    return body.split(b'name="csrfmiddlewaretoken" value="')[1].split(b'"')[0].decode()


async def came_back(place: Accounts, provider: LocalProvider, visitor: Visitor | None = None, path: str = BEGIN) -> Any:
    visitor, location = await left(place, visitor, path)
    answer = await visitor.get(provider.agree(location))
    return visitor, answer


async def is_signed_in(visitor: Visitor) -> bool:
    return (await visitor.get(EDIT)).status == 200


async def signed_in(place: Accounts, name: str) -> Visitor:
    visitor = visitor_of(place)
    await visitor.get(LOGIN)
    assert (await visitor.submit(login=name, password=PASSWORD)).status == 302
    return visitor


async def people(place: Accounts) -> int:
    found: int = await place.database.fetchval("SELECT count(*) FROM users_user")
    return found


async def test_a_stranger_gets_an_account_and_signs_in_again(place: Accounts, provider: LocalProvider) -> None:
    visitor, answer = await came_back(place, provider)
    assert (answer.status, answer.first("location")) == (302, "/")
    assert b"Successfully signed in as octocat" in (await visitor.get("/")).body
    assert await is_signed_in(visitor)
    rows = await place.database.fetch(
        """SELECT u.username, u.email, u.first_name, u.last_name, left(u.password, 1) AS mark, a.email AS address,
        a.verified, a.primary, length(t.key) AS token, length(k.key) AS key, s.uid, s.signed_in_at IS NOT NULL AS noted
        FROM users_user u JOIN account_emailaddress a ON a.user_id = u.id JOIN authtoken_token t ON t.user_id = u.id
        JOIN tastypie_apikey k ON k.user_id = u.id JOIN bridge.social_account s ON s.user_id = u.id"""
    )
    assert [tuple(row) for row in rows] == [
        ("octocat", "new@example.net", "Mona", "Lisa Octocat", "!", "new@example.net", True, True, 40, 40, "7", True)
    ]
    count = await people(place)
    is_github(provider, 7, "renamed", "moved@example.net")
    again, _ = await came_back(place, provider)
    assert await is_signed_in(again)
    assert await people(place) == count


async def test_google_says_who_it_is_in_its_own_way(place: Accounts, provider: LocalProvider) -> None:
    provider.person = {"sub": "g1", "email": "Gwen@example.net", "email_verified": True, "given_name": "Gwen"}
    visitor, _ = await came_back(place, provider, path="/accounts/google/login/")
    assert await is_signed_in(visitor)
    row = await place.database.fetchrow("SELECT username, first_name FROM users_user WHERE email = 'gwen@example.net'")
    assert tuple(row) == ("gwen", "Gwen")


async def test_a_name_that_somebody_has_gets_a_number(place: Accounts, provider: LocalProvider) -> None:
    is_github(provider, 8, "READER", "another@example.net")
    await came_back(place, provider)
    assert (
        await place.database.fetchval("SELECT username FROM users_user WHERE email = 'another@example.net'")
        == "READER2"
    )


async def test_an_account_is_not_taken_over_by_its_address(place: Accounts, provider: LocalProvider) -> None:
    count = await people(place)
    email = await place.database.fetchval("SELECT email FROM users_user WHERE username = 'reader'")
    is_github(provider, 9, "thief", email)
    visitor, answer = await came_back(place, provider)
    assert answer.first("location") == f"{LOGIN}?next={CONNECTIONS}"
    assert b"There is an account with your e-mail address" in (await visitor.follow()).body
    assert not await is_signed_in(visitor)
    assert await people(place) == count
    assert await place.database.fetchval("SELECT count(*) FROM bridge.social_account") == 0


async def test_who_is_signed_in_connects_an_account_and_signs_in_with_it(
    place: Accounts, provider: LocalProvider
) -> None:
    reader = await signed_in(place, "reader")
    _, answer = await came_back(place, provider, reader)
    assert answer.first("location") == CONNECTIONS
    page = (await reader.get(CONNECTIONS)).body
    assert b"Your GitHub account is connected." in page
    assert b"GitHub: octo cat" in page
    other = await signed_in(place, "editor")
    await came_back(place, provider, other)
    assert b"is connected with another account here" in (await other.get(CONNECTIONS)).body
    again, _ = await came_back(place, provider)
    assert b"Successfully signed in as reader" in (await again.get("/")).body
    await reader.get(CONNECTIONS)
    await reader.submit(provider="github", uid="7")
    assert await place.database.fetchval("SELECT count(*) FROM bridge.social_account") == 0
    assert (await reader.post(CONNECTIONS, {"provider": "github", "uid": "7"})).status == 403  # no token


async def test_the_only_way_in_is_not_taken_away(place: Accounts, provider: LocalProvider) -> None:
    visitor, _ = await came_back(place, provider)
    await visitor.get(CONNECTIONS)
    await visitor.submit(provider="github", uid="7")
    assert b"Set a password first" in (await visitor.get(CONNECTIONS)).body
    assert await place.database.fetchval("SELECT count(*) FROM bridge.social_account") == 1


async def test_nobody_disconnects_what_is_not_theirs(place: Accounts, provider: LocalProvider) -> None:
    await came_back(place, provider)
    reader = await signed_in(place, "reader")
    await came_back(place, provider, reader)
    page = await reader.get(CONNECTIONS)
    said = {"csrfmiddlewaretoken": reader.browser.cookies["csrftoken"], "provider": "github", "uid": "7"}
    assert page.status == 200
    assert (await reader.post(CONNECTIONS, said)).status == 404
    assert await place.database.fetchval("SELECT count(*) FROM bridge.social_account") == 1


async def test_an_answer_is_heard_once_from_the_browser_that_left(place: Accounts, provider: LocalProvider) -> None:
    visitor, location = await left(place)
    path = provider.agree(location)
    for stranger in (visitor_of(place), (await left(place))[0], await signed_in(place, "reader")):
        answer = await stranger.get(path)
        assert answer.first("location") == LOGIN
        assert b"was not begun here, or too long ago" in (await stranger.get(BEGIN)).body
    assert provider.codes, "somebody else's code was used"
    code = urlsplit(path).query.split("&")[0]
    assert (await visitor.get(f"{BACK}?{code}&state=guessed")).first("location") == LOGIN
    assert (await visitor.get(path)).first("location") == LOGIN, "a wrong state ends the try"
    assert not await is_signed_in(visitor)


async def test_an_answer_is_for_the_provider_and_the_person_who_left(place: Accounts, provider: LocalProvider) -> None:
    visitor, location = await left(place)
    other = provider.agree(location).replace("github", "google")
    assert (await visitor.get(other)).first("location") == LOGIN
    visitor, location = await left(place)
    path = provider.agree(location)
    await visitor.get(LOGIN)
    await visitor.submit(login="reader", password=PASSWORD)
    await visitor.get(path)
    assert await place.database.fetchval("SELECT count(*) FROM bridge.social_account") == 0


async def test_an_answer_that_comes_too_late_is_not_heard(
    place: Accounts, provider: LocalProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, location = await left(place)
    monkeypatch.setattr(social, "LONGEST", 0.0)
    await visitor.get(provider.agree(location))
    assert not await is_signed_in(visitor)


@pytest.mark.parametrize("broken", ["token", "garbage", "empty"])
async def test_a_provider_that_fails_signs_nobody_in(place: Accounts, provider: LocalProvider, broken: str) -> None:
    provider.broken = broken
    count = await people(place)
    visitor, answer = await came_back(place, provider)
    assert (answer.status, answer.first("location")) == (302, LOGIN)
    assert b"GitHub did not say who you are" in (await visitor.follow()).body
    assert await people(place) == count


async def test_a_provider_without_an_id_names_nobody(place: Accounts, provider: LocalProvider) -> None:
    provider.person = {"sub": "", "email": "x@example.net", "email_verified": True}
    visitor, _ = await came_back(place, provider, path="/accounts/google/login/")
    assert not await is_signed_in(visitor)


async def test_who_says_no_is_told_so(place: Accounts, provider: LocalProvider) -> None:
    visitor, location = await left(place)
    state = dict(pair.split("=") for pair in urlsplit(location).query.split("&"))["state"]
    await visitor.get(f"{BACK}?error=access_denied&state={state}")
    assert b"You were not signed in with GitHub." in (await visitor.follow()).body


async def test_an_address_that_is_not_confirmed_makes_no_account(place: Accounts, provider: LocalProvider) -> None:
    is_github(provider, 11, "unsure", "unsure@example.net", verified=False)
    count = await people(place)
    _, answer = await came_back(place, provider)
    assert answer.first("location") == "/accounts/signup/"
    assert await people(place) == count


async def test_who_may_not_sign_in_may_not_so_either(place: Accounts, provider: LocalProvider) -> None:
    await came_back(place, provider)
    await place.database.execute("UPDATE users_user SET is_active = false WHERE username = 'octocat'")
    visitor, answer = await came_back(place, provider)
    assert answer.first("location") == "/accounts/inactive/"
    assert not await is_signed_in(visitor)


async def test_an_account_whose_user_is_gone_is_free_again(place: Accounts, provider: LocalProvider) -> None:
    await came_back(place, provider)
    await place.begin()  # the user is gone, the connection is not
    visitor, _ = await came_back(place, provider)
    assert await is_signed_in(visitor)


async def test_a_link_alone_leaves_nowhere(place: Accounts) -> None:
    visitor = visitor_of(place)
    assert (await visitor.get(BEGIN)).status == 200
    assert (await visitor.post(BEGIN, {})).status == 403


@pytest.mark.parametrize(("wanted", "to"), [(EDIT, EDIT), ("https://evil.example/", "/"), ("//evil.example", "/")])
async def test_a_visitor_is_sent_on_within_the_site_only(
    place: Accounts, provider: LocalProvider, wanted: str, to: str
) -> None:
    _, answer = await came_back(place, provider, path=f"{BEGIN}?next={wanted}")
    assert answer.first("location") == to


async def test_other_sites_mean_nothing_without_the_setting(accounts: Accounts) -> None:
    for path in (BEGIN, BACK, CONNECTIONS):
        answer = await accounts.sides.new.get(path, headers={"Host": "www.example.org"})
        assert (answer.status_code, answer.headers["x-bridge"]) == (404, "legacy; new has no answer"), path

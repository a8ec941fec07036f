"""Stories of accounts, told by legacy and then by both sides in turns: the same answers, rows, sessions and counters."""

from typing import Any

import pytest

from new_app.commands.parity_rules import rules
from new_app.domains.users import membership as membership_pages
from new_app.domains.users import profiles as profile_pages
from parity.journeys import Failure, Story, Visitor, Walk, failures
from tests.new_app.accounts import PASSWORD, Accounts, path_in

BIO = "I *read*, <script>alert(1)</script> and [link](javascript:alert(1)).\r\n\r\n    import this\r\n"
TIMES = 8
"""Schedules for each story."""


async def signed_in(walk: Walk, name: str) -> Visitor:
    """Somebody with cookies of their own who has tried to sign in by the form."""
    visitor = walk.visitor()
    await visitor.get("/accounts/login/")
    await visitor.submit(login=name, password=PASSWORD)
    return visitor


async def sign_in_and_out(walk: Walk) -> None:
    visitor = walk.visitor()
    await visitor.get("/accounts/login/?next=/downloads/")
    await visitor.submit(login="reader", password=PASSWORD, remember="on")
    await visitor.follow()
    await visitor.get("/accounts/login/")
    await visitor.get("/accounts/logout/")
    await visitor.post("/accounts/logout/", {"csrfmiddlewaretoken": visitor.browser.cookies["csrftoken"]})
    await visitor.follow()


async def wrong_passwords(walk: Walk) -> None:
    visitor = walk.visitor()
    await visitor.get("/accounts/login/")
    await visitor.submit(login="", password="")
    await visitor.submit(login="  reader ", password="wrong")
    await visitor.submit(login="nobody", password="wrong")
    await visitor.submit(login="nobody@example.com", password="wrong")
    await visitor.submit(login="READER@example.com", password=PASSWORD)
    await visitor.follow()


async def too_many_tries(walk: Walk) -> None:
    visitor = walk.visitor()
    await visitor.get("/accounts/login/")
    for _ in range(6):
        await visitor.submit(login="reader", password="wrong")
    await visitor.submit(login="reader", password=PASSWORD)


async def change_of_password(walk: Walk) -> None:
    visitor, elsewhere = walk.visitor(), walk.visitor()
    for one in (visitor, elsewhere):
        await one.get("/accounts/login/")
        await one.submit(login="reader", password=PASSWORD)
    await visitor.get("/accounts/password/change/")
    await visitor.submit(oldpassword="wrong", password1="abc", password2="abd")
    await visitor.submit(oldpassword=PASSWORD, password1="another-horse", password2="other-horse")
    await visitor.submit(oldpassword=PASSWORD, password1="another-horse", password2="another-horse")
    await visitor.get("/")
    await elsewhere.get("/")
    await elsewhere.get("/accounts/login/")
    await elsewhere.submit(login="reader", password="another-horse")


async def machines(walk: Walk) -> None:
    visitor = await signed_in(walk, "reader")
    await visitor.get("/accounts/password/change/")
    await visitor.submit(oldpassword=PASSWORD, password1="a" * 9, password2="a" * 9, email_body_text=None)
    await visitor.post("/accounts/password/change/", {"oldpassword": PASSWORD})


async def forged(walk: Walk) -> None:
    visitor = walk.visitor()
    said = {"login": "reader", "password": PASSWORD}
    await visitor.post("/accounts/login/", said)
    await visitor.get("/accounts/login/")
    await visitor.post("/accounts/login/", said)
    await visitor.post("/accounts/login/", {**said, "csrfmiddlewaretoken": "x" * 32})
    token = visitor.browser.cookies["csrftoken"]
    await visitor.post(
        "/accounts/login/", {**said, "csrfmiddlewaretoken": token}, (("Origin", "https://evil.example"),)
    )
    await visitor.post("/accounts/logout/", said)


async def people_who_cannot(walk: Walk) -> None:
    for name in ("inactive", "locked", "scrypt", "MIXEDCASE", "odd@example.com"):
        await signed_in(walk, name)


async def two_browsers(walk: Walk) -> None:
    one, other = walk.visitor(), walk.visitor()
    await one.get("/accounts/login/")
    await other.get("/accounts/login/")
    await one.submit(login="editor", password=PASSWORD)
    await other.submit(login="editor", password=PASSWORD, remember="on")
    await one.get("/")
    await one.get("/accounts/logout/")
    await one.submit()
    await other.get("/")
    await one.get("/")


async def unverified(walk: Walk) -> None:
    visitor = walk.visitor()
    await visitor.get("/accounts/login/?next=/downloads/")
    await visitor.submit(login="scrypt", password=PASSWORD)
    await visitor.follow()
    await visitor.get("/accounts/login/")
    await visitor.submit(login="scrypt", password=PASSWORD)
    await visitor.get("/")


async def sign_up(walk: Walk) -> None:
    visitor, world = walk.visitor(), walk.world
    assert isinstance(world, Accounts)
    await visitor.get("/accounts/signup/?email=New@Example.com&next=/downloads/")
    await visitor.submit(email="nobody", username="read er", password1="abc", password2="abd")
    await visitor.submit(email="", username="READER", password1="abcdef", password2="abd")
    await visitor.submit(email="reader@example.com", username="another", password1="abcdefg", password2="abcdefg")
    await visitor.follow()
    await visitor.get("/accounts/signup/?next=/downloads/")
    await visitor.submit(email="New@Example.com", username="newcomer", password1="abcdefg", password2="abcdefg")
    await visitor.follow()
    link = path_in(world.mail, "confirm-email")
    await visitor.get(link)
    await visitor.get("/accounts/confirm-email/nothing:of:ours/")
    await visitor.get(link)
    await visitor.submit()
    await visitor.follow()
    await visitor.submit(login="newcomer", password="abcdefg")
    await visitor.get("/")
    await visitor.get(link)


async def forgotten(walk: Walk) -> None:
    visitor, world = walk.visitor(), walk.world
    assert isinstance(world, Accounts)
    await visitor.get("/accounts/password/reset/")
    await visitor.submit(email="nobody")
    await visitor.submit(email="nobody@example.com")
    await visitor.follow()
    await visitor.get("/accounts/password/reset/?next=/downloads/")
    await visitor.submit(email="Reader@example.com")
    link = path_in(world.mail, "reset/key")
    await visitor.get(link)
    await visitor.follow()
    await visitor.submit(password1="abc", password2="abd")
    await visitor.submit(password1="abcdefg", password2="abcdefg")
    await visitor.follow()
    await visitor.get(link)
    await visitor.get("/accounts/password/reset/key/1-set-password/")
    await visitor.get("/accounts/login/")
    await visitor.submit(login="reader", password="abcdefg")
    await visitor.get("/")


async def addresses(walk: Walk) -> None:
    visitor = walk.visitor()
    await visitor.get("/accounts/email/")
    await visitor.follow()
    await visitor.submit(login="reader", password=PASSWORD)
    await visitor.get("/accounts/email/")
    await visitor.submit(action_add="", email="reader@example.com")
    token = {"csrfmiddlewaretoken": visitor.browser.cookies["csrftoken"]}
    for email in ("second@example.com", "editor@example.com", "SECOND@example.com", "none"):
        await visitor.post("/accounts/email/", {**token, "action_add": "", "email": email})
        await visitor.get("/accounts/email/")
    for action in ("send", "primary", "remove", "else"):
        for email in ("second@example.com", "reader@example.com", "nobody@example.com", ""):
            await visitor.post("/accounts/email/", {**token, f"action_{action}": "", "email": email})
        await visitor.get("/accounts/email/")


async def once_more(walk: Walk) -> None:
    visitor = walk.visitor()
    await visitor.get("/accounts/reauthenticate/")
    await visitor.follow()
    await visitor.submit(login="reader", password=PASSWORD)
    await visitor.get("/accounts/reauthenticate/?next=/downloads/")
    await visitor.submit(password="wrong")
    await visitor.submit(password=PASSWORD)
    await visitor.get("/accounts/password/set/")
    await visitor.get("/accounts/inactive/")
    await visitor.get("/accounts/")


async def profile(walk: Walk) -> None:
    visitor = walk.visitor()
    await visitor.get("/users/edit/")
    await visitor.follow()
    await visitor.submit(login="reader", password=PASSWORD)
    await visitor.get("/users/edit/")
    await visitor.submit(username="EDITOR", first_name="x" * 151, email="editor@example.com", search_visibility="7")
    await visitor.submit(username="", email="nobody", bio="  ", email_privacy=None)
    await visitor.submit(first_name=" Rea ", last_name="<b>D'er</b>", email="odd address@x", username="  reader ")
    said = {"first_name": " Rea ", "last_name": "<b>D'er</b>", "email": "Reader.New@Example.com", "username": "READER"}
    await visitor.submit(**said, bio=BIO, search_visibility="0", email_privacy="0", public_profile=None)
    await visitor.follow()
    await visitor.get("/users/edit/")
    await visitor.submit(bio="", public_profile="on", email_body_text=None)
    await visitor.get("/users/reader/")
    stranger = walk.visitor()
    for name in ("READER", "reader"):
        await stranger.get(f"/users/{name}/")
    await stranger.post("/users/edit/", {"username": "mine"})


async def membership(walk: Walk) -> None:
    visitor = walk.visitor()
    await visitor.get("/users/membership/edit/")
    await visitor.follow()
    await visitor.submit(login="bcrypt", password=PASSWORD)
    await visitor.get("/users/membership/edit/")
    await visitor.get("/users/membership/affirm/")
    await visitor.get("/users/membership/")
    said = {"preferred_name": "Ed", "city": "Gent", "region": "-", "country": "Belgium", "postal_code": "9000"}
    await visitor.submit(legal_name="", psf_code_of_conduct="")
    await visitor.submit(**said, legal_name="Ed Itor", email_address="nobody", psf_code_of_conduct="False")
    await visitor.submit(**said, legal_name=" Ed Itor ", email_address="ed@example.com", psf_code_of_conduct="True")
    await visitor.follow()
    await visitor.get("/users/membership/")
    await visitor.follow()
    await visitor.submit(postal_code="9" * 21, city="")
    await visitor.submit(**{**said, "city": "Ghent"}, legal_name="Ed Itor", email_address="ed@example.com")
    await visitor.follow()
    token = visitor.browser.cookies["csrftoken"]
    await visitor.get("/users/membership/affirm/")
    await visitor.post("/users/membership/affirm/", {"csrfmiddlewaretoken": token})
    await visitor.follow()
    await visitor.get(
        "/users/membership/affirm/",
    )
    await visitor.get("/users/bcrypt/")
    for name in ("bcrypt", "editor", "nobody"):
        await visitor.get(f"/users/membership/delete/{name}/")
    await visitor.post("/users/membership/delete/bcrypt/", {})
    await visitor.post("/users/membership/delete/nobody/", {"csrfmiddlewaretoken": token})
    await visitor.post("/users/membership/delete/bcrypt/", {"csrfmiddlewaretoken": token})
    await visitor.follow()
    await walk.visitor().get("/users/membership/delete/bcrypt/")


async def the_end_of_an_account(walk: Walk) -> None:
    visitor, elsewhere = walk.visitor(), walk.visitor()
    for one in (visitor, elsewhere):
        await one.get("/accounts/login/")
        await one.submit(login="mixedcase", password=PASSWORD)
    await visitor.get("/users/edit/")
    token = {"csrfmiddlewaretoken": visitor.browser.cookies["csrftoken"]}
    for name in ("editor", "nobody", "MixedCase"):
        await visitor.get(f"/users/{name}/delete/")
        await visitor.post(f"/users/{name}/delete/", {})
    for name in ("editor", "nobody", "MixedCase"):
        await visitor.post(f"/users/{name}/delete/", token)
    await visitor.follow()
    await visitor.get("/users/MixedCase/")
    await elsewhere.get("/users/edit/")
    await walk.visitor().get("/users/editor/delete/")


async def the_admin_after_signing_in(walk: Walk) -> None:
    visitor = walk.visitor()
    await visitor.get("/accounts/login/?next=/admin/")
    await visitor.submit(login="admin", password=PASSWORD)
    await visitor.get("/admin/boxes/box/")
    await visitor.get("/users/edit/")
    await visitor.post("/admin/logout/", {"csrfmiddlewaretoken": visitor.browser.cookies["csrftoken"]})
    await visitor.get("/users/edit/")
    await visitor.get("/admin/")


async def a_permission_that_is_given_and_taken(walk: Walk) -> None:
    visitor, world = walk.visitor(), walk.world
    assert isinstance(world, Accounts)
    await visitor.get("/accounts/login/")
    await visitor.submit(login="bcrypt", password=PASSWORD)
    for staff in (False, True, False):
        await world.database.execute("UPDATE users_user SET is_staff = $1 WHERE username = 'bcrypt'", staff)
        for path in ("/jobs/moderate/", "/jobs/review/", "/psf/records/board/minutes/"):
            await visitor.get(path)


async def a_session_that_runs_out(walk: Walk) -> None:
    world = walk.world
    assert isinstance(world, Accounts)
    for remember in (None, "on"):
        visitor = walk.visitor()
        await visitor.get("/accounts/login/?next=/users/edit/")
        await visitor.submit(login="reader", password=PASSWORD, remember=remember)
        await visitor.follow()
        await world.database.execute("UPDATE django_session SET expire_date = now() - interval '1 second'")
        await visitor.get("/users/edit/")
        await visitor.follow()
        await visitor.submit(login="reader", password=PASSWORD, remember=remember)
        await visitor.follow()


async def a_session_that_is_taken(walk: Walk) -> None:
    """Fixation: the key that a stranger had is worth nothing once somebody has signed in with it."""
    visitor, thief = walk.visitor(), walk.visitor()
    await visitor.get("/accounts/confirm-email/")
    await visitor.get("/accounts/login/")
    await visitor.submit(login="nobody", password="wrong")
    thief.browser.cookies.update(visitor.browser.cookies)
    await visitor.submit(login="reader", password=PASSWORD)
    await thief.get("/users/edit/")
    thief.browser.cookies.update(visitor.browser.cookies)
    await thief.get("/users/edit/")
    await visitor.get("/accounts/logout/")
    await visitor.submit()
    await thief.get("/users/edit/")


async def a_statement_is_previewed(walk: Walk) -> None:
    visitor = walk.visitor()
    await visitor.post("/nominations/statement-preview/", {"text": "*a*"})
    await visitor.get("/accounts/login/")
    await visitor.submit(login="reader", password=PASSWORD)
    token = {"csrfmiddlewaretoken": visitor.browser.cookies["csrftoken"]}
    await visitor.get("/nominations/statement-preview/")
    for text in ("", BIO, "caf\u00e9 <b onclick=x>&\u2028"):
        await visitor.post("/nominations/statement-preview/", {**token, "text": text})
    await visitor.get("/users/nominations/")


async def sponsorships(walk: Walk) -> None:
    for name in ("reader", "editor", "publisher", "admin", "bcrypt"):
        visitor = await signed_in(walk, name)
        await visitor.get("/users/sponsorships/")
        to = await visitor.get("/users/sponsorships/sponsor/edit/")
        if to.first("location") == "/users/edit/":
            await visitor.follow()
    await walk.visitor().get("/users/sponsorships/sponsor/edit/")


async def a_flag_that_is_tested(walk: Walk) -> None:
    visitor = walk.visitor()
    await visitor.get("/membership/")
    await visitor.get("/membership/?dwft_psf_membership=1")
    await visitor.get("/membership/")
    await visitor.get("/membership/?dwft_psf_membership=1&a=b")
    boss = walk.visitor()
    await boss.get("/accounts/login/?next=/membership/")
    await boss.submit(login="admin", password=PASSWORD)
    await boss.follow()
    await boss.get("/accounts/logout/")
    await boss.submit()
    await boss.get("/membership/")


STORIES = (
    *(unverified, sign_up, forgotten, addresses, once_more, profile, membership, the_end_of_an_account),
    *(sign_in_and_out, wrong_passwords, too_many_tries, change_of_password, machines, forged, people_who_cannot),
    *(two_browsers, the_admin_after_signing_in, a_permission_that_is_given_and_taken),
    *(a_session_that_runs_out, a_session_that_is_taken, a_statement_is_previewed, sponsorships),
    a_flag_that_is_tested,
)


@pytest.mark.parametrize("tell", STORIES)
async def test_a_story_comes_out_the_same_whoever_answers_each_request(accounts: Accounts, tell: Any) -> None:
    story = Story(tell.__name__.replace("_", " "), tell)
    found: list[Failure] = [one async for one in failures(accounts, story, rules=rules(), times=TIMES)]
    assert not found, "\n\n".join(str(one) for one in found[:2])


async def test_a_broken_adapter_is_found_and_shrunk_to_one_request(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sessions that new makes are nobody's on legacy: one request on new is enough to see it."""
    monkeypatch.setattr("legacy_adapters.auth.HASH_SALT", "not Django's")
    story = Story("sign in and out", sign_in_and_out)
    failed = [one async for one in failures(accounts, story, rules=rules(), times=4)]
    assert failed
    assert {len(one.on_new) for one in failed} == {1}


async def alone(accounts: Accounts, name: str = "") -> Visitor:
    """A visitor whom only the new side answers; signed in, if a name is given."""
    await accounts.begin()
    walk = Walk(accounts, frozenset(range(99)))
    return await signed_in(walk, name) if name else walk.visitor()


@pytest.mark.parametrize("name", ["jos\u00e9", "a b", "a/b"])
async def test_a_name_that_no_url_can_have_is_refused(accounts: Accounts, name: str) -> None:
    visitor = await alone(accounts, "reader")
    await visitor.get("/users/edit/")
    answer = await visitor.submit(username=name)
    assert answer.status == 200
    assert b"Enter a valid username." in answer.body
    assert not await accounts.database.fetch("SELECT 1 FROM users_user WHERE username = $1", name)


async def test_a_vote_is_affirmed_by_members_only(accounts: Accounts) -> None:
    stranger = await alone(accounts)
    page = await stranger.get("/users/membership/affirm/")
    assert page.status == 200
    answer = await stranger.submit()
    assert (answer.status, answer.first("location")) == (302, "/accounts/login/?next=/users/membership/affirm/")
    visitor = await alone(accounts, "bcrypt")
    await visitor.get("/users/membership/affirm/")
    answer = await visitor.submit()
    assert (answer.status, answer.first("location")) == (302, "/users/membership/")


async def test_who_joins_twice_at_once_edits(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = await alone(accounts, "bcrypt")
    said = {"preferred_name": "B", "city": "Gent", "region": "-", "country": "Belgium", "postal_code": "9000"}
    said |= {"legal_name": "B", "email_address": "b@example.com", "psf_code_of_conduct": "True"}

    async def nothing_yet(_action: object) -> None:
        """Both windows asked before either wrote."""

    monkeypatch.setattr(membership_pages, "own", nothing_yet)
    for to in ("/users/membership/thanks/", "/users/membership/edit/"):
        await visitor.get("/users/membership/")
        answer = await visitor.submit(**said)
        assert (answer.status, answer.first("location")) == (302, to)
    assert await accounts.database.fetchval("SELECT count(*) FROM users_membership WHERE legal_name = 'B'") == 1


async def test_a_name_that_is_taken_meanwhile_is_an_error_of_its_field(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = await alone(accounts, "reader")

    async def free(*_asked: object, **_but: object) -> bool:
        """Both visitors asked before either wrote."""
        return False

    monkeypatch.setattr(profile_pages, "is_name_taken", free)
    await visitor.get("/users/edit/")
    answer = await visitor.submit(username="editor")
    assert answer.status == 200
    assert b"A user with that username already exists." in answer.body


async def test_legacy_removes_whoever_owns_anything_of_the_site(accounts: Accounts) -> None:
    visitor = await alone(accounts, "release-manager")
    await visitor.get("/users/edit/")
    said = {"csrfmiddlewaretoken": visitor.browser.cookies["csrftoken"]}
    with pytest.raises(AssertionError, match=r"answered by legacy|answered by $"):
        await visitor.post("/users/release-manager/delete/", said)

"""Attacks on accounts, tried on both sides. New must refuse each; what legacy makes of it stands beside it.

`make attacks` prints the table.
"""

import base64
import pickle
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from rich.console import Console
from rich.table import Table

from legacy_adapters.signing import Keys, dumps
from parity.capture import Headers, Observation
from parity.errors import PersonaError
from parity.journeys import LEGACY, NEW, Visitor, Walk
from tests.new_app.accounts import HOST, PASSWORD, Accounts

EDIT, LOGIN = "/users/edit/", "/accounts/login/"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
ELSEWHERE = (
    *("//evil.example/", "///evil.example", "https://evil.example/", "http:///evil.example", "https:evil.example"),
    *("/\\evil.example", "\\\\evil.example", "/\\/evil.example", "\thttps://evil.example", "\x00//evil.example"),
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example\\@www.example.org/"),
    *(
        "https://www.example.org@evil.example/",
        "https://evil.example#www.example.org",
        "//www.example.org.evil.example",
    ),
    *("ftp://www.example.org/", "https://[::1", "//evil%E3%80%82example/", "\u2028//evil.example", " //evil.example"),
)
"""Places that are not on this site, in the spellings that have fooled somebody."""


@dataclass(frozen=True, slots=True)
class Try:
    """An attack on one side."""

    accounts: Accounts
    side: str
    folder: Path

    def visitor(self) -> Visitor:
        return Walk(self.accounts, frozenset(range(999)) if self.side == NEW else frozenset()).visitor()

    async def signed_in(self, name: str = "reader", password: str = PASSWORD) -> Visitor:
        visitor = self.visitor()
        await visitor.get(LOGIN)
        answer = await visitor.submit(login=name, password=password)
        assert answer.status == 302, answer.status
        return visitor

    async def with_cookie(self, name: str, value: str, path: str = EDIT) -> Observation:
        visitor = self.visitor()
        visitor.browser.cookies[name] = value
        return await visitor.get(path)


Attack = Callable[[Try], Awaitable[str]]
"""What came of it; begins with `open` where it worked."""


def is_stranger(answer: Observation) -> bool:
    return (answer.status, answer.first("location")) == (302, f"{LOGIN}?next={EDIT}")


def judged(refused: bool, how: str) -> str:
    return how if refused else f"open, where this is wanted: {how}"


# -- sessions ---------------------------------------------------------------------------------------------------------


async def forged_session(one: Try) -> str:
    """Keys by chance, of odd forms, and a session signed by somebody else."""
    claims = {"_auth_user_id": "1", "_auth_user_backend": "django.contrib.auth.backends.ModelBackend"}
    signed = dumps(claims, Keys("another secret"), "django.contrib.sessions.backends.signed_cookies")
    keys = (secrets.token_hex(16), "a" * 32, "' OR 1=1 --", "../../etc/passwd", "x" * 4000, signed)
    answers = [await one.with_cookie("sessionid", key) for key in keys]
    return judged(all(is_stranger(answer) for answer in answers), "a stranger")


async def replayed_session(one: Try) -> str:
    visitor = await one.signed_in()
    key = visitor.browser.cookies["sessionid"]
    await visitor.get("/accounts/logout/")
    await visitor.submit()
    return judged(is_stranger(await one.with_cookie("sessionid", key)), "a stranger")


async def session_of_an_old_password(one: Try) -> str:
    thief, owner = await one.signed_in(), await one.signed_in()
    await owner.get("/accounts/password/change/")
    await owner.submit(oldpassword=PASSWORD, password1="another-horse", password2="another-horse")
    return judged(is_stranger(await thief.get(EDIT)), "a stranger")


async def session_fixation(one: Try) -> str:
    """A key that the attacker has chosen, and one that the site gave to a stranger."""
    for given in ("a" * 32, None):
        visitor = one.visitor()
        if given is None:
            await visitor.get("/accounts/password/reset/key/1-set-password/")
            given = visitor.browser.cookies.get("sessionid", "b" * 32)
        visitor.browser.cookies["sessionid"] = given
        await visitor.get(LOGIN)
        await visitor.submit(login="reader", password=PASSWORD)
        if visitor.browser.cookies["sessionid"] == given or not is_stranger(await one.with_cookie("sessionid", given)):
            return "open: the key is signed in"
    return "a new key at sign-in"


# -- requests from elsewhere ------------------------------------------------------------------------------------------


async def csrf(one: Try) -> str:
    """Without a token, with that of another visitor, from other origins, and with the cookie or the token cut."""
    visitor, attacker = await one.signed_in(), one.visitor()
    await attacker.get(LOGIN)
    own, theirs = visitor.browser.cookies["csrftoken"], attacker.browser.cookies["csrftoken"]
    trap = {"email_body_text": "write your message"}
    tried: list[tuple[dict[str, str], Headers]] = [
        ({}, ()),
        ({"csrfmiddlewaretoken": theirs}, ()),
        ({"csrfmiddlewaretoken": own[:-1]}, ()),
        ({"csrfmiddlewaretoken": own + own}, ()),
        ({"csrfmiddlewaretoken": own}, (("Origin", "https://evil.example"),)),
        ({"csrfmiddlewaretoken": own}, (("Origin", "null"),)),
        ({"csrfmiddlewaretoken": own}, (("Origin", f"https://{HOST}.evil.example"),)),
        ({}, (("X-CSRFToken", theirs),)),
    ]
    for path in (EDIT, "/accounts/email/", "/users/reader/delete/", "/users/membership/delete/reader/"):
        for said, headers in tried:
            answer = await visitor.post(path, {**trap, **said}, headers)
            if answer.status != 403:
                return f"open: {answer.status} for {said} {headers}"
    kept = dict(visitor.browser.cookies)
    visitor.browser.cookies["csrftoken"] = theirs
    answer = await visitor.post(EDIT, {**trap, "csrfmiddlewaretoken": own})
    visitor.browser.cookies = kept
    return judged(answer.status == 403, "403")


async def login_csrf(one: Try) -> str:
    """Signing a victim in as somebody else, from a page that cannot know the victim's token."""
    said = {"login": "reader", "password": PASSWORD}
    answers = [
        await one.visitor().post(LOGIN, said),
        await one.visitor().post(LOGIN, {**said, "csrfmiddlewaretoken": "a" * 32}),
    ]
    return judged({answer.status for answer in answers} == {403}, "403")


async def open_redirect(one: Try) -> str:
    for wish in ELSEWHERE:
        for path in ("/accounts/logout/", LOGIN):
            answer = await one.visitor().get(f"{path}?{urlencode({'next': wish})}")
            if leaves(answer.first("location")):
                return f"open: {path} sends to {answer.first('location')!r}"
        visitor = one.visitor()
        await visitor.get(LOGIN)
        token = {"csrfmiddlewaretoken": visitor.browser.cookies["csrftoken"]}
        answer = await visitor.post(LOGIN, {**token, "login": "argon", "password": PASSWORD, "next": wish})
        if answer.status == 302 and leaves(answer.first("location")):
            return f"open: signing in sends to {answer.first('location')!r}"
        await one.accounts.database.execute("DELETE FROM django_cache_table")
    return "stays on the site"


def leaves(location: str) -> bool:
    parts = urlsplit(location.replace("\\", "/"))
    return bool(parts.scheme or parts.netloc) or location.startswith("//")


async def header_injection(one: Try) -> str:
    """Line ends in what goes into `Location` and `Set-Cookie`."""
    evil = "/%0d%0aX-Evil:%201%0d%0aSet-Cookie:%20evil=1"
    paths = [f"/accounts/logout/?next={evil}", f"{LOGIN}?next={evil}", f"{EDIT}?a={evil}"]
    answers = [await one.visitor().get(path) for path in paths]
    answers += [
        await one.with_cookie(name, 'x"; Domain=evil.example; evil=1', LOGIN)
        for name in ("csrftoken", "sessionid", "messages")
    ]
    names = {name.lower() for answer in answers for name, _ in answer.headers}
    cookies = [value for answer in answers for name, value in answer.headers if name.lower() == "set-cookie"]
    return judged("x-evil" not in names and not any("evil" in cookie for cookie in cookies), "taken for text")


# -- who has an account -----------------------------------------------------------------------------------------------


async def enumeration(one: Try) -> str:
    """Signing in, forgotten passwords and signing up say the same of known and unknown names."""
    told = []
    for name in ("reader", "nobody"):
        await one.accounts.database.execute("DELETE FROM django_cache_table")
        mail = f"{name}@example.com"
        visitor = one.visitor()
        await visitor.get(LOGIN)
        answers = [await visitor.submit(login=said, password="wrong") for said in (name, mail)]
        await visitor.get("/accounts/password/reset/")
        answers.append(await visitor.submit(email=mail))
        other = one.visitor()
        await other.get("/accounts/signup/")
        new = {"username": f"new-{name}", "password1": "a-long-one", "password2": "a-long-one"}
        answers.append(await other.submit(email=mail, **new))
        answers.append(await other.follow())
        told.append([impersonal(answer, name) for answer in answers])
    return judged(told[0] == told[1], "told the same")


def impersonal(answer: Observation, name: str) -> tuple[int, str, str]:
    text = re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", answer.body.decode())
    return answer.status, answer.first("location"), text.replace(name, "NAME")


async def spraying(one: Try) -> str:
    """One password on many names from one address."""
    visitor = one.visitor()
    await visitor.get(LOGIN)
    for number in range(10):
        await visitor.submit(login=f"name{number}", password="Winter2026")
    answer = await visitor.submit(login="reader", password=PASSWORD)
    return judged(answer.status == 200 and b"Too many" in answer.body, "limited at the 11th")


async def brute_force(one: Try) -> str:
    """Many passwords on one name, from many addresses."""
    for number in range(6):
        visitor = one.visitor()
        where = (("X-Forwarded-For", f"198.51.100.{number}"),)
        await visitor.get(LOGIN)
        said = {"csrfmiddlewaretoken": visitor.browser.cookies["csrftoken"], "login": "reader"}
        answer = await visitor.post(LOGIN, {**said, "password": PASSWORD if number == 5 else "wrong"}, where)
    return judged(answer.status == 200 and b"Too many" in answer.body, "limited at the 6th")


async def flood(one: Try) -> str:
    """More than 30 sign-ins a minute from one address."""
    visitor = one.visitor()
    await visitor.get(LOGIN)
    said = {"csrfmiddlewaretoken": visitor.browser.cookies["csrftoken"], "login": "", "password": ""}
    for _ in range(31):
        answer = await visitor.post(LOGIN, said)
    return judged(answer.status == 429, "429 at the 31st")


# -- what is sent -----------------------------------------------------------------------------------------------------


async def too_much(one: Try) -> str:
    visitor = await one.signed_in()
    token = {"csrfmiddlewaretoken": visitor.browser.cookies["csrftoken"]}
    large = {**token, "bio": "x" * 3_000_000}
    many = {**token, **{f"f{number}": "" for number in range(1001)}}
    answer = await visitor.post(EDIT, many)
    try:
        return judged({answer.status, (await visitor.post(EDIT, large)).status} == {400}, "400")
    except PersonaError:
        return "400, or cut off while it is sent"  # legacy's server answers before it has read the body


async def what_is_not_ones_own(one: Try) -> str:
    visitor = await one.signed_in()
    token = {"csrfmiddlewaretoken": visitor.browser.cookies["csrftoken"]}
    paths = ("/users/editor/delete/", "/users/membership/delete/editor/")
    answers = [await visitor.post(path, token) for path in paths]
    return judged({answer.status for answer in answers} == {403}, "403")


async def a_field_too_many(one: Try) -> str:
    """Columns that no form has."""
    visitor = await one.signed_in()
    await visitor.get(EDIT)
    evil = {"is_staff": "on", "is_superuser": "on", "is_active": "", "password": "md5$x", "id": "1", "last_name": "L"}
    said = {"csrfmiddlewaretoken": visitor.browser.cookies["csrftoken"], "email_body_text": "write your message"}
    own = {"username": "reader", "email": "reader@example.com", "search_visibility": "1", "email_privacy": "2"}
    answer = await visitor.post(EDIT, {**said, **own, **evil})
    assert answer.status == 302
    row = await one.accounts.database.fetchrow("SELECT * FROM users_user WHERE username = 'reader'")
    return judged(row["last_name"] == "L" and not row["is_staff"] and not row["is_superuser"], "passed over")


async def script_in_a_profile(one: Try) -> str:
    visitor = await one.signed_in()
    await visitor.get(EDIT)
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    await visitor.submit(first_name=evil, last_name='"><svg onload=alert(1)>', bio=f"{evil} [x](javascript:alert(1))")
    pages = [await visitor.get(path) for path in ("/users/reader/", EDIT)]
    found = [
        tag
        for page in pages
        for tag in (b"<script>alert", b"<img src=x", b"<svg", b'="javascript:')
        if tag in page.body
    ]
    return judged(not found, "escaped")


async def a_pickle_in_the_cache(one: Try) -> str:
    """Whoever can write the cache runs no code: the counter of the limits holds a pickle that makes a folder."""
    made = one.folder / f"gadget-{one.side}"

    class Gadget:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.mkdir, (made,)

    visitor = one.visitor()
    await visitor.get(LOGIN)
    await visitor.submit(login="reader", password="wrong")
    evil = base64.b64encode(pickle.dumps(Gadget())).decode()
    await one.accounts.database.execute("UPDATE django_cache_table SET value = $1 WHERE cache_key LIKE '%:rl:%'", evil)
    await visitor.submit(login="reader", password="wrong")
    return judged(not made.exists(), "not run")


ATTACKS: tuple[Attack, ...] = (
    *(forged_session, replayed_session, session_of_an_old_password, session_fixation),
    *(csrf, login_csrf, open_redirect, header_injection),
    *(enumeration, spraying, brute_force, flood),
    *(too_much, what_is_not_ones_own, a_field_too_many, script_in_a_profile, a_pickle_in_the_cache),
)


@pytest.fixture(scope="module")
async def table() -> AsyncIterator[Table]:
    found = Table("attack", "legacy", "new", title="Attacks")
    yield found
    Console(width=130).print("\n", found)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_new_refuses(accounts: Accounts, attack: Attack, table: Table, tmp_path: Path) -> None:
    came = {}
    for side in (LEGACY, NEW):
        await accounts.begin()
        came[side] = await attack(Try(accounts, side, tmp_path))
    table.add_row(attack.__name__.replace("_", " "), came[LEGACY], came[NEW])
    assert not came[NEW].startswith("open"), came

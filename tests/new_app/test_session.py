"""Signed in on the reference Django site, known on the new one: real cookies, one database."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Request, get
from litestar.di import NamedDependency
from pydantic import SecretStr

from legacy_adapters import introspect
from legacy_adapters.cache import DatabaseCounters
from legacy_adapters.manifest import Manifest, parse_manifest
from legacy_adapters.signing import Keys
from legacy_adapters.visits import Visits
from new_app import asgi
from new_app.answer import Answer
from new_app.config import Settings
from new_app.domain import Domain
from new_app.request import Call
from new_app.session import Permissions, Unknowable, Visitors, vary_on_cookie
from new_app.web import application, build
from tests.conftest import REPOSITORY, run_sql
from tests.new_app.conftest import HOST, CountedRows
from tests.new_app.sides import pages_without_theme

SECRET = "the-reference-site-has-nothing-to-hide"
PASSWORD = "correct horse"
VISITORS = {"ann": (False, False), "staffer": (True, False), "root": (True, True)}
"""Name: staff, superuser."""


@cache
def encoded(password: str) -> str:
    salt = "abcdefghijklmnopqrstuv"
    digest = base64.b64encode(hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 1_000_000)).decode()
    return f"pbkdf2_sha256$1000000${salt}${digest}"


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    command = [sys.executable, introspect.__file__, "--settings", "legacy.settings"]
    done = subprocess.run(
        [*command, "--path", str(REPOSITORY / "tests/legacy_site")],
        env={**os.environ, "DJANGO_SECRET_KEY": SECRET, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/no"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return parse_manifest(done.stdout)


@pytest.fixture(scope="module", autouse=True)
def people(site_database: str) -> Iterator[None]:
    for name, (staff, superuser) in VISITORS.items():
        run_sql(
            site_database,
            f"""INSERT INTO users_user (username, password, email, first_name, last_name, is_staff, is_superuser,
                    is_active, date_joined, bio, bio_markup_type, _bio_rendered, search_visibility, email_privacy,
                    public_profile)
                VALUES ('{name}', '{encoded(PASSWORD)}', '{name}@example.org', 'A', 'B', {staff}, {superuser}, true,
                    now(), '', 'markdown', '', 1, 2, true)""",
            f"""INSERT INTO account_emailaddress (email, verified, "primary", user_id)
                SELECT email, true, true, id FROM users_user WHERE username = '{name}'""",
            """INSERT INTO users_user_user_permissions (user_id, permission_id)
                SELECT u.id, p.id FROM users_user u, auth_permission p
                WHERE u.username = 'staffer' AND p.codename = 'change_page' ON CONFLICT DO NOTHING""",
        )
    yield
    names = ", ".join(f"'{name}'" for name in VISITORS)
    of = f"(SELECT id FROM users_user WHERE username IN ({names}))"
    run_sql(
        site_database,
        f"DELETE FROM users_user_user_permissions WHERE user_id IN {of}",
        f"DELETE FROM account_emailaddress WHERE user_id IN {of}",
        f"DELETE FROM authtoken_token WHERE user_id IN {of}",
        f"DELETE FROM tastypie_apikey WHERE user_id IN {of}",
        f"DELETE FROM users_user WHERE username IN ({names})",
        "DELETE FROM django_session",
    )


@get("/whoami/", opt={"guard": "public"})
async def whoami(request: Request[Any, Any, Any], visitors: NamedDependency[Visitors]) -> Answer:
    call = Call.of(request)
    if "look" not in call.params:
        await visitors.visitor(call)
        return await visitors.finish(call, Answer(b"{}"))
    visitor = await visitors.visitor(call)
    assert await visitors.visitor(call) is visitor
    user, perms = visitor.user, Permissions(visitor.user)
    told = {
        "name": str(user),
        "signed in": user.is_authenticated,
        "staff": user.is_staff,
        "superuser": user.is_superuser,
        "may": [perms["pages"]["change_page"], "pages.add_page" in perms, bool(perms.pages), "jobs" in perms],
        "messages": [str(message) for message in visitor.messages] if "messages" in call.params else None,
        "token": visitor.csrf_token() if "token" in call.params else None,
    }
    return await visitors.finish(call, Answer(json.dumps(told).encode(), content_type="application/json"))


PAGE = Domain(name="whoami", claims=(), handlers=(whoami,))


@pytest.fixture
async def rows(site_database: str) -> AsyncIterator[CountedRows]:
    found = CountedRows(site_database)
    yield found
    await found.close()


@pytest.fixture
async def new(rows: CountedRows, manifest: Manifest, site_database: str) -> AsyncIterator[httpx.AsyncClient]:
    visits = Visits.of(manifest, Keys(SECRET), rows.fetch)
    pages = pages_without_theme(site_database, visits=visits)
    app = application(build(rows, DatabaseCounters(rows.fetch), pages, domains=(PAGE,)), pages)
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
        yield client


class Browser:
    """Cookies, and the two sites that share them."""

    def __init__(self, legacy: httpx.Client, new: httpx.AsyncClient) -> None:
        self.legacy, self.new = legacy, new
        self.cookies: dict[str, str] = {}

    def on_legacy(self, method: str, path: str, **form: str) -> httpx.Response:
        if form and "csrftoken" not in self.cookies:
            self.on_legacy("GET", path)
        if form:
            form = {"csrfmiddlewaretoken": self.cookies["csrftoken"], **form}
        headers = {"host": HOST, "cookie": self._header()}
        answer = self.legacy.request(method, path, headers=headers, data=form or None)
        self._keep(answer)
        return answer

    async def on_new(self, *looks: str) -> tuple[dict[str, Any], httpx.Response]:
        query = "&".join(f"{look}=1" for look in looks)
        answer = await self.new.get(f"/whoami/?{query}", headers={"cookie": self._header()} if self.cookies else {})
        self._keep(answer)
        return answer.json(), answer

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        return self.on_legacy("POST", "/accounts/login/", login=name, password=password)

    def _header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _keep(self, answer: httpx.Response) -> None:
        for cookie in answer.headers.get_list("set-cookie"):
            name, value = cookie.split(";")[0].split("=", 1)
            if "Max-Age=0" in cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value


@pytest.fixture
def browser(legacy_url: str, new: httpx.AsyncClient, site_database: str) -> Iterator[Browser]:
    run_sql(site_database, "DELETE FROM django_cache_table")
    with httpx.Client(base_url=legacy_url, timeout=30) as legacy:
        yield Browser(legacy, new)


@pytest.mark.parametrize("name", VISITORS)
async def test_signed_in_on_django_is_known_on_new(browser: Browser, name: str) -> None:
    staff, superuser = VISITORS[name]
    answer = browser.sign_in(name)
    assert answer.status_code == 302, re.findall(r"errorlist.*?</ul>", answer.text)
    told, new = await browser.on_new("look")
    assert told | {"messages": None, "token": None} == {
        "name": name,
        "signed in": True,
        "staff": staff,
        "superuser": superuser,
        "messages": None,
        "token": None,
        "may": [staff, superuser, staff, superuser],
    }
    assert new.headers["vary"] == "Cookie"
    assert "set-cookie" not in new.headers


async def test_signing_out_on_django_is_seen_on_new(browser: Browser) -> None:
    browser.sign_in("ann")
    before = dict(browser.cookies)
    browser.on_legacy("POST", "/accounts/logout/", sure="yes")
    assert (await browser.on_new("look"))[0]["signed in"] is False
    browser.cookies = before
    told, answer = await browser.on_new("look")
    assert told["name"] == "AnonymousUser"
    assert any("sessionid=" in cookie and "Max-Age=0" in cookie for cookie in answer.headers.get_list("set-cookie"))


async def test_a_message_set_by_django_is_shown_once_on_new(browser: Browser) -> None:
    browser.sign_in("ann")
    first, answer = await browser.on_new("look", "messages")
    assert first["messages"] == ["Successfully signed in as ann."]
    assert any(
        cookie.startswith("messages=") and "Max-Age=0" in cookie for cookie in answer.headers.get_list("set-cookie")
    )
    assert (await browser.on_new("look", "messages"))[0]["messages"] == []
    assert "Successfully signed in" not in browser.on_legacy("GET", "/accounts/email/").text


async def test_a_token_drawn_on_new_is_accepted_by_django(browser: Browser) -> None:
    told, answer = await browser.on_new("look", "token")
    assert any(cookie.startswith("csrftoken=") for cookie in answer.headers.get_list("set-cookie"))
    form = {"csrfmiddlewaretoken": told["token"], "login": "ann", "password": PASSWORD}
    assert browser.on_legacy("POST", "/accounts/login/", **form).status_code == 302
    assert (await browser.on_new("look"))[0]["name"] == "ann"


async def test_a_token_that_nobody_drew_is_refused(browser: Browser) -> None:
    form = {"csrfmiddlewaretoken": "x" * 64, "login": "ann", "password": PASSWORD}
    assert browser.on_legacy("POST", "/accounts/login/", **form).status_code == 403


async def test_a_new_password_ends_other_sessions_on_new(browser: Browser, site_database: str) -> None:
    browser.sign_in("ann")
    run_sql(site_database, f"UPDATE users_user SET password = '{encoded('another')}' WHERE username = 'ann'")
    try:
        assert (await browser.on_new("look"))[0]["signed in"] is False
    finally:
        run_sql(site_database, f"UPDATE users_user SET password = '{encoded(PASSWORD)}' WHERE username = 'ann'")


async def test_session_user_and_permissions_take_one_statement(browser: Browser, rows: CountedRows) -> None:
    browser.sign_in("staffer")
    counts = []
    for _ in range(3):
        before = rows.asked
        await browser.on_new("look", "messages", "token")
        counts.append(rows.asked - before)
    assert counts == [2, 1, 1]


async def test_a_stranger_takes_no_statement(browser: Browser, rows: CountedRows) -> None:
    before = rows.asked
    told, answer = await browser.on_new("look", "messages")
    assert (told["name"], told["messages"], told["may"]) == ("AnonymousUser", [], [False] * 4)
    assert rows.asked == before
    assert answer.headers["vary"] == "Cookie"


async def test_an_answer_that_looked_at_nobody_does_not_vary(browser: Browser) -> None:
    browser.sign_in("ann")
    answer = (await browser.on_new())[1]
    assert "vary" not in answer.headers
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "cookie",
    [
        *("sessionid=", "sessionid=short", "sessionid=" + "a" * 32, "sessionid=" + "x" * 5000, "sessionid=%00;;;=;"),
        *('sessionid="\\000aaaaaaaaaa"', "sessionid=é" * 3, "csrftoken=x; messages=y:z:w", "=" * 200),
    ],
)
async def test_a_forged_cookie_is_a_stranger(browser: Browser, cookie: str) -> None:
    answer = await browser.new.get("/whoami/?look=1&messages=1", headers={"cookie": cookie.encode("latin-1")})
    assert answer.json()["name"] == "AnonymousUser"
    assert answer.json()["messages"] == []


async def test_without_visits_a_cookie_is_left_to_legacy(rows: CountedRows, site_database: str) -> None:
    def call(*headers: tuple[bytes, bytes]) -> Call:
        scope = {"method": "GET", "path": "/", "headers": headers, "query_string": b""}
        return Call(scope, None)  # type: ignore[arg-type]

    nobody = await Visitors().visitor(call())
    assert (str(nobody.user), len(nobody.messages), nobody.user.is_authenticated) == ("AnonymousUser", 0, False)
    with pytest.raises(Unknowable):
        await Visitors().visitor(call((b"cookie", b"sessionid=a")))
    pages = pages_without_theme(site_database)
    app = application(build(rows, DatabaseCounters(rows.fetch), pages, domains=(PAGE,)), pages)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        assert (await client.get("/whoami/?look=1", headers={"cookie": "a=b"})).headers["x-bridge-fallthrough"] == "1"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "Cookie"),
        ("Accept", "Accept, Cookie"),
        ("cookie", "cookie"),
        ("*", "*"),
        ("Accept, Cookie", "Accept, Cookie"),
    ],
)
def test_vary_grows_by_the_cookie_once(before: str | None, after: str) -> None:
    answer = Answer(headers=[(b"vary", before.encode())] if before else [])
    vary_on_cookie(answer)
    vary_on_cookie(answer)
    assert [value for name, value in answer.headers if name == b"vary"] == [after.encode()]


async def test_sessions_in_redis_are_found_where_the_manifest_says(
    manifest: Manifest, redis_url: str, site_database: str
) -> None:
    told = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url, "KEY_PREFIX": "p"}
    engine = msgspec.structs.replace(manifest.settings, session_engine="django.contrib.sessions.backends.cache")
    cached = msgspec.structs.replace(manifest, settings=engine, caches={"default": told})
    assert asgi.session_redis(manifest, Settings()) is None
    rows = CountedRows(site_database)
    found = asgi.visits(cached, Settings(django_secret_key=SecretStr(SECRET)), rows)
    assert found is not None
    visit = await found.visit("")
    visit.session["a"] = 1
    closing = await visit.close()
    key = closing.cookies[0].split(";")[0].split("=")[1]
    again = await found.visit(f"sessionid={key}")
    assert again.session["a"] == 1
    await found.close()
    await rows.close()


def test_a_site_that_cannot_be_shared_stays_with_legacy(
    manifest: Manifest, site_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    told = msgspec.structs.replace(manifest.settings, session_engine="shop.sessions")
    rows = CountedRows(site_database)
    settings = Settings(django_secret_key=SecretStr(SECRET))
    assert asgi.visits(msgspec.structs.replace(manifest, settings=told), settings, rows) is None
    assert "shop.sessions" in caplog.text
    assert asgi.visits(None, settings, rows) is None
    assert asgi.visits(manifest, Settings(django_secret_key=SecretStr("")), rows) is None

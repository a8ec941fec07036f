"""Who asks: signed in through a form as a person would, cookies carried to both sides, and never into a report."""

import contextlib
import json
import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from parity.capture import Case, Side, merged
from parity.errors import PersonaError
from parity.personas import Login, sign_in
from tests.parity.test_command import bridge
from tests.parity.test_http import server

FORM = """<form action="/search/"><input name="q"></form>
<form method="post"><input type="hidden" name="token" value="t&amp;1"><input type="text" name="login">
<input type="password" name="secret"><input type="checkbox" name="remember"><button>Go</button></form>"""
KEY = "k" * 32


class Site:
    """A site with a sign-in form: it checks the token and its cookie, and greets once by a cookie of its own."""

    def __init__(self, *, says_name: bool = True) -> None:
        self.says_name = says_name
        self.posted: list[tuple[str, str]] = []
        self.posts = 0

    async def moved(self, request: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": "/in/"})

    async def form(self, request: web.Request) -> web.Response:
        response = web.Response(text=FORM, content_type="text/html")
        response.set_cookie("csrf", "c1")
        return response

    async def check(self, request: web.Request) -> web.Response:
        fields = await request.post()
        self.posted = sorted((name, str(value)) for name, value in fields.items())
        good = request.cookies.get("csrf") == "c1" and request.headers["Referer"].endswith("/in/")
        if not good or (fields["login"], fields["secret"]) != ("ann", "open:sesame"):
            return await self.form(request)
        response = web.Response(status=302, headers={"Location": "/hello/"})
        response.set_cookie("session", KEY, httponly=True)
        response.set_cookie("greeting", "welcome")
        return response

    async def hello(self, request: web.Request) -> web.Response:
        response = web.Response(text="hello", content_type="text/html")
        response.del_cookie("greeting")
        return response

    async def any(self, request: web.Request) -> web.Response:
        self.posts += request.method == "POST"
        name = "ann" if request.cookies.get("session") == KEY and self.says_name else "nobody"
        body = (await request.read()).decode()
        return web.Response(text=f"<p>{request.method} {name} {body}", content_type="text/html")


@contextlib.asynccontextmanager
async def running(site: Site) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/old/", site.moved)
    app.router.add_get("/in/", site.form)
    app.router.add_post("/in/", site.check)
    app.router.add_get("/hello/", site.hello)
    app.router.add_route("*", "/{tail:.*}", site.any)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    tcp = web.TCPSite(runner, "127.0.0.1", 0)
    await tcp.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


ANN = Login("ann", "open:sesame")


async def test_a_persona_signs_in_through_the_form_and_keeps_its_cookies():
    site = Site()
    async with running(site) as url, Side(url) as side:
        headers = await sign_in(side, "/old/", ANN)
    assert headers == (("Cookie", f"csrf=c1; session={KEY}"),)
    assert site.posted == [("login", "ann"), ("secret", "open:sesame"), ("token", "t&1")]


@pytest.mark.parametrize(
    ("path", "login", "said"),
    [
        ("/in/", Login("ann", "wrong"), "ann could not sign in at /in/: name or password is wrong"),
        ("/elsewhere/", ANN, "no form with a password"),
    ],
)
async def test_who_cannot_sign_in_is_an_error_with_a_reason(path, login, said):
    async with running(Site()) as url, Side(url) as side:
        with pytest.raises(PersonaError, match=re.escape(said)):
            await sign_in(side, path, login)


@pytest.mark.parametrize("text", ["ann", "ann:", ":secret", ""])
def test_a_login_without_a_name_or_a_password_is_refused(text):
    with pytest.raises(PersonaError, match="NAME:PASSWORD"):
        Login.read(text)


def test_a_password_is_in_no_printed_form():
    assert "sesame" not in repr(ANN)
    assert Login.read("a:b:c") == Login("a", "b:c")


def test_cookies_of_a_case_and_of_a_side_go_along_together():
    case, side = (("Cookie", "session=1"), ("X-A", "case")), (("Cookie", "preview=2"), ("X-A", "side"))
    assert sorted(merged(case, side)) == [("Cookie", "session=1; preview=2"), ("X-A", "side")]


async def test_each_case_is_asked_as_each_persona_and_no_report_holds_the_cookie(tmp_path):
    (tmp_path / "urls").write_text("/a/\n/b/\n")
    async with running(Site()) as legacy, running(Site(says_name=False)) as new:
        result = await bridge(
            *("--legacy", legacy, "--new", new, "--from", str(tmp_path / "urls"), "--login-path", "/in/"),
            *("--personas", "anonymous,user", "--login", "user=ann:open:sesame"),
            *("--report", str(tmp_path / "out"), "--ndjson", str(tmp_path / "n")),
        )
    assert result.exit_code == 1
    assert "4 cases: 2 same · 0 waived · 2 differs" in result.output
    assert "as in   GET /a/ as user" in result.output
    for text in (result.output, (tmp_path / "out" / "index.html").read_text(), (tmp_path / "n").read_text()):
        assert KEY not in text
        assert "sesame" not in text


async def test_a_persona_that_nobody_knows_is_said_and_exits_2(tmp_path):
    (tmp_path / "urls").write_text("/a/\n")
    async with server("page") as url:
        common = ("--legacy", url, "--new", url, "--from", str(tmp_path / "urls"), "--personas", "staff")
        unknown, wrong = await bridge(*common), await bridge(*common, "--login", "staff=x")
    assert (unknown.exit_code, wrong.exit_code) == (2, 2)
    assert "--login staff=NAME:PASSWORD" in unknown.output
    assert "a login is written NAME:PASSWORD" in wrong.output


async def test_each_page_is_asked_with_each_method(tmp_path):
    (tmp_path / "urls").write_text("/a/\nHEAD /b/\n")
    async with running(Site()) as url:
        result = await bridge(
            "--legacy", url, "--new", url, "--from", str(tmp_path / "urls"), "--method", "get,HEAD,OPTIONS"
        )
    assert "4 cases: 4 same" in result.output


async def test_what_changes_something_is_asked_only_when_that_is_said_and_then_once_of_each_side(tmp_path):
    entry = {
        "request": {"method": "POST", "url": "http://x.test/a/", "postData": {"mimeType": "text/plain", "text": "b=1"}}
    }
    (tmp_path / "har").write_text(json.dumps({"log": {"entries": [entry]}}))
    old, fresh = Site(), Site(says_name=False)
    async with running(old) as legacy, running(fresh) as new:
        sides = ("--legacy", legacy, "--new", new, "--from", str(tmp_path / "har"))
        refused, none = await bridge(*sides, "--method", "POST"), await bridge(*sides)
        assert (refused.exit_code, none.exit_code, old.posts + fresh.posts) == (2, 2, 0)
        allowed = await bridge(*sides, "--unsafe", "--header", f"Cookie: session={KEY}")
    assert "add --unsafe" in refused.output
    assert "nothing was asked" in none.output
    assert "1 differs" in allowed.output
    assert "POST ann b=1" in allowed.output
    assert (old.posts, fresh.posts) == (1, 1)


async def test_a_sent_body_arrives():
    async with running(Site()) as url, Side(url) as side:
        answer = await side.ask(Case("/x/", "PUT", body=b"b=2"))
    assert answer.body == b"<p>PUT nobody b=2"

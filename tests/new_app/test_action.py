"""Where a redirect may lead, with Django's own answer as the oracle; and what of a form is read."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils.http import url_has_allowed_host_and_scheme
from hypothesis import given
from hypothesis import strategies as st

from new_app.action import Action, NotOurs, is_of, is_on_site
from new_app.domains.users import password, signup
from new_app.request import Call, Params, Public
from new_app.session import Visitors

HOSTS = {"www.example.org", "files.example.org:8000"}
PIECES = st.sampled_from(
    [
        *(
            "/",
            "//",
            "///",
            "\\",
            "http:",
            "https:",
            "javascript:",
            "ftp:",
            "www.example.org",
            "files.example.org:8000",
        ),
        *("evil.example", "@", ":80", "?next=", "#", " ", "\t", "\x08", "\x00", "\u2028", "[", "]", "a", "%2F", "."),
    ]
)


@given(st.lists(PIECES, max_size=6).map("".join))
def test_a_redirect_stays_here_exactly_where_django_says_so(url: str) -> None:
    assert is_on_site(url, HOSTS) is bool(url_has_allowed_host_and_scheme(url, HOSTS))


@pytest.mark.parametrize(
    ("host", "fits"),
    [("example.org", True), ("a.example.org", True), ("evilexample.org", False), ("other.net", True), ("x", False)],
)
def test_a_host_below_a_domain_is_the_sites_own(host: str, fits: bool) -> None:
    assert is_of(host, {".example.org", "other.net"}) is fits


@dataclass(frozen=True)
class Visitor:
    """One that remembers being looked at."""

    looks: list[str]

    @property
    def user(self) -> str:
        self.looks.append("user")
        return "somebody"

    async def close(self, status: int) -> Any:
        return SimpleNamespace(cookies=(), vary=bool(self.looks))


@pytest.mark.parametrize("knows_visitor", [False, True])
@pytest.mark.parametrize(("sent", "caught"), [(b"trap=kept", False), (b"trap=", True), (b"", True)])
async def test_a_machine_is_caught_and_the_page_varies_where_legacys_does(
    knows_visitor: bool, sent: bytes, caught: bool
) -> None:
    trap = SimpleNamespace(field_name="trap", value="kept", knows_visitor=knows_visitor)
    pages: Any = SimpleNamespace(identity=SimpleNamespace(trap=trap, refusals={}), visitors=Visitors())
    scope = {"method": "POST", "path": "/", "headers": [], "query_string": b""}
    visitor: Any = Visitor([])
    call = Call(scope, Public())
    call.kept["visitor"] = visitor
    answer = await Action(pages, call, visitor, Params(sent)).caught()
    assert (answer is not None) is caught
    assert answer is None or (answer.status, (b"vary", b"Cookie") in answer.headers) == (400, knows_visitor)


@pytest.mark.parametrize("take", [signup.signup, password.change, password.first, password.reset])
async def test_legacy_takes_new_passwords_where_it_has_rules_for_them(take: Any) -> None:
    identity = SimpleNamespace(post="by mail", links="made", rules=("MinimumLengthValidator",))
    action: Any = SimpleNamespace(identity=identity, is_post=True)
    with pytest.raises(NotOurs):
        await (take(action, "1-key") if take is password.reset else take(action))

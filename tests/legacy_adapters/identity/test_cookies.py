"""Cookies and `Vary` are read and written byte for byte as Django does."""

from typing import Any

import pytest
from hypothesis import strategies

from legacy_adapters.cookies import delete_cookie, parse_cookies, set_cookie, vary_on
from tests.legacy_adapters.identity.cases import generated
from tests.legacy_adapters.identity.conftest import Oracle

NOW = 1_750_000_000.0
pieces = strategies.lists(strategies.sampled_from([*'ab=;" \\\t,', '"a"', "\\073", "é", "a=b", "; "]), max_size=14)


@generated(6000, header=pieces.map("".join) | strategies.text(max_size=30).filter(lambda text: text.isprintable()))
def test_a_cookie_header_is_read_alike(bare: Oracle, header: str) -> None:
    assert parse_cookies(header) == bare.ask("cookies_of", header=header)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"max_age": 1209600},
        {"max_age": 0},
        {"max_age": 5, "expires": "Thu, 01 Jan 2026 00:00:00 GMT"},
        {"path": "/shop", "domain": "example.org"},
        {"secure": True, "httponly": True, "samesite": "Lax"},
        {"samesite": "None", "secure": True},
        {"samesite": False},
        {"path": None},
    ],
)
@pytest.mark.parametrize("value", ["", "abc", 'say "a; b"', "é", "a:b.c-d_e="])
def test_a_cookie_is_written_alike(bare: Oracle, value: str, attributes: dict[str, Any]) -> None:
    theirs = bare.ask("cookie_header", name="n", value=value, now=NOW, **attributes)
    assert set_cookie("n", value, clock=lambda: NOW, **attributes) == theirs


@pytest.mark.parametrize("name", ["sessionid", "__Host-s", "__Secure-s"])
@pytest.mark.parametrize(
    "attributes", [{}, {"samesite": "Lax"}, {"samesite": "None"}, {"path": "/x", "domain": "example.org"}]
)
def test_a_cookie_is_forgotten_alike(bare: Oracle, name: str, attributes: dict[str, Any]) -> None:
    assert delete_cookie(name, **attributes) == bare.ask("forget_header", name=name, now=NOW, **attributes)


@pytest.mark.parametrize("before", [None, "Cookie", "cookie", "Accept-Encoding", "A, b ,Cookie", "*", "Accept, *"])
@pytest.mark.parametrize("names", [["Cookie"], ["Cookie", "Accept-Language"]])
def test_vary_grows_alike(bare: Oracle, before: str | None, names: list[str]) -> None:
    assert vary_on(before, *names) == bare.ask("vary", before=before, names=names)


def test_another_kind_of_same_site_is_refused() -> None:
    with pytest.raises(ValueError, match="SameSite"):
        set_cookie("n", "v", samesite="loose")

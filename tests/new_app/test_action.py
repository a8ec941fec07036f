"""Where a redirect may lead, with Django's own answer as the oracle; and what of a form is read."""

import pytest
from django.utils.http import url_has_allowed_host_and_scheme
from hypothesis import given
from hypothesis import strategies as st

from new_app.action import is_of, is_on_site

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

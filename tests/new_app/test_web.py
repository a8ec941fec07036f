"""The application around the handlers: guards, headers, falling through, statements per page."""

from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from litestar import get

from new_app.api.resources import Resource
from new_app.db import LegacyBase
from new_app.domains import DOMAINS
from new_app.request import Call, Params, Public
from new_app.site import surrogate_key
from new_app.web import UnguardedHandler, require_guard
from tests.new_app.conftest import Sides, credentials

RESOURCES = [resource for domain in DOMAINS for resource in domain.resources]


def test_every_handler_says_who_may_call_it() -> None:
    for domain in DOMAINS:
        for handler in domain.handlers:
            require_guard(handler)


def test_a_handler_that_does_not_say_so_is_refused() -> None:
    @get("/anything")
    async def anything() -> str:
        return ""

    with pytest.raises(UnguardedHandler, match="guard"):
        require_guard(anything)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_every_declared_column_is_mapped(resource: Resource) -> None:
    columns = LegacyBase.metadata.tables[resource.table].columns.keys()
    assert {field.source for field in resource.fields} <= set(columns)
    assert {one.column for one in resource.v2_filters} <= set(columns)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/é/", "pydotorg-app é".encode("latin-1")),
        ("/\u0416/x", b"=?utf-8?q?pydotorg-app_=D0=96?="),
        ("/", b"pydotorg-app"),
        ("/a/b/", b"pydotorg-app a"),
        ("//a", b"pydotorg-app a"),
    ],
)
def test_the_surrogate_key_names_the_first_segment(path: str, key: bytes) -> None:
    assert surrogate_key(path) == key


@pytest.mark.parametrize(
    ("path", "user", "most"),
    [
        ("/box/plain/", "", 1),
        ("/downloads/latest/", "", 1),
        ("/downloads/feed.rss", "", 1),
        ("/robots.txt", "", 0),
        ("/api/v1/downloads/release_file/?limit=100", "", 4),
        ("/api/v1/downloads/release_file/?limit=100", "staff", 5),
        ("/api/v2/downloads/release/", "staff", 4),
    ],
)
async def test_a_page_stays_within_its_statements(both: Sides, path: str, user: str, most: int) -> None:
    both.forget_counts()
    await both.new.get(path, headers=credentials(path, user))
    before = both.rows.asked
    answer = await both.new.get(path, headers=credentials(path, user))
    assert answer.status_code in (200, 302)
    assert both.rows.asked - before <= most


ACCEPT = [
    *(
        "text/html",
        "application/xml",
        "text/yaml",
        "application/json; indent=4",
        "*/*;q=0.1",
        "text/*",
        "application/*",
    ),
    *(
        "text/html, application/xml;q=0.9, */*;q=0.8",
        "application/json;q=0.1, text/yaml;q=0.2",
        "nonsense",
        "a/b/c",
        "",
    ),
    *(
        "application/json; q=0",
        "*",
        "application/json;version=2",
        'application/json; a="x;y"',
        "application/json;indent=99",
    ),
]


@pytest.mark.parametrize("accept", ACCEPT)
async def test_the_format_is_negotiated_alike(both: Sides, accept: str) -> None:
    both.forget_counts()
    for path in (
        "/api/v1/downloads/os/",
        "/api/v1/",
        "/api/v1/downloads/os/?limit=x",
        "/api/v2/downloads/os/",
        "/api/v2/",
    ):
        assert await both.differences(path, accept=accept) == []


@pytest.mark.parametrize(
    "authorization",
    [
        *(
            "ApiKey",
            "ApiKey staff",
            "ApiKey staff:",
            "ApiKey :x",
            "ApiKey a:b:c",
            "ApiKey nobody:x",
            "Basic eDp5",
            "Token",
        ),
        *("Token a b", "token wrong", "Bearer x", "apikey staff:wrong", ""),
    ],
)
async def test_bad_credentials_are_refused_alike(both: Sides, authorization: str) -> None:
    both.forget_counts()
    for path in ("/api/v1/downloads/os/", "/api/v2/downloads/os/", "/api/v2/.json", "/api/v1/"):
        assert await both.differences(path, authorization=authorization) == []


async def test_headers_that_change_an_answer_change_it_alike(both: Sides) -> None:
    both.forget_counts()
    for headers in ({"x-requested-with": "XMLHttpRequest"}, {"host": "h:8080"}, {"cookie": f"sessionid={'k' * 32}"}):
        for path in (
            "/api/v1/downloads/os/0/",
            "/api/v1/downloads/os/",
            "/api/v2/downloads/os/",
            "/downloads/feed.rss",
        ):
            assert await both.differences(path, **headers) == []


VALUES = st.one_of(
    st.sampled_from(
        ["true", "False", "None", "3", "1,2", "", " ", "%", "_", "\\", "2020-1-1 1:2", "2020-01-01T00:00:00+0530"]
    ),
    st.integers(-5, 2**70).map(str),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
NAMES = st.sampled_from(
    [
        *("name", "slug__exact", "version", "version__startswith", "is_published", "pre_release", "release_date", "os"),
        *(
            "release__version",
            "release__in",
            "os__gt",
            "os__isnull",
            "description__contains",
            "keywords__icontains",
            "limit",
        ),
        *("offset", "format", "order_by", "a__b__c", "release__name", "os__slug__in", "path", "title"),
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.lists(st.tuples(NAMES, VALUES), max_size=3),
    resource=st.sampled_from(RESOURCES),
    version=st.sampled_from("12"),
)
async def test_any_filter_is_answered_alike(
    both: Sides, query: list[tuple[str, str]], resource: Resource, version: str
) -> None:
    unknown = {name for name, _ in query} - {one.param for one in resource.v2_filters}
    assume(version == "1" or not resource.strict or len(unknown) < 2)  # Django tells several in the order of a set
    path = f"/api/v{version}/{resource.name}/?{urlencode(query)}"
    both.forget_counts()
    assert await both.differences(path) == []


@pytest.mark.parametrize(
    "query", ["limit=true", "offset=-1", "order_by=name", "limit=2", f"offset={2**70}", f"offset={2**70}&limit=x"]
)
async def test_what_is_wrong_beside_a_filter_that_django_fails_over_is_told_first(both: Sides, query: str) -> None:
    both.forget_counts()
    assert await both.differences(f"/api/v1/downloads/release_file/?os__isnull=3&{query}") == []


def test_parameters_are_read_as_django_reads_them() -> None:
    params = Params(b"a=1&b=%C3%A9&a=2+3&c&=x")
    assert [params.get(name) for name in ("a", "b", "c", "", "d")] == ["2 3", "é", "", "x", None]
    assert params.encoded(limit="5", b="y") == "a=1&a=2+3&c=&=x&limit=5&b=y"


@pytest.mark.parametrize(
    ("public", "address", "forwarded"),
    [
        (Public(), "9.9.9.9", "1.1.1.1"),
        (Public(remote_addr=""), "", "1.1.1.1"),
        (Public(trusted=lambda peer: peer == "9.9.9.9"), "9.9.9.9", "1.1.1.1, 9.9.9.9"),
        (Public(trusted=lambda peer: False), "9.9.9.9", "9.9.9.9"),
    ],
)
def test_a_visitor_has_the_name_that_legacy_gives_him(public: Public, address: str, forwarded: str) -> None:
    scope = {"method": "GET", "path": "/", "client": ("9.9.9.9", 1), "headers": [(b"X-Forwarded-For", b"1.1.1.1")]}
    call = Call(scope, public)
    assert (call.remote_addr, call.forwarded_for) == (address, forwarded)


def test_the_scheme_is_what_the_cdn_says() -> None:
    public = Public(https_header=("fastly-ssl", "1"))
    for value, scheme in ((b"1", "https"), (b"0", "http"), (b"1, 0", "https")):
        scope = {"method": "GET", "path": "/", "headers": [(b"host", b"x"), (b"fastly-ssl", value)], "scheme": "http"}
        assert Call(scope, public).origin == f"{scheme}://x"

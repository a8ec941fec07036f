"""API v1: shapes, filters, formats, who may do what, and the throttle."""

from datetime import datetime

import pytest

from tests.conftest import manage
from tests.legacy_site_tests.conftest import Site

OS, RELEASE, FILE, PAGE = (
    f"/api/v1/{name}/" for name in ("downloads/os", "downloads/release", "downloads/release_file", "pages/page")
)
STAFF = "ApiKey editor:key-of-editor"
READER = "ApiKey reader:key-of-reader"


def test_the_list_has_its_meta_first_and_its_keys_in_order(site: Site) -> None:
    answer = site.ask(f"{OS}?limit=1")
    first = (
        '{"meta": {"limit": 1, "next": "/api/v1/downloads/os/?limit=1&offset=1", "offset": 0, "previous": null, '
        '"total_count": 2}, "objects": [{"name": "Source", "resource_uri": "/api/v1/downloads/os/2/", "slug": "source"}]}'
    )
    assert answer.text == first
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Vary"] == "Accept"


def test_the_top_names_each_resource(site: Site) -> None:
    assert site.ask("/api/v1/").json == {
        name: {"list_endpoint": f"/api/v1/{name}/", "schema": f"/api/v1/{name}/schema/"}
        for name in ("downloads/os", "downloads/release", "downloads/release_file", "pages/page")
    }


@pytest.mark.parametrize(
    ("query", "count"), [("", 12 - 1), ("?limit=0", 11), ("?limit=3", 3), ("?offset=9", 2), ("?x=1", 11)]
)
def test_lists_are_paged(site: Site, query: str, count: int) -> None:
    answer = site.ask(RELEASE + query).json
    assert len(answer["objects"]) == count
    assert answer["meta"]["limit"] == {"?limit=0": 1000, "?limit=3": 3}.get(query, 20)


def test_a_limit_that_is_no_number_is_named(site: Site) -> None:
    answer = site.ask(f"{OS}?limit=abc")
    assert answer.status == 400
    assert answer.json == {"error": "Invalid limit 'abc' provided. Please provide a positive integer."}


def test_dates_carry_no_zone(site: Site) -> None:
    (release,) = site.ask(f"{RELEASE}?slug=python-390").json["objects"]
    assert datetime.fromisoformat(release["release_date"]).tzinfo is None
    assert release["release_date"] == "2020-01-07T12:30:15.250000"


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        (
            RELEASE,
            "is_latest is_published name pre_release release_date release_notes_url release_page resource_uri "
            "show_on_download_page slug version",
        ),
        (
            FILE,
            "description download_button filesize gpg_signature_file is_source md5_sum name os release resource_uri "
            "sbom_spdx2_file sha256_sum sigstore_bundle_file sigstore_cert_file sigstore_signature_file slug url",
        ),
        (PAGE, "content description is_published keywords path resource_uri template_name title"),
    ],
)
def test_objects_list_their_keys_by_alphabet(site: Site, path: str, keys: str) -> None:
    assert " ".join(site.ask(path).json["objects"][0]) == keys


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("name__contains=x", 400),
        ("slug__in=a", 400),
        ("name=Source", 200),
        ("order_by=name", 400),
        ("username=x", 401),
        ("api_key=x", 401),
    ],
)
def test_what_a_query_may_ask(site: Site, query: str, status: int) -> None:
    assert site.ask(f"{OS}?{query}").status == status


def test_a_lookup_that_is_not_allowed_is_named(site: Site) -> None:
    answer = site.ask(f"{OS}?name__contains=x")
    assert answer.json == {"error": "'contains' is not an allowed filter on the 'name' field."}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("release__version=2", 6),
        ("release__name=Python%203.9.0&os__slug=windows", 1),
        ("description__contains=nothing", 0),
        ("release__is_published=false", 2),
    ],
)
def test_filters_span_relations_and_files_of_drafts_are_listed(site: Site, query: str, count: int) -> None:
    assert site.ask(f"{FILE}?{query}").json["meta"]["total_count"] == count


@pytest.mark.parametrize("lookup", ["", "__gte", "__year"])
def test_a_date_takes_no_lookup_at_all(site: Site, lookup: str) -> None:
    assert site.ask(f"{RELEASE}?release_date{lookup}=2020").status == 400


def test_drafts_are_for_staff(site: Site) -> None:
    ((draft,),) = site.rows("SELECT id FROM downloads_release WHERE NOT is_published")
    assert (site.ask(f"{RELEASE}{draft}/").status, site.ask(f"{RELEASE}{draft}/").body) == (401, b"")
    assert site.ask(f"{RELEASE}{draft}/", Authorization=READER).status == 401
    assert site.ask(f"{RELEASE}{draft}/", Authorization=STAFF).status == 200
    assert site.ask(RELEASE, Authorization=STAFF).json["meta"]["total_count"] == 12


def test_what_is_missing_is_an_empty_404(site: Site) -> None:
    answer = site.ask(f"{OS}999/")
    assert (answer.status, answer.body) == (404, b"")


def test_several_are_asked_for_at_once(site: Site) -> None:
    answer = site.ask(f"{OS}set/1;9/").json
    assert [row["slug"] for row in answer["objects"]] == ["windows"]
    assert answer["not_found"] == ["9"]


@pytest.mark.parametrize(
    "header",
    [
        "ApiKey editor:wrong",
        "ApiKey nobody:key",
        "ApiKey editor",
        "ApiKey a:b:c",
        "ApiKey",
        "Token token-of-editor",
        "ApiKey gone:key-of-gone",
    ],
)
def test_a_wrong_key_is_refused_for_reading_too(site: Site, header: str) -> None:
    answer = site.ask(OS, Authorization=header)
    assert (answer.status, answer.body) == (401, b"")


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({"Accept": "application/xml"}, "application/xml; charset=utf-8"),
        ({"Accept": "text/html"}, "application/json"),
        ({"Accept": "*/*"}, "application/json"),
    ],
)
def test_the_format_is_negotiated(site: Site, asked: dict[str, str], kind: str) -> None:
    assert site.ask(OS, **asked).headers["Content-Type"] == kind


def test_xml_by_query(site: Site) -> None:
    assert site.ask(f"{OS}1/?format=xml").text == (
        "<?xml version='1.0' encoding='utf-8'?>\n<object><name>Windows</name>"
        "<resource_uri>/api/v1/downloads/os/1/</resource_uri><slug>windows</slug></object>"
    )


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_other_methods_are_listed_in_the_refusal(site: Site, method: str) -> None:
    answer = site.ask(OS, method)
    assert (answer.status, answer.headers["Allow"], answer.text) == (405, "GET,POST", "GET,POST")


def test_a_missing_slash_is_added(site: Site) -> None:
    assert site.ask("/api/v1/downloads/os?limit=1").headers["Location"] == "/api/v1/downloads/os/?limit=1"


def test_only_staff_write(site: Site) -> None:
    row = {"name": "BeOS", "slug": "beos"}
    assert site.ask(OS, "POST", row).status == 401
    assert site.ask(OS, "POST", row, Authorization=READER).status == 401
    made = site.ask(OS, "POST", row, Authorization=STAFF)
    assert (made.status, made.body) == (201, b"")
    assert site.ask(OS, "POST", row, Authorization=STAFF).status == 500, "the slug is taken, and nothing asks before"
    assert site.ask(made.headers["Location"], "DELETE", Authorization=STAFF).status == 204


def test_json_that_is_none_is_refused(site: Site) -> None:
    answer = site.ask(OS, "POST", b"{", Authorization=STAFF, Content_Type="application/json")
    assert (answer.status, answer.json) == (400, {"error": "Request is not valid JSON."})


def test_a_files_urls_are_checked(site: Site) -> None:
    file = {"name": "f", "slug": "f", "os": f"{OS}1/", "release": f"{RELEASE}1/", "url": "http://example.com/f"}
    answer = site.ask(FILE, "POST", file, Authorization=STAFF)
    assert answer.status == 400
    assert answer.json == {
        "downloads/release_file": {"url": ["Release file URLs must begin with 'https://www.python.org/'."]}
    }


@pytest.mark.parametrize("query", ["", "?release=1&os=1", "?os=1", "?release=1&release=2"])
def test_files_are_deleted_by_one_release_only(site: Site, query: str) -> None:
    assert site.ask(FILE + query, "DELETE", Authorization=STAFF).status == 400


def test_the_601st_request_of_an_hour_is_throttled(site: Site) -> None:
    code = "import time; from django.core.cache import cache; cache.set('127.0.0.1_nohost_accesses', [int(time.time())] * 599)"
    manage(site.database, "shell", "-c", code)
    assert [site.ask(OS).status for _ in range(2)] == [200, 429]
    assert site.ask(OS, Authorization=STAFF).status == 200, "a name is counted apart from an address"

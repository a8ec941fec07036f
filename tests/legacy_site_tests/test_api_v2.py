"""API v2: shapes, filters, who may do what, and the throttle."""

import pytest

from tests.conftest import manage
from tests.legacy_site_tests.conftest import Site

OS, RELEASE, FILE, PAGE = (
    f"/api/v2/{name}/" for name in ("downloads/os", "downloads/release", "downloads/release_file", "pages/page")
)
STAFF = "Token token-of-editor"
READER = "Token token-of-reader"
HERE = "http://python.test"


def test_the_top_names_each_resource_by_its_full_address(site: Site) -> None:
    names = ("pages/page", "downloads/os", "downloads/release", "downloads/release_file")
    assert site.ask("/api/v2/").json == {name: f"{HERE}/api/v2/{name}/" for name in names}


def test_a_list_is_a_plain_array_without_spaces(site: Site) -> None:
    answer = site.ask(OS)
    assert answer.text == (
        f'[{{"name":"Source","slug":"source","resource_uri":"{HERE}{OS}2/"}},'
        f'{{"name":"Windows","slug":"windows","resource_uri":"{HERE}{OS}1/"}}]'
    )
    assert answer.headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    assert answer.headers["Vary"] is None, "there is one format, so nothing to vary by"
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        (OS, "name slug resource_uri"),
        (
            RELEASE,
            "name slug version is_published is_latest release_date pre_release release_page release_notes_url "
            "show_on_download_page resource_uri",
        ),
        (
            FILE,
            "name slug os release description is_source url gpg_signature_file md5_sum sha256_sum filesize "
            "download_button resource_uri sigstore_signature_file sigstore_cert_file sigstore_bundle_file "
            "sbom_spdx2_file",
        ),
        (PAGE, "title path keywords description content is_published template_name resource_uri"),
    ],
)
def test_the_order_of_the_keys(site: Site, path: str, keys: str) -> None:
    assert " ".join(site.ask(path).json[0]) == keys


def test_a_date_ends_in_z_and_a_page_is_named_by_its_full_address(site: Site) -> None:
    (release,) = site.ask(f"{RELEASE}?slug=python-340").json
    ((page,),) = site.rows("SELECT id FROM pages_page WHERE path = 'download/releases/3.4.0'")
    assert release["release_date"] == "2020-01-06T12:30:15.250000Z"
    assert release["release_page"] == f"{HERE}{PAGE}{page}/"


def test_the_content_of_a_page_is_rendered(site: Site) -> None:
    (page,) = site.ask(f"{PAGE}?path=guide/start").json
    assert page["content"] == "<p>Start &amp; <em>more</em></p>\n"


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 11), ("?version=2", 3), ("?pre_release=true", 1), ("?is_published=false", 0), ("?bogus=1", 11)],
)
def test_filters_of_releases_ignore_what_they_do_not_know(site: Site, query: str, count: int) -> None:
    assert len(site.ask(RELEASE + query).json) == count


def test_a_version_that_is_no_choice_is_refused(site: Site) -> None:
    answer = site.ask(f"{RELEASE}?version=zz")
    refused = {"version": ["Select a valid choice. zz is not one of the available choices."]}
    assert (answer.status, answer.json) == (400, refused)


@pytest.mark.parametrize("path", [FILE, PAGE])
@pytest.mark.parametrize(
    ("parameter", "field", "lookup"),
    [("bogus", "bogus", "exact"), ("a__b__in", "a__b", "in"), ("name__x", "name", "x")],
)
def test_filters_of_files_and_pages_refuse_what_they_do_not_know(
    site: Site, path: str, parameter: str, field: str, lookup: str
) -> None:
    answer = site.ask(f"{path}?{parameter}=1")
    assert answer.status == 400
    assert answer.json == {"error": [f"'{lookup}' is not an allowed filter on the '{field}' field."]}


def test_a_file_is_found_by_its_release_draft_or_not(site: Site) -> None:
    ((draft,),) = site.rows("SELECT id FROM downloads_release WHERE NOT is_published")
    assert len(site.ask(f"{FILE}?release={draft}").json) == 2


def test_a_draft_exists_for_staff_only(site: Site) -> None:
    ((draft,),) = site.rows("SELECT id FROM downloads_release WHERE NOT is_published")
    missing = site.ask(f"{RELEASE}{draft}/", Authorization=READER)
    assert (missing.status, missing.json) == (404, {"detail": "No Release matches the given query."})
    assert site.ask(f"{RELEASE}{draft}/", Authorization=STAFF).status == 200
    assert len(site.ask(RELEASE, Authorization=STAFF).json) == 12


def test_a_wrong_token_is_refused_for_reading_too(site: Site) -> None:
    answer = site.ask(OS, Authorization="Token wrong")
    assert (answer.status, answer.json) == (401, {"detail": "Invalid token."})
    assert answer.headers["WWW-Authenticate"] == "Token"
    assert site.ask(OS, Authorization="Token token-of-gone").json == {"detail": "User inactive or deleted."}


def test_only_staff_write(site: Site) -> None:
    row = {"name": "Plan 9", "slug": "plan-9"}
    nobody, reader = site.ask(OS, "POST", row), site.ask(OS, "POST", row, Authorization=READER)
    assert (nobody.status, nobody.json) == (401, {"detail": "Authentication credentials were not provided."})
    assert (reader.status, reader.json) == (403, {"detail": "You do not have permission to perform this action."})
    made = site.ask(OS, "POST", row, Authorization=STAFF)
    assert made.status == 201
    address = made.json["resource_uri"]
    assert made.headers["Location"] is None or made.headers["Location"] == address
    assert site.ask(OS, "POST", row, Authorization=STAFF).json == {
        "slug": ["Operating System with this slug already exists."]
    }
    assert site.ask(address.removeprefix(HERE), "DELETE", Authorization=STAFF).status == 204


def test_a_missing_slug_is_not_made_up(site: Site) -> None:
    answer = site.ask(OS, "POST", {"name": "Plan 9"}, Authorization=STAFF)
    assert (answer.status, answer.json) == (400, {"slug": ["This field is required."]})


def test_one_button_per_release_and_system(site: Site) -> None:
    file = {"name": "f", "slug": "f", "url": "https://www.python.org/f", "download_button": True}
    file |= {"os": f"{HERE}{OS}1/", "release": f"{RELEASE}1/"}
    answer = site.ask(FILE, "POST", file, Authorization=STAFF)
    assert answer.json == {"non_field_errors": ["The fields os, release must make a unique set."]}


def test_a_sidecar_must_stand_beside_its_file(site: Site) -> None:
    file = {"gpg_signature_file": "https://www.python.org/g.asc"}
    answer = site.ask(f"{FILE}1/", "PATCH", file, Authorization=STAFF)
    assert answer.json == {"gpg_signature_file": ["Sidecar URL must match the artifact URL plus '.asc'."]}


def test_pages_are_read_only(site: Site) -> None:
    answer = site.ask(PAGE, "POST", {}, Authorization=STAFF)
    assert (answer.status, answer.json) == (405, {"detail": 'Method "POST" not allowed.'})


def test_files_are_deleted_by_release(site: Site) -> None:
    delete = f"{FILE}delete_by_release/"
    assert [site.ask(delete + query, "DELETE", Authorization=STAFF).status for query in ("", "?release=x")] == [
        400,
        400,
    ]
    assert site.ask(f"{delete}?release=999", "DELETE", Authorization=READER).status == 403
    assert site.ask(f"{delete}?release=999", "DELETE", Authorization=STAFF).status == 204


@pytest.mark.parametrize(
    ("path", "status"), [("/api/v2/downloads/os.json", 200), (f"{OS}1.json", 200), ("/api/v2/downloads/os.xml", 404)]
)
def test_the_format_may_be_a_suffix(site: Site, path: str, status: int) -> None:
    assert site.ask(path).status == status


def test_only_json_is_spoken(site: Site) -> None:
    assert site.ask(OS, Accept="text/html").status == 406
    assert site.ask(f"{OS}?format=xml").status == 404


def test_a_visitor_is_counted_by_the_third_address_from_the_right(site: Site) -> None:
    site.ask(OS, X_Forwarded_For="10.9.9.9, 10.0.0.1, 10.0.0.2, 10.0.0.3")
    keys = {key for (key,) in site.rows("SELECT cache_key FROM django_cache_table WHERE cache_key LIKE '%throttle%'")}
    assert keys == {":1:throttle_anon_10.0.0.1", ":1:throttle_user_10.0.0.1"}


def test_the_101st_visit_of_a_day_is_throttled(site: Site) -> None:
    code = "import time; from django.core.cache import cache; cache.set('throttle_anon_10.7.7.7', [time.time()] * 99)"
    manage(site.database, "shell", "-c", code)
    answers = [site.ask(OS, X_Forwarded_For="10.7.7.7") for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
    seconds = answers[1].headers["Retry-After"]
    assert answers[1].json == {"detail": f"Request was throttled. Expected available in {seconds} seconds."}

"""Cases from files: what is read, what is left out, and what is refused by name."""

import json

import pytest

from parity.corpus import general_route, made, read_cases
from parity.errors import CorpusError

LOG = """10.0.0.1 - - [23/Nov/2026:10:00:00 +0000] "GET /a/?x=1 HTTP/1.1" 200 12 "-" "curl"
10.0.0.1 - ann [23/Nov/2026:10:00:01 +0000] "POST /a/ HTTP/1.1" 302 0 "http://x/" "curl \\"quoted\\""
10.0.0.1 - - [23/Nov/2026:10:00:02 +0000] "HEAD /b HTTP/1.1" 404 0
10.0.0.1 - - [23/Nov/2026:10:00:03 +0000] "\\x16\\x03" 400 0 "-" "-"
10.0.0.1 - - [23/Nov/2026:10:00:04 +0000] "GET /a/?x=1 HTTP/2.0" 200 12 "-" "curl"
"""


def read(tmp_path, text):
    (tmp_path / "cases").write_text(text)
    return [case.identity for case in read_cases(tmp_path / "cases")]


def test_a_list_of_urls(tmp_path):
    text = "# comment\n\n/a/\nhttps://www.test/b/?c=1#d\nHEAD /e\nhttp://www.test\n/a/\nPOST /f\n"
    assert read(tmp_path, text) == ["GET /a/", "GET /b/?c=1", "HEAD /e", "GET /"]


def test_an_access_log_gives_each_safe_request_once(tmp_path):
    assert read(tmp_path, LOG) == ["GET /a/?x=1", "HEAD /b"]


def test_har(tmp_path):
    entries = [{"request": {"method": m, "url": f"https://x.test{p}"}} for m, p in (("GET", "/a?b"), ("PUT", "/c"))]
    assert read(tmp_path, json.dumps({"log": {"entries": entries}})) == ["GET /a?b"]


@pytest.mark.parametrize("text", ["/a\nwhat is this\n", '{"log": {}}', '{"log": '])
def test_what_is_no_case_is_refused(tmp_path, text):
    with pytest.raises(CorpusError):
        read(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="No such file"):
        read_cases(tmp_path / "none")


def test_what_no_request_line_can_carry_is_encoded():
    assert [case.path for case in made(["/ä b", "/%C3%A4"])] == ["/%C3%A4%20b", "/%C3%A4"]


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/a/12/b/?c=1", "/a/<int>/b/"),
        ("/release/thing-3121/", "/release/<slug>/"),
        ("/api/v2/x", "/api/v2/x"),
        ("/x/6f9619ff-8b86-d011-b42d-00c04fc964ff/", "/x/<uuid>/"),
    ],
)
def test_a_route_is_guessed_from_a_path(path, route):
    assert general_route(path) == route

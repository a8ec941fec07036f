"""Pages by fallback, redirects, the order of the two, boxes, and the files that machines read."""

import json
import re

import pytest

from tests.legacy_site_tests.conftest import Answer, Site

EVERYWHERE = ("Surrogate-Key", "X-Frame-Options", "Content-Security-Policy-Report-Only")


def test_a_page_answers_with_the_content_type_of_its_row(site: Site) -> None:
    answer = site.ask("/guide/start/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html")
    assert "<p>Start &amp; <em>more</em></p>" in answer.text
    assert answer.headers["Cache-Control"] is None
    assert answer.headers["Surrogate-Key"] == "pydotorg-app guide"


def test_a_page_may_choose_its_template_and_type(site: Site) -> None:
    answer = site.ask("/guide/plain/")
    assert (answer.headers["Content-Type"], answer.text.strip()) == ("text/plain", "Plain & *more*")


def test_a_path_without_its_slash_is_sent_absolutely_and_loses_its_query(site: Site) -> None:
    answer = site.ask("/guide/start?x=1")
    assert (answer.status, answer.headers["Location"]) == (301, "http://python.test/guide/start/")


def test_a_page_is_read_only(site: Site) -> None:
    secret = "a" * 32
    answer = site.ask("/guide/start/", "POST", Cookie=f"csrftoken={secret}", X_CSRFToken=secret)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("path", ["/guide/draft/", "/Guide/start/", "//guide/start/", "/guide/"])
def test_drafts_and_other_spellings_are_not_found(site: Site, path: str) -> None:
    assert site.ask(path).status == 404


def test_staff_see_a_draft(site: Site) -> None:
    assert site.ask("/guide/draft/", Cookie=sign_in(site, "editor")).status == 200


def test_a_redirect_is_asked_before_a_page(site: Site) -> None:
    answer = site.ask("/moved/")
    assert (answer.status, answer.headers["Location"]) == (301, "/guide/start/")


def test_a_redirect_to_nothing_is_gone(site: Site) -> None:
    answer = site.ask("/dropped/")
    assert (answer.status, answer.body) == (410, b"")


def test_a_redirect_matches_the_query_too(site: Site) -> None:
    assert site.ask("/asked/?for=it").headers["Location"] == "/about/"
    assert site.ask("/asked/").status == 404
    assert site.ask("/moved/?x=1").status == 200, "no redirect has this query, and a page has this path"


def test_an_old_release_page_gives_way_unless_the_release_points_to_it(site: Site) -> None:
    answer = site.ask("/download/releases/3.3.0/")
    assert (answer.status, answer.headers["Location"]) == (301, "/downloads/release/python-330/")
    assert site.ask("/download/releases/3.4.0/").status == 200


def test_what_is_missing_is_kept_for_five_minutes(site: Site) -> None:
    answer = site.ask("/no/such page".replace(" ", "%20"))
    assert (answer.status, answer.headers["Cache-Control"]) == (404, "max-age=300")
    assert 'href="http://legacy.python.org/no/such%20page"' in answer.text
    assert all(answer.headers[name] for name in EVERYWHERE)


def test_a_missing_slash_is_added_with_the_query_and_without_the_headers_of_the_site(site: Site) -> None:
    answer = site.ask("/about?x=1")
    assert (answer.status, answer.headers["Location"]) == (301, "/about/?x=1")
    assert [answer.headers[name] for name in EVERYWHERE] == [None, None, None]


def test_a_box_is_its_rendered_column(site: Site) -> None:
    answer = site.ask("/box/bare/")
    assert answer.text == '<p style="color: red">{{ kept }}</p>'
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Vary"] is None
    assert site.ask("/box/greeting/").text == "<p>Hi <em>there</em></p>\n"


def test_an_edit_of_a_box_shows_at_once(site: Site) -> None:
    there = "UPDATE boxes_box SET _content_rendered = 'new' WHERE label = 'greeting'"
    with site.changed(there, there.replace("'new'", "'<p>Hi <em>there</em></p>\n'")):
        assert site.ask("/box/greeting/").text == "new"


@pytest.mark.parametrize("path", ["/box/nobody/", "/box/a%20b/"])
def test_an_unknown_box_is_not_found(site: Site, path: str) -> None:
    assert site.ask(path).status == 404


@pytest.mark.parametrize("path", ["/_health", "/_health/", "/_healthANYTHING"])
def test_health_matches_whatever_follows(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert (answer.status, answer.text) == (200, "OK")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/robots.txt", "/humans.txt"])
def test_text_files_say_no_charset(site: Site, path: str) -> None:
    assert site.ask(path).headers["Content-Type"] == "text/plain"


def test_funding_is_written_again_with_spaces(site: Site) -> None:
    answer = site.ask("/funding.json")
    assert answer.text == json.dumps(answer.json)
    assert answer.headers["Content-Type"] == "application/json"


def test_the_policy_is_only_reported(site: Site) -> None:
    policy = site.ask("/").headers["Content-Security-Policy-Report-Only"]
    assert {part.strip() for part in policy.split(";")} >= {"default-src 'self'", "img-src 'self' data:"}
    assert site.ask("/").headers["Surrogate-Key"] == "pydotorg-app"


@pytest.mark.parametrize("path", ["/", "/shell/", "/about/", "/doc/", "/doc/versions/", "/inner/", "/psf-landing/"])
def test_pages_of_the_site_answer(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert (answer.status, answer.headers["Vary"]) == (200, "Cookie")


def test_the_edit_button_is_for_staff(site: Site) -> None:
    assert site.ask("/release-edit-button/1").text.strip() == ""
    assert (
        "/admin/downloads/release/1/change/" in site.ask("/release-edit-button/1", Cookie=sign_in(site, "editor")).text
    )


def test_moved_media_fail_without_the_store_they_moved_to(site: Site) -> None:
    assert site.ask("/m/a/b.png/").status == 500


def test_what_breaks_shows_a_page_that_knows_nothing_of_its_request(site: Site) -> None:
    answer = site.ask("/m/a/b.png/", Cookie=sign_in(site, "editor"))
    assert (answer.status, answer.headers["Surrogate-Key"]) == (500, "pydotorg-app m")
    assert "<title>Broken | this site</title>" in answer.text
    assert '<a class="logo" href="/"></a>' in answer.text
    assert "editor" not in answer.text


def test_jobs_are_reviewed_by_staff_and_the_board(site: Site) -> None:
    asked = site.ask("/jobs/review/?page=2")
    assert (asked.status, asked.headers["Location"]) == (302, "/accounts/login/?next=/jobs/review/%3Fpage%3D2")
    refused = site.ask("/jobs/review/", Cookie=sign_in(site, "reader"))
    assert refused.status == 403
    assert "You are reader." in refused.text
    assert site.ask("/jobs/review/", Cookie=sign_in(site, "editor")).status == 200


def test_a_message_is_shown_once(site: Site) -> None:
    cookie = sign_in(site, "reader")
    assert (
        '<p class="level-success" role="success">Successfully signed in as reader.</p>'
        in site.ask("/", Cookie=cookie).text
    )
    rest = "; ".join(part for part in cookie.split("; ") if not part.startswith("messages="))
    assert "Successfully signed in" not in site.ask("/", Cookie=rest).text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/static/stylesheets/style.css", "text/css"),
        ("/static/img/card.svg", "image/svg+xml"),
        ("/media/sponsor_web_logos/3.png", "image/png"),
        ("/media/sponsor_web_logos/lambda.SVG", "image/svg+xml"),
    ],
)
def test_files_come_from_the_web_server_in_front(site: Site, path: str, kind: str) -> None:
    answer = site.ask(path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert answer.headers["Surrogate-Key"] is None


@pytest.mark.parametrize("path", ["/static/", "/static/no.css", "/static/../manage.py", "/media/%2e%2e/manage.py"])
def test_no_file_outside_its_folder_is_shown(site: Site, path: str) -> None:
    assert site.ask(path).status == 404


def test_the_admin_is_private_and_asks_who_you_are(site: Site) -> None:
    answer = site.ask("/admin/")
    assert (answer.status, answer.headers["Cache-Control"]) == (302, "private")
    assert site.ask("/admin/boxes/box/", Cookie=sign_in(site, "editor")).status == 200


def test_signing_in_and_out_through_allauth(site: Site) -> None:
    cookie = sign_in(site, "reader")
    assert "reader" in site.ask("/authenticated", Cookie=cookie).text
    token = re.search(r"csrftoken=(\w+)", cookie)
    assert token
    out = site.ask("/accounts/logout/", "POST", Cookie=cookie, X_CSRFToken=token[1])
    assert (out.status, out.headers["Location"]) == (302, "/")
    assert "reader" not in site.ask("/authenticated", Cookie=cookie).text


def test_a_wrong_password_shows_the_form_again(site: Site) -> None:
    answer = post_login(site, "reader", "wrong")
    assert answer.status == 200
    assert "The username and/or password you specified are not correct." in answer.text


def test_an_address_must_be_confirmed_before_the_first_visit(site: Site) -> None:
    answer = post_login(site, "unconfirmed", "pass+word")
    assert (answer.status, answer.headers["Location"]) == (302, "/accounts/confirm-email/")


def test_nobody_signs_in_while_inactive(site: Site) -> None:
    assert post_login(site, "gone", "pass+word").headers["Location"] == "/accounts/inactive/"


def test_signing_up_without_the_honeypot_is_a_bad_request(site: Site) -> None:
    secret = "a" * 32
    answer = site.ask("/accounts/signup/", "POST", b"", Cookie=f"csrftoken={secret}", X_CSRFToken=secret)
    assert answer.status == 400


def post_login(site: Site, name: str, password: str) -> Answer:
    secret = "a" * 32
    form = f"login={name}&password={password}&csrfmiddlewaretoken={secret}".encode()
    kind = "application/x-www-form-urlencoded"
    return site.ask("/accounts/login/", "POST", form, Cookie=f"csrftoken={secret}", Content_Type=kind)


def sign_in(site: Site, name: str) -> str:
    """Sign in; returns the cookies to send from now on."""
    answer = post_login(site, name, "pass+word")
    assert answer.status == 302, answer.text
    return "; ".join(cookie.partition(";")[0] for cookie in answer.headers.get_all("Set-Cookie"))

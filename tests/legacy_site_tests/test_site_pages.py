"""The pages that move, on the seeded reference site: status, headers, templates, what the views give them, what is shown."""

import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from new_app.config import child_environment
from tests.conftest import REPOSITORY, new_database
from tests.legacy_site_tests.queries import QUERIES

SITE = REPOSITORY / "tests" / "legacy_site"
PAGES = {
    # path: template, names in its context besides the processors'
    "/": ("python/index.html", "code_samples"),
    "/shell/": ("python/shell.html", ""),
    "/about/": ("python/about.html", ""),
    "/doc/": ("python/documentation.html", "latest_python2 latest_python3"),
    "/doc/versions/": ("python/versions.html", "version_list"),
    "/inner/": ("python/inner.html", ""),
    "/psf-landing/": ("psf/index.html", ""),
    "/docs-landing/": ("docs/index.html", ""),
    "/pypl-landing/": ("pypl/index.html", ""),
    "/shop-landing/": ("shop/index.html", ""),
    "/psf/sponsors/": ("psf/sponsors-list.html", ""),
    "/community/microbit/": ("community/microbit.html", ""),
    "/authenticated": ("includes/authenticated.html", ""),
    "/release-edit-button/3": ("downloads/release_edit_button.html", "release_pk"),
    "/downloads/": (
        "downloads/index.html",
        "releases python_files latest_python2 latest_python3 latest_pymanager",
    ),
    "/getit/": ("downloads/index.html", "releases python_files latest_python2 latest_python3 latest_pymanager"),
    "/downloads/operating-systems/": (
        "downloads/full_os_list.html",
        "os_list object_list latest_python2 latest_python3 latest_pymanager",
    ),
    "/downloads/windows/": (
        "downloads/os_list.html",
        "os os_slug releases pre_releases latest_python2 latest_python3 latest_pymanager",
    ),
    "/getit/ios/": ("downloads/os_list.html", "os os_slug releases pre_releases"),
    "/downloads/release/python-3142/": (
        "downloads/release_detail.html",
        "release featured_files release_files latest_python2 latest_python3 latest_pymanager latest_in_series",
    ),
    "/downloads/release/python-2718/": ("downloads/release_detail.html", "release featured_files release_files"),
    "/downloads/release/python-3140a7/": ("downloads/release_detail.html", "release latest_in_series"),
    "/downloads/release/pymanager-252/": ("downloads/release_detail.html", "release featured_files"),
    "/governance/": ("pages/default.html", "page object in_pages_app"),
    "/psf/bylaws/": ("psf/full-width.html", "page object in_pages_app"),
    "/downloads/no-such-release/": ("pages/default.html", "page"),
    "/psf/board/": ("pages/default.html", "page"),
    "/a/very/deep/path/to.a-page/": ("psf/default.html", "page"),
    "/data.json/": ("pages/raw.html", "page"),
    "/psf/records/board/minutes/": ("minutes/minutes_list.html", "object_list minutes_list"),
    "/psf/records/board/minutes/2025-02-14/": (
        "minutes/minutes_detail.html",
        "object minutes same_year_minutes",
    ),
    "/success-stories/": ("successstories/story_list.html", "object_list stories"),
    "/success-stories/how-company-2-grew/": ("successstories/story_detail.html", "object story category_list"),
    "/success-stories/category/science/": (
        "successstories/storycategory_detail.html",
        "object storycategory category_list",
    ),
    "/community/": ("community/post_list.html", "object_list post_list page_obj paginator is_paginated"),
    "/community/1/": ("community/post_detail.html", "object post"),
    "/blogs/": ("blogs/index.html", "latest_entry entries"),
    "/events/": ("events/event_list.html", "object_list events_just_missed upcoming_events events_now"),
    "/events/calendars/": ("events/calendar_list.html", "object_list"),
    "/events/python-events-calendar/": (
        "events/event_list.html",
        "calendar upcoming_events events_today event_locations",
    ),
    "/events/python-events-calendar/categories/": (
        "events/eventcategory_list.html",
        "eventcategory_list event_categories",
    ),
    "/events/python-events-calendar/locations/": ("events/eventlocation_list.html", "eventlocation_list"),
    "/events/python-events-calendar/1/": ("events/event_detail.html", "event object"),
    "/jobs/": ("jobs/job_list.html", "job_list jobs_count active_types active_categories active_locations"),
    "/jobs/types/": ("jobs/job_types.html", "types"),
    "/jobs/1/": ("jobs/job_detail.html", "job object category_jobs user_can_edit job_review_form"),
    "/nominations/elections/": ("nominations/election_list.html", "object_list election_list"),
    "/nominations/election/2024-board-election/": ("nominations/election_detail.html", "election"),
    "/nominations/elections/2024-board-election/nominees/": (
        "nominations/nominee_list.html",
        "object_list nominee_list election",
    ),
    "/nominations/elections/2024-board-election/nominees/ada-reader/": (
        "nominations/nominee_detail.html",
        "object nominee election",
    ),
    "/users/reader/": ("users/user_detail.html", "object user"),
}
OTHERS = {
    "/nowhere/at all/": 404,
    "/downloads/beos/": 404,
    "/downloads/release/python-999/": 404,
    "/authenticated/": 404,
    "/about": 301,
    "/governance": 301,
    "/psf/mission/": 301,
    "/gone/": 410,
    "/downloads/latest/": 302,
    "/getit/latest/python2/": 302,
    "/downloads/latest/python3.9/": 302,
    "/downloads/latest/prerelease/": 302,
    "/downloads/latest/pymanager/": 302,
    "/download/releases/2.7.3/": 404,
    "/download/releases/3.2.5/": 301,
    "/download/releases/9.9.9/": 200,
    "/search/?q=x": 200,
}
SIGNED_IN = ("admin", "reader", "publisher")
NOT_OF_PAGES = {"doc_path", "download_path", "legacy_path", "pypi_path"}
HANDLED = ",".join(sorted(NOT_OF_PAGES.union(*(names.split() for _, names in PAGES.values()))))
Answer = dict[str, object]


@pytest.fixture(scope="module")
def answers(seeded_template: str) -> dict[tuple[str | None, str], Answer]:
    paths = [*PAGES, *OTHERS]
    visits = [(user, path) for user in (None, *SIGNED_IN) for path in paths]
    with new_database(seeded_template, template=seeded_template) as url:
        environment = child_environment(
            DATABASE_URL=url, DJANGO_SETTINGS_MODULE="legacy.settings", PYTHONPATH=str(SITE)
        )
        done = subprocess.run(
            [sys.executable, str(SITE.parent / "legacy_site_tests" / "visits.py"), HANDLED],
            input=json.dumps(visits),
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(zip(visits, json.loads(done.stdout), strict=True))


@pytest.fixture(scope="module")
def ask(answers: dict[tuple[str | None, str], Answer]) -> Callable[..., Answer]:
    return lambda path, user=None: answers[user, path]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_made_of_its_template_and_the_names_that_its_view_gives(
    path: str, ask: Callable[..., Answer]
) -> None:
    answer = ask(path)
    template, names = PAGES[path]
    assert answer["status"] == 200
    assert template in answer["templates"]
    assert set(names.split()) <= set(answer["context"])


@pytest.mark.parametrize("path", PAGES)
def test_a_page_takes_as_many_statements_as_are_recorded(path: str, ask: Callable[..., Answer]) -> None:
    assert ask(path)["queries"] == QUERIES[path]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_varies_by_cookie_and_names_its_section(path: str, ask: Callable[..., Answer]) -> None:
    headers = ask(path)["headers"]
    section = path.strip("/").partition("/")[0]
    assert headers["Vary"] == "Cookie"
    assert headers["Surrogate-Key"] == f"pydotorg-app {section}".strip()
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "Cache-Control" not in headers
    assert "Content-Encoding" not in headers
    assert "ETag" not in headers


@pytest.mark.parametrize("path", OTHERS)
@pytest.mark.parametrize("user", [None, *SIGNED_IN])
def test_what_is_no_page_answers_as_it_should(path: str, user: str | None, ask: Callable[..., Answer]) -> None:
    draft = path == "/download/releases/2.7.3/" and user == "admin"
    assert ask(path, user)["status"] == (301 if draft else OTHERS[path]), "staff see drafts, and where they have gone"


def test_no_page_fails_for_anybody(answers: dict[tuple[str | None, str], Answer]) -> None:
    failed = [visit for visit, answer in answers.items() if answer["status"] >= 500]
    assert not failed


def test_only_a_page_with_a_form_sets_the_csrf_cookie(answers: dict[tuple[str | None, str], Answer]) -> None:
    assert {path for (_, path), answer in answers.items() if "csrftoken" in answer["cookies"]} == {
        "/inner/",
        "/jobs/1/",
    }


def test_a_missing_page_names_where_else_to_look(ask: Callable[..., Answer]) -> None:
    answer = ask("/nowhere/at all/")
    assert answer["headers"]["Cache-Control"] == "max-age=300"
    assert answer["context"]["legacy_path"] == "http://legacy.python.org/nowhere/at%20all/"
    assert answer["context"]["download_path"] == "/downloads/"


def test_cms_pages_have_the_content_type_of_their_row(ask: Callable[..., Answer]) -> None:
    assert ask("/governance/")["headers"]["Content-Type"] == "text/html"
    assert ask("/data.json/")["headers"]["Content-Type"] == "application/json"
    assert ask("/data.json/")["body"].strip() == '{"a": 1}'


def test_a_template_may_be_made_of_the_one_it_stands_before(ask: Callable[..., Answer]) -> None:
    assert (
        '<a class="button" href="https://example.org/" rel="noopener">Conference</a> <small>elsewhere</small></span>'
        in ask("/")["body"]
    )


def test_the_home_page_shows_five_published_samples(ask: Callable[..., Answer]) -> None:
    answer = ask("/")
    assert len(answer["context"]["code_samples"]) == 5
    assert "Sum 4" in answer["body"]
    assert "Sum 3" not in answer["body"]


def test_the_home_page_shows_what_comes_from_elsewhere(ask: Callable[..., Answer]) -> None:
    body = ask("/")["body"]
    assert "Entry 4 &amp; more" in body
    assert "Entry 5 &amp; more" not in body
    assert "&lt;b&gt;Conference&lt;/b&gt; now!" in body, "the first active banner that is not the foundation's alone"
    assert "How company 2 grew" in body
    assert re.search(r"/media/CACHE/images/successstories/2/[0-9a-f]+\.png", body)


def test_upcoming_events_begin_with_what_recurs_and_repeat_what_two_rules_join(ask: Callable[..., Answer]) -> None:
    events = re.findall(r"/events/python-events-calendar/(\d+)/", ask("/")["body"])
    assert events == ["9", "10", "12", "12", "4"]


def test_the_foundation_has_a_banner_and_news_of_its_own(ask: Callable[..., Answer]) -> None:
    body = ask("/psf-landing/")["body"]
    assert "&lt;b&gt;Survey&lt;/b&gt; now!" in body
    assert body.count("<h3>Insider (2)</h3>") == 2


def test_the_shell_is_the_home_page_in_other_clothes(ask: Callable[..., Answer]) -> None:
    body = ask("/shell/")["body"]
    assert '<body class="home shell plain" id="homepage">' in body
    assert "Sum 4" not in body


@pytest.mark.parametrize(
    ("user", "shown", "hidden"),
    [
        (None, ["Join us"], ["Mailing lists", "Drafts"]),
        ("reader", ["Mailing lists"], ["Join us", "Drafts"]),
        ("admin", ["Mailing lists", "Drafts"], ["Join us"]),
    ],
)
def test_a_menu_shows_what_its_visitor_may_see(
    user: str | None, shown: list[str], hidden: list[str], ask: Callable[..., Answer]
) -> None:
    body = ask("/about/", user)["body"]
    assert [title for title in shown if f">{title}</a>" in body] == shown
    assert [title for title in hidden if f">{title}</a>" in body] == []


def test_one_of_two_rights_is_enough_for_an_item_that_asks_for_any(ask: Callable[..., Answer]) -> None:
    assert "Board only" in ask("/psf-landing/", "publisher")["body"]
    assert "Board only" not in ask("/psf-landing/", "reader")["body"]


def test_an_item_may_be_missing_from_the_menu_alone(ask: Callable[..., Answer]) -> None:
    body = ask("/inner/")["body"]
    trail = body[body.index('class="breadcrumbs"') :]
    assert '<li aria-current="page">Inner page</li>' in trail
    assert ">Inner page</a>" not in ask("/doc/")["body"].partition("<footer>")[0]


def test_what_cannot_be_resolved_stays_in_the_menu(ask: Callable[..., Answer]) -> None:
    assert '<a href="#unresolved" title="">Soon</a>' in ask("/about/")["body"]
    assert '<a href="#unresolved" title="">Newest</a>' in ask("/about/")["body"]
    assert '<a href="/downloads/release/python-3142/" title="">Newest</a>' in ask("/downloads/")["body"]


def test_a_page_of_the_cms_has_no_navigation_of_its_own(ask: Callable[..., Answer]) -> None:
    assert "section-navigation" in ask("/downloads/")["body"]
    assert "section-navigation" not in ask("/getit/")["body"]
    assert "section-navigation" not in ask("/downloads/no-such-release/")["body"]


def test_sponsors_are_shown_by_package_and_id(ask: Callable[..., Answer]) -> None:
    body = ask("/psf/sponsors/")["body"]
    order = ["mango-mocks", "nested-nodes-sons", "py-pies", "ouroboros-loops", "quine-quarters"]
    assert re.findall(r'<div id="([\w-]+)" data-year="2026">', body) == order


def test_sponsors_of_the_downloads_have_thumbnails_and_svg_as_it_is(ask: Callable[..., Answer]) -> None:
    body = ask("/downloads/")["body"]
    assert len(re.findall(r"/media/cache/\w\w/\w\w/[0-9a-f]{32}\.png", body)) == 6
    assert 'src="/media/sponsor_web_logos/lambda.SVG"' in body
    assert "Overlapped" not in body
    assert "Not Yet" not in body


def test_downloads_are_offered_for_every_system(ask: Callable[..., Answer]) -> None:
    files = {data["os"]: data for data in ask("/downloads/")["context"]["python_files"]}
    assert list(files) == ["Android", "Other systems", "Source release", "Windows", "iOS", "macOS"]
    assert {"os", "python2", "python3", "pymanager"} == set(files["Windows"])
    assert files["Other systems"]["python3"] is None
    assert files["iOS"]["python3"] == "Installer (9)"


def test_featured_files_come_by_system(ask: Callable[..., Answer]) -> None:
    listed = re.findall(r'<li class="(\w+)"><a href="https', ask("/downloads/release/python-3142/")["body"])
    assert listed == ["macos", "windows", "source", "android", "ios"]


def test_files_for_windows_come_last_and_in_the_usual_order(ask: Callable[..., Answer]) -> None:
    listed = re.findall(r'<td><a href="[^"]+">(Windows [^<]+)</a>', ask("/downloads/release/python-3142/")["body"])
    assert [name.removeprefix("Windows ") for name in listed[-4:]] == [
        "installer (64-bit)",
        "installer (32-bit)",
        "installer (ARM64)",
        "embeddable package (64-bit)",
    ]


@pytest.mark.parametrize(
    ("path", "user", "shown"),
    [("/inner/", None, False), ("/inner/", "reader", False), ("/inner/", "admin", True)],
)
def test_a_flag_is_on_for_whom_it_names(path: str, user: str | None, shown: bool, ask: Callable[..., Answer]) -> None:
    assert ("tries membership" in ask(path, user)["body"]) is shown


def test_the_release_cycle_says_which_series_live(ask: Callable[..., Answer]) -> None:
    body = ask("/downloads/")["body"]
    rows = re.findall(r"<tr class=\"[^\"]*\"><td>([\d.]+)</td>", body)
    assert rows == ["3.15", "3.14", "3.13", "3.12", "3.11", "3.10", "3.9"]
    assert "2026-10-01 (planned)" in body
    assert "gets no more fixes since 2020-01-01" in ask("/downloads/release/python-2718/")["body"]


def test_series_are_documented_from_the_newest_on(ask: Callable[..., Answer]) -> None:
    series = ask("/doc/versions/")["context"]["version_list"]
    names = [one["version"] for one in series]
    assert names[:3] == ["3.14", "3.13", "3.12"]
    assert names[-3:] == ["1.6", "1.5", "1.4"]


def test_staff_are_offered_to_edit(ask: Callable[..., Answer]) -> None:
    assert ask("/release-edit-button/3")["body"].strip() == ""
    assert "/admin/downloads/release/3/change/" in ask("/release-edit-button/3", "admin")["body"]
    assert re.search(r"/admin/pages/page/\d+/change/", str(ask("/governance/", "admin")["body"]))


def test_the_signed_in_box_knows_members_and_sponsors(ask: Callable[..., Answer]) -> None:
    assert "/accounts/login/" in ask("/authenticated")["body"]
    reader = ask("/authenticated", "reader")["body"]
    assert "/users/membership/edit/" in reader
    assert "/users/sponsorships/" in reader
    admin = ask("/authenticated", "admin")["body"]
    assert 'href="/users/membership/"' in admin
    assert "/users/sponsorships/" not in admin


@pytest.mark.parametrize(
    "fact",
    [
        '<li class="c 3/2/6/5">Foundation',
        "How company 2 grew-C 5+o",
        "1,234,567.89 1234567.9 1,234,567.891 1.2 million three 22nd",
        "43 0 one & <two> three [] None none  missing yes c True",
        "e·&amp;·&lt;·w",
        "2026-01-04T15:00:00+05:30 04:30 -05",
        "de Montag en-us",
        "Python.org speaks 2 languages",
        "<ul><li> one </li><li>  two  </li></ul>",
        "{{ not }} {% a %} {# template #}",
        "<p>open to sponsors</p>",
        "<p>survey on</p><p>no such switch</p>",
        '<form method="post" action="?page=2">',
        'name="email_body_text" value="write your message"',
        'class="wide" data-name="section"',
        '<div class="notice notice-inner" data-at="/inner/">nested</div>',
        '<body class="columns two gallery">',
        "<title>Gallery of lorem ipsum | Python.org</title>",
        "Inside: AnonymousUser",
    ],
)
def test_the_gallery_shows_the_whole_language(fact: str, ask: Callable[..., Answer]) -> None:
    assert fact in ask("/inner/")["body"]

"""Downloads: redirects to the latest, the feed, the pages, and the boxes that follow a change."""

from xml.etree import ElementTree

import pytest

from tests.conftest import manage
from tests.legacy_site_tests.conftest import Site

LATEST = {
    "latest": "/downloads/release/python-3100/",
    "latest/": "/downloads/release/python-3100/",
    "latest/python3": "/downloads/release/python-3100/",
    "latest/python2/": "/downloads/release/python-2718/",
    "latest/python3.9/": "/downloads/release/python-391/",
    "latest/python3.4": "/download/releases/3.4.0/",
    "latest/python3.11/": "/downloads/release/python-3110a1/",
    "latest/python3.99/": "/downloads/",
    "latest/prerelease/": "/downloads/release/python-3110a1/",
    "latest/pymanager/": "/downloads/release/python-install-manager-250/",
}


@pytest.mark.parametrize("mount", ["/downloads/", "/getit/"])
@pytest.mark.parametrize("path", LATEST)
def test_latest_redirects_to_downloads_whatever_the_mount(site: Site, mount: str, path: str) -> None:
    answer = site.ask(f"{mount}{path}?kept=no")
    assert (answer.status, answer.headers["Location"]) == (302, LATEST[path])


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_methods_that_read_are_redirected(site: Site, method: str) -> None:
    assert site.ask("/downloads/latest/", method).status == 302


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_methods_that_write_are_redirected_once_their_csrf_token_is_right(site: Site, method: str) -> None:
    secret = "a" * 32
    assert site.ask("/downloads/latest/", method).status == 403
    assert site.ask("/downloads/latest/", method, Cookie=f"csrftoken={secret}", X_CSRFToken=secret).status == 302


@pytest.mark.parametrize(("kind", "version"), [("python2", 2), ("pymanager", 100)])
def test_latest_python2_and_pymanager_fail_while_there_is_none(site: Site, kind: str, version: int) -> None:
    there = f"UPDATE downloads_release SET is_published = false WHERE version = {version}"
    with site.changed(there, there.replace("false", "true")):
        answer = site.ask(f"/downloads/latest/{kind}/")
    assert answer.status == 500


def test_latest_python3_falls_back_to_the_download_page(site: Site) -> None:
    there = "UPDATE downloads_release SET is_latest = false WHERE name = 'Python 3.10.0'"
    with site.changed(there, there.replace("false", "true")):
        answer = site.ask("/getit/latest/")
    assert (answer.status, answer.headers["Location"]) == (302, "/downloads/")


def test_the_latest_of_several_is_the_first_by_name(site: Site) -> None:
    there = "UPDATE downloads_release SET is_latest = true WHERE name = 'Python 3.9.1'"
    with site.changed(there, there.replace("true", "false")):
        assert site.ask("/downloads/latest/").headers["Location"] == "/downloads/release/python-3100/"


def test_the_feed_lists_ten_published_releases_newest_first(site: Site) -> None:
    answer = site.ask("/downloads/feed.rss")
    channel = ElementTree.fromstring(answer.body)[0]
    items = channel.findall("item")
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert answer.headers["Last-Modified"] == "Sun, 12 Jan 2020 12:30:15 GMT"
    assert channel.findtext("title") == "Python Releases"
    assert channel.findtext("link") == "http://example.com/downloads/"
    assert [item.findtext("title") for item in items][:3] == [
        "Python install manager 25.0",
        "Python 3.11.0a1",
        "Python 3.10.0",
    ]
    assert len(items) == 10
    assert items[0].findtext("description") == "Release date: 2020-01-12 12:30:15.250000+00:00"
    assert items[0].findtext("guid") == items[0].findtext("link")


def test_the_feed_of_getit_differs_by_its_own_address_alone(site: Site) -> None:
    there, here = site.ask("/downloads/feed.rss"), site.ask("/getit/feed.rss")
    assert here.text == there.text.replace("/downloads/feed.rss", "/getit/feed.rss") != there.text


def test_a_draft_is_shown_to_whoever_knows_its_slug(site: Site) -> None:
    answer = site.ask("/downloads/release/python-3110a2/")
    assert answer.status == 200
    assert "Python 3.11.0a2" in answer.text


def test_a_release_page_names_what_came_after_it(site: Site) -> None:
    assert "Python 3.9.1" in site.ask("/downloads/release/python-390/").text
    assert "came after it" not in site.ask("/downloads/release/python-391/").text


def test_releases_are_sorted_by_number_not_by_name(site: Site) -> None:
    body = site.ask("/downloads/").text
    listed = body[body.index('class="releases"') :]
    assert listed.index("Python 3.10.0") < listed.index("Python 3.9.1") < listed.index("Python 2.7.18")
    assert "Python 3.11.0a1" not in listed


def test_a_system_lists_its_own_files(site: Site) -> None:
    body = site.ask("/downloads/windows/").text
    assert "https://www.python.org/ftp/python-3100.windows" in body
    assert "python-3100.source" not in body
    assert site.ask("/downloads/beos/").status == 404


@pytest.mark.parametrize("path", ["/downloads/", "/downloads/operating-systems/", "/downloads/release/python-390/"])
def test_pages_vary_by_cookie_and_name_their_section(site: Site, path: str) -> None:
    headers = site.ask(path).headers
    assert headers["Vary"] == "Cookie"
    assert headers["Surrogate-Key"] == "pydotorg-app downloads"
    assert headers["Cache-Control"] is None


def test_the_three_boxes_were_written_with_the_releases(site: Site) -> None:
    assert "python-3100.windows" in site.ask("/box/supernav-python-downloads/").text
    assert "python-2718.source" in site.ask("/box/download-sources/").text
    assert "/downloads/release/python-3100/" in site.ask("/box/homepage-downloads/").text


def test_the_rendered_box_is_sanitised_and_its_source_is_not(site: Site) -> None:
    rendered = site.ask("/box/supernav-python-downloads/").text
    ((source,),) = site.rows("SELECT content FROM boxes_box WHERE label = 'supernav-python-downloads'")
    assert 'style="display: none"' in str(source)
    assert "style=" not in rendered
    assert "<!--" not in rendered
    assert 'rel="noopener noreferrer"' in rendered


def test_saving_a_file_writes_the_boxes_anew_rendered_column_included(site: Site) -> None:
    box = "SELECT _content_rendered FROM boxes_box WHERE label = 'download-sources'"
    before = site.rows(box)
    code = (
        "from apps.downloads.models import ReleaseFile as F\n"
        "f = F.objects.get(slug='python-2718-source'); old = f.url\n"
        "f.url = 'https://www.python.org/ftp/other.tgz'; f.save()\n"
        "from apps.boxes.models import Box; print(Box.objects.get(label='download-sources').content.rendered)\n"
        "f.url = old; f.save()\n"
    )
    assert "ftp/other.tgz" in manage(site.database, "shell", "-c", code)
    assert site.rows(box) == before


def test_the_newest_latest_takes_the_mark_from_the_others(site: Site) -> None:
    code = (
        "from apps.downloads.models import Release as R\n"
        "from django.db import transaction\n"
        "with transaction.atomic():\n"
        "    R.objects.create(name='Python 3.12.0', is_latest=True)\n"
        "    print([r.name for r in R.objects.filter(version=3, is_latest=True)])\n"
        "    transaction.set_rollback(True)\n"
    )
    assert "['Python 3.12.0']" in manage(site.database, "shell", "-c", code)


def test_a_failed_fetch_of_the_release_cycle_shows_no_table_and_is_tried_again(site: Site) -> None:
    code = (
        "from django.core.cache import cache\n"
        "from django.test import Client, override_settings\n"
        "ask = lambda path: Client(headers={'host': 'python.test'}).get(path).content.decode()\n"
        "with override_settings(RELEASE_CYCLE_URL='file:///nowhere.json'):\n"
        "    pages = ask('/downloads/'), ask('/downloads/release/python-2718/')\n"
        "    print('table' in pages[0], 'gets no more fixes' in pages[1], cache.get('python_release_cycle'))\n"
        "pages = ask('/downloads/'), ask('/downloads/release/python-2718/')\n"
        "print('table' in pages[0], 'gets no more fixes' in pages[1], sorted(cache.get('python_release_cycle'))[0])\n"
    )
    lines = manage(site.database, "shell", "-v0", "-c", code).splitlines()
    assert lines == ["False False None", "True True 2.7"]


def test_the_fetched_release_cycle_is_kept_for_an_hour(site: Site) -> None:
    assert site.ask("/downloads/").status == 200
    kept = "SELECT expires - now() BETWEEN '59 min' AND '60 min' FROM django_cache_table WHERE cache_key = ':1:python_release_cycle'"
    assert site.rows(kept) == [(True,)]

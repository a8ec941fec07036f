"""The sitemap names every page that anybody may see, and no other."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from lxml import etree

from new_app import sitemap
from new_app.db import plain_url
from tests.conftest import new_database
from tests.new_app.sides import Shipped, shipped

HOST = {"Host": "www.example.org"}
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture(scope="module")
async def sides(seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Shipped, Any]]:
    with new_database(seeded_template, template=seeded_template) as url:
        sql = await asyncpg.connect(plain_url(url))
        async with shipped(url, tmp_path_factory.mktemp("sitemap")) as found:
            yield found, sql
        await sql.close()


async def listed(sides: tuple[Shipped, Any], path: str) -> list[str]:
    answer = await sides[0].new.get(path, headers=HOST)
    assert answer.status_code == 200, path
    assert answer.headers["x-bridge"].startswith("new")
    return [urlsplit(loc.text).path for loc in etree.fromstring(answer.content).iter(LOC)]


async def test_every_file_is_there_and_every_page_of_it_is_too(sides: tuple[Shipped, Any]) -> None:
    files = await listed(sides, "/sitemap.xml")
    assert {file.split("/")[2].rpartition("-")[0] for file in files} == {
        *("pages", "releases", "calendars", "events", "jobs", "stories", "minutes", "community")
    }
    paths = [path for file in files for path in await listed(sides, file)]
    assert len(paths) > 150
    answers = {path: await sides[0].new.get(path, headers=HOST) for path in dict.fromkeys(paths)}
    assert {
        path: answer.status_code for path, answer in answers.items() if answer.status_code not in {200, 301, 302}
    } == {}
    count = await sides[1].fetchval("SELECT count(*) FROM pages_page WHERE is_published")
    assert len(await listed(sides, "/sitemap/pages-0.xml")) == count


async def test_what_is_hidden_is_not_listed(sides: tuple[Shipped, Any]) -> None:
    hide = """UPDATE pages_page SET is_published = false
        WHERE id = (SELECT max(id) FROM pages_page WHERE is_published) RETURNING path"""
    path = await sides[1].fetchval(hide)
    async with asyncio.timeout(5):
        while f"/{path}/" in await listed(sides, "/sitemap/pages-0.xml"):  # noqa: ASYNC110 - a page
            await asyncio.sleep(0.02)


async def test_a_file_of_many_rows_is_several(sides: tuple[Shipped, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "SPAN", 7)
    files = [file for file in await listed(sides, "/sitemap.xml?many") if "/events-" in file]
    assert len(files) > 1
    paths = [path for file in files for path in await listed(sides, f"{file}?many")]
    assert len(paths) == len({*paths}) == await sides[1].fetchval("SELECT count(*) FROM events_event")


@pytest.mark.parametrize(
    "name",
    ["none-0", "pages-99999", "pages-999999999999", "pages--1", "pages", "pages-x", "pages-0.xml.xml", "pages-²"],
)
async def test_a_file_that_is_not_there_is_a_missing_page(sides: tuple[Shipped, Any], name: str) -> None:
    assert (await sides[0].new.get(f"/sitemap/{name}.xml", headers=HOST)).status_code == 404

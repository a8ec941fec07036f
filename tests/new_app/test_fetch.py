"""A document of another site: only the first pages wait for it, and none for one that is down."""

import asyncio
import time

import pytest

from new_app.fetch import Document
from tests.new_app.elsewhere import Elsewhere, elsewhere


async def until_asked(site: Elsewhere, times: int) -> None:
    for _ in range(400):
        if len(site.asked) >= times:
            return
        await asyncio.sleep(0.005)
    raise AssertionError(site.asked)


async def test_the_first_pages_wait_for_one_fetch_and_later_ones_for_none() -> None:
    async with elsewhere() as site:
        site.files["/cycle.json"], site.etags = b'{"3.14": 1}', False
        document = Document(site.url("/cycle.json"), kept=0.05)
        assert await asyncio.gather(document.get(), document.get()) == [{"3.14": 1}] * 2
        assert len(site.asked) == 1
        assert await document.get() == {"3.14": 1}
        assert len(site.asked) == 1
        site.files["/cycle.json"] = b'{"3.15": 1}'
        await asyncio.sleep(0.06)
        assert await document.get() == {"3.14": 1}
        await until_asked(site, 2)
        await asyncio.sleep(0.02)
        assert await document.get() == {"3.15": 1}
        await document.close()


@pytest.mark.parametrize("path", ["/slow", "/huge", "/garbage", "/nothing"])
async def test_one_that_cannot_be_had_costs_one_wait_and_is_tried_again(path: str) -> None:
    async with elsewhere() as site:
        document = Document(site.url(path), timeout=0.3, pause=0.05)
        assert await document.get() is None
        began = time.perf_counter()
        for _ in range(20):
            assert await document.get() is None
            await asyncio.sleep(0.01)
        assert time.perf_counter() - began < 1.0
        document.url, site.files["/cycle.json"] = site.url("/cycle.json"), b"[1]"
        for _ in range(200):
            if await document.get() == [1]:
                break
            await asyncio.sleep(0.01)
        assert await document.get() == [1]
        await document.close()


async def test_what_was_fetched_stays_while_the_other_site_is_down() -> None:
    async with elsewhere() as site:
        site.files["/cycle.json"] = b"[1]"
        document = Document(site.url("/cycle.json"), kept=0.02, pause=0.02)
        assert await document.get() == [1]
        del site.files["/cycle.json"]
        for _ in range(20):
            assert await document.get() == [1]
            await asyncio.sleep(0.01)
        await document.close()


async def test_nobodys_document_is_none() -> None:
    assert await Document("").get() is None

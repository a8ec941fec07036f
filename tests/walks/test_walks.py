"""Walks: what a visitor sees in a real browser, from both sides, and while routes move under the visit."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from legacy_adapters.flags import Stage
from tests.conftest import REPOSITORY
from tests.parity.test_command import bridge
from tests.parity.test_http import server
from tests.walks.browser import Browser, Page
from tests.walks.conftest import Walked, demand

WIDTHS = (1280, 375)
PAGES = {
    "/": "new",
    "/downloads/": "new",
    "/downloads/release/python-3130/": "new",
    "/about/": "new",
    "/accounts/login/": "new",
    "/no/such/page/": "new",
    "/box/download-sources/": "new",
}
"""Each page that is walked, and who answers it once every domain is moved. A page that moves changes sides here."""
VISITED = "/downloads/"
FETCHED = ("/box/download-sources/", "/downloads/feed.rss", "/downloads/")


async def seen(page: Page, origin: str, path: str) -> tuple[Image.Image, list[str], str, dict[str, str]]:
    headers = await page.open(origin + path)
    return await page.screenshot(), await page.links(origin), await page.evaluate("document.title"), headers


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
async def test_a_page_is_the_same_page_from_both_sides(
    chromium: Browser, walked: Walked, tmp_path: Path, path: str, width: int
) -> None:
    async with chromium.page(width) as page:
        before = await seen(page, walked.legacy, path)
        after = await seen(page, walked.new, path)
    assert after[3]["x-bridge"].partition(";")[0] == PAGES[path]
    assert before[3][":status"] == after[3][":status"]
    assert (after[2], after[1]) == (before[2], before[1])
    assert page.complaints == []
    assert_same_picture(before[0], after[0], tmp_path)


def assert_same_picture(before: Image.Image, after: Image.Image, folder: Path) -> None:
    """Pixel by pixel; where they differ both are kept for a person to look at."""
    place = ImageChops.difference(before, after).getbbox() if before.size == after.size else None
    if before.size == after.size and place is None:
        return
    before.save(folder / "before.png")
    after.save(folder / "after.png")
    raise AssertionError(f"{before.size} and {after.size} differ within {place}: see {folder}")


def test_one_pixel_is_a_difference(tmp_path: Path) -> None:
    before, after = Image.new("RGB", (20, 20)), Image.new("RGB", (20, 20))
    assert_same_picture(before, after, tmp_path)
    after.putpixel((3, 4), (0, 0, 1))
    with pytest.raises(AssertionError, match=r"differ within \(3, 4, 4, 5\)"):
        assert_same_picture(before, after, tmp_path)


def test_a_missing_browser_fails_in_ci_and_leaves_the_walks_out_elsewhere() -> None:
    demand("/usr/bin/chromium", required=True)
    with pytest.raises(AssertionError, match="apt-get install chromium"):
        demand("", required=True)
    with pytest.raises(pytest.skip.Exception):
        demand("", required=False)
    assert "export WALKS=required" in (REPOSITORY / ".ci" / "run").read_text()


SIGN_IN = """const form = [...document.forms].find(form => form.querySelector("[type=password]"));
form.querySelector("[name=login]").value = "reader";
form.querySelector("[type=password]").value = "correct-horse";
setTimeout(() => form.submit())"""
KEEP_ASKING = """globalThis.asked = {sides: {}, failures: []};
globalThis.going = true;
globalThis.done = Promise.all(PATHS.map(async path => {
    const first = {};
    while (globalThis.going) {
        try {
            const answer = await fetch(path, {cache: "no-store"});
            const text = (await answer.text()).replace(/name="csrfmiddlewaretoken" value="\\w+"/g, "");
            const side = answer.headers.get("x-bridge").split(";")[0];
            asked.sides[path + " " + side] = (asked.sides[path + " " + side] ?? 0) + 1;
            first.text ??= text;
            if (answer.status !== 200 || text !== first.text) asked.failures.push(`${path} ${answer.status} ${side}`);
        } catch (error) { asked.failures.push(`${path} ${error}`); }
    }
})); 0"""


async def test_a_cutover_in_the_middle_of_a_visit_goes_unnoticed(
    chromium: Browser, walked: Walked, tmp_path: Path
) -> None:
    try:
        async with chromium.page() as page:
            await walked.move(*walked.everything, to=Stage.LEGACY)
            await page.open(f"{walked.new}/accounts/login/?next={VISITED}")
            page.loaded.clear()
            await page.evaluate(SIGN_IN)
            await page.complete("signing in")
            assert await page.evaluate("location.pathname") == VISITED
            # The greeting is shown once, and is no part of the comparison.
            await page.open(walked.new + VISITED)
            before = await page.screenshot()
            assert "reader" in (await page.evaluate("await (await fetch('/authenticated')).text()"))
            await page.evaluate(KEEP_ASKING.replace("PATHS", json.dumps(FETCHED)))
            for turn in range(12):
                await walked.move("downloads", "boxes", to=Stage.LEGACY if turn % 2 else Stage.NEW)
                await asyncio.sleep(0.15)
            asked = await page.evaluate("globalThis.going = false; await globalThis.done; globalThis.asked")
            await walked.move(*walked.everything, to=Stage.NEW)
            await page.open(walked.new + VISITED)
            after = await page.screenshot()
            assert "reader" in (await page.evaluate("await (await fetch('/authenticated')).text()"))
        assert asked["failures"] == []
        assert {f"{FETCHED[0]} new", f"{FETCHED[0]} legacy", f"{FETCHED[1]} new", f"{FETCHED[1]} legacy"} <= {
            *asked["sides"]
        }
        assert page.complaints == []
        assert_same_picture(before, after, tmp_path)
    finally:
        await walked.move(*walked.everything, to=Stage.NEW)


async def test_links_of_a_page_lead_to_the_same_page_whichever_side_drew_it(chromium: Browser, walked: Walked) -> None:
    async with chromium.page() as page:
        led = []
        for origin in (walked.legacy, walked.new):
            await page.open(origin + VISITED)
            headers = await page.click("main a[href*='/downloads/release/']")
            led.append((headers[":status"], await page.evaluate("location.pathname + document.title")))
    assert led[0] == led[1]
    assert led[0][0] == "200"


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_report_opens_from_disk_and_its_difference_can_be_read(
    chromium: Browser, tmp_path: Path, width: int
) -> None:
    (tmp_path / "urls").write_text("/\n/a/1/\n/a/2/\n")
    async with server("page") as legacy, server("other text") as new:
        options = ("--from", str(tmp_path / "urls"), "--report", str(tmp_path / "out"))
        assert (await bridge("--legacy", legacy, "--new", new, *options)).exit_code == 1
    async with chromium.page(width) as page:
        await page.open((tmp_path / "out" / "index.html").as_uri())
        assert await page.evaluate(
            "document.querySelectorAll('td.minus').length && !document.querySelector('td.minus').checkVisibility()"
        )
        await page.evaluate("document.querySelectorAll('summary').forEach(summary => summary.open || summary.click())")
        shown = await page.evaluate(
            "['minus', 'plus'].map(name => [...document.querySelectorAll('td.' + name)].filter(cell =>"
            "cell.checkVisibility() && cell.getBoundingClientRect().width > 50).map(cell => cell.innerText.trim()))"
        )
        wide = await page.evaluate("document.documentElement.scrollWidth")
    assert any(">1<" in text for text in shown[0]), shown
    assert any(">one<" in text for text in shown[1]), shown
    assert wide <= width, "the page is wider than the window"
    assert page.complaints == []
    assert {answer["response"]["url"].partition(":")[0] for answer in page.answers.values()} == {"file"}


async def test_whoever_asks_gets_the_same_from_both_sides(walked: Walked) -> None:
    """Signed in through the site's own form, by the logins that the demo knows."""
    code, output = await walked.stack.bridge(
        *("parity", "run", "root", "boxes", "--personas", "anonymous,user,staff,superuser", "--limit", "120"),
        *("--legacy", walked.legacy, "--new", walked.new, "--visitors", "--html"),
    )
    assert code == 0, output
    assert "0 differs · 0 noisy" in output
    assert re.search(r"HTML pages: trees equal \d+ \(100\.0 %\) · bytes equal \d+ \(100\.0 %\)", output), output

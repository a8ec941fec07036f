"""A real Chromium, driven over the DevTools protocol: open, wait until the network is quiet, ask, look.

Promises: a fresh profile, no network but this machine's, one window per visit with cookies of its own. Every wait has an
end, and what the console or the network complained about is kept in words. The protocol: chromedevtools.github.io.
"""

import asyncio
import base64
import contextlib
import io
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHT = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage"),
    *("--hide-scrollbars", "--font-render-hinting=none", "--force-color-profile=srgb", "--disable-lcd-text"),
    *("--remote-debugging-port=0", "--remote-allow-origins=*"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
PATIENCE = 20.0
QUIET = 0.1
"""Seconds without an open request after which a page is complete."""


class BrowserError(AssertionError):
    """The browser did not do what the walk asked of it."""


def installed() -> str:
    """Debian's Chromium, or the one that Playwright brought; empty where there is none."""
    found = next((path for path in map(shutil.which, NAMES) if path), "")
    folders = (Path(folder).expanduser() for folder in (os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""), *PLAYWRIGHT))
    programs = (sorted(folder.glob("chromium*/chrome-*/*chrome*")) for folder in folders if folder.is_dir())
    return found or next((str(path) for path in itertools.chain(*programs) if os.access(path, os.X_OK)), "")


@dataclass(slots=True)
class Page:
    """One window. `complaints` are the console's errors, exceptions, and requests that failed or were refused."""

    browser: "Browser"
    session: str
    width: int
    complaints: list[str] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    open_requests: dict[str, str] = field(default_factory=dict)
    loaded: asyncio.Event = field(default_factory=asyncio.Event)
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    timer: asyncio.TimerHandle | None = None

    async def call(self, method: str, **arguments: object) -> dict[str, Any]:
        return await self.browser.call(method, arguments, self.session)

    async def open(self, url: str) -> dict[str, str]:
        """Go there and wait until it is complete; gives the headers of the answer, names in lower case."""
        self.loaded.clear()
        self.answers.clear()
        told = await self.call("Page.navigate", url=url)
        if told.get("errorText"):
            raise BrowserError(f"{url}: {told['errorText']}")
        await self.complete(url)
        return self.headers()

    async def click(self, selector: str) -> dict[str, str]:
        """Follow the first link that the selector finds, as a visitor does."""
        self.loaded.clear()
        self.answers.clear()
        found = f"document.querySelector({json.dumps(selector)})"
        if not await self.evaluate(f"const link = {found}; link && setTimeout(() => link.click()); !!link"):
            raise BrowserError(f"there is no {selector} on {await self.evaluate('location.href')}")
        await self.complete(selector)
        return self.headers()

    async def complete(self, what: str) -> None:
        """The load event, and then a while without an open request."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self.loaded.wait()
                await self.quiet.wait()
        except TimeoutError as error:
            raise BrowserError(
                f"{what} is not complete after {PATIENCE} s: {[*self.open_requests.values()]}"
            ) from error

    def headers(self) -> dict[str, str]:
        """Of the document's own answer; the last of its redirects."""
        documents = [answer for answer in self.answers.values() if answer["type"] == "Document"]
        if not documents:
            return {}
        told = documents[-1]["response"]
        return {":status": str(told["status"]), **{k.lower(): v for k, v in told["headers"].items()}}

    async def evaluate(self, script: str) -> Any:
        """The value of the script's last expression, promises awaited."""
        told = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, replMode=True
        )
        if "exceptionDetails" in told:
            raise BrowserError(f"{script[:80]!r}: {_words(told['exceptionDetails'])}")
        return told["result"].get("value")

    async def screenshot(self) -> Image.Image:
        """The whole page, however long."""
        size = (await self.call("Page.getLayoutMetrics"))["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": max(self.width, size["width"]), "height": max(1, size["height"]), "scale": 1}
        told = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        return Image.open(io.BytesIO(base64.b64decode(told["data"]))).convert("RGB")

    async def links(self, origin: str) -> list[str]:
        """Where everything on the page points, in order, as it is written; the page's own address as a mark."""
        script = """[...document.querySelectorAll("[href], [src], [action]")].map(node =>
            node.tagName + " " + ["href", "src", "action"].map(name => node.getAttribute(name) ?? "").join(" "))"""
        return [link.replace(origin, "<origin>") for link in await self.evaluate(script)]

    def hear(self, method: str, told: dict[str, Any]) -> None:
        """An event of this window."""
        if method == "Page.loadEventFired":
            self.loaded.set()
            self.listen_to_the_network()
        elif method == "Network.requestWillBeSent":
            self.open_requests[told["requestId"]] = told["request"]["url"]
            self.listen_to_the_network()
        elif method == "Network.responseReceived":
            self.answers[told["requestId"]] = told
            if told["response"]["status"] >= 500:
                self.complaints.append(f"{told['response']['status']} {told['response']['url']}")
        elif method in {"Network.loadingFinished", "Network.loadingFailed"}:
            url = self.open_requests.pop(told["requestId"], "")
            self.listen_to_the_network()
            if method == "Network.loadingFailed" and not told.get("canceled"):
                self.complaints.append(f"{told['errorText']} {url}")
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(_words(told["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and told["type"] in {"error", "assert"}:
            self.complaints.append(" ".join(str(part.get("value", part.get("description"))) for part in told["args"]))
        elif method == "Log.entryAdded" and told["entry"]["level"] == "error" and not self.is_expected(told["entry"]):
            self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")

    def listen_to_the_network(self) -> None:
        """Quiet is a while in which nothing is open; a request begins the while anew."""
        self.quiet.clear()
        if self.timer:
            self.timer.cancel()
        if not self.open_requests:
            self.timer = asyncio.get_running_loop().call_later(QUIET, self.quiet.set)

    def is_expected(self, entry: dict[str, Any]) -> bool:
        """The console repeats a page's own 404, whose status the walk has seen, and the icon that nobody promised."""
        documents = {answer["response"]["url"] for answer in self.answers.values() if answer["type"] == "Document"}
        url = entry.get("url", "")
        return entry["source"] == "network" and (url in documents or url.endswith("/favicon.ico"))


def _words(details: dict[str, Any]) -> str:
    return str(details.get("exception", {}).get("description") or details.get("text"))


class Browser:
    """One process and one connection to it; `page()` gives windows."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}

    async def call(self, method: str, arguments: dict[str, object], session: str = "") -> dict[str, Any]:
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": arguments}
        await self._socket.send_json(message | ({"sessionId": session} if session else {}))
        try:
            async with asyncio.timeout(PATIENCE):
                told = await answer
        except TimeoutError as error:
            raise BrowserError(f"{method} was not answered within {PATIENCE} s") from error
        if "error" in told:
            raise BrowserError(f"{method}: {told['error']['message']}")
        result: dict[str, Any] = told["result"]
        return result

    async def listen(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                answer = self._waiting.pop(told["id"], None)
                if answer is not None and not answer.done():
                    answer.set_result(told)
            elif page := self._pages.get(told.get("sessionId", "")):
                page.hear(told["method"], told["params"])

    @contextlib.asynccontextmanager
    async def page(self, width: int = 1280, height: int = 800) -> AsyncIterator[Page]:
        """A window of a visitor who has no cookies yet."""
        context = (await self.call("Target.createBrowserContext", {}))["browserContextId"]
        made = await self.call("Target.createTarget", {"url": "about:blank", "browserContextId": context})
        attached = await self.call("Target.attachToTarget", {"targetId": made["targetId"], "flatten": True})
        page = self._pages[attached["sessionId"]] = Page(self, attached["sessionId"], width)
        for domain in ("Page", "Runtime", "Network", "Log"):
            await page.call(f"{domain}.enable")
        await page.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        reduced = [{"name": "prefers-reduced-motion", "value": "reduce"}]
        await page.call("Emulation.setEmulatedMedia", features=reduced)
        try:
            yield page
        finally:
            self._pages.pop(page.session)
            await self.call("Target.disposeBrowserContext", {"browserContextId": context})


@contextlib.contextmanager
def _process(program: str) -> Iterator[str]:
    """Chromium with a profile of its own; gives the address of its DevTools."""
    with tempfile.TemporaryDirectory(prefix="walk-", ignore_cleanup_errors=True) as profile:
        log = Path(profile) / "log"
        with log.open("wb") as output:
            command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
            process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            yield _address(process, Path(profile) / "DevToolsActivePort", log)
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(process: "subprocess.Popen[bytes]", file: Path, log: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        lines = file.read_text().splitlines() if file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise BrowserError(f"the browser did not start:\n{log.read_text(errors='replace')[-2000:]}")


@contextlib.asynccontextmanager
async def browser(program: str) -> AsyncIterator[Browser]:
    with _process(program) as address:
        async with aiohttp.ClientSession() as client, client.ws_connect(address, max_msg_size=0) as socket:
            driven = Browser(socket)
            listening = asyncio.create_task(driven.listen())
            try:
                yield driven
            finally:
                listening.cancel()

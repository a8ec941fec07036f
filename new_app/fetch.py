"""Fetch: what another site says: a document that is kept for a while, and a feed that is asked whether it has changed.

A failure is a FetchError that names it: no answer in time, a status that is none of success, more bytes than are read.
"""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

_log = logging.getLogger(__name__)
MOST = 1_000_000
"""Bytes of a document; a longer one is a failure."""
AGENT = "Python.org bridge (+https://www.python.org/)"


class FetchError(Exception):
    """It cannot be had now; the message is for the log."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `body` is None where nothing has changed since the validators that were sent."""

    body: bytes | None
    headers: dict[str, str]
    etag: str = ""
    modified: str = ""


async def fetch(url: str, *, etag: str = "", modified: str = "", most: int = MOST, patience: float = 5.0) -> Fetched:
    """What is at the URL; header names are in lower case. `most` is in bytes, `patience` in seconds for all of it.

    Raises FetchError.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise FetchError(f"{url}: only http and https are fetched")
    asked = {"If-None-Match": etag, "If-Modified-Since": modified, "User-Agent": AGENT}
    headers = {name: value for name, value in asked.items() if value}
    limit = aiohttp.ClientTimeout(total=patience)
    body = bytearray()
    try:
        async with aiohttp.ClientSession(timeout=limit) as client, client.get(url, headers=headers) as answer:
            told = {name.lower(): value for name, value in answer.headers.items()}
            if answer.status == 304:
                return Fetched(None, told, etag, modified)
            answer.raise_for_status()
            async for chunk in answer.content.iter_chunked(65536):
                body += chunk
                if len(body) > most:
                    raise FetchError(f"{url} is longer than {most} bytes")
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
        raise FetchError(f"{url} cannot be had: {str(error) or type(error).__name__}") from error
    return Fetched(bytes(body), told, told.get("etag", ""), told.get("last-modified", ""))


class Document:
    """The JSON document at `url`, fetched again when it is `kept` seconds old. An empty URL is one that nobody has.

    Only the first pages wait, for one fetch, `timeout` seconds at most. From then on they have what was fetched last,
    however old, while a fetch is on its way. A failure is logged, and tried again after `pause` seconds.
    """

    def __init__(self, url: str, *, kept: float = 3600.0, timeout: float = 5.0, pause: float = 60.0) -> None:
        self.url, self._kept, self._timeout, self._pause = url, kept, timeout, pause
        self._value: Any = None
        self._until = 0.0
        self._tried = False
        self._running: asyncio.Task[None] | None = None

    async def get(self) -> Any:
        """The document as it was fetched last, or None if it could not be had yet."""
        if self.url and time.monotonic() >= self._until:
            if self._running is None:
                self._running = asyncio.create_task(self._fetch())
                self._running.add_done_callback(self._done)
            if not self._tried:
                await asyncio.shield(self._running)
        return self._value

    async def close(self) -> None:
        """Give up a fetch that is on its way."""
        if self._running is not None:
            self._running.cancel()

    def _done(self, _task: "asyncio.Task[None]") -> None:
        self._running, self._tried = None, True

    async def _fetch(self) -> None:
        lasts = self._pause
        try:
            found = await fetch(self.url, patience=self._timeout)
            self._value, lasts = msgspec.json.decode(found.body or b""), self._kept
        except (FetchError, ValueError) as error:
            _log.warning("%s", error)
        self._until = time.monotonic() + lasts

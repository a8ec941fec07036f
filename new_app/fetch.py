"""Fetch: a JSON document of another site, kept for a while.

A failure is logged and gives None; it is not kept, so the next page tries again. Pages that want the document at the
same moment wait for one fetch, `timeout` seconds at most.
"""

import asyncio
import logging
import time
from typing import Any

import aiohttp
import msgspec

_log = logging.getLogger(__name__)
MOST = 1_000_000
"""Bytes of a document; a longer one is a failure."""


class Document:
    """The document at `url`, kept for `kept` seconds after it was fetched. An empty URL is a document nobody has."""

    def __init__(self, url: str, *, kept: float = 3600.0, timeout: float = 5.0) -> None:
        self.url, self._kept, self._timeout = url, kept, timeout
        self._value: Any = None
        self._until = 0.0
        self._running: asyncio.Task[Any] | None = None

    async def get(self) -> Any:
        """The document, or None if it cannot be had now."""
        if not self.url or time.monotonic() < self._until:
            return self._value
        if self._running is None:
            self._running = asyncio.create_task(self._fetched())
            self._running.add_done_callback(self._done)
        return await asyncio.shield(self._running)

    async def close(self) -> None:
        """Give up a fetch that is on its way."""
        if self._running is not None:
            self._running.cancel()

    def _done(self, _task: "asyncio.Task[Any]") -> None:
        self._running = None

    async def _fetched(self) -> Any:
        try:
            value = msgspec.json.decode(await self._body())
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
            _log.warning("%s cannot be had: %s", self.url, str(error) or type(error).__name__)
            return None
        self._value, self._until = value, time.monotonic() + self._kept
        return value

    async def _body(self) -> bytes:
        limit = aiohttp.ClientTimeout(total=self._timeout)
        body = bytearray()
        async with aiohttp.ClientSession(timeout=limit) as client, client.get(self.url) as answer:
            answer.raise_for_status()
            async for chunk in answer.content.iter_chunked(65536):
                body += chunk
                if len(body) > MOST:
                    raise ValueError(f"it is longer than {MOST} bytes")
        return bytes(body)

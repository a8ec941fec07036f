"""Another site on this machine: it says what it is told to say, or something that nobody should have to read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from new_app.embedded import free_port

ETAG = '"1"'


@dataclass
class Elsewhere:
    """`files` by path. `/slow` waits, `/huge` does not end, `/garbage` is no format, `/broken` is 500, `/cut` ends early."""

    port: int
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    etags: bool = True

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if path == "/slow":
            await asyncio.sleep(30)
        if path == "/huge":
            endless = web.StreamResponse()
            await endless.prepare(request)
            for _ in range(10_000):
                await endless.write(b"x" * 65_536)
        if path == "/garbage":
            return web.Response(body=b"\x00\xff<\x8f" * 1000)
        if path == "/cut":
            return web.Response(body=self.files["/feed"][:700])
        if path not in self.files:
            return web.Response(status=500)
        known = self.etags and request.headers.get("If-None-Match") == ETAG
        self.asked.append((path, 304 if known else 200))
        headers = {"ETag": ETAG} if self.etags else {}
        return (
            web.Response(status=304, headers=headers) if known else web.Response(body=self.files[path], headers=headers)
        )


@asynccontextmanager
async def elsewhere() -> AsyncIterator[Elsewhere]:
    site = Elsewhere(free_port())
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", site.port).start()
    try:
        yield site
    finally:
        await runner.cleanup()

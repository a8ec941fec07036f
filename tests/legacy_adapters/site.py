"""The router as Granian serves it in the tests: a new app, the proxy to UPSTREAM, and claims of every kind."""

import asyncio
import os

from legacy_adapters.flags import MemoryFlags, Snapshot, Stage
from legacy_adapters.proxy import LegacyProxy, Timeouts
from legacy_adapters.router import Router
from legacy_adapters.routes import Claim, RouteTable


async def new_app(scope, receive, send):
    if scope["type"] == "lifespan":
        for name in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{name}.complete"})
        return
    body = b"new:" + scope["method"].encode() + b":" + scope["raw_path"]
    headers = [(b"content-length", str(len(body)).encode()), (b"x-bridge", b"forged")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def exists(path: str) -> bool:
    await asyncio.sleep(0)
    return path == "pages/there/"


claims = [
    Claim("moved/<slug:name>/", "moved", "shop"),
    Claim("staying/<slug:name>/", "staying", "shop"),
    Claim("pages/<path:path>", "page", "pages", exists=exists),
]
flags = MemoryFlags(Snapshot(routes={"moved": Stage.NEW, "page": Stage.NEW}))
timeouts = Timeouts(connect=0.5, first_byte=1.5, idle=1.0, total=30.0)
app = Router(
    new_app,
    LegacyProxy(os.environ["UPSTREAM"], timeouts=timeouts, pool=20),
    RouteTable(claims),
    flags,
    max_body=int(os.environ["MAX_BODY"]) if "MAX_BODY" in os.environ else None,
)

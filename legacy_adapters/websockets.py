"""A WebSocket to legacy: the upstream handshake first, then frames both ways until either side closes.

The visitor's handshake is accepted only after legacy accepted, with the subprotocol legacy chose. Pings are answered on
each hop. A legacy that cannot be reached, refuses, or does not finish the handshake in time closes the visitor's with
1013, try again later. Refuses: extensions (each hop has its own), and to reconnect.
"""

import asyncio

import aiohttp
from yarl import URL

from legacy_adapters.asgi import Message, Receive, Scope, Send
from legacy_adapters.hops import HOP_BY_HOP, ORIGIN, Network, named_by_connection, origin_headers

HANDSHAKE = frozenset({b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-extensions"})


async def relay(
    upstream: URL, trusted: tuple[Network, ...], limits: tuple[float, float], scope: Scope, receive: Receive, send: Send
) -> None:
    """Join the visitor's WebSocket and one to legacy. `limits` are seconds to connect, and for the whole handshake."""
    connect, handshake = limits
    await receive()
    url = upstream.with_path(scope["raw_path"].decode("ascii"), encoded=True)
    url = URL(f"{url}?{scope['query_string'].decode('ascii')}", encoded=True) if scope["query_string"] else url
    dropped = HOP_BY_HOP | ORIGIN | HANDSHAKE | {b"sec-websocket-protocol"} | named_by_connection(scope["headers"])
    headers = [
        (name.decode("ascii"), value.decode("latin-1"))
        for name, value in [*scope["headers"], *origin_headers(scope, trusted)]
        if (name not in dropped or name.startswith(b"x-forwarded")) and b"_" not in name
    ]
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("User-Agent", "Accept-Encoding", "Accept"),
        timeout=aiohttp.ClientTimeout(total=None, connect=connect),
    ) as session:
        try:
            async with asyncio.timeout(handshake):
                socket = await session.ws_connect(
                    url, headers=headers, protocols=scope["subprotocols"], max_msg_size=0, compress=0
                )
        except (aiohttp.ClientError, OSError, TimeoutError):
            await send({"type": "websocket.close", "code": 1013})
            return
        await send({"type": "websocket.accept", "subprotocol": socket.protocol, "headers": []})
        await _join(socket, receive, send)


async def _join(socket: aiohttp.ClientWebSocketResponse, receive: Receive, send: Send) -> None:
    up = asyncio.create_task(_up(socket, receive))
    try:
        async for frame in socket:
            message: Message = {"type": "websocket.send"}
            message["text" if frame.type is aiohttp.WSMsgType.TEXT else "bytes"] = frame.data
            await send(message)
        if not up.done():
            up.cancel()  # Granian sends no close while a receive is pending
            await asyncio.wait([up], timeout=1)
            await send({"type": "websocket.close", "code": socket.close_code or 1011})
    finally:
        up.cancel()
        await socket.close()


async def _up(socket: aiohttp.ClientWebSocketResponse, receive: Receive) -> None:
    while (message := await receive())["type"] == "websocket.receive":
        if (text := message.get("text")) is not None:
            await socket.send_str(text)
        else:
            await socket.send_bytes(message["bytes"])
    await socket.close(code=message.get("code") or 1000)

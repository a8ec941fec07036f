"""The way of a request: decide which side answers it, and hand it over.

A plain ASGI callable around the new app; legacy is another ASGI app beside it (the proxy). In this order:

0. refuse what has no single meaning (400), and a body over the limit (413)
1. read the path; one that the two sides could read differently is legacy's
2. match the claims in Django's order; no claim, or a method that no claim serves: legacy
3. read the stage from the snapshot in memory: kill switch, staff override, route, domain, legacy
4. decide: a side and a reason, without I/O
5. where data answers (`exists`), ask whether it is there; if not: legacy
6. hand over. HEAD reaches the new app as GET and loses its body on the way back, as in Django
7. a request that the new app gives back (`x-bridge-fallthrough` among its headers: nothing has been written), or a safe
   one that it failed before its first byte, is answered by legacy, which knows what the new side does not have

The slash rule (APPEND_SLASH) is legacy's to answer: a path without its slash is claimed by nobody, and Django asks
redirects and pages before it appends a slash. A claim that matches the bare path answers it.

Refuses: to ask a database or the network before step 5, and to send to the new app what was not claimed.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from legacy_adapters.asgi import App, Headers, Message, Receive, Scope, Send, answer_plain
from legacy_adapters.flags import FlagReader, Side, Snapshot, Stage
from legacy_adapters.requests import RequestLine, read_path, refusal
from legacy_adapters.routes import SAFE, Claim, RouteTable

FALLTHROUGH = b"x-bridge-fallthrough"
"""The response header by which the new app gives a request back; no visitor sees it."""
HELD = 65_536
"""Bytes of a body that are kept for legacy."""
CLAIM = "bridge.claim"
"""Where the scope tells the new app the name of the claim that matched."""
_log = logging.getLogger(__name__)
Override = Callable[[Headers], Side | None]
"""A staff member's signed choice of side, read from a request's headers; None without one that verifies."""


@dataclass(frozen=True, slots=True)
class Decision:
    side: Side
    reason: str
    claim: Claim | None = None
    stage: Stage | None = None


@runtime_checkable
class Pooled(Protocol):
    """An app that holds connections while the server runs."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def decide(request: RequestLine, table: RouteTable, flags: Snapshot) -> Decision:
    """Which side answers, and why. Pure: the same three values give the same decision in every process."""
    if flags.killed:
        return Decision(Side.LEGACY, "kill switch")
    if request.path is None:
        return Decision(Side.LEGACY, request.why)
    found = table.find(request.path)
    claims = found[0] if found else ()
    if not claims:
        return Decision(Side.LEGACY, "no claim")
    claim = next((claim for claim in claims if request.method in claim.methods), None)
    if claim is None:
        return Decision(Side.LEGACY, f"method {request.method}", claims[0])
    stage, level = _stage(claim, flags)
    if request.forced is not None:
        return Decision(request.forced, "forced by staff", claim, stage)
    side = Side.NEW if stage is Stage.NEW else Side.LEGACY
    return Decision(side, f"{level}stage {stage.value}", claim, stage)


def _stage(claim: Claim, flags: Snapshot) -> tuple[Stage, str]:
    if stage := flags.routes.get(claim.name):
        return stage, ""
    if stage := flags.domains.get(claim.domain):
        return stage, "domain "
    return Stage.LEGACY, ""


class Router:
    """`new_app` and `legacy_app` behind one address.

    `override` reads the staff cookie. Paths under `own_prefix` are the bridge's own pages and always the new app's,
    kill switch included; legacy must have nothing there. `max_body` is in bytes; None leaves the limit to each side,
    as Django has its own for every form. `header` names the response header that says `side; reason`; None for none.
    """

    def __init__(
        self,
        new_app: App,
        legacy_app: App,
        table: RouteTable,
        flags: FlagReader,
        *,
        override: Override | None = None,
        own_prefix: bytes = b"/_bridge/",
        max_body: int | None = None,
        header: bytes | None = b"x-bridge",
    ) -> None:
        self.new_app, self.legacy_app, self.table, self.flags = new_app, legacy_app, table, flags
        self._override, self._own_prefix, self._max_body, self._header = override, own_prefix, max_body, header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._lifespan(scope, receive, send)
        if scope["type"] == "websocket":
            return await self._websocket(scope, receive, send)
        if why := refusal(scope):  # 0
            return await answer_plain(send, 400, f"Bad request: {why}.", [(b"connection", b"close")])
        if self._max_body is None:
            return await self._answer(scope, receive, send)
        length = next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)
        if length > self._max_body:
            return await _too_large(send)
        limit = _Limit(receive, send, self._max_body)
        await self._answer(scope, limit.receive, limit.send)
        await limit.finish()
        return None

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        decision = await self.decide(scope)
        send_raw, send = send, self._labelled(send, decision)
        if decision.side is Side.LEGACY:  # 6
            return await self.legacy_app(scope, receive, send)
        held = _Held(receive, send, is_safe=scope["method"] in SAFE)
        if scope["method"] == "HEAD":
            held.forward = _bodiless(send)
        name = decision.claim.name if decision.claim else None
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        try:
            await self.new_app({**scope, "method": method, CLAIM: name}, held.receive, held.send)
        except Exception:
            if held.started or scope["method"] not in SAFE:
                raise
            _log.exception("%s %s: the new side failed, legacy answers", scope["method"], scope["path"])
            held.given_back = "rescue"
        if held.given_back:  # 7
            decision = replace(decision, side=Side.LEGACY, reason=held.given_back)
            await self.legacy_app(scope, held.replay, self._labelled(send_raw, decision))
        return None

    async def decide(self, scope: Scope) -> Decision:
        """Steps 1 to 5 for one request."""
        if scope["raw_path"].startswith(self._own_prefix):
            return Decision(Side.NEW, "bridge page")
        path, why = read_path(scope["raw_path"])  # 1
        forced = self._override(scope["headers"]) if self._override else None
        method = scope.get("method", "GET")
        decision = decide(RequestLine(method, path, why, forced), self.table, self.flags.snapshot())  # 2 3 4
        claim = decision.claim
        if decision.side is Side.LEGACY or claim is None or claim.exists is None or path is None:
            return decision
        if await claim.exists(path):  # 5
            return decision
        return replace(decision, side=Side.LEGACY, reason="no such content")

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        decision = await self.decide(scope)
        app = self.new_app if decision.side is Side.NEW else self.legacy_app
        await app(scope, receive, send)

    def _labelled(self, send: Send, decision: Decision) -> Send:
        name = self._header
        if name is None:
            return send
        label = (name, f"{decision.side.value}; {decision.reason}".encode("ascii", "replace"))

        async def labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [header for header in message["headers"] if header[0].lower() != name]
                message = {**message, "headers": [*kept, label]}
            await send(message)

        return labelled

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The new app's lifespan is the server's; the proxy's pool opens before it is ready and closes with it."""

        async def around(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                await self._pool("start")
            elif message["type"].startswith("lifespan.shutdown"):
                await self._pool("stop")
            await send(message)

        try:
            await self.new_app(scope, receive, around)
        except BaseException:
            await self._pool("stop")
            raise

    async def _pool(self, what: str) -> None:
        if isinstance(self.legacy_app, Pooled):
            await (self.legacy_app.start() if what == "start" else self.legacy_app.stop())


class _Held:
    """One request in the hands of the new app, which may give it back: legacy then hears it from the start.

    One that changes something is given back as long as what was heard of its body is kept: HELD bytes.
    """

    def __init__(self, receive: Receive, send: Send, *, is_safe: bool) -> None:
        self._receive, self.forward, self._is_safe = receive, send, is_safe
        self._heard: list[Message] = []
        self._left = HELD
        self.started, self.given_back = False, ""

    @property
    def _can_give_back(self) -> bool:
        return self._is_safe or self._left >= 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= 0 if self._is_safe else len(message.get("body", b""))
        if self._can_give_back:
            self._heard.append(message)
        else:
            self._heard.clear()
        return message

    async def replay(self) -> Message:
        return self._heard.pop(0) if self._heard else await self._receive()

    async def send(self, message: Message) -> None:
        starts = message["type"] == "http.response.start" and self._can_give_back
        if starts and any(name.lower() == FALLTHROUGH for name, _ in message["headers"]):
            self.given_back = "new has no answer"
        if not self.given_back:
            self.started = True
            await self.forward(message)


def _bodiless(send: Send) -> Send:
    """Answer HEAD from a GET: the head as it is, Content-Length included, and an empty body."""
    done = False

    async def bodiless(message: Message) -> None:
        nonlocal done
        if message["type"] != "http.response.body":
            await send(message)
        elif not message.get("more_body") and not done:
            done = True
            await send({"type": "http.response.body", "body": b""})

    return bodiless


class _Limit:
    """Cut a request body off at `limit` bytes: the app sees a client that left, and the client sees 413."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._left, self._started = receive, send, limit, False

    async def receive(self) -> Message:
        if self._left < 0:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return message if self._left >= 0 else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self._left >= 0 or self._started:
            self._started = True
            await self._send(message)

    async def finish(self) -> None:
        if self._left < 0 and not self._started:
            await _too_large(self._send)


async def _too_large(send: Send) -> None:
    await answer_plain(send, 413, "The request body is too large.", [(b"connection", b"close")])

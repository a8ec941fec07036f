"""A site that vouches for people: OAuth 2 with PKCE as GitHub and Google speak it, at an address of this machine."""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import web

from new_app.embedded import free_port

CLIENT = {"client_id": "the site", "client_secret": "its secret"}


@dataclass
class LocalProvider:
    """Answers as `person` says. `broken` is what it does instead of telling who it is."""

    port: int
    person: dict[str, Any] = field(default_factory=dict)
    emails: list[dict[str, Any]] = field(default_factory=list)
    broken: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    @property
    def settings(self) -> dict[str, Any]:
        here = f"http://127.0.0.1:{self.port}"
        return {**CLIENT, "authorize_url": f"{here}/authorize", "token_url": f"{here}/token", "api_url": here}

    def agree(self, location: str) -> str:
        """What the visitor's browser does there: say yes. Gives the path and query that it is sent back to."""
        asked = dict(parse_qsl(urlsplit(location).query))
        assert asked["client_id"] == CLIENT["client_id"]
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["state"]) >= 22, "fewer than 128 bits"
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?{urlencode({'code': code, 'state': asked['state']})}"

    async def token(self, request: web.Request) -> web.Response:
        """A code is good once, for the client and the address that it was given to, with its verifier."""
        form = await request.post()
        login = base64.b64encode(":".join(CLIENT.values()).encode()).decode()
        asked = self.codes.pop(str(form.get("code")), None)
        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        if (
            asked is None
            or request.headers.get("Authorization") != f"Basic {login}"
            or form.get("redirect_uri") != asked["redirect_uri"]
            or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        if self.broken == "token":
            return web.Response(text="<h1>Bad gateway</h1>", status=502)
        token = secrets.token_urlsafe(8)
        self.tokens.add(token)
        return web.json_response({"access_token": token, "token_type": "bearer"})

    def told(self, request: web.Request, data: Any) -> web.Response:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return web.json_response({"message": "Bad credentials"}, status=401)
        if self.broken:
            return web.Response(text="no JSON" if self.broken == "garbage" else "", status=200)
        return web.json_response(data)

    async def user(self, request: web.Request) -> web.Response:
        return self.told(request, self.person)

    async def addresses(self, request: web.Request) -> web.Response:
        return self.told(request, self.emails)


@asynccontextmanager
async def local_provider() -> AsyncIterator[LocalProvider]:
    provider = LocalProvider(free_port())
    app = web.Application()
    app.add_routes(
        [
            web.post("/token", provider.token),
            web.get("/user", provider.user),
            web.get("/user/emails", provider.addresses),
            web.get("/v1/userinfo", provider.user),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", provider.port).start()
    try:
        yield provider
    finally:
        await runner.cleanup()

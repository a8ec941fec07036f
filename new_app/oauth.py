"""OAuth: who a visitor is, as another site says it. RFC 6749 (code) with PKCE (RFC 7636, S256) and a state.

`Provider.begin` gives the address to send a visitor to, and what to keep in the session until they come back;
`Provider.person` takes the code that they come back with and asks the provider who it was given to.

Refuses: a provider's answer without an id; an e-mail address that the provider has not confirmed is none.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

TIMEOUT = 10.0
"""Seconds that a provider has for each answer."""


class ProviderFailed(Exception):
    """The provider did not say who it is; the message is for the log."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a provider knows them. `email` is empty unless the provider has confirmed it."""

    uid: str
    login: str
    email: str
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the visitor, and the secrets that bind the answer to this browser."""

    url: str
    state: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A site that vouches for people. `asked` are the paths below `api` whose answers `read` makes a person of."""

    name: str
    label: str
    authorize: str
    token: str
    api: str
    scope: str
    asked: tuple[str, ...]
    read: Callable[..., Person] = field(repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)

    def _client(self, redirect_uri: str) -> "AsyncOAuth2Client":
        from authlib.integrations.httpx_client import AsyncOAuth2Client  # 28 MB: only for a site that asks providers

        return AsyncOAuth2Client(
            self.client_id,
            self.client_secret,
            scope=self.scope,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT,
        )

    def begin(self, redirect_uri: str) -> Begun:
        verifier = secrets.token_urlsafe(48)
        url, state = self._client(redirect_uri).create_authorization_url(self.authorize, code_verifier=verifier)
        return Begun(url, state, verifier)

    async def person(self, code: str, verifier: str, redirect_uri: str) -> Person:
        """Who the code was given to. Raises ProviderFailed."""
        import httpx2
        from authlib.common.errors import AuthlibBaseError

        try:
            async with self._client(redirect_uri) as client:
                await client.fetch_token(self.token, code=code, code_verifier=verifier)
                answers = [await client.get(self.api + path) for path in self.asked]
                person = self.read(*(answer.raise_for_status().json() for answer in answers))
        except (httpx2.HTTPError, AuthlibBaseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProviderFailed(f"{self.name}: {type(error).__name__}: {error}") from error
        if not person.uid:
            raise ProviderFailed(f"{self.name}: it names nobody")
        return person


def of_github(user: Mapping[str, Any], emails: list[Mapping[str, Any]]) -> Person:
    first, _, last = (user.get("name") or "").partition(" ")
    confirmed = [one["email"] for one in sorted(emails, key=lambda one: not one["primary"]) if one["verified"]]
    return Person(str(user["id"]), user["login"], (confirmed or [""])[0].lower(), first, last)


def of_google(claims: Mapping[str, Any]) -> Person:
    email = claims["email"].lower() if claims.get("email_verified") is True else ""
    name = email.partition("@")[0]
    return Person(claims["sub"], name, email, claims.get("given_name") or "", claims.get("family_name") or "")


PROVIDERS = {
    "github": Provider(
        "github",
        "GitHub",
        "https://github.com/login/oauth/authorize",
        "https://github.com/login/oauth/access_token",
        "https://api.github.com",
        "read:user user:email",
        ("/user", "/user/emails"),
        of_github,
    ),
    "google": Provider(
        "google",
        "Google",
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        "https://openidconnect.googleapis.com",
        "openid email profile",
        ("/v1/userinfo",),
        of_google,
    ),
}

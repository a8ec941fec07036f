"""Django's protection against forged requests (django/middleware/csrf.py), so that a form of one side is accepted by
the other.

A visitor has one secret, in a cookie or in the session. A form carries it masked, anew for every form. A request that
changes something must carry a token that unmasks to the secret, and must come from this site: its `Origin` says so, or
its `Referer` where it is secure and has no `Origin`. A refusal is a value: the reason, as Django words it.

    protection = site.open(cookies, session)      # `session` loaded, where the secret lives there
    reason = protection.refusal(request)          # None: go on
    token = protection.token()                    # for {% csrf_token %}
    protection.rotate()                           # at login
    closing = protection.close()                  # Set-Cookie and Vary
"""

import re
import secrets
import string
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from legacy_adapters.cookies import set_cookie
from legacy_adapters.hosts import is_same_domain
from legacy_adapters.sessions import Closing, Session
from legacy_adapters.settings import LegacySettings
from legacy_adapters.signing import same

LETTERS = string.ascii_letters + string.digits
PLACE = {letter: place for place, letter in enumerate(LETTERS)}
SECRET_LENGTH = 32
TOKEN_LENGTH = 2 * SECRET_LENGTH
SESSION_KEY = "_csrftoken"
FIELD = "csrfmiddlewaretoken"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
UNKNOWN_LETTER = re.compile("[^a-zA-Z0-9]")

NO_COOKIE = "CSRF cookie not set."
NO_TOKEN = "CSRF token missing."  # noqa: S105 - a reason
NO_REFERER = "Referer checking failed - no Referer."
MALFORMED_REFERER = "Referer checking failed - Referer is malformed."
INSECURE_REFERER = "Referer checking failed - Referer is insecure while host is secure."
BAD_REFERER = "Referer checking failed - {} does not match any trusted origins."
BAD_ORIGIN = "Origin checking failed - {} does not match any trusted origins."


@dataclass(frozen=True, slots=True)
class Submission:
    """What a request says of itself. `host` is None where ALLOWED_HOSTS refuses it (hosts.py); `header` is the value of
    CSRF_HEADER_NAME; `field` the form's, empty unless the method is POST.
    """

    method: str
    host: str | None
    secure: bool = False
    port: str = "80"
    origin: str | None = None
    referer: str | None = None
    header: str | None = None
    field: str = ""


def new_secret() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(SECRET_LENGTH))


def mask(secret: str, with_mask: str | None = None) -> str:
    """A token for a form: the mask, and the secret shifted by it."""
    by = with_mask or new_secret()
    pairs = zip(secret, by, strict=True)
    return by + "".join(LETTERS[(PLACE[one] + PLACE[other]) % len(LETTERS)] for one, other in pairs)


def unmask(token: str) -> str:
    pairs = zip(token[SECRET_LENGTH:], token[:SECRET_LENGTH], strict=True)
    return "".join(LETTERS[PLACE[one] - PLACE[other]] for one, other in pairs)


def malformed(token: str) -> str | None:
    """What is wrong with a token or a secret, masked or not, before it is compared."""
    if len(token) not in (SECRET_LENGTH, TOKEN_LENGTH):
        return "has incorrect length"
    return "has invalid characters" if UNKNOWN_LETTER.search(token) else None


def as_secret(text: str) -> str:
    return unmask(text) if len(text) == TOKEN_LENGTH else text


class Csrf:
    """The rules of one site, from its settings."""

    def __init__(self, settings: LegacySettings, clock: Callable[[], float] = time.time) -> None:
        self.settings, self.clock = settings, clock
        self._exact = {origin for origin in settings.csrf_trusted_origins if "*" not in origin}
        self._below: dict[str, list[str]] = defaultdict(list)
        self._hosts = [urlsplit(origin).netloc.lstrip("*") for origin in settings.csrf_trusted_origins]
        for origin in settings.csrf_trusted_origins:
            if "*" in origin:
                self._below[urlsplit(origin).scheme].append(urlsplit(origin).netloc.lstrip("*"))

    @property
    def header_name(self) -> str:
        """CSRF_HEADER_NAME as HTTP spells it, in lower case."""
        return self.settings.csrf_header_name.removeprefix("HTTP_").replace("_", "-").lower()

    def open(self, cookies: Mapping[str, str], session: Session | None = None) -> "Protection":
        """The protection of one request. With CSRF_USE_SESSIONS it needs the session, loaded."""
        return Protection(self, cookies, session)

    def knows_origin(self, request: Submission) -> bool:
        if request.host is not None and request.origin == f"{'https' if request.secure else 'http'}://{request.host}":
            return True
        if request.origin in self._exact:
            return True
        try:
            origin = urlsplit(request.origin or "")
        except ValueError:
            return False
        return any(is_same_domain(origin.netloc, host) for host in self._below.get(origin.scheme, ()))

    def refuses_referer(self, request: Submission) -> str | None:
        if request.referer is None:
            return NO_REFERER
        try:
            referer = urlsplit(request.referer)
        except ValueError:
            return MALFORMED_REFERER
        if not referer.scheme or not referer.netloc:
            return MALFORMED_REFERER
        if referer.scheme != "https":
            return INSECURE_REFERER
        good = [*self._hosts, self._own_host(request)]
        if any(is_same_domain(referer.netloc, host) for host in good if host):
            return None
        return BAD_REFERER.format(referer.geturl())

    def _own_host(self, request: Submission) -> str | None:
        settings = self.settings
        domain = settings.session_cookie_domain if settings.csrf_use_sessions else settings.csrf_cookie_domain
        if domain is None:
            return request.host
        return domain if request.port in ("443", "80") else f"{domain}:{request.port}"


class Protection:
    """One request's secret: what came with it, and what the answer sets."""

    def __init__(self, site: Csrf, cookies: Mapping[str, str], session: Session | None) -> None:
        self._site, self._session = site, session
        if site.settings.csrf_use_sessions:
            if session is None:
                raise ValueError("CSRF_USE_SESSIONS is on: open the protection with the request's session")
            kept = session.get(SESSION_KEY)
            self._fault = None
        else:
            kept = cookies.get(site.settings.csrf_cookie_name)
            self._fault = malformed(kept) if kept is not None else None
        self._brought = as_secret(kept) if kept is not None and self._fault is None else None
        self._secret = self._brought
        self._changed = False
        if self._fault is not None:
            self.rotate()

    def token(self) -> str:
        """A token for a form or a script. The answer sets the cookie, if only to renew it."""
        if self._secret is None:
            self._secret = new_secret()
        self._changed = True
        return mask(self._secret)

    def rotate(self) -> None:
        """Another secret, as at login: forms drawn before it are refused."""
        self._secret = new_secret()
        self._changed = True

    def refusal(self, request: Submission, *, exempt: bool = False) -> str | None:
        """Why the request must be answered 403, None if it may go on. `exempt` is Django's `csrf_exempt`."""
        if exempt or request.method in SAFE_METHODS:
            return None
        if request.origin is not None:
            if not self._site.knows_origin(request):
                return BAD_ORIGIN.format(request.origin)
        elif request.secure and (reason := self._site.refuses_referer(request)):
            return reason
        return self._refuses_token(request)

    def _refuses_token(self, request: Submission) -> str | None:
        if self._fault is not None:
            return f"CSRF cookie {self._fault}."
        if self._brought is None:
            return NO_COOKIE
        field = request.field if request.method == "POST" else ""
        token = field or request.header
        if token is None:
            return NO_TOKEN
        source = "POST" if field else f"the {self._site.header_name.title()!r} HTTP header"
        if fault := malformed(token):
            return f"CSRF token from {source} {fault}."
        if not same(as_secret(token), self._brought):
            return f"CSRF token from {source} incorrect."
        return None

    def close(self) -> Closing:
        """What the answer carries. Where the secret lives in the session, the session is to be closed afterwards."""
        if not self._changed or self._secret is None:
            return Closing()
        self._changed = False
        settings = self._site.settings
        if self._session is not None and settings.csrf_use_sessions:
            if self._session.get(SESSION_KEY) != self._secret:
                self._session[SESSION_KEY] = self._secret
            return Closing()
        attributes: dict[str, Any] = {
            "max_age": settings.csrf_cookie_age,
            "domain": settings.csrf_cookie_domain,
            "path": settings.csrf_cookie_path,
            "secure": settings.csrf_cookie_secure,
            "httponly": settings.csrf_cookie_httponly,
            "samesite": settings.csrf_cookie_samesite,
        }
        return Closing(
            (set_cookie(settings.csrf_cookie_name, self._secret, clock=self._site.clock, **attributes),), True
        )

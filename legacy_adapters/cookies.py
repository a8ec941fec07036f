"""Cookies and `Vary`, read and written as Django does, byte for byte (django/http/cookie.py, response.py).

Of several cookies of one name the last one counts; a piece without `=` is a value without a name.
"""

import time
from collections.abc import Callable
from email.utils import formatdate
from http import cookies
from typing import Any

GONE = "Thu, 01 Jan 1970 00:00:00 GMT"
SAME_SITE = frozenset({"lax", "none", "strict"})
unquote: Callable[[str], str] = getattr(cookies, "_unquote")  # noqa: B009 - the standard library's own, private name


def parse_cookies(header: str) -> dict[str, str]:
    """The cookies of a `Cookie` header."""
    found: dict[str, str] = {}
    for piece in header.split(";"):
        name, sign, value = piece.partition("=")
        if not sign:
            name, value = "", piece
        name, value = name.strip(), value.strip()
        if name or value:
            found[name] = unquote(value)
    return found


def set_cookie(
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    expires: str | None = None,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = False,
    httponly: bool = False,
    samesite: str | bool | None = None,
    clock: Callable[[], float] = time.time,
) -> str:
    """The value of a `Set-Cookie` header. `expires` follows from `max_age` unless given."""
    if samesite and str(samesite).lower() not in SAME_SITE:
        raise ValueError(f"SameSite is lax, none or strict, not {samesite!r}")
    jar: cookies.SimpleCookie = cookies.SimpleCookie()
    jar[name] = value
    morsel: cookies.Morsel[Any] = jar[name]
    if max_age is not None:
        morsel["max-age"] = int(max_age)
        expires = expires or http_date(clock() + max_age)
    attributes: dict[str, Any] = {
        "expires": expires,
        "path": path,
        "domain": domain,
        "secure": secure,
        "httponly": httponly,
        "samesite": samesite,
    }
    morsel.update({key: given for key, given in attributes.items() if given})
    return morsel.OutputString()


def delete_cookie(name: str, *, path: str = "/", domain: str | None = None, samesite: str | bool | None = None) -> str:
    """The value of a `Set-Cookie` header that makes browsers forget a cookie."""
    secure = name.startswith(("__Secure-", "__Host-")) or str(samesite or "").lower() == "none"
    return set_cookie(
        name, "", max_age=0, expires=GONE, path=path, domain=domain, secure=secure, samesite=samesite or None
    )


def http_date(seconds: float) -> str:
    return formatdate(seconds, usegmt=True)


def vary_on(header: str | None, *names: str) -> str:
    """A `Vary` header with these names added, unless it has them in some spelling."""
    listed = [part.strip() for part in header.split(",")] if header else []
    known = {part.lower() for part in listed}
    if "*" in known:
        return "*"
    return ", ".join([*listed, *(name for name in names if name.lower() not in known)])

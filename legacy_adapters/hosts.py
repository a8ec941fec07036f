"""Which host a request is for, and whether it may be (django/http/request.py: get_host(), get_port())."""

import re
from collections.abc import Mapping, Sequence

from legacy_adapters.settings import LegacySettings

HOST = re.compile(r"([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::([0-9]+))?")
LOCAL = (".localhost", "127.0.0.1", "[::1]")


def allowed_host(headers: Mapping[str, str], settings: LegacySettings, server: str) -> str | None:
    """The host, port included, or None where ALLOWED_HOSTS does not have it.

    Header names are in lower case; `server` stands in where there is no `Host`.
    """
    host = headers.get("x-forwarded-host") if settings.use_x_forwarded_host else None
    if host is None:
        host = headers.get("host", server)
    domain, _ = split_port(host)
    allowed: Sequence[str] = settings.allowed_hosts or (LOCAL if settings.debug else ())
    fits = domain and any(pattern == "*" or is_same_domain(domain, pattern) for pattern in allowed)
    return host if fits else None


def asked_port(headers: Mapping[str, str], settings: LegacySettings, server_port: int | str) -> str:
    forwarded = headers.get("x-forwarded-port") if settings.use_x_forwarded_port else None
    return str(server_port) if forwarded is None else forwarded


def split_port(host: str) -> tuple[str, str]:
    """Domain in lower case, and port; an empty domain for what is not a host."""
    found = HOST.fullmatch(host.lower())
    return (found[1].removesuffix("."), found[2] or "") if found else ("", "")


def is_same_domain(host: str, pattern: str) -> bool:
    """Whether a host is what a pattern says: `.example.org` is it and everything below it."""
    pattern = pattern.lower()
    if pattern.startswith("."):
        return host.endswith(pattern) or host == pattern[1:]
    return bool(pattern) and host == pattern

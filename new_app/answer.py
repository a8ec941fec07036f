"""Answer: an HTTP response as bytes and headers, with nothing added.

Parity is about exact headers, so a handler says all of them. Content-Length is Django's: the length of the body, on
HEAD too. `ask_legacy` marks an answer that the legacy site knows better, and the router in front asks it.
"""

from collections.abc import Sequence
from typing import Any

FALLTHROUGH = b"x-bridge-fallthrough"
BARE = "site.bare"
"""Marks the start of an answer that wants no headers of the site's."""
HTML = "text/html; charset=utf-8"

Headers = Sequence[tuple[bytes, bytes]]


class Answer:
    """An ASGI application that sends one response. Litestar takes it as it is.

    A `bare` one gets none of the headers that every answer of the site carries, and says no length.
    """

    __slots__ = ("bare", "body", "headers", "status")

    def __init__(
        self,
        body: bytes = b"",
        status: int = 200,
        content_type: str | None = HTML,
        headers: Headers = (),
        *,
        bare: bool = False,
    ) -> None:
        self.bare = bare
        self.body = body
        self.status = status
        length = [] if bare else [(b"content-length", b"%d" % len(body))]
        self.headers: list[tuple[bytes, bytes]] = [*length, *headers]
        if content_type is not None:
            self.headers.append((b"content-type", content_type.encode("latin-1")))

    @property
    def weight(self) -> int:
        return len(self.body)

    def copy(self) -> "Answer":
        """One of one's own, for who adds headers to an answer that others have as well."""
        answer = Answer(self.body, self.status, None)
        answer.headers = [*self.headers]
        return answer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send({**start, BARE: True} if self.bare else start)
        body = b"" if scope["method"] == "HEAD" else self.body
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def to_asgi_response(self, **_options: Any) -> "Answer":
        """What Litestar asks of the answer of an exception handler."""
        return self


def redirect(location: str, status: int = 302) -> Answer:
    return Answer(status=status, headers=[(b"location", location.encode("ascii"))])


def ask_legacy(status: int = 404) -> Answer:
    """The legacy site answers this request: its redirects, pages and error pages come after every route of ours."""
    text = b"Not found" if status == 404 else b"Server error"
    return Answer(text, status, "text/plain", headers=[(FALLTHROUGH, b"1")])

"""Identity: what accounts need of the site that keeps them, as protocols. The composition root hands it in.

How a password is stored, which counters limit a visitor, and what the site says to whoever it refuses are shared with
the legacy site, whose business they are while it runs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from new_app.api.throttle import Counters
from new_app.mail import Post
from new_app.oauth import Provider
from new_app.tokens import Tokens


class Check(Protocol):
    """Whether a password is right, and whether its stored form should be made anew."""

    @property
    def correct(self) -> bool: ...

    @property
    def outdated(self) -> bool: ...


class Passwords(Protocol):
    """Hashing beside the event loop. Raises one of the root's `failures` when too many wait."""

    async def verify(self, password: str, encoded: str) -> Check: ...

    async def encode(self, password: str) -> str: ...

    async def burn(self, password: str) -> None:
        """Take as long as a check takes: nobody shall be told apart by the time."""

    def close(self) -> None:
        """Let the threads go; what waits is not done."""


class Trap(Protocol):
    """A field that people do not see and machines fill in. `knows_visitor`: the page for who is caught varies by
    cookie.
    """

    @property
    def field_name(self) -> str: ...

    @property
    def value(self) -> str: ...

    @property
    def knows_visitor(self) -> bool: ...


class Links(Protocol):
    """Links that a visitor gets by mail, and either side may be asked for."""

    def confirmation(self, address: int) -> str:
        """The key of a link that confirms an address, made from its primary key."""

    def confirmed(self, key: str) -> Any:
        """The primary key of the address, None for a key that is not ours or too old."""

    def uid(self, pk: Any) -> str: ...

    def pk(self, uid: str) -> Any:
        """The user whom a link names. Raises ValueError."""

    def reset(self, user: Any, addresses: Iterable[str]) -> str:
        """The token of a link that sets a password anew; it is good until the user signs in or has another address."""

    def resets(self, user: Any, addresses: Iterable[str], token: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """`links` and `post` are None where the site does not know how: legacy mails. `sender` is whom mails are from.

    `refusals` are whole pages of the legacy site's framework, by what they answer: `400`, `429`, `csrf`, and `csrf`
    with the reason that it tells apart. `hosts` are those that a redirect may lead to beside the asked one;
    `most_bytes` is how much of a form is read, None all of it. `rules` are the legacy site's own for new passwords, by
    name: where there are any, legacy takes new passwords. `providers` are the sites that visitors may sign in with, by
    name; `tokens` are what programs prove themselves with, None where they only have the legacy site's.
    """

    passwords: Passwords
    counters: Counters
    refusals: Mapping[str, str] = field(default_factory=dict)
    hosts: frozenset[str] = frozenset()
    most_bytes: int | None = 2_621_440
    trap: Trap | None = None
    links: Links | None = None
    post: Post | None = None
    sender: str = ""
    rules: tuple[str, ...] = ()
    providers: Mapping[str, Provider] = field(default_factory=dict)
    tokens: Tokens | None = None

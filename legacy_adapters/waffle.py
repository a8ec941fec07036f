"""django-waffle's flags, switches and samples from plain rows: read, never written.

A flag is decided per request, in the package's order (2.2 to 5): unknown → default; override by query string; everyone;
testing by query string or cookie; language; visitor (authenticated, staff, superusers, users, groups); percent, by
cookie or by lot. What the lot said is kept for the request, and `Answers.cookies` are to be set on the answer.

Refuses: to create rows that are missing (WAFFLE_CREATE_MISSING_*), and a WAFFLE_FLAG_MODEL with rules of its own.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from legacy_adapters.dtl.functions import takes_context
from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.manifest import Manifest

Row = Mapping[str, Any]
Lot = Callable[[], float]
STATE = "_waffle"


class Visitor(Protocol):
    """What a flag asks of a user; `group_ids` only where a flag names groups."""

    is_authenticated: bool
    is_staff: bool
    is_superuser: bool
    pk: Any
    group_ids: Iterable[int]


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie that the answer sets; `max_age` None means until the browser closes."""

    name: str
    value: str
    max_age: int | None
    secure: bool


@dataclass(slots=True)
class Answers:
    """What was decided for one request."""

    by_lot: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    tests: dict[str, bool] = field(default_factory=dict)


class Features:
    """The rows of one moment, by name. `users` and `groups` give the ids that a flag (by id) is on for."""

    def __init__(
        self,
        manifest: Manifest,
        flags: Iterable[Row] = (),
        switches: Iterable[Row] = (),
        samples: Iterable[Row] = (),
        *,
        users: Mapping[int, Iterable[Any]] | None = None,
        groups: Mapping[int, Iterable[int]] | None = None,
        lot: Lot = lambda: random.uniform(0, 100),  # noqa: S311 - chance, not secrecy
    ) -> None:
        self.settings = manifest.waffle
        self._flags = {row["name"]: row for row in flags}
        self._switches = {row["name"]: bool(row["active"]) for row in switches}
        self._samples = {row["name"]: Decimal(str(row["percent"])) for row in samples}
        self._users = {flag: frozenset(ids) for flag, ids in (users or {}).items()}
        self._groups = {flag: frozenset(ids) for flag, ids in (groups or {}).items()}
        self._lot = lot

    def all(self, request: Any, answers: Answers) -> dict[str, object]:
        """Every flag, switch and sample, as the package's script is given them."""
        return {
            "flags": [(name, self.flag_is_active(request, name, answers)) for name in self._flags],
            "switches": [(name, self.switch_is_active(name)) for name in self._switches],
            "samples": [(name, self.sample_is_active(name)) for name in self._samples],
            "flag_default": self.settings.flag_default,
            "switch_default": self.settings.switch_default,
            "sample_default": self.settings.sample_default,
        }

    def switch_is_active(self, name: str) -> bool:
        return self._switches.get(name, self.settings.switch_default)

    def sample_is_active(self, name: str) -> bool:
        percent = self._samples.get(name)
        return self.settings.sample_default if percent is None else self._draw(percent)

    def flag_is_active(self, request: Any, name: str, answers: Answers) -> bool:
        """`request` has Django's GET, COOKIES and user, and LANGUAGE_CODE if the site has languages."""
        flag = self._flags.get(name)
        if flag is None:
            return self.settings.flag_default
        if self.settings.override and name in request.GET:
            return bool(request.GET[name] == "1")
        if flag["everyone"] is not None:
            return bool(flag["everyone"])
        tested = self._tested(request, name, answers) if flag["testing"] else None
        if tested is not None:
            return tested
        if getattr(request, "LANGUAGE_CODE", None) in languages(flag) or self._is_for(flag, request.user):
            return True
        return bool(flag["percent"] and flag["percent"] > 0) and self._by_lot(request, flag, answers)

    def _tested(self, request: Any, name: str, answers: Answers) -> bool | None:
        cookie = self.settings.test_cookie % name
        if cookie in request.GET:
            answers.tests[name] = bool(request.GET[cookie] == "1")
            return answers.tests[name]
        return bool(request.COOKIES[cookie] == "True") if cookie in request.COOKIES else None

    def _is_for(self, flag: Row, user: Any) -> bool:
        if flag["authenticated"] and user.is_authenticated:
            return True
        if flag["staff"] and getattr(user, "is_staff", False):
            return True
        if flag["superusers"] and getattr(user, "is_superuser", False):
            return True
        if getattr(user, "pk", None) in self._users.get(flag["id"], ()):
            return True
        groups = self._groups.get(flag["id"])
        return bool(groups and not groups.isdisjoint(getattr(user, "group_ids", ())))

    def _by_lot(self, request: Any, flag: Row, answers: Answers) -> bool:
        name, rollout = flag["name"], bool(flag["rollout"])
        if name not in answers.by_lot:
            cookie = self.settings.cookie % name
            known = request.COOKIES.get(cookie)
            active = known == "True" if known is not None else self._draw(Decimal(str(flag["percent"])))
            answers.by_lot[name] = (active, rollout)
        return answers.by_lot[name][0]

    def _draw(self, percent: Decimal) -> bool:
        return Decimal(str(self._lot())) <= percent

    def cookies(self, answers: Answers) -> list[Cookie]:
        """waffle/middleware.py: while a flag is rolled out, "no" is remembered only until the browser closes."""
        chosen = [
            Cookie(
                self.settings.cookie % name,
                str(active),
                None if rollout and not active else self.settings.max_age,
                self.settings.secure,
            )
            for name, (active, rollout) in answers.by_lot.items()
        ]
        tested = [Cookie(self.settings.test_cookie % name, str(on), None, False) for name, on in answers.tests.items()]
        return chosen + tested


def languages(flag: Row) -> list[str]:
    return [name.strip() for name in flag["languages"].split(",")] if flag["languages"] else []


def answers_of(request: Any, state: dict[Any, Any] | None = None) -> Answers:
    """What was decided for this request so far; it stands on the request, or in `state` where that takes nothing."""
    found = getattr(request, STATE, None) or (state or {}).get(STATE)
    if isinstance(found, Answers):
        return found
    found = Answers()
    with suppress(AttributeError):
        setattr(request, STATE, found)
        return found
    if state is not None:
        state[STATE] = found
    return found


def functions(features: Callable[[Any], Features]) -> dict[str, Callable[..., object]]:
    """`{% wafflejs %}`: the theme's `waffle/waffle.js`, with all that is on and off for this request."""

    @takes_context
    def wafflejs(context: Any) -> SafeString:
        variables = features(context).all(context["request"], answers_of(context["request"], context.state))
        return SafeString(context.environment.select(("waffle/waffle.js",)).render(variables))

    return {"wafflejs": wafflejs}


def blocks(features: Callable[[Any], Features]) -> dict[str, Callable[..., object]]:
    """`{% flag "x" %}…{% else %}…{% endflag %}`, `switch` and `sample`; `features` gives the rows of a render."""

    def block(is_active: Callable[[Any, str], bool]) -> Callable[..., object]:
        def shown(context: Any, body: Any, name: object) -> object:
            return body() if is_active(context, str(name)) else body.otherwise()

        return shown

    def flag(context: Any, name: str) -> bool:
        request = context.get("request")
        return features(context).flag_is_active(request, name, answers_of(request, context.state))

    return {
        "flag": block(flag),
        "switch": block(lambda context, name: features(context).switch_is_active(name)),
        "sample": block(lambda context, name: features(context).sample_is_active(name)),
    }

"""Journeys: stories of several requests, each of them answered by whichever side a schedule says.

1. legacy alone tells the story: what it answers and leaves behind is what must come of it, 2. from the same start the
story is told again for each schedule, 3. every answer is compared with legacy's, and the facts that the story left in
the database, 4. a schedule that fails is shrunk: asking one request fewer on the new side would not fail.

A form is filled in as a person does it: hidden fields go back as the last answer drew them, whichever side that was.
"""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parity.capture import Ask, Case, Headers, Observation
from parity.clean import Rules, text_of, unpacked
from parity.compare import compare
from parity.errors import PersonaError
from parity.personas import Browser

LEGACY, NEW = "legacy", "new"


class World(Protocol):
    """What stories are told in. `ask` has both sides by name."""

    @property
    def ask(self) -> Mapping[str, Ask]: ...

    async def begin(self) -> None:
        """Bring everything back to where stories start."""

    async def facts(self) -> Sequence[str]:
        """What a story left behind, in words that do not differ between two tellings."""


class Walk:
    """One telling. `on_new` has the numbers of the requests that the new side answers."""

    def __init__(self, world: World, on_new: frozenset[int]) -> None:
        self.world, self.on_new = world, on_new
        self.origin = world.ask[LEGACY].origin
        self.answers: list[Observation] = []

    async def ask(self, case: Case) -> Observation:
        side = NEW if len(self.answers) in self.on_new else LEGACY
        answer = await self.world.ask[side].ask(case)
        self.answers.append(answer)
        return answer

    def visitor(self) -> "Visitor":
        """Somebody with cookies of their own."""
        return Visitor(Browser(self))


@dataclass(slots=True)
class Visitor:
    """A browser that fills in forms."""

    browser: Browser
    at: str = "/"
    page: Observation = field(default_factory=lambda: Observation(""))

    async def get(self, path: str, headers: Headers = ()) -> Observation:
        """One page; a redirect is an answer like any other."""
        self.at, self.page = path, await self.browser.ask(Case(path, headers=headers))
        return self.page

    async def follow(self) -> Observation:
        """Go where the last answer leads."""
        return await self.get(self.browser.inside(self.at, self.page.first("location")))

    async def submit(self, **filled: str | None) -> Observation:
        """Send the form of this page that has all these fields; None takes a field out of it."""
        form = self._form({name for name, value in filled.items() if value is not None})
        action = self.browser.inside(self.at, form.attributes.get("action") or self.at)
        said = {**sent_by(form), **{name: value for name, value in filled.items() if value is not None}}
        kept = {name: value for name, value in said.items() if name not in filled or filled[name] is not None}
        return await self.post(action, kept)

    async def post(self, path: str, said: Mapping[str, str], headers: Headers = ()) -> Observation:
        """Send these fields, whatever the page shows."""
        kind = ("Content-Type", "application/x-www-form-urlencoded")
        referer = ("Referer", self.browser.side.origin + self.at)
        case = Case(path, "POST", "", (kind, referer, *headers), urlencode(said).encode())
        self.at, self.page = path, await self.browser.ask(case)
        return self.page

    def _form(self, names: set[str]) -> LexborNode:
        text, _ = text_of(unpacked(self.page).data, "utf-8")
        for form in LexborHTMLParser(text).css("form"):
            fields = {node.attributes.get("name") for node in form.css("[name]")}
            if names <= fields and (form.attributes.get("method") or "").lower() == "post":
                return form
        raise PersonaError(f"{self.at} (status {self.page.status}) has no form with {', '.join(sorted(names))}")


def sent_by(form: LexborNode) -> dict[str, str]:
    """The fields that a browser sends if nobody touches the form."""
    said: dict[str, str] = {}
    for node in form.css("input[name], textarea[name], select[name]"):
        name, kind = node.attributes["name"] or "", (node.attributes.get("type") or "").lower()
        if node.tag == "select":
            chosen = node.css_first("option[selected]") or node.css_first("option")
            said[name] = (chosen.attributes.get("value") or "") if chosen is not None else ""
        elif node.tag == "textarea":
            said[name] = node.text().removeprefix("\n")
        elif kind in {"checkbox", "radio"}:
            if "checked" in node.attributes:
                said[name] = node.attributes.get("value") or "on"
        elif kind not in {"submit", "image", "button", "file", "reset"}:
            said[name] = node.attributes.get("value") or ""
    return said


Tell = Callable[[Walk], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    tell: Tell


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a telling; `broken` says why it could not go on."""

    answers: tuple[Observation, ...]
    facts: tuple[str, ...]
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A story that came out otherwise: the fewest requests on the new side that do it, and what was other."""

    story: str
    on_new: tuple[int, ...]
    requests: tuple[str, ...]
    differences: tuple[str, ...]

    def __str__(self) -> str:
        steps = "\n".join(
            f"  {number} {'new   ' if number in self.on_new else 'legacy'} {request}"
            for number, request in enumerate(self.requests)
        )
        return f"{self.story}:\n{steps}\n" + "\n".join(f"  ! {line}" for line in self.differences)


async def told(world: World, story: Story, on_new: frozenset[int]) -> Outcome:
    """Tell a story once, from the start."""
    await world.begin()
    walk, broken = Walk(world, on_new), ""
    try:
        await story.tell(walk)
    except (PersonaError, AssertionError) as error:
        broken = str(error)
    return Outcome(tuple(walk.answers), tuple(await world.facts()), broken)


def differences(expected: Outcome, found: Outcome, rules: Rules) -> list[str]:
    """What is other, in the order in which a visitor meets it."""
    lines = []
    for number, (legacy, new) in enumerate(zip(expected.answers, found.answers, strict=False)):
        lines += [f"{number} {new.method} {new.path}: {other}" for other in compare(legacy, new, rules=rules)]
    if expected.broken != found.broken:
        lines.append(
            f"ended with {found.broken or 'the last step'!r}, with legacy {expected.broken or 'the last step'!r}"
        )
    elif len(expected.answers) != len(found.answers):
        lines.append(f"{len(found.answers)} requests, with legacy {len(expected.answers)}")
    lines += [f"fact gone: {fact}" for fact in expected.facts if fact not in found.facts]
    return lines + [f"fact new: {fact}" for fact in found.facts if fact not in expected.facts]


def schedules(requests: int, times: int, seed: int) -> list[frozenset[int]]:
    """All on new, each other one, and random ones: which requests the new side answers. No two are alike."""
    dice = random.Random(seed)  # noqa: S311 - a test must be repeatable
    every = range(requests)
    regular = [frozenset(every), frozenset(every[::2]), frozenset(every[1::2])]
    found = [one for one in dict.fromkeys(regular) if one]
    while len(found) < min(times, 2**requests - 1):
        one = frozenset(number for number in every if dice.random() < 0.5)
        if one and one not in found:
            found.append(one)
    return found[:times]


async def failures(world: World, story: Story, *, rules: Rules, times: int, seed: int = 0) -> AsyncIterator[Failure]:
    """Tell a story by legacy, then by `times` schedules; each that comes out otherwise, shrunk."""
    expected = await told(world, story, frozenset())
    if expected.broken:
        raise PersonaError(f"{story.name}: legacy cannot tell it: {expected.broken}")
    for on_new in schedules(len(expected.answers), times, seed):
        found = differences(expected, await told(world, story, on_new), rules)
        if found:
            shortest, found = await shrunk(world, story, expected, on_new, found, rules)
            requests = tuple(f"{answer.method} {answer.path}" for answer in expected.answers)
            yield Failure(story.name, tuple(sorted(shortest)), requests, tuple(found))


async def shrunk(
    world: World, story: Story, expected: Outcome, on_new: frozenset[int], found: list[str], rules: Rules
) -> tuple[frozenset[int], list[str]]:
    """Take requests off the new side as long as it still fails."""
    for number in sorted(on_new):
        fewer = on_new - {number}
        still = differences(expected, await told(world, story, fewer), rules) if fewer else []
        if still:
            on_new, found = fewer, still
    return on_new, found

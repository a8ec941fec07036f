"""Journeys between two small sites: what one side does otherwise is found, and shrunk to the request that does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest

from parity.capture import Ask, Case, Observation
from parity.clean import Rules
from parity.errors import PersonaError
from parity.journeys import LEGACY, NEW, Failure, Story, Walk, failures, schedules

FORM = b'<form method="post"><input name="word"><input type="hidden" name="kept" value="yes"></form>'


@dataclass
class Notebook:
    """A site of one form, with a fault: where it forgets a word, or says one page otherwise."""

    words: list[str]
    forgets: str = ""
    page: bytes = FORM
    origin: str = "http://one.test"

    async def ask(self, case: Case) -> Observation:
        if case.method == "GET":
            return Observation(self.origin, 200, (("Content-Type", "text/html"),), self.page, size=len(self.page))
        said = parse_qs(case.body.decode())
        assert said["kept"] == ["yes"]
        if said["word"] != [self.forgets]:
            self.words += said["word"]
        return Observation(self.origin, 302, (("Location", "/"),), b"", "POST", case.path, 0)


@dataclass
class World:
    new: Mapping[str, str | bytes] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    @property
    def ask(self) -> Mapping[str, Ask]:
        return {LEGACY: Notebook(self.words), NEW: Notebook(self.words, **self.new)}  # type: ignore[arg-type]

    async def begin(self) -> None:
        self.words.clear()

    async def facts(self) -> Sequence[str]:
        return [f"word {word}" for word in self.words]


async def three_words(walk: Walk) -> None:
    visitor = walk.visitor()
    for word in ("a", "b", "c"):
        await visitor.get("/")
        await visitor.submit(word=word)


async def found(world: World, times: int = 12) -> list[Failure]:
    return [one async for one in failures(world, Story("three words", three_words), rules=Rules(), times=times)]


async def test_sides_that_do_the_same_come_out_the_same() -> None:
    assert await found(World()) == []


async def test_what_one_side_forgets_is_shrunk_to_the_request_that_it_forgets() -> None:
    failed = await found(World({"forgets": "b"}))
    assert failed
    assert {one.on_new for one in failed} == {(3,)}
    assert failed[0].differences == ("fact gone: word b",)
    assert "3 new    POST /" in str(failed[0])


async def test_a_page_that_is_drawn_otherwise_is_found_where_it_is_asked() -> None:
    failed = await found(World({"page": FORM.replace(b"yes", b"yes") + b"<p>more</p>"}))
    assert {len(one.on_new) for one in failed} == {1}
    assert all(one.on_new[0] in (0, 2, 4) for one in failed)


async def test_a_form_that_is_gone_ends_the_story_with_the_reason() -> None:
    failed = await found(World({"page": b"<p>nothing</p>"}), times=1)
    assert any("has no form with word" in line for line in failed[0].differences)


async def test_a_story_that_legacy_cannot_tell_is_an_error() -> None:
    async def nonsense(walk: Walk) -> None:
        await walk.visitor().submit(word="a")

    with pytest.raises(PersonaError, match="legacy cannot tell it"):
        [one async for one in failures(World(), Story("nonsense", nonsense), rules=Rules(), times=1)]


@pytest.mark.parametrize(("requests", "times"), [(1, 5), (2, 9), (6, 12), (30, 40)])
def test_schedules_are_unlike_each_other_and_the_same_at_each_run(requests: int, times: int) -> None:
    made = schedules(requests, times, seed=1)
    assert made == schedules(requests, times, seed=1)
    assert len(set(made)) == len(made) == min(times, 2**requests - 1)
    assert made[0] == frozenset(range(requests))

"""Messages travel between the sides, and are shown exactly once."""

from typing import Any

import msgspec
import pytest
from hypothesis import strategies

from legacy_adapters.cookies import parse_cookies
from legacy_adapters.dtl.safe import is_safe, mark_safe
from legacy_adapters.errors import SettingsError
from legacy_adapters.messages import STORAGES, Notices
from legacy_adapters.session_files import Format, SignedCookieStore
from legacy_adapters.sessions import Session, Stored
from legacy_adapters.settings import LegacySettings
from legacy_adapters.signing import Keys, TimestampSigner
from tests.legacy_adapters.identity.cases import generated
from tests.legacy_adapters.identity.conftest import KEYS, Oracle

NOW = 1_750_000_000.0
PATHS = {kind: path for path, kind in STORAGES.items()}
Step = dict[str, Any]
Kept = tuple[dict[str, str], dict[str, Any]]


def storage(kind: str, **changes: Any) -> Notices:
    wanted = msgspec.structs.replace(LegacySettings(message_storage=PATHS[kind]), **changes)
    return Notices(wanted, KEYS, clock=lambda: NOW)


async def here(site: Notices, kept: Kept, step: Step) -> dict[str, Any]:
    """A request of the new side, told as the oracle tells one of Django's."""
    cookies, data = kept
    session = Session(SignedCookieStore(Format(KEYS)), LegacySettings())
    session.take(Stored(data, "", None))
    messages = await site.open(cookies, session)
    if step.get("level") is not None:
        messages.level = step["level"]
    for level, text, tags, safe in step.get("add", ()):
        messages.add(level, mark_safe(text) if safe else text, tags)
    shown = None
    if step.get("show"):
        shown = [[m.level, str(m), m.extra_tags, m.tags, m.level_tag, is_safe(m.message)] for m in messages]
    closing = await messages.close()
    return {"cookies": list(closing.cookies), "shown": shown, "session": session.data}


def after(kept: Kept, answer: dict[str, Any]) -> Kept:
    """What the browser and the session hold after an answer."""
    cookies = dict(kept[0])
    for cookie in answer["cookies"]:
        cookies |= parse_cookies(cookie.split(";")[0])
    return {name: value for name, value in cookies.items() if value}, answer["session"]


texts = strategies.text(strategies.characters(exclude_categories=["Cs"]), max_size=20) | strategies.sampled_from(
    ["x" * 300, "é" * 200, "".join(chr(33 + (n * 7919) % 90) for n in range(900))]
)
added = strategies.tuples(
    strategies.sampled_from([10, 20, 25, 30, 40, 77]),
    texts,
    strategies.none() | strategies.sampled_from(["", "big red"]),
    strategies.booleans(),
)
steps = strategies.fixed_dictionaries({"add": strategies.lists(added, max_size=5), "show": strategies.booleans()})


@generated(2000, kind=strategies.sampled_from(sorted(PATHS)), story=strategies.lists(steps, min_size=1, max_size=5))
async def test_a_story_on_either_side_leaves_the_same(bare: Oracle, kind: str, story: list[Step]) -> None:
    oracle, site = bare.with_settings(MESSAGE_STORAGE=PATHS[kind]), storage(kind)
    kept: Kept = ({}, {})
    for step in story:
        theirs = oracle.ask("messages", cookies=kept[0], session=kept[1], now=NOW, **step)
        ours = await here(site, kept, step)
        assert ours == {name: theirs[name] for name in ours}
        kept = after(kept, ours)


@pytest.mark.parametrize("kind", sorted(PATHS))
@pytest.mark.parametrize("first", ["django", "here"])
async def test_a_message_is_shown_once_by_the_other_side(bare: Oracle, kind: str, first: str) -> None:
    oracle, site = bare.with_settings(MESSAGE_STORAGE=PATHS[kind]), storage(kind)
    large = [[20, f"{n} " + "é<>&" * 150, "", False] for n in range(4)]
    add, show = {"add": [[25, "Saved.", "extra", True], *large]}, {"show": True}

    async def asked(side: str, kept: Kept, step: Step) -> dict[str, Any]:
        if side == "here":
            return await here(site, kept, step)
        found: dict[str, Any] = oracle.ask("messages", cookies=kept[0], session=kept[1], now=NOW, **step)
        return found

    other = "here" if first == "django" else "django"
    kept = after(({}, {}), await asked(first, ({}, {}), add))
    shown = await asked(other, kept, show)
    assert [text for _, text, *_ in shown["shown"]][-1].startswith("3 ")
    kept = after(kept, shown)
    assert kept == ({}, {})
    for side in (first, other):
        assert (await asked(side, kept, show))["shown"] == []


BROKEN = {
    "nothing": "",
    "nonsense": "nonsense",
    "unsigned": "W10:1uQowS:abc",
    "foreign": TimestampSigner(Keys("x").for_cookies(), "django.contrib.messages").sign_object(["a"]),
    "not a cookie's key": TimestampSigner(KEYS, "django.contrib.messages").sign_object(["a"]),
    "wrong salt": TimestampSigner(KEYS.for_cookies(), "other").sign_object(["a"]),
    "not JSON": TimestampSigner(KEYS.for_cookies(), "django.contrib.messages").sign_bytes(b"[1,"),
    "not base64": TimestampSigner(KEYS.for_cookies(), "django.contrib.messages").sign("a"),
    "huge": "x" * 100_000,
}


@pytest.mark.parametrize("kind", ["cookie", "fallback"])
@pytest.mark.parametrize("cookie", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("step", [{}, {"show": True}, {"add": [[20, "new", "", False]]}], ids=["pass", "show", "add"])
async def test_a_broken_cookie_is_no_messages(bare: Oracle, kind: str, cookie: str, step: Step) -> None:
    kept: Kept = ({"messages": cookie} if cookie else {}, {})
    theirs = bare.with_settings(MESSAGE_STORAGE=PATHS[kind]).ask(
        "messages", cookies=kept[0], session=kept[1], now=NOW, **step
    )
    ours = await here(storage(kind), kept, step)
    assert ours == {name: theirs[name] for name in ours}


async def test_a_cookie_of_django_3_2_is_read() -> None:
    signer = TimestampSigner(KEYS.for_cookies(), "django.contrib.messages", clock=lambda: NOW)
    cookie = signer.sign_object([["__json_message", 0, 20, "old"]], compress=True)
    shown = (await here(storage("fallback"), ({"messages": cookie}, {}), {"show": True}))["shown"]
    assert shown == [[20, "old", None, "info", "info", False]]


async def test_tags_and_levels_are_the_sites_own(bare: Oracle) -> None:
    tags = {"message_tags": {20: "general"}, "message_level": 10}
    site = storage("fallback", **tags)
    oracle = bare.with_settings(MESSAGE_STORAGE=PATHS["fallback"], MESSAGE_LEVEL=10)
    step = {"add": [[10, "a", "", False], [20, "b", "big", False], [40, "c", None, False]], "show": True}
    ours = (await here(site, ({}, {}), step))["shown"]
    assert [row[:3] for row in ours] == [
        row[:3] for row in oracle.ask("messages", cookies={}, session={}, now=NOW, **step)["shown"]
    ]
    assert [row[3] for row in ours] == ["debug", "big general", "error"]


async def test_the_golden_vectors_of_django_5_2_are_ours() -> None:
    keys = Keys("k" * 50)
    site = Notices(LegacySettings(), keys, clock=lambda: NOW)
    cookie = (
        ".eJyLjlaKj88qzs-Lz00tLk5MT1XSMdAxMtVRCk4sS01R0lFKrSgpSlSK1cFUZ6hjYqCjZJNk55dvo59kh1UN0CygmphSA0Pz1JzSEiDD"
        "IA1kqlJsLABkYyYI:1uQowS:-owyBp99zbwV3NzY05HjD5KgXtBYCYN0rYk_NTOFkYc"
    )
    shown = (await here(site, ({"messages": cookie}, {}), {"show": True}))["shown"]
    assert [row[:3] for row in shown] == [[25, "Saved", "extra"], [40, "<b>No</b>", None], [20, "žlutý", ""]]
    assert [row[5] for row in shown] == [False, True, False]
    text = (
        '[["__json_message", 0, 25, "Saved", "extra"], ["__json_message", 1, 40, "<b>No</b>"], '
        '["__json_message", 0, 20, "\\u017elut\\u00fd", ""]]'
    )
    site = Notices(LegacySettings(message_storage=PATHS["session"]), keys)
    assert (await here(site, ({}, {"_messages": text}), {"show": True}))["shown"] == shown


async def test_looking_at_messages_does_not_touch_an_empty_visitor() -> None:
    class Untouchable:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"the session was asked to {name}")

    session: Any = Untouchable()
    messages = await storage("fallback").open({}, session)
    assert list(messages) == []
    assert len(messages) == 0
    assert (await messages.close()).cookies == ()


@pytest.mark.parametrize(
    "changes", [{"message_storage": "shop.Storage"}, {"signing_backend": "shop.Signer"}], ids=["storage", "signing"]
)
def test_what_we_do_not_know_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"shop\.S"):
        Notices(msgspec.structs.replace(LegacySettings(), **changes), KEYS)

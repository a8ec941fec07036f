"""Cookies in words: made by Django itself, told alike where only the random part differs, and apart where it is more."""

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import MessagePartGatherSerializer, MessagePartSerializer
from django.core.signing import Signer, TimestampSigner
from django.utils.safestring import mark_safe

from legacy_adapters.settings import LegacySettings
from new_app.commands.parity_rules import messages, random_key, rules, signed, signed_session
from parity.compare import compare
from tests.parity import pair


def stored(*items: Message, key: str = "one") -> str:
    """django/contrib/messages/storage/cookie.py: CookieStorage._encode(); the signer is given its key."""
    signer = Signer(key=key, salt="django.contrib.messages", fallback_keys=[])
    parts = MessagePartSerializer().dumps(list(items))
    return signer.sign_object(parts, serializer=MessagePartGatherSerializer, compress=True)


def session(*, key: str = "one", **values: object) -> str:
    """django/contrib/sessions/backends/signed_cookies.py: SessionStore._get_session_key()."""
    return TimestampSigner(key=key, salt="sessions", fallback_keys=[]).sign_object(values, compress=True)


def timed(salt: str) -> TimestampSigner:
    return TimestampSigner(key="one", salt=salt, fallback_keys=[])


def differences(name: str, left: str, right: str, known: LegacySettings | None = None, attributes=("Path=/", "Path=/")):
    old, new = (
        pair.answer("a", extra=(("Set-Cookie", f"{name}={value}; {rest}"),))
        for value, rest in zip((left, right), attributes, strict=True)
    )
    return [(d.kind, d.legacy, d.new) for d in compare(old, new, rules=rules(known))]


def test_messages_are_their_level_and_text():
    saved, careful = Message(constants.SUCCESS, "Saved."), Message(constants.WARNING, mark_safe("<b>No</b>"), "big")
    assert messages(stored(saved)) == "25 'Saved.'"
    assert messages(stored(saved, careful)) == "25 'Saved.'; 30 safe big '<b>No</b>'"
    assert messages("") == "empty"
    long = [Message(constants.INFO, f"number {n} " * 20) for n in range(5)]
    assert (messages(stored(*long)) or "").count("20 'number") == 5


def test_equal_messages_under_another_key_are_the_same_and_other_texts_are_not():
    first, second = (stored(Message(constants.SUCCESS, "Saved."), key=key) for key in ("one", "two"))
    other = stored(Message(constants.ERROR, "Failed."))
    assert first != second
    assert differences("messages", first, second) == []
    assert differences("messages", first, other) == [("cookie value", "25 'Saved.'", "40 'Failed.'")]


def test_a_signed_value_is_the_same_whenever_it_was_signed():
    first, second = (timed(salt).sign("value") for salt in ("a", "b"))
    assert first != second
    assert signed(first) == signed(second)
    assert differences("any", first, second) == []
    assert differences("any", first, timed("a").sign("other"))
    assert signed("plain") is None
    assert "value" not in (signed(first) or "")


def test_a_session_in_its_cookie_is_told_by_its_keys_and_never_by_its_values():
    known = LegacySettings(session_engine="django.contrib.sessions.backends.signed_cookies", session_cookie_name="s")
    told = signed_session(session(cart="secret-thing", _auth_user_id="1")) or ""
    assert "cart=" in told
    assert "secret-thing" not in told
    assert differences("s", session(a=1), session(a=1), known) == []
    assert differences("s", session(a=1), session(a=2), known) != []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "empty"),
        ("a1" * 16, "a key of 32: a-z 0-9"),
        ("aB" * 16, "a key of 32: A-Z a-z 0-9"),
        ("a-", "a key of 2: other characters"),
    ],
)
def test_a_random_key_is_its_alphabet_and_length(value, words):
    assert random_key(value) == words


def test_names_of_cookies_come_from_the_settings_of_the_site():
    known = LegacySettings(session_cookie_name="who", csrf_cookie_name="proof")
    assert differences("who", "a" * 32, "b" * 32, known) == []
    assert differences("proof", "a" * 32, "B" * 32, known)
    assert differences("sessionid", "a" * 32, "b" * 32, known)
    assert rules(known).form_tokens[0].cookie == "proof"


def test_attributes_are_compared_whatever_the_value():
    found = differences("sessionid", "a" * 32, "b" * 32, attributes=("Path=/; HttpOnly", "Path=/"))
    assert found == [("cookie attribute", "", None)]

"""What this site adds to the rules of HTTP: Django's CSRF tokens, its cookies in words, and the router's own header.

A random key is told by its alphabet and length, a signed value by what it holds, messages by their text; the attributes
of every cookie are compared as they are. Cookie names are those of the manifest, Django's own where there is none.
"""

import base64
import binascii
import json
import re
import zlib
from string import ascii_letters, digits

from legacy_adapters.settings import LegacySettings
from parity.capture import Observation
from parity.clean import FormToken, Placeholder, Rules
from parity.compare import fingerprint

TOKEN = ascii_letters + digits
SIGNED = re.compile(r"(?P<payload>.+?)(?::[A-Za-z0-9]{6,7})?:(?P<signature>[A-Za-z0-9_-]{43})")
"""django/core/signing.py: value, perhaps a moment in base 62, HMAC-SHA256 in base 64."""
CONFIRMATION = re.compile(r"(?<=/accounts/confirm-email/)[A-Za-z0-9_-]+:[A-Za-z0-9]{6,7}:[A-Za-z0-9_-]{43}(?=/)")
"""django-allauth signs a link anew whenever it prints it: an address, the moment, a signature."""
MESSAGES = "messages"
MARK = "__json_message"
MOST = 1024 * 1024


def rules(settings: LegacySettings | None = None, *, exact: bool = False) -> Rules:
    """`settings` are the legacy site's; Django's defaults without them."""
    known = settings or LegacySettings()
    in_cookie = known.session_engine.endswith("signed_cookies")
    return Rules(
        ignored_headers=Rules().ignored_headers | {"x-bridge", "x-bridge-reason"},
        form_tokens=(FormToken("csrfmiddlewaretoken", known.csrf_cookie_name, r"[A-Za-z0-9]{64}", fits),),
        cookies={
            known.csrf_cookie_name: random_key,
            known.session_cookie_name: signed_session if in_cookie else random_key,
            MESSAGES: messages,
            "*": signed,
        },
        placeholders=(Placeholder("confirmation", CONFIRMATION, is_of_the_asked_link),),
        given_back=why_given_back,
        exact=exact,
    )


def is_of_the_asked_link(key: str, answer: Observation) -> bool:
    """It confirms the address that the visitor's own link confirms."""
    return f"/confirm-email/{key.partition(':')[0]}:" in answer.path


def why_given_back(answer: Observation) -> str:
    """Why our router let legacy answer, from its own header; an address without that router says nothing."""
    side, _, reason = answer.first("x-bridge").partition(";")
    return (reason.strip() or "without a reason") if side.strip() == "legacy" else ""


def fits(token: str, secret: str) -> bool:
    """Is the secret what the token hides? (django/middleware/csrf.py: _unmask_cipher_token())"""
    if set(token) - set(TOKEN) or len(token) != 64:
        return False
    return unmasked(token) == (unmasked(secret) if len(secret) == 64 else secret)


def unmasked(masked: str) -> str:
    """The secret in a token, or in the cookie of an older Django, which masked it there too."""
    mask, cipher = masked[:32], masked[32:]
    return "".join(TOKEN[(TOKEN.index(c) - TOKEN.index(m)) % len(TOKEN)] for m, c in zip(mask, cipher, strict=True))


def random_key(value: str) -> str:
    """All that can be compared of a random key."""
    if not value:
        return "empty"
    alphabets = (("a-z 0-9", r"[a-z0-9]+"), ("A-Z a-z 0-9", r"[A-Za-z0-9]+"))
    name = next((name for name, pattern in alphabets if re.fullmatch(pattern, value)), "other characters")
    return f"a key of {len(value)}: {name}"


def signed(value: str) -> str | None:
    """A signed value by what it holds; its moment and its signature differ at each asking. None: it is not signed."""
    found = SIGNED.fullmatch(value)
    return f"signed {fingerprint(found['payload'])}" if found else None


def signed_session(value: str) -> str | None:
    """A session that lives in its cookie: its keys by name, their values by fingerprint."""
    content = _payload(value)
    if not isinstance(content, dict):
        return signed(value)
    told = (f"{key}={fingerprint(json.dumps(content[key], sort_keys=True))}" for key in sorted(content))
    return f"a session with {', '.join(told) or 'nothing'}"


def messages(value: str) -> str | None:
    """django/contrib/messages/storage/cookie.py: MessageEncoder. Level, text and tags of each message."""
    if not value:
        return "empty"
    content = _payload(value)
    return "; ".join(map(_message, content)) or "no messages" if isinstance(content, list) else signed(value)


def _message(item: object) -> str:
    if not isinstance(item, list) or len(item) < 4 or item[0] != MARK:
        return json.dumps(item)
    _, safe, level, text, *tags = item
    marks = [str(level), *(["safe"] if safe else []), *(str(tag) for tag in tags if tag)]
    return f"{' '.join(marks)} {text!r}"


def _payload(value: str) -> object:
    """What Django signed: JSON, deflated where a dot says so, in base 64; None where it is anything else."""
    found = SIGNED.fullmatch(value)
    if not found:
        return None
    text = found["payload"]
    packed = text.removeprefix(".")
    try:
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        content: object = json.loads(_inflated(data) if text.startswith(".") else data)
    except (binascii.Error, zlib.error, ValueError):
        return None
    return content


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, MOST)

"""Messages to a visitor, kept from one page to the next as django/contrib/messages/ keeps them.

Whoever shows them takes them away, in the cookie and in the session, whichever side set them. In a cookie there are as
many as fit into 2,048 bytes; the fallback storage leaves the others in the session and says so in the cookie.

    messages = await site.open(cookies, session)
    for message in messages: …                       # shown: gone after this answer
    messages.success("Saved.")                       # for the next page, unless this one shows it
    closing = await messages.close()                 # Set-Cookie; may change the session: close that after
"""

import binascii
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, Protocol

from legacy_adapters.cookies import delete_cookie, set_cookie
from legacy_adapters.dtl.safe import is_safe, mark_safe
from legacy_adapters.errors import SettingsError
from legacy_adapters.sessions import Closing, Session
from legacy_adapters.settings import LegacySettings
from legacy_adapters.signing import BadSignature, Keys, TimestampSigner

DEBUG, INFO, SUCCESS, WARNING, ERROR = 10, 20, 25, 30, 40
TAGS: Mapping[int, str] = {DEBUG: "debug", INFO: "info", SUCCESS: "success", WARNING: "warning", ERROR: "error"}
DEFAULT_LEVELS = {"DEBUG": DEBUG, "INFO": INFO, "SUCCESS": SUCCESS, "WARNING": WARNING, "ERROR": ERROR}
COOKIE = "messages"
SALT = "django.contrib.messages"
SESSION_KEY = "_messages"
LARGEST_COOKIE = 2048
MARK = "__json_message"
NOT_FINISHED = "__messagesnotfinished__"
STORAGES = {
    "django.contrib.messages.storage.cookie.CookieStorage": "cookie",
    "django.contrib.messages.storage.session.SessionStorage": "session",
    "django.contrib.messages.storage.fallback.FallbackStorage": "fallback",
}


@dataclass(slots=True)
class Message:
    """One message; its text is safe HTML if Django's was."""

    level: int
    message: str
    extra_tags: str | None = None
    level_tag: str = ""

    @property
    def tags(self) -> str:
        return " ".join(tag for tag in (self.extra_tags, self.level_tag) if tag)

    def __str__(self) -> str:
        return self.message

    def packed(self) -> list[Any]:
        end = [] if self.extra_tags is None else [self.extra_tags]
        return [MARK, int(is_safe(self.message)), self.level, str(self.message), *end]


class _Raw:
    """Bytes that are JSON already."""

    def dumps(self, value: bytes) -> bytes:
        return value

    def loads(self, data: bytes) -> Any:
        return json.loads(data.decode("latin-1"))


class Storage(Protocol):
    """A place for messages: `get` says whether it had them all, `put` returns those that did not fit."""

    def get(self) -> tuple[list[Message | str] | None, bool]: ...

    def put(self, messages: Sequence[Message], *, drop_oldest: bool) -> Sequence[Message]: ...


class Notices:
    """The message storage of one site, from its settings."""

    def __init__(self, settings: LegacySettings, keys: Keys, clock: Callable[[], float] = time.time) -> None:
        if settings.message_storage not in STORAGES:
            raise SettingsError(
                f"MESSAGE_STORAGE is {settings.message_storage}: set one of Django's own, {', '.join(STORAGES)}"
            )
        if settings.signing_backend != "django.core.signing.TimestampSigner":
            raise SettingsError(
                f"SIGNING_BACKEND is {settings.signing_backend}: messages are read with Django's own only"
            )
        self.settings = settings
        self.kind = STORAGES[settings.message_storage]
        self.signer = TimestampSigner(keys.for_cookies(), SALT, clock=clock)
        self.tags = {**TAGS, **settings.message_tags}

    async def open(self, cookies: Mapping[str, str], session: Session) -> "Messages":
        """The messages of one request. The session is read only if some may be in it."""
        cookie = InCookie(self, cookies.get(COOKIE))
        if self.kind == "session" or (self.kind == "fallback" and not cookie.get()[1]):
            await session.load()
        return Messages(self, cookie, InSession(self, session), session)

    def unpacked(self, value: Any) -> Any:
        """Messages inside JSON, wherever they are."""
        if not isinstance(value, list):
            return value
        if value and value[0] == MARK:
            safe, level, text = value[1:4]
            extra = value[4] if len(value) > 4 else None
            return Message(int(level), mark_safe(text) if safe else text, extra, self.tags.get(int(level), ""))
        return [self.unpacked(item) for item in value]


class Messages:
    """One request's messages: a sequence that is used up by looking at it."""

    def __init__(self, site: Notices, cookie: "InCookie", in_session: "InSession", session: Session) -> None:
        self._site, self._cookie, self._session = site, cookie, session
        places: dict[str, list[Storage]] = {
            "cookie": [cookie],
            "session": [in_session],
            "fallback": [cookie, in_session],
        }
        self._storages = places[site.kind]
        self._held: list[Storage] = []
        self._kept: list[Any] | None = None
        self._new: list[Message] = []
        self._added = self.used = False
        self.level = site.settings.message_level

    def __iter__(self) -> Iterator[Any]:
        self.used = True
        kept = self._loaded()
        kept.extend(self._new)
        self._new = []
        return iter(kept)

    def __len__(self) -> int:
        return len(self._loaded()) + len(self._new)

    def __contains__(self, message: object) -> bool:
        return message in self._loaded() or message in self._new

    def add(self, level: int, message: object, extra_tags: str | None = "") -> None:
        """Queue a message, unless it is empty or below the recorded level."""
        if not message or level < self.level:
            return
        self._added = True
        text = message if isinstance(message, str) else str(message)
        self._new.append(Message(level, text, extra_tags, self._site.tags.get(level, "")))

    def debug(self, message: object, extra_tags: str = "") -> None:
        self.add(DEBUG, message, extra_tags)

    def info(self, message: object, extra_tags: str = "") -> None:
        self.add(INFO, message, extra_tags)

    def success(self, message: object, extra_tags: str = "") -> None:
        self.add(SUCCESS, message, extra_tags)

    def warning(self, message: object, extra_tags: str = "") -> None:
        self.add(WARNING, message, extra_tags)

    def error(self, message: object, extra_tags: str = "") -> None:
        self.add(ERROR, message, extra_tags)

    async def close(self) -> Closing:
        """Keep what nobody has seen, forget the rest."""
        if self.used or (self._site.kind == "cookie" and self._cookie.broken):
            await self._store(self._new)
        elif self._added:
            await self._store([*self._loaded(), *self._new])
        return Closing(tuple(self._cookie.answer))

    async def _store(self, messages: Sequence[Message]) -> None:
        alone = len(self._storages) == 1
        if isinstance(self._storages[0], InSession):
            await self._session.load()
        for storage in self._storages:
            if alone or messages:
                if isinstance(storage, InSession):
                    await self._session.load()
                messages = storage.put(messages, drop_oldest=alone)
            elif storage in self._held:
                storage.put([], drop_oldest=False)
        self._added = self.used = False

    def _loaded(self) -> list[Any]:
        if self._kept is None:
            self._kept = []
            for storage in self._storages:
                found, complete = storage.get()
                if found is None:
                    break
                if found:
                    self._held.append(storage)
                self._kept.extend(found)
                if complete:
                    break
        return self._kept


class InCookie:
    """Messages in the cookie `messages` (storage/cookie.py)."""

    def __init__(self, site: Notices, cookie: str | None) -> None:
        self._site, self._cookie = site, cookie
        self.answer: list[str] = []
        self.broken = False

    def get(self) -> tuple[list[Message | str] | None, bool]:
        found = self._read()
        if found and found[-1] == NOT_FINISHED:
            return found[:-1], False
        return found, True

    def put(self, messages: Sequence[Message], *, drop_oldest: bool) -> Sequence[Message]:
        parts = [json.dumps(message.packed(), separators=(",", ":")) for message in messages]
        text = self._packed(parts) if parts else ""
        left: Sequence[Message] = ()
        if too_large(text):
            keep = self._fitting(parts, drop_oldest)
            kept, left = (
                (parts[len(parts) - keep :], messages[: len(parts) - keep])
                if drop_oldest
                else (parts[:keep], messages[keep:])
            )
            text = self._packed([*kept, json.dumps(NOT_FINISHED)])
        self.answer = [self._set(text)]
        return left

    def _fitting(self, parts: list[str], drop_oldest: bool) -> int:
        """How many of the oldest, or of the newest, fit, by halves as Django searches."""
        low, high = 0, len(parts)
        while low < high:
            middle = (low + high) // 2
            chosen = parts[middle:] if drop_oldest else parts[: middle + 1]
            large = too_large(self._packed([*chosen, json.dumps(NOT_FINISHED)]))
            if large is drop_oldest:
                low = middle + 1
            else:
                high = middle
        return len(parts) - low if drop_oldest else low

    def _packed(self, parts: list[str]) -> str:
        return self._site.signer.sign_bytes(("[" + ",".join(parts) + "]").encode("latin-1"), compress=True)

    def _set(self, text: str) -> str:
        settings = self._site.settings
        place: dict[str, Any] = {
            "domain": settings.session_cookie_domain,
            "samesite": settings.session_cookie_samesite,
        }
        if not text:
            return delete_cookie(COOKIE, **place)
        return set_cookie(
            COOKIE, text, secure=settings.session_cookie_secure, httponly=settings.session_cookie_httponly, **place
        )

    def _read(self) -> list[Any] | None:
        if not self._cookie:
            return None
        try:
            found = self._site.unpacked(self._site.signer.unsign_object(self._cookie, serializer=_Raw()))
        except (BadSignature, binascii.Error, ValueError, TypeError):
            found = None
        self.broken = not isinstance(found, list)
        return found if isinstance(found, list) else None


class InSession:
    """Messages in the session, as a JSON text (storage/session.py)."""

    def __init__(self, site: Notices, session: Session) -> None:
        self._site, self._session = site, session

    def get(self) -> tuple[list[Message | str] | None, bool]:
        kept = self._session.get(SESSION_KEY)
        try:
            found = self._site.unpacked(json.loads(kept)) if isinstance(kept, str) and kept else None
        except (ValueError, TypeError):
            found = None
        return found if isinstance(found, list) else None, True

    def put(self, messages: Sequence[Message], *, drop_oldest: bool) -> Sequence[Message]:
        if messages:
            self._session[SESSION_KEY] = json.dumps([message.packed() for message in messages])
        else:
            self._session.pop(SESSION_KEY, None)
        return ()


def too_large(text: str) -> bool:
    return bool(text) and len(SimpleCookie().value_encode(text)[1]) > LARGEST_COOKIE

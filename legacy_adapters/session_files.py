"""The form of a session as text, and the two engines of Django's that need no server: signed cookies and files."""

import asyncio
import contextlib
import fcntl
import logging
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from legacy_adapters.sessions import EXPIRY, KEY_LETTERS, Data, Expiry, Stored, expiry_of
from legacy_adapters.settings import LegacySettings
from legacy_adapters.signing import JSON, BadSignature, Keys, Serializer, dumps, loads

SALT = "django.contrib.sessions.SessionStore"
"""The same for every engine of Django's own: the classes share a name. A subclass of another name has another salt."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Format:
    """Session data as text: signed, compressed where that is shorter (SessionBase.encode(), decode())."""

    keys: Keys
    salt: str = SALT
    serializer: Serializer = JSON
    clock: Callable[[], float] = time.time

    def encode(self, data: Data) -> str:
        return dumps(data, self.keys, self.salt, serializer=self.serializer, compress=True, clock=self.clock)

    def decode(self, text: str) -> Data:
        """The data; none where the signature is not ours. Its age is not asked: the row's is."""
        try:
            data = loads(text, self.keys, self.salt, serializer=self.serializer)
        except BadSignature as error:
            _log.warning("session data corrupted: %s", error)
            return {}
        return data if isinstance(data, dict) else {}


class SignedCookieStore:
    """`django.contrib.sessions.backends.signed_cookies`: the key is the data. Nothing can be replaced or taken
    back: the last answer wins, and a copy of the cookie outlives a logout, as in Django.
    """

    SALT = "django.contrib.sessions.backends.signed_cookies"

    def __init__(self, format: Format, max_age: int = 1209600) -> None:
        self._format, self._max_age = replace(format, salt=self.SALT), max_age

    async def load(self, key: str) -> Stored | None:
        format = self._format
        try:
            data = loads(
                *(key, format.keys, format.salt),
                serializer=format.serializer,
                max_age=self._max_age,
                clock=format.clock,
            )
        except BadSignature:
            return None
        return Stored(data, key, key) if isinstance(data, dict) else None

    async def newest(self, key: str) -> Stored | None:
        return await self.load(key)

    async def replace(self, key: str, seen: str | bytes, data: Data, expiry: Expiry) -> Stored | None:
        text = self._format.encode(data)
        return Stored(data, text, text, key=text)

    async def create(self, key: str, data: Data, expiry: Expiry, *, old: str | None, must: bool) -> Stored | None:
        return await self.replace(key, "", data, expiry)

    async def delete(self, key: str) -> None:
        return None

    def decode(self, raw: str | bytes) -> Data:
        return self._format.decode(as_text(raw))


class FileStore:
    """`django.contrib.sessions.backends.file`: one file each, named after the cookie and the key.

    Our processes take turns at a file. Django writes without asking: a write of its in the moment between our look and
    our rename is lost, as one of two writes of its own would be.
    """

    def __init__(self, format: Format, settings: LegacySettings) -> None:
        self._format, self._settings = format, settings
        self._folder = Path(settings.session_file_path or tempfile.gettempdir())

    async def load(self, key: str) -> Stored | None:
        return await asyncio.to_thread(self._load, key)

    async def newest(self, key: str) -> Stored | None:
        return await asyncio.to_thread(self._read, key)

    async def replace(self, key: str, seen: str | bytes, data: Data, expiry: Expiry) -> Stored | None:
        return await asyncio.to_thread(self._replace, key, as_text(seen), data)

    async def create(self, key: str, data: Data, expiry: Expiry, *, old: str | None, must: bool) -> Stored | None:
        return await asyncio.to_thread(self._create, key, data, old, must)

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(self._unlink, key)

    def decode(self, raw: str | bytes) -> Data:
        return self._format.decode(as_text(raw)) if raw else {}

    def _path(self, key: str) -> Path | None:
        """The file; none for a key with letters that could leave the folder."""
        good = key and set(key) <= set(KEY_LETTERS)
        return self._folder / f"{self._settings.session_cookie_name}{key}" if good else None

    def _read(self, key: str) -> Stored | None:
        path = self._path(key)
        try:
            text = path.read_text("ascii") if path else None
        except (OSError, UnicodeDecodeError):
            return None
        return None if text is None else Stored(self.decode(text), text, text)

    def _load(self, key: str) -> Stored | None:
        found, path = self._read(key), self._path(key)
        if found is None or path is None or not found.raw:
            return found
        with contextlib.suppress(FileNotFoundError):
            now = datetime.fromtimestamp(self._format.clock(), UTC)
            wanted = found.data.get(EXPIRY)
            if wanted:
                left = float(expiry_of({EXPIRY: wanted}, self._settings, now).age)
            else:
                left = path.stat().st_mtime + self._settings.session_cookie_age - self._format.clock()
            return found if left >= 1 else None
        return None

    def _replace(self, key: str, seen: str, data: Data) -> Stored | None:
        path = self._path(key)
        if path is None:
            return None
        try:
            with path.open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if not os.path.samestat(os.fstat(file.fileno()), path.stat()) or file.read() != seen:
                    return None
                return self._write(path, data)
        except FileNotFoundError:
            return None

    def _create(self, key: str, data: Data, old: str | None, must: bool) -> Stored | None:
        path = self._path(key)
        gone = old is not None and self._unlink(old)
        if path is None or (must and not gone):
            return None
        try:
            path.touch(0o600, exist_ok=False)
        except FileExistsError:
            return None
        return self._write(path, data)

    def _write(self, path: Path, data: Data) -> Stored:
        text = self._format.encode(data)
        file, name = tempfile.mkstemp(prefix=f"{path.name}_out_", dir=path.parent)
        try:
            with os.fdopen(file, "w", encoding="ascii") as out:
                out.write(text)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise
        return Stored(data, text, text)

    def _unlink(self, key: str) -> bool:
        path = self._path(key)
        try:
            if path is not None:
                path.unlink()
            return path is not None
        except FileNotFoundError:
            return False


def as_text(raw: str | bytes) -> str:
    return raw if isinstance(raw, str) else raw.decode()

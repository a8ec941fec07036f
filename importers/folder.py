"""Files of a folder, as the target of an import. The folder is meant for version control.

A file is written after its ledger entry is committed, whole or not at all (a temporary name, then a rename). A killed
run is settled by writing again what the ledger has and the folder has not; a file that is neither what was there
before nor what was to be written is a person's, and is left alone.
"""

import contextlib
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from importers.core import Refusal, Step
from importers.ledger import Entry


class Folder:
    """Text files by name. `before` and `after` of a step are `{"text": …}`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = str(path)

    def text(self, name: str) -> str | None:
        """The content of a file; None if there is none. Newlines are not translated."""
        try:
            return (self.path / name).read_bytes().decode()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            return "\0 not UTF-8"  # differs from whatever an import writes, as a person's file should

    async def mark(self, connection: Any) -> dict[str, Any]:
        return {"folder": str(self.path), "existed": self.path.is_dir()}

    async def rewind(self, connection: Any, start: dict[str, Any], end: dict[str, Any]) -> None:
        if not start["existed"]:
            with contextlib.suppress(OSError):  # not empty: somebody else's files are in it
                self.path.rmdir()

    async def write(self, connection: Any, steps: list[Step]) -> None:
        for step in steps:
            step.hash = digest((step.after or {})["text"])

    async def settle(self, connection: Any, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if self.text(entry.target) == _text(entry.before):
                self._put(entry.target, _text(entry.after))

    async def present(self, connection: Any, targets: Sequence[str]) -> dict[str, str]:
        texts = {target: self.text(target) for target in targets}
        return {target: digest(text) for target, text in texts.items() if text is not None}

    async def restore(self, connection: Any, entries: Sequence[Entry]) -> list[Refusal]:
        refused = []
        for entry in entries:
            text, before = self.text(entry.target), _text(entry.before)
            if text == before:
                continue
            if text is None:
                refused.append(Refusal(entry.key, f"{self.path / entry.target} was deleted since"))
            elif digest(text) != entry.hash:
                refused.append(Refusal(entry.key, f"{self.path / entry.target} was edited since"))
            else:
                self._put(entry.target, before)
        return refused

    def _put(self, name: str, text: str | None) -> None:
        path = self.path / name
        if text is None:
            path.unlink(missing_ok=True)
            return
        self.path.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(text.encode())
        os.replace(part, path)


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _text(values: dict[str, Any] | None) -> str | None:
    return None if values is None else values["text"]

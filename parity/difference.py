"""Difference: one thing that two answers do not share. A value: comparing finds it, waiving and reporting read it."""

import hashlib
import re
from dataclasses import dataclass

SIGNATURE = "v1"
SHOWN = 400


@dataclass(frozen=True, slots=True)
class Difference:
    """`legacy` and `new` are what each side has at `location`; None where it has nothing there."""

    kind: str
    location: str
    legacy: str | None
    new: str | None

    @property
    def place(self) -> str:
        """The location with its indexes removed: equal for the first and the fifth item of a list."""
        return re.sub(r"\[\d+\]", "[*]", re.sub(r"^line \d+", "line *", self.location))

    @property
    def signature(self) -> str:
        """Equal for differences with one cause. The prefix names the algorithm: old links keep their meaning."""
        parts = "\n".join((self.kind, self.place, shape(self.legacy), shape(self.new)))
        return f"{SIGNATURE}:{hashlib.sha256(parts.encode()).hexdigest()[:12]}"

    def __str__(self) -> str:
        return f"{self.kind} at {self.location}: {shown(self.legacy)} → {shown(self.new)}"


def shown(value: str | None, most: int = 60) -> str:
    if value is None:
        return "(nothing)"
    return repr(value if len(value) <= most else f"{value[:most]}…")


def clipped(value: str | None, most: int = SHOWN) -> str | None:
    """The value, or its beginning with its length and digest where it is long."""
    if value is None or len(value) <= most:
        return value
    digest = hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{value[:most]}… ({len(value)} characters, {digest})"


SHAPES = (
    ("number", re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")),
    ("boolean", re.compile(r"true|false", re.IGNORECASE)),
    ("date", re.compile(r"\d{4}-\d\d-\d\d.*|[A-Z][a-z]{2}, \d\d? [A-Z][a-z]{2} \d{4}.*")),
    ("word", re.compile(r"[\w.-]{1,24}")),
    ("address", re.compile(r"(https?://|/|<origin>)\S*")),
)


def shape(value: str | None) -> str:
    """What kind of value it is; words that look like a setting (`no-cache`) stand for themselves."""
    if value is None:
        return "nothing"
    if not value.strip():
        return "empty" if not value else "space"
    for name, pattern in SHAPES:
        if pattern.fullmatch(value):
            return f"word {value}" if name == "word" and not any(map(str.isdigit, value)) else name
    return "text"

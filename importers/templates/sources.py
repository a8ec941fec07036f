"""A project's template folders, in the order in which its loaders look, read as Django reads them.

The first folder that has a name wins. The others are shadowed: only a template that extends its own name reaches them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from importers.templates.conversion import Broken

NO_TEMPLATES = frozenset(
    ".py .pyc .pyi .png .jpg .jpeg .gif .ico .webp .woff .woff2 .ttf .eot .otf .pdf .zip .gz .mo .po .map".split()
)


@dataclass(frozen=True, slots=True)
class Source:
    """One file: the name that templates call it by, and which place it has among those of that name."""

    name: str
    path: Path
    place: int

    @property
    def packaged(self) -> bool:
        """It belongs to an installed package, not to the project."""
        return not {"site-packages", "dist-packages"}.isdisjoint(self.path.parts)

    def content(self) -> bytes:
        return self.path.read_bytes()


def found(folders: Sequence[Path]) -> dict[str, list[Source]]:
    """Every template by its name, the one that wins first."""
    by_name: dict[str, list[Source]] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if any(part.startswith(".") or part == "__pycache__" for part in inside.parts) or not path.is_file():
                continue
            if path.suffix.lower() not in NO_TEMPLATES and not path.name.endswith("~"):
                places = by_name.setdefault(inside.as_posix(), [])
                places.append(Source(inside.as_posix(), path, len(places)))
    return dict(sorted(by_name.items()))


def text_of(content: bytes) -> str:
    """The text, with one kind of line end, as Python opens a text file."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise Broken(str(error), content[: error.start].count(b"\n") + 1) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]

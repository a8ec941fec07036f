"""The ledger of a theme: what each of its templates was made from, and what the import wrote. Read without Django.

It lies in the theme, holds no dates, and goes into version control with it. Paths are as the import was given them,
relative to where it ran if they lie in there.
"""

import json
from dataclasses import dataclass
from pathlib import Path

LEDGER = ".theme.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A template of the theme; line N of it is line N of `source`. `offered` lies in a conflict."""

    source: str
    digest: str
    output: str
    offered: str = ""


def read_ledger(folder: Path) -> dict[str, Entry]:
    """By the names of the theme's templates; nothing, where no import wrote."""
    path = folder / LEDGER
    if not path.is_file():
        return {}
    content = json.loads(path.read_text())
    if content.get("format") != FORMAT:
        raise ValueError(f"{path} is of another format: import into an empty folder")
    return {name: Entry(**entry) for name, entry in content["templates"].items()}

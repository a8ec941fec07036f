"""Names of blocks: those that Jinja2 cannot spell are renamed, alike in every template of a set.

A name that Jinja2 can spell stays. Two names that would meet get numbers, in the order of the alphabet, so the same set
of names gives the same spelling whatever order the templates come in.
"""

import re
from collections.abc import Iterable


class BlockNames:
    """Django's block names and how they are spelt."""

    def __init__(self, names: Iterable[str]) -> None:
        known = sorted(set(names))
        self._spelt = {name: name for name in known if name.isidentifier()}
        taken = set(self._spelt)
        for name in known:
            if name not in self._spelt:
                self._spelt[name] = free(spelling(name), taken)
                taken.add(self._spelt[name])

    def __getitem__(self, name: str) -> str:
        return self._spelt[name]

    def renamed(self) -> dict[str, str]:
        return {name: spelt for name, spelt in self._spelt.items() if name != spelt}


def spelling(name: str) -> str:
    spelt = re.sub(r"\W", "_", name)
    return spelt if spelt.isidentifier() else f"block_{spelt}"


def free(name: str, taken: set[str]) -> str:
    number, candidate = 2, name
    while candidate in taken:
        candidate, number = f"{name}_{number}", number + 1
    return candidate

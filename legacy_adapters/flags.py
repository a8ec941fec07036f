"""Flags: which side serves a route, as operators set it, and as every process remembers it.

A snapshot is immutable and read without I/O. Precedence, highest first: kill switch, staff override, route,
domain, legacy. When there is no snapshot at all, a visitor gets legacy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Side(StrEnum):
    LEGACY = "legacy"
    NEW = "new"


class Stage(StrEnum):
    """How far a route has moved."""

    LEGACY = "legacy"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All flags at one moment.

    `routes` and `domains` map a claim's name and a domain's name to the stage an operator set. `version` grows with
    every change and is 0 where nothing was ever read.
    """

    routes: Mapping[str, Stage] = field(default_factory=dict)
    domains: Mapping[str, Stage] = field(default_factory=dict)
    killed: bool = False
    version: int = 0


class FlagReader(Protocol):
    """Where the router reads flags: a lookup in memory, never I/O."""

    def snapshot(self) -> Snapshot: ...


class MemoryFlags:
    """Flags that live in this process only: for tests, and for a site that sets them in code."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self.current = snapshot or Snapshot()

    def snapshot(self) -> Snapshot:
        return self.current

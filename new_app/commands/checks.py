"""Check: one result of `bridge doctor`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One result. `advice` is what to do where it failed."""

    name: str
    passed: bool
    detail: str
    advice: str = ""

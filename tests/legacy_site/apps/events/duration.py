"""Durations as editors write them: `2 weeks`, `1.5 hours`, `3 days, 04:30`. What is neither raises TypeError."""

import re
from datetime import timedelta

CLOCK = re.compile(
    r"\s*(?:(?P<days>[-+]?\d+)\s*days?,?\s*)?(?P<hours>\d+):(?P<minutes>\d{2})(?::(?P<seconds>\d{2}))?\s*"
)
AMOUNT = re.compile(r"(?P<number>\d+(?:\.\d+)?|\.\d+)\s*(?P<unit>[a-z]+)[\s,]*", re.IGNORECASE)
UNITS = {
    unit: column
    for column, units in {
        "weeks": "w week weeks",
        "days": "d day days",
        "hours": "h hr hrs hour hours",
        "minutes": "m min mins minute minutes",
        "seconds": "s sec secs second seconds",
    }.items()
    for unit in units.split()
}


def parse(text: str) -> timedelta:
    if clock := CLOCK.fullmatch(text):
        return timedelta(**{column: int(value) for column, value in clock.groupdict().items() if value})
    total, end, text = timedelta(), 0, text.strip()
    while end < len(text):
        found = AMOUNT.match(text, end)
        unit = found and UNITS.get(found["unit"].lower())
        if not unit:
            break
        total += timedelta(**{unit: float(found["number"])})
        end = found.end()
    if not text or end < len(text):
        raise TypeError(f"{text!r} is not a duration; write one like '2 weeks', '1.5 hours' or '3 days, 04:30'")
    return total

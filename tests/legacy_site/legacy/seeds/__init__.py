"""The reference site's rows, written by hand and by rule: the same on every machine and every day.

Rows are made with bulk_create: markup is rendered, signals stay silent and `updated` keeps the value given here.
"""

from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
"""The day on which the seeded editors worked. What must lie in the future, like a job's last day, lies in the 2040s."""


def moment(days: float = 0) -> datetime:
    return BEGIN + timedelta(days=days)

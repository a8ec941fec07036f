"""Switches: the rows of django-waffle, asked once until one of them changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from new_app.domains.users.models import Flag, flag_groups, flag_users
from new_app.tables import Sample, Switch

WATCHES = ("waffle_flag", "waffle_flag_groups", "waffle_flag_users", "waffle_sample", "waffle_switch")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SwitchRows:
    """Flags, switches and samples by column; ids of the users and of the groups that a flag names, by its id."""

    flags: Sequence[Row]
    switches: Sequence[Row]
    samples: Sequence[Row]
    users: Mapping[int, Sequence[int]]
    groups: Mapping[int, Sequence[int]]


def switch_rows(session: Session) -> SwitchRows:
    def rows(table: Any) -> list[Row]:
        return [dict(row) for row in session.execute(select(table)).mappings()]

    def named(table: Table, column: str) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for flag, other in session.execute(select(table.c.flag_id, table.c[column])):
            found.setdefault(flag, []).append(other)
        return found

    return SwitchRows(
        rows(Flag.__table__),
        rows(Switch.__table__),
        rows(Sample.__table__),
        named(flag_users, "user_id"),
        named(flag_groups, "group_id"),
    )

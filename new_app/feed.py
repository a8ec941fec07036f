"""The change feed: which rows of which table changed, whichever side changed them.

Triggers of the schema `bridge` tell of every statement that changed a watched table (migrations/watch.py);
`listening.py` hears them and tells this `Feed`; whoever remembers something about the database heeds it. Two promises:

1. a change is told to all who heed, within milliseconds of its commit;
2. while changes cannot be heard, `sees` is False and nothing that was remembered counts. When they can be heard again,
   everything is told to have changed: nobody has to know what was missed.

`reading` says what a statement read, from the names in its text and the relations of the database. It errs on one side
only: a name that might be a table is one. What it cannot answer for (a relation without triggers, a view, the clock) is
a reason not to remember.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

CHANNEL = "bridge_change"
TELLER = "bridge.tell_change()"
RELATIONS = f"""
    SELECT c.relname::text, coalesce(
        bool_and(coalesce(ours.triggers = 4, false)) FILTER (WHERE pg_table_is_visible(c.oid)), false) AS watched
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN (
        SELECT tgrelid, count(*) AS triggers FROM pg_trigger
        WHERE tgfoid = to_regprocedure('{TELLER}') AND tgenabled IN ('O', 'A') GROUP BY tgrelid
    ) AS ours ON ours.tgrelid = c.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND n.nspname NOT IN ('bridge', 'information_schema') AND n.nspname !~ '^pg_'
    GROUP BY c.relname"""  # noqa: S608 - no value of anybody's
"""Every relation of the site, and whether all its changes are told. A copy in a schema that no statement finds without
naming it (somebody's backup) says nothing of the one that is found.
"""
_WORD = re.compile(r"\w+")
_CLOCK = frozenset(
    "now current_timestamp current_date current_time localtime localtimestamp clock_timestamp statement_timestamp "
    "transaction_timestamp timeofday random gen_random_uuid".split()
)
_REMEMBERED = 4096  # readings of statements


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of a table changed: those with these primary keys, or any of them (`keys` None). No table: everything."""

    table: str | None
    keys: frozenset[str] | None = None


EVERYTHING = Change(None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What statements read. `refusal` says why nobody can answer for it, `timed` that the clock was asked."""

    tables: frozenset[str] = frozenset()
    refusal: str = ""
    timed: bool = False


@dataclass(frozen=True, slots=True)
class Relations:
    """The relations of the database by name: those whose changes are told, and all the others."""

    watched: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    _known: dict[str, Reading] = field(default_factory=dict, compare=False)

    def reading(self, statement: str) -> Reading:
        found = self._known.get(statement)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[statement] = self._read(statement)
        return found

    def _read(self, statement: str) -> Reading:
        text = statement.lower()
        words = frozenset(_WORD.findall(text))
        named = {name for name in self.watched | self.others if _is_named(name.lower(), words, text)}
        strangers = sorted(named - self.watched) + sorted(
            word for word in words if word in ("bridge", "information_schema") or word.startswith("pg_")
        )
        refusal = f"nobody tells of changes in {strangers[0]}" if strangers else ""
        return Reading(frozenset(named), refusal, bool(words & _CLOCK))


def _is_named(name: str, words: frozenset[str], text: str) -> bool:
    return name in words or (not _WORD.fullmatch(name) and name in text)


class Feed:
    """The feed of one process: told by its listener, heeded by its memories. Blind until somebody listens."""

    def __init__(self) -> None:
        self.sees = False
        self.relations = Relations()
        self._heeding: list[Callable[[Change], None]] = []

    def heed(self, hear: Callable[[Change], None]) -> None:
        """Call `hear` with every change, in the order in which they were committed. It must not raise."""
        self._heeding.append(hear)

    def tell(self, change: Change) -> None:
        for hear in self._heeding:
            hear(change)

    def see(self, relations: Relations) -> None:
        """Changes are heard from now on; these are the relations. Other triggers than before change everything."""
        if not self.sees or relations != self.relations:
            self.relations = relations
            self.tell(EVERYTHING)
        self.sees = True

    def lose(self) -> None:
        """Changes are not heard any more."""
        if self.sees:
            self.sees = False
            self.tell(EVERYTHING)

    def reading(self, statements: Iterable[str]) -> Reading:
        """What these statements read, together."""
        found = [self.relations.reading(statement) for statement in statements]
        return Reading(
            frozenset[str]().union(*(one.tables for one in found)),
            next((one.refusal for one in found if one.refusal), ""),
            any(one.timed for one in found),
        )


def read_notice(payload: str) -> tuple[int | None, Change]:
    """The number of a change, and the change. Whatever cannot be read might mean anything: everything changed."""
    try:
        said = json.loads(payload)
        keys = said.get("keys")
        return said.get("id"), Change(said["relation"], None if keys is None else frozenset(keys))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None, EVERYTHING

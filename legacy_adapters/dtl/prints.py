"""What a loop printed is printed again, for as long as a memory says that it holds.

A loop may be repeated if nothing but its values tells two passes over it apart (`reads.py` decides that when the
template is compiled) and every value is either plain or an object that the memory answers for. The memory keeps account
of what is asked while the loop prints, and drops what is no longer true.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from legacy_adapters.dtl.context import Context
from legacy_adapters.dtl.locale import current
from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.reverse import current_app_of

T = TypeVar("T")
PLAIN = frozenset({str, SafeString, int, bool, type(None)})
"""Types whose values print alike where they are equal, and no other type's value does. Not float: -0.0 equals 0.0."""
MOST_VALUES = 2000


class Prints(Protocol):
    """A memory of what was printed."""

    @property
    def is_open(self) -> bool:
        """Whether it keeps anything just now."""

    def holds(self, value: object) -> bool:
        """Whether the object is remembered itself: nobody changes it, and another state of it is another object."""

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made before under this key and still holds, or what is made now."""


class Printed(NamedTuple):
    """What a loop printed, and where it left its cycles; `weight` is in characters.

    It keeps the objects that its key knows by identity: as long as the print is there, no other object has theirs.
    """

    text: SafeString
    turns: tuple[int, ...]
    objects: tuple[object, ...]

    @property
    def weight(self) -> int:
        return len(self.text)


def open_prints(context: Context) -> Prints | None:
    """The environment's memory, if it keeps anything just now."""
    prints = context.environment.prints
    return prints if prints is not None and prints.is_open else None


class Loop(NamedTuple):
    """A loop that may be repeated: what tells it from others, the names that it reads besides its own, its cycles, and
    the names that these bind: one that is bound before the loop keeps what the loop leaves in it.
    """

    where: tuple[Any, ...]
    names: list[str]
    cycles: tuple[object, ...]
    binds: Sequence[str] = ()


def repeat(
    context: Context,
    write: Callable[[str], object],
    run: Callable[[Callable[[str], object]], None],
    loop: Loop,
    of: Any,
) -> None:
    """Print a loop over the values `of`; `run` does it afresh."""
    prints, state = open_prints(context), context.state
    values = values_of(context, prints, loop, of) if prints is not None else None
    if prints is None or values is None:
        run(write)
        return

    def made() -> Printed:
        pieces: list[str] = []
        run(pieces.append)
        return Printed(SafeString("".join(pieces)), tuple(state.get(cycle, 0) for cycle in loop.cycles), values)

    printed = prints.get(key_of(context, loop, values), made)
    write(printed.text)
    state.update(zip(loop.cycles, printed.turns, strict=True))


def values_of(context: Context, prints: Prints, loop: Loop, of: Any) -> tuple[object, ...] | None:
    """All that a loop reads from outside, then all that it runs over; None where one may change behind its name."""
    if not isinstance(of, list | tuple) or not 0 < len(of) <= MOST_VALUES:
        return None
    if any(name in context for name in loop.binds):
        return None
    values = (*(context.get(name, Prints) for name in loop.names), *of)
    for value in values:
        if type(value) not in PLAIN and value is not Prints and not prints.holds(value):
            return None
    return values


def key_of(context: Context, loop: Loop, values: tuple[object, ...]) -> Hashable:
    """What tells two prints of a loop apart. Rows are known by identity: two states of a row are equal in Django."""
    active = current()
    around = (context.autoescape, active.language, active.zone, active.use_l10n, active.use_tz)
    turns = [context.state.get(cycle, 0) for cycle in loop.cycles]
    app = current_app_of(context.request)
    known = [value if type(value) in PLAIN else id(value) for value in values]
    return ("loop", loop.where, around, app, *turns, *map(type, values), *known)

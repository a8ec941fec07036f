"""What can go wrong in a template, under Django's names (django/template/exceptions.py, django/template/base.py).

Each is also Jinja2's error of that kind where there is one. An error on the way through a template keeps its type and
gets a note for every template it passed: the template, its line and, where it is known, the line of the Django source.
"""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from jinja2 import TemplateNotFound, TemplateRuntimeError

Origin = Callable[[str, int], str | None]


class VariableDoesNotExist(TemplateRuntimeError):
    """A name, or a part of a path, that is not there. Its text is made only when asked: mostly nobody does."""

    def __init__(self, key: str, inside: object) -> None:
        super().__init__()
        self.key = key
        self.inside = inside

    def __str__(self) -> str:
        return f"nothing called {self.key!r} in {self.inside!r}"


class TemplateSyntaxError(TemplateRuntimeError):
    """A construct that cannot work with the values it was given; raised while rendering, as Django does."""


class TemplateDoesNotExist(TemplateNotFound):
    """None of the named templates is there."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names[-1] if names else None, "no such template: " + (", ".join(names) or "no name given"))
        self.names = tuple(names)


def add_notes(error: BaseException, traceback: TracebackType | None, origin: Origin | None) -> None:
    """Say on the error which templates it passed, outermost first; once only, however often it is caught."""
    known = set(getattr(error, "__notes__", ()))
    while traceback is not None:
        template: Any = traceback.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            note = place(template, template.get_corresponding_lineno(traceback.tb_lineno), origin)
            if note not in known:
                known.add(note)
                error.add_note(note)
        traceback = traceback.tb_next


def place(template: Any, line: int, origin: Origin | None) -> str:
    source = origin(template.name, line) if origin is not None and template.name else None
    return f"in template {template.name!r}, line {line}" + (f" ({source})" if source else "")

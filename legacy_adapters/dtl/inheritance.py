"""Extending, including and the blocks between: django/template/loader_tags.py.

A render that extends keeps its blocks in `state`, a queue for each name, the most derived last. A block takes the last
one, renders it, and puts it back; `super()` meanwhile takes the next. An included template has a state of its own, and
so blocks of its own.
"""

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from legacy_adapters.dtl.context import MISSING, Context, store
from legacy_adapters.dtl.errors import TemplateDoesNotExist, TemplateSyntaxError
from legacy_adapters.dtl.safe import SafeString

Write = Callable[[str], object]
Render = Callable[[Context, Write], None]
BLOCKS, HISTORY, SHADOWED = "blocks", "extended", "_shadowed"


class Block:
    """The variable `block` inside a block; `super()` is its `super`.

    An error in the block above is an error on the way of a lookup: a missing variable there is `block.super` missing.
    """

    __slots__ = ("context", "name", "overrides")

    def __init__(self, name: str, context: Context, overrides: bool) -> None:
        self.name = name
        self.context = context
        self.overrides = overrides

    def super(self) -> str:
        if not self.overrides:
            raise TemplateSyntaxError(f"super() in the block {self.name!r}, whose template extends nothing")
        queues = self.context.state.get(BLOCKS)
        if queues is None or not queues.get(self.name):
            return ""
        pieces: list[str] = []
        show_block(self.context, pieces.append, self.name, nobody)
        return SafeString("".join(pieces))


def show_block(context: Context, write: Write, name: str, own: Render) -> None:
    queues = context.state.get(BLOCKS)
    context.scopes.append({"block": context.get("block", MISSING)})
    store(context, "block", Block(name, context, queues is not None))
    try:
        if queues is None:
            own(context, write)
            return
        queue = queues.get(name)
        derived = queue.pop() if queue else None
        (derived or own)(context, write)
        # Not put back when it failed: as in Django.
        if derived is not None:
            queue.append(derived)
    finally:
        context.leave()


def nobody(context: Context, write: Write) -> None:
    """Stands where a block's own body would, when it is known that it is not asked for."""


def extend(context: Context, write: Write, child: Any, parent: Any) -> None:
    template = parent_template(context, child, parent)
    queues: dict[str, list[Render]] = context.state.setdefault(BLOCKS, {})
    for extended in (child,) if template.extends else (child, template):
        for name, render in extended.blocks.items():
            queues.setdefault(name, []).insert(0, render)
    template.root(context, write)


def parent_template(context: Context, child: Any, parent: Any) -> Any:
    if not parent:
        raise TemplateSyntaxError(f"extends: {parent!r} names no template")
    template = as_template(parent)
    if template is not None:
        return template
    history = context.state.setdefault(HISTORY, [child.name])
    name, number = parent, 0
    while name in history:
        number += 1
        name = f"{SHADOWED}/{number}/{parent}"
    history.append(name)
    return context.environment.template(name)


def as_template(value: Any) -> Any:
    """The value as a template of ours, or None; a backend's template holds the real one in `template`."""
    if hasattr(value, "root"):
        return value
    inner = getattr(value, "template", None)
    return inner if hasattr(inner, "root") else None


class Foreign:
    """Anything else that renders itself with the variables."""

    def __init__(self, template: Any) -> None:
        self.template = template

    def root(self, context: Context, write: Write) -> None:
        write(str(self.template.render(context)))


def include(context: Context, write: Write, template: Any, current: str | None) -> None:
    show_included(context, write, included(context, template, current))


def show_included(context: Context, write: Write, template: Any) -> None:
    outer = context.state
    context.scopes.append({})
    context.state = {}
    try:
        template.root(context, write)
    finally:
        context.state = outer
        context.leave()


def included(context: Context, template: Any, current: str | None) -> Any:
    if isinstance(template, str) and template:
        return context.environment.template(relative(current, template))
    if callable(getattr(template, "render", None)):
        return as_template(template) or Foreign(template)
    if not template:
        raise TemplateDoesNotExist(())
    return context.environment.select(tuple(template))


def include_only(context: Context, template: Any, /, **variables: Any) -> str:
    return rendered(template, context.new(variables))


def include_with(context: Context, template: Any, /, **variables: Any) -> str:
    pieces: list[str] = []
    with context.push(**variables):
        show_included(context, pieces.append, template)
    return "".join(pieces)


def rendered(template: Any, context: Context) -> SafeString:
    pieces: list[str] = []
    template.root(context, pieces.append)
    return SafeString("".join(pieces))


def inclusion(function: Callable[..., Mapping[str, Any]], template: Any, context: Context) -> SafeString:
    """Render an inclusion tag's template with what its function gave."""
    inner = context.new(function())
    token = context.get("csrf_token")
    if token is not None:
        inner["csrf_token"] = token
    return rendered(included(context, template, None), inner)


def partial(context: Context, partials: Mapping[str, Render], name: str) -> str:
    """Render a part of the template that `partialdef` has named; a state of its own, the variables of this place."""
    if name not in partials:
        raise TemplateSyntaxError(f"partial: no partialdef {name!r} in this template")
    pieces: list[str] = []
    outer, context.state = context.state, {}
    try:
        partials[name](context, pieces.append)
    finally:
        context.state = outer
    return "".join(pieces)


def relative(current: str | None, name: str) -> str:
    """A name that begins with `./` or `../` counts from the template it stands in."""
    if not name.startswith(("./", "../")):
        return name
    joined = posixpath.normpath(posixpath.join(posixpath.dirname((current or "").lstrip("/")), name))
    if joined.startswith("../"):
        raise TemplateSyntaxError(f"{name!r} in {current!r} leads outside the templates")
    return joined

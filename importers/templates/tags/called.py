"""Tags that become calls: simple and inclusion tags, block tags, and those that nobody can convert.

A call has the tag's name and its arguments. A block tag stays a block, with commas between its arguments.
"""

from collections.abc import Sequence

from importers.templates.draft import Draft, Tag, Unknown, Writer
from importers.templates.expressions import NotAnExpression, bound, call, literal, number_text, quoted


def named_result(bits: Sequence[str]) -> tuple[list[str], str | None]:
    """Arguments, and the name after a last `as`."""
    if len(bits) >= 2 and bits[-2] == "as":
        return list(bits[:-2]), bits[-1]
    return list(bits), None


def simple(draft: Draft, tag: Tag) -> None:
    bits, name = named_result(tag.bits)
    function(draft, tag, draft.writing.arguments(bits), name)


def inclusion(draft: Draft, tag: Tag) -> None:
    function(draft, tag, draft.writing.arguments(tag.bits))


def function(draft: Draft, tag: Tag, arguments: Sequence[str], name: str | None = None) -> None:
    """The tag as a call of the function of its name."""
    if not tag.name.isidentifier():
        return unknown(draft, tag)
    draft.need("function", tag)
    return draft.show(call(tag.name, *arguments), name)


def block(draft: Draft, tag: Tag) -> None:
    try:
        bits, name = named_result(tag.bits)
        body(draft, tag, draft.writing.arguments(bits), name)
    except NotAnExpression:
        unknown(draft, tag)


def simple_block(draft: Draft, tag: Tag) -> None:
    """Django finds no blocks in it when a template is extended (django/template/library.py: SimpleNode)."""
    hides = draft.silent
    draft.unfound += hides
    block(draft, tag)
    draft.unfound -= hides


def body(draft: Draft, tag: Tag, arguments: Sequence[str], name: str | None = None) -> None:
    """The tag as a block function, with the clauses between its body and its end."""
    assert tag.sight is not None
    draft.need("block", tag)
    draft.open(tag.name, ", ".join(arguments), f"as {bound(name)}" if name else "")
    stops = tag.sight.fact.stops or (f"end{tag.name}",)
    with draft.deciding(), draft.binding([name] if name else []):
        while (stop := draft.until(*stops)) and stop.name != stops[-1]:
            draft.open("else" if stop.name == "empty" else stop.name)
    draft.open(f"end{tag.name}")


def unknown(draft: Draft, tag: Tag) -> None:
    """A call that is there to be found. A body is kept as it is, between two of them.

    A tag of a known library that is given nothing, or nothing but literals, leaves no doubt: it is called with them.
    """
    assert tag.sight is not None
    stops = tag.sight.fact.stops
    if tag.sight.module and not stops and all(quoted(bit) is not None or number_text(bit) for bit in tag.bits):
        return function(draft, tag, draft.writing.arguments(tag.bits))
    noun = "a block function" if stops else "a function"
    if not draft.silent:
        draft.unknown.append(Unknown(tag.name, tag.line, tag.contents, f"{noun} '{tag.name}'"))
    mark(draft, tag)
    with draft.deciding():
        while stops and (stop := draft.until(*stops)):
            mark(draft, stop)
            if stop.name == stops[-1]:
                break
    return None


def mark(draft: Draft, tag: Tag) -> None:
    draft.show(call("unknown_tag", literal(tag.name), literal(tag.contents)))


KINDS: dict[str, Writer] = {
    "simple": simple,
    "inclusion": inclusion,
    "simple_block": simple_block,
    "block": block,
    "unknown": unknown,
}

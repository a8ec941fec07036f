"""The tags that need no loading (django/template/defaulttags.py)."""

import re

from django.template.base import TokenType
from django.template.defaulttags import TemplateTagNode

from importers.templates.draft import Draft, Tag, Writer
from importers.templates.expressions import bound, call, constant_text, literal
from importers.templates.tags.called import function, named_result, simple
from importers.templates.tags.structure import keywords


def around(draft: Draft, tag: Tag, *words: str) -> None:
    """A tag with a body and nothing but a body."""
    draft.open(tag.name, *words)
    draft.until(f"end{tag.name}")
    draft.open(f"end{tag.name}")


def autoescape(draft: Draft, tag: Tag) -> None:
    around(draft, tag, "true" if tag.contents.split()[1] == "on" else "false")


def comment(draft: Draft, tag: Tag) -> None:
    """Everything up to the end, as it stands; Django reads none of it."""
    note = tag.contents.removeprefix("comment").strip()
    inside = [f" {note} "] if note else []
    while (token := draft.take()).token_type is not TokenType.BLOCK or token.contents != "endcomment":
        inside.append(draft.raw(token))
    draft.comment("".join(inside))


def condition(draft: Draft, tag: Tag) -> None:
    stop: Tag | None = tag
    with draft.deciding():
        while stop is not None and stop.name != "endif":
            if stop.name == "else":
                draft.open("else")
            else:
                draft.open(stop.name, draft.writing.condition(stop.bits))
            stop = draft.until("elif", "else", "endif")
    draft.open("endif")


def cycle(draft: Draft, tag: Tag) -> None:
    bits = tag.bits
    if len(bits) == 1:
        return draft.show(call("cycle_next", literal(bits[0])))
    options = []
    if len(bits) > 3 and bits[-3] == "as":
        options = [f"name={literal(bits[-2])}", "silent=true"]
        bits = bits[:-3]
    elif len(bits) > 3 and bits[-2] == "as":
        options = [f"name={literal(bits[-1])}"]
        bits = bits[:-2]
    return draft.show(call("cycle", *map(draft.writing.expression, bits), *options))


def filtered(draft: Draft, tag: Tag) -> None:
    around(draft, tag, draft.writing.filters(tag.contents.split(None, 1)[1]))


def firstof(draft: Draft, tag: Tag) -> None:
    bits, name = named_result(tag.bits)
    draft.show(call("firstof", *map(draft.writing.expression, bits)), name)


def loop(draft: Draft, tag: Tag) -> None:
    bits = tag.bits
    turned = bits[-1] == "reversed"
    where = -3 if turned else -2
    names = re.split(r" *, *", " ".join(bits[:where]))
    values = draft.writing.expression(bits[where + 1])
    targets = ", ".join(map(bound, names))
    draft.open("for", targets, "in", f"{values}|reversed" if turned else values)
    with draft.deciding():
        with draft.binding(names):
            stop = draft.until("empty", "endfor")
        if stop is not None and stop.contents == "empty":
            draft.open("else")
            draft.until("endfor")
    draft.open("endfor")


def ifchanged(draft: Draft, tag: Tag) -> None:
    draft.open("ifchanged", ", ".join(map(draft.writing.expression, tag.bits)))
    with draft.deciding():
        stop = draft.until("else", "endifchanged")
        if stop is not None and stop.name == "else":
            draft.open("else")
            draft.until("endifchanged")
    draft.open("endifchanged")


def nothing(draft: Draft, tag: Tag) -> None:
    """`load` says where tags come from; in Jinja2 the environment has them."""


def lorem(draft: Draft, tag: Tag) -> None:
    bits = tag.bits
    options = [literal("random")] if bits[-1:] == ["random"] else []
    bits = bits[:-1] if options else bits
    method = bits.pop() if bits and bits[-1] in {"w", "p", "b"} else None
    count = draft.writing.expression(bits[0]) if bits else "1" if method else None
    given = [value for value in (count, method and literal(method)) if value]
    draft.show(call("lorem", *given, *options))


def now(draft: Draft, tag: Tag) -> None:
    """The format is what stands between the quotes, backslashes and all."""
    bits, name = named_result(tag.bits)
    draft.show(call("now", literal(bits[0][1:-1], bits[0][0] if bits[0][0] in "\"'" else '"')), name)


def plain(draft: Draft, tag: Tag) -> None:
    """A tag that is given nothing."""
    draft.show(call(tag.name))


def regroup(draft: Draft, tag: Tag) -> None:
    target, _, expression, _, name = tag.bits
    with draft.binding([name]):
        grouper = draft.writing.expression(f"{name}.{expression}")
    draft.show(call("regroup", draft.writing.expression(target), grouper), name)


def resetcycle(draft: Draft, tag: Tag) -> None:
    draft.show(call("resetcycle", *map(literal, tag.bits)))


def templatetag(draft: Draft, tag: Tag) -> None:
    draft.show(literal(TemplateTagNode.mapping[tag.contents.split()[1]]))


def url(draft: Draft, tag: Tag) -> None:
    bits, name = tag.bits, None
    if len(bits) >= 3:
        rest, name = named_result(bits[1:])
        bits = [bits[0], *rest]
    arguments = [draft.writing.expression(bits[0]), *draft.writing.arguments(bits[1:])]
    draft.show(call("url" if name is None else "url_or_nothing", *arguments), name)


def verbatim(draft: Draft, tag: Tag) -> None:
    """Jinja2's `raw`, unless the text would end it."""
    inside = []
    while (token := draft.take()).token_type is not TokenType.BLOCK:
        inside.append(token.contents)
    text = "".join(inside)
    if "endraw" in text or "\r" in text:
        draft.text(text)
    elif not draft.silent:
        draft.markup(f"{{% raw %}}{text}{{% endraw %}}")
    else:
        draft.text("\n" * text.count("\n"))


def widthratio(draft: Draft, tag: Tag) -> None:
    bits, name = named_result(tag.bits)
    draft.show(call("widthratio", *map(draft.writing.expression, bits)), name)


def with_values(draft: Draft, tag: Tag) -> None:
    pairs = keywords(tag.bits, old_form=True)
    written = [f"{bound(name)} = {draft.writing.expression(value)}" for name, value in pairs]
    draft.open("with", ", ".join(written))
    with draft.binding([name for name, _ in pairs]):
        draft.until("endwith")
    draft.open("endwith")


def partialdef(draft: Draft, tag: Tag) -> None:
    name, *options = tag.bits
    draft.open("partialdef", ", ".join([partial_name(name), *(["inline=true"] if options else [])]))
    draft.until("endpartialdef")
    draft.open("endpartialdef")


def partial(draft: Draft, tag: Tag) -> None:
    function(draft, tag, [partial_name(tag.bits[0])])


def partial_name(text: str) -> str:
    return constant_text(text) if text[0] in "\"'" else literal(text)


TAGS: dict[str, Writer] = {
    "autoescape": autoescape,
    "comment": comment,
    "csrf_token": plain,
    "cycle": cycle,
    "debug": plain,
    "filter": filtered,
    "firstof": firstof,
    "for": loop,
    "if": condition,
    "ifchanged": ifchanged,
    "load": nothing,
    "lorem": lorem,
    "now": now,
    "partial": partial,
    "partialdef": partialdef,
    "querystring": simple,
    "regroup": regroup,
    "resetcycle": resetcycle,
    "spaceless": around,
    "templatetag": templatetag,
    "url": url,
    "verbatim": verbatim,
    "widthratio": widthratio,
    "with": with_values,
}

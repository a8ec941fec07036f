"""Tags that put templates together: `extends`, `block`, `include` (django/template/loader_tags.py)."""

from django.template.base import token_kwargs
from django.template.loader_tags import construct_relative_path

from importers.templates.draft import Draft, Reference, Tag, Writer
from importers.templates.expressions import bound, call, literal, named, quoted


def extends(draft: Draft, tag: Tag) -> None:
    text = construct_relative_path(draft.template, tag.bits[0])
    written, parent = draft.writing.expression(text), quoted(text)
    if parent is not None:
        moved = draft.moved(parent, True)
        draft.parent = Reference(moved, tag.line, certain=True)
        written = literal(moved) if moved != parent else written
    draft.open("extends", written)
    draft.extending = True


def block(draft: Draft, tag: Tag) -> None:
    name = draft.names[tag.contents.split()[1]]
    hidden, draft.hidden = draft.hidden, 0
    draft.blocks += 1
    draft.open("block", name)
    end = draft.until("endblock")
    assert end is not None
    draft.open("endblock", name if len(end.contents.split()) > 1 else "")
    draft.blocks -= 1
    draft.hidden = hidden


def include(draft: Draft, tag: Tag) -> None:
    name, *options = tag.bits
    name = construct_relative_path(draft.template, name, allow_recursion=True)
    words, only = dict[str, str](), False
    while options:
        if options.pop(0) == "only":
            only = True
        else:
            words = {key: draft.writing.expression(value) for key, value in keywords(options)}
    target = draft.writing.expression(name)
    if (found := quoted(name)) is not None and not draft.silent:
        moved = draft.moved(found, False)
        draft.includes.append(Reference(moved, tag.line, certain=not draft.decided))
        target = literal(moved) if moved != found else target
    if only or (words and found is None):
        # A name that is looked up is looked up before the values are bound.
        function = "include_only" if only else "include_with"
        draft.show(call(function, target, *(named(key, value) for key, value in words.items())))
    elif words:
        pairs = ", ".join(f"{bound(key)} = {value}" for key, value in words.items())
        draft.markup(f"{{% with {pairs} %}}{{% include {target} %}}{{% endwith %}}")
    else:
        draft.open("include", target)


class Expressions:
    """Stands where `token_kwargs` asks a parser to compile: it gives back the text of the expression."""

    def compile_filter(self, text: str) -> str:
        return text


def keywords(bits: list[str], *, old_form: bool = False) -> list[tuple[str, str]]:
    """Names and their expressions, taken off the front of the words (django/template/base.py: token_kwargs)."""
    return list(token_kwargs(bits, Expressions(), support_legacy=old_form).items())


TAGS: dict[str, Writer] = {"extends": extends, "block": block, "include": include}

"""One template from Django's language to Jinja2's: parse, then write.

`parse` is Django's own lexer and parser: what it finds wrong is raised as `Broken`, in Django's words, with the line.
`write` goes through the same tokens and needs the names of the blocks of all templates that belong together.
`convert` does both for one template alone.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.template.base import DebugLexer, Origin, Token, TokenType, constant_string
from django.template.loader_tags import construct_relative_path
from django.utils.text import unescape_string_literal

from importers.templates.draft import Draft, Moved, Reference, Unknown, as_named
from importers.templates.expressions import NotAnExpression, Unspeakable, quoted
from importers.templates.libraries import Checking, Known, Sight, django_alone
from importers.templates.names import BlockNames
from importers.templates.tags.table import writer_of

LOADER_TAGS = "django.template.loader_tags"
STRING = re.compile(constant_string.replace(re.escape("_("), "").replace(re.escape(")"), ""))


class Broken(Exception):
    """A template that Django would not take, in Django's words, or one that Jinja2 cannot express."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Parsed:
    """A template that Django takes: its tokens and which tag each of them is."""

    source: str
    name: str | None
    tokens: list[Token]
    found: Mapping[Token, Sight]
    blocks: frozenset[str]
    filters: frozenset[str]  # those that are not Django's own
    strings: frozenset[str]  # all that are given to tags: some name templates


@dataclass(frozen=True, slots=True)
class Conversion:
    """The Jinja2 template and what was noticed on the way."""

    text: str
    unknown: tuple[Unknown, ...]
    tags: Counter[str]
    includes: tuple[Reference, ...]
    parent: Reference | None
    needs: frozenset[tuple[str, str]]


def parse(source: str, *, name: str | None = None, known: Known | None = None) -> Parsed:
    tokens = DebugLexer(source).tokenize()
    try:
        parser = Checking(tokens, known or django_alone(), Origin(name or "", name))
        parser.parse()
    except Exception as error:  # a compile function may raise anything; Django hands it on with the token
        token = getattr(error, "token", None)
        raise Broken(str(error) or type(error).__name__, token and token.lineno) from error
    return Parsed(
        *(source, name, tokens, parser.found),
        frozenset(block_names(tokens)),
        frozenset(parser.used_filters),
        frozenset(names_given(tokens, parser.found, name)),
    )


def block_names(tokens: list[Token]) -> list[str]:
    found = [token.contents.split() for token in tokens if token.token_type is TokenType.BLOCK]
    return [words[1] for words in found if words[0] == "block" and len(words) == 2]


def names_given(tokens: list[Token], found: Mapping[Token, Sight], name: str | None) -> set[str]:
    """Every string in a tag, any of which may name a template, and the templates of inclusion tags."""
    names = set[str]()
    for token in tokens:
        sight = found.get(token)
        if sight is not None:
            names |= {unescape_string_literal(match[0]) for match in STRING.finditer(token.contents)}
            first = token.contents.split()[1:2]
            names |= {shown.replace("{}", *first) if first else shown for shown in sight.fact.templates}
            if sight.module == LOADER_TAGS and sight.fact.name != "block":
                names.add(quoted(construct_relative_path(name, token.split_contents()[1], True)) or "")
    return names


def write(parsed: Parsed, names: BlockNames, moved: Moved = as_named) -> Conversion:
    """`moved`: under which name a template is found that this one extends or includes."""
    draft = Draft(parsed.source, parsed.tokens, parsed.found, names, writer_of, template=parsed.name, moved=moved)
    try:
        draft.until()
    except (NotAnExpression, Unspeakable) as error:
        raise Broken(str(error), parsed.tokens[draft.at - 1].lineno) from error
    return Conversion(
        draft.finished(),
        tuple(draft.unknown),
        draft.tags,
        tuple(draft.includes),
        draft.parent,
        frozenset(draft.needs | {("filter", name) for name in parsed.filters}),
    )


def convert(source: str, *, name: str | None = None, known: Known | None = None) -> Conversion:
    """One template that needs no other."""
    parsed = parse(source, name=name, known=known)
    return write(parsed, BlockNames(parsed.blocks))

"""A template being written: Django's tokens in, Jinja2's text out, in the order and the lines of the source.

What stands between tags is kept as it is; what Jinja2 would misread in it is put into a string. Outside the blocks
of an extending template Django prints nothing: only comments, blocks and line ends are kept there.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.template.base import Token, TokenType

from importers.templates.expressions import Writing, bound, literal
from importers.templates.libraries import OWN, Sight
from importers.templates.names import BlockNames

MISREAD = re.compile(r"\{[{%#]|\r")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A tag that could not be converted, where it stands, and what a domain would register."""

    tag: str
    line: int
    text: str
    register: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Another template named by this one. `certain`: nothing decides whether it is shown."""

    name: str
    line: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the source: its words, as Django splits them, and its line."""

    token: Token
    name: str
    sight: Sight | None

    @property
    def contents(self) -> str:
        return str(self.token.contents)

    @property
    def line(self) -> int:
        return int(self.token.lineno)

    @property
    def bits(self) -> list[str]:
        """What stands after the tag's name."""
        return list(self.token.split_contents()[1:])


Writer = Callable[["Draft", Tag], None]
Moved = Callable[[str, bool], str]
"""Under which name a template is found that this one extends (or includes)."""


def as_named(name: str, extended: bool) -> str:
    return name


@dataclass(slots=True)
class Draft:
    """The way through a template's tokens; tags are written by `writer`'s choice."""

    source: str
    tokens: Sequence[Token]
    found: Mapping[Token, Sight]
    names: BlockNames
    writer: Callable[[Sight], Writer]
    template: str | None = None
    moved: Moved = as_named
    at: int = 0
    extending: bool = False
    blocks: int = 0
    hidden: int = 0
    decided: int = 0
    unfound: int = 0
    pieces: list[tuple[bool, str]] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    includes: list[Reference] = field(default_factory=list)
    parent: Reference | None = None
    tags: Counter[str] = field(default_factory=Counter)
    needs: set[tuple[str, str]] = field(default_factory=set)

    # -- reading ------------------------------------------------------------------------------------------------------

    def until(self, *stops: str) -> Tag | None:
        """Write what follows, up to a tag that is one of the stops."""
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.token_type is TokenType.TEXT:
                self.text(token.contents)
            elif token.token_type is TokenType.VAR:
                self.markup(f"{{{{ {self.writing.expression(token.contents)} }}}}")
            elif token.token_type is TokenType.COMMENT:
                self.comment(self.raw(token)[2:-2])
            else:
                tag = self.tag(token)
                if tag.name in stops:
                    return tag
                assert tag.sight is not None, tag.contents
                self.tags[tag.name] += 1
                self.writer(tag.sight)(self, tag)
        return None

    def tag(self, token: Token) -> Tag:
        return Tag(token, token.contents.split()[0], self.found.get(token))

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def raw(self, token: Token) -> str:
        """The text of a token as it stands in the source."""
        start, end = token.position
        return self.source[start:end]

    @property
    def writing(self) -> Writing:
        return Writing(in_block=self.blocks > 0 and not self.hidden)

    @property
    def silent(self) -> bool:
        return self.extending and (not self.blocks or self.unfound > 0)

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """Inside, it is decided while rendering whether something is shown, or how often."""
        self.decided += 1
        yield
        self.decided -= 1

    @contextmanager
    def binding(self, names: Sequence[str]) -> Iterator[None]:
        """Inside, these names are variables of a tag's; `block` then is no block."""
        self.hidden += "block" in names
        yield
        self.hidden -= "block" in names

    # -- writing ------------------------------------------------------------------------------------------------------

    def text(self, text: str) -> None:
        self.pieces.append((True, "\n" * text.count("\n") if self.silent and text.strip() else text))

    def markup(self, text: str) -> None:
        if not self.silent:
            self.pieces.append((False, text))

    def open(self, *words: str) -> None:
        self.markup(f"{{% {' '.join(word for word in words if word)} %}}")

    def show(self, expression: str, name: str | None = None) -> None:
        """Print what an expression gives, or bind it to a name."""
        if name is None:
            self.markup(f"{{{{ {expression} }}}}")
        else:
            self.open("set", bound(name), "=", expression)

    def need(self, kind: str, tag: Tag) -> None:
        """Note what a domain has to register."""
        if not self.silent and tag.sight is not None and tag.sight.module not in OWN:
            self.needs.add((kind, tag.name))

    def comment(self, text: str) -> None:
        """A comment; Jinja2 would take a sign at its edge for white space control."""
        text = text.replace("#}", "# }")
        before = " " if text[:1] in {"-", "+"} else ""
        after = " " if text[-1:] in {"-", "+", "#"} else ""
        self.pieces.append((False, f"{{#{before}{text}{after}#}}"))

    def finished(self) -> str:
        """All pieces as one text, with that in strings which Jinja2 would misread."""
        out: list[str] = []
        kept = [(plain, text) for plain, text in self.pieces if text]
        at = 0
        while at < len(kept):
            plain, text = kept[at]
            at += 1
            if plain:
                while at < len(kept) and kept[at][0]:
                    text += kept[at][1]
                    at += 1
                text = misread(text, before_markup=at < len(kept))
            out.append(text)
        return "".join(out)


def misread(text: str, *, before_markup: bool) -> str:
    written = MISREAD.sub(lambda match: f"{{{{ {literal(match[0])} }}}}", text)
    if before_markup and written.endswith("{"):
        return f'{written[:-1]}{{{{ "{{" }}}}'
    return written

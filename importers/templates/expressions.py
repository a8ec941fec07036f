"""Django's expressions, written in Jinja2: variables, literals, filters, the conditions of `if`.

Django's own grammar reads them (`filter_re` of django/template/base.py, `IfParser` of django/template/smartif.py), so
what Django accepts is what is read here. The order of a condition is Django's: where Jinja2 would bind otherwise,
parentheses stand.
Text that is no expression is refused with `NotAnExpression`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.template.base import filter_re, kwarg_re
from django.template.smartif import IfParser, Literal
from django.utils.text import unescape_string_literal

WORDS = frozenset("and as elif else false for if in is none not or recursive true".split())
"""Variables called so are written `var("…")`: Jinja2 would read a word of its own."""
CONSTANTS = frozenset({"true", "false", "none", "True", "False", "None"})
PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
PLAIN_INDEX = re.compile(r"0|[1-9][0-9]*")
NOWHERE = "_"
"""What is bound to a name that no Django expression can read is bound to this one, which none can read either."""


class NotAnExpression(ValueError):
    """The text is nothing that Django's grammar of expressions reads."""


class Unspeakable(ValueError):
    """A name that Django binds and Jinja2's syntax cannot."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How expressions are written at some place of a template; `in_block`: there, `block.super` is the parent's."""

    in_block: bool = False

    def expression(self, text: str) -> str:
        """`a.b.0|date:"Y"` as `a.b.0|date("Y")`."""
        written, upto = "", 0
        for match in filter_re.finditer(text):
            if match.start() != upto:
                break
            if not written:
                if not (match["constant"] or match["var"]):
                    break
                written = self.operand(match["constant"], match["var"])
            else:
                written += "|" + self._filter(match["filter_name"], match["constant_arg"], match["var_arg"])
            upto = match.end()
        if not written or upto != len(text):
            raise NotAnExpression(text)
        return written

    def _filter(self, name: str, constant: str | None, variable: str | None) -> str:
        return f"{name}({self.operand(constant, variable)})" if constant or variable else name

    def filters(self, text: str) -> str:
        """What `{% filter %}` is given: filters without a value before them."""
        return self.expression(f"x|{text}").removeprefix("x|")

    def operand(self, constant: str | None, variable: str | None) -> str:
        if constant:
            return constant_text(constant)
        return self.variable(variable or "")

    def variable(self, text: str) -> str:
        number = number_text(text)
        if number is not None:
            return number
        first, *rest = text.split(".")
        if self.in_block and first == "block" and rest[:1] == ["super"]:
            return "super()" + "".join(map(lookup, rest[1:]))
        return name_text(first) + "".join(map(lookup, rest))

    def condition(self, words: Sequence[str]) -> str:
        """The words of `if`, joined as Django binds them."""
        return self._written(_Conditions(list(words)).parse())

    def _written(self, node: Any) -> str:
        if isinstance(node, Literal):
            return self.expression(node.value)
        if node.id == "not":
            return f"not {self._written(node.first)}"
        if node.id in {"and", "or"}:
            return f"{self._written(node.first)} {node.id} {self._written(node.second)}"
        if node.id in {"is", "is not"}:
            return f"{self._side(node.first)} {node.id} sameas({self._written(node.second)})"
        return f"{self._side(node.first)} {node.id} {self._side(node.second)}"

    def _side(self, node: Any) -> str:
        """One side of a comparison. Jinja2 chains comparisons and knows no `not` there."""
        return self._written(node) if isinstance(node, Literal) else f"({self._written(node)})"

    def argument(self, bit: str) -> str:
        """An argument of a tag: `a|upper` or `name=a|upper`."""
        name, value = keyword(bit)
        return self.expression(value) if name is None else named(name, self.expression(value))

    def arguments(self, bits: Sequence[str]) -> list[str]:
        return [self.argument(bit) for bit in bits]


class _Conditions(IfParser):  # type: ignore[misc]
    error_class = NotAnExpression


def keyword(bit: str) -> tuple[str | None, str]:
    """A tag's argument as its name, if it has one, and its text."""
    match = kwarg_re.match(bit)
    if match is None:
        raise NotAnExpression(bit)
    return match[1], match[2]


def named(name: str, value: str) -> str:
    """An argument by name; a name that Jinja2 cannot spell goes through a dictionary."""
    return f"{name}={value}" if name.isidentifier() else f"**{{{literal(name)}: {value}}}"


def call(name: str, *arguments: str) -> str:
    return f"{name}({', '.join(arguments)})"


def literal(value: str, quote: str = '"') -> str:
    """A string as Jinja2 writes it, in the author's quotes where they do."""
    if quote in value:
        quote = "'" if quote == '"' and "'" not in value else '"'
    escaped = value.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("\r", "\\r").replace("\n", "\\n")
    return f"{quote}{escaped}{quote}"


def constant_text(text: str) -> str:
    """A quoted string of Django's, translated or not."""
    if text.startswith("_("):
        return f"_({constant_text(text[2:-1])})"
    return literal(unescape_string_literal(text), text[0])


def number_text(text: str) -> str | None:
    """A number as Jinja2 spells it, or nothing (django/template/base.py: Variable)."""
    try:
        if "." in text or "e" in text.lower():
            value: float = float(text)
            if text.endswith("."):
                return None
        else:
            value = int(text)
    except ValueError:
        return None
    if PLAIN_NUMBER.fullmatch(text):
        return text
    return repr(value).replace("inf", "1e999")


def name_text(name: str) -> str:
    return name if name.isidentifier() and name not in WORDS else call("var", literal(name))


def lookup(bit: str) -> str:
    """What follows a dot. Jinja2 spells identifiers and plain indices; the rest goes into brackets."""
    return f".{bit}" if bit.isidentifier() or PLAIN_INDEX.fullmatch(bit) else f"[{literal(bit)}]"


def bound(name: str) -> str:
    """A name that a tag binds, as the target of an assignment."""
    if not re.fullmatch(r"\w+", name) or name.startswith("_"):
        return NOWHERE
    if not name.isidentifier() or name in CONSTANTS or name == "in":
        raise Unspeakable(f"Jinja2 cannot bind the name '{name}': rename the variable")
    return name


def quoted(text: str) -> str | None:
    """The string that an expression is, if it is one and nothing else."""
    match = filter_re.match(text)
    if match and match["constant"] and match.end() == len(text) and not text.startswith("_("):
        return str(unescape_string_literal(text))
    return None

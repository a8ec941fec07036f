"""Filters that make HTML of text or text of HTML: escaping, line breaks, tags stripped, HTML cut to a length."""

import html
import re
import unicodedata
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any

from legacy_adapters.dtl.filters.marks import Filter, register
from legacy_adapters.dtl.filters.text import room_for, whole_number, with_ellipsis
from legacy_adapters.dtl.safe import SafeString, conditional_escape, mark_safe
from legacy_adapters.dtl.safe import escape as escaped
from legacy_adapters.errors import SuspiciousOperation

FILTERS: dict[str, Filter] = {}

VOID = frozenset("area base br col embed hr img input link meta param source track wbr frame spacer".split())
MOST_PASSES = 50
_open_without_end = re.compile(r"<[a-zA-Z][^>]{1000,}")


def unix_lines(text: str) -> str:
    return re.sub(r"\r\n|\r", "\n", text)


@register(FILTERS, "escape", is_safe=True, text=True)
def escape_once(value: str) -> SafeString:
    return conditional_escape(value)


@register(FILTERS, is_safe=True, text=True)
def force_escape(value: str) -> SafeString:
    return escaped(value)


@register(FILTERS, is_safe=True)
def escapeseq(value: Iterable[Any]) -> list[SafeString]:
    return [conditional_escape(item) for item in value]


@register(FILTERS, is_safe=True, text=True)
def safe(value: str) -> Any:
    return mark_safe(value)


@register(FILTERS, is_safe=True)
def safeseq(value: Iterable[Any]) -> list[Any]:
    return [mark_safe(item) for item in value]


@register(FILTERS, is_safe=True, needs_autoescape=True, text=True)
def linebreaks(value: str, autoescape: bool = True) -> SafeString:
    """A paragraph for what blank lines separate, a `<br>` for a line's end."""
    paragraphs = re.split("\n{2,}", unix_lines(value))
    if autoescape and not isinstance(value, SafeString):
        paragraphs = [escaped(paragraph) for paragraph in paragraphs]
    return SafeString("\n\n".join(f"<p>{paragraph.replace(chr(10), '<br>')}</p>" for paragraph in paragraphs))


@register(FILTERS, is_safe=True, needs_autoescape=True, text=True)
def linebreaksbr(value: str, autoescape: bool = True) -> SafeString:
    text = unix_lines(value)
    if autoescape and not isinstance(value, SafeString):
        text = escaped(text)
    return SafeString(text.replace("\n", "<br>"))


class _Stripper(HTMLParser):
    """The text between tags, entities as they stand."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_entityref(self, name: str) -> None:
        self.text.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.text.append(f"&#{name};")


def _without_tags(value: str) -> str:
    stripper = _Stripper()
    stripper.feed(value)
    stripper.close()
    return "".join(stripper.text)


@register(FILTERS, is_safe=True, text=True)
def striptags(value: str) -> str:
    """Text without tags, nor those that appear as others go. Refuses text built to make this slow, as Django does."""
    if any(match.group().count("<") >= MOST_PASSES for match in _open_without_end.finditer(value)):
        raise SuspiciousOperation("a tag that never ends holds too many others")
    passes = 0
    while "<" in value and ">" in value:
        if passes >= MOST_PASSES:
            raise SuspiciousOperation("tags within tags, too deep to be text")
        rest = _without_tags(value)
        if rest.count("<") == value.count("<"):
            break
        value, passes = rest, passes + 1
    return value


class _Full(Exception):
    """As much as was asked for has been written."""


class _Cutter(HTMLParser):
    """Writes HTML until its text is full, then closes what is open. What counts is the subclass's business."""

    def __init__(self, remaining: int, ellipsis: str | None) -> None:
        super().__init__(convert_charrefs=True)
        self.remaining = remaining
        self.ellipsis = ellipsis
        self.open: list[str] = []
        self.output = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.output += self.get_starttag_text() or ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        self.output += f"</{tag}>"
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        size, shown = self.measured(data)
        if self.remaining < size:
            self.remaining = 0
            self.output += with_ellipsis(shown, self.ellipsis)
            raise _Full
        self.remaining -= size
        self.output += shown

    def measured(self, data: str) -> tuple[int, str]:
        """How much there is of a piece of text, and what of it still fits, escaped."""
        raise NotImplementedError

    def cut(self, text: str) -> str:
        try:
            self.feed(text)
        except _Full:
            self.output += "".join(f"</{tag}>" for tag in reversed(self.open))
        return self.output


class _CharacterCutter(_Cutter):
    def __init__(self, length: int) -> None:
        super().__init__(room_for(length), None)
        self.length = length
        self.seen = 0

    def measured(self, data: str) -> tuple[int, str]:
        self.seen += len(data)
        if self.seen == self.length and len(self.output) + len(data) == len(self.rawdata):
            self.output += data  # the text ends here, and fits without an ellipsis
            raise _Full
        return len(data), html.escape(data[: self.remaining])


class _WordCutter(_Cutter):
    def measured(self, data: str) -> tuple[int, str]:
        words = re.split(r"(?<=\S)\s+(?=\S)", data)
        return len(words), html.escape(" ".join(words[: self.remaining]))


@register(FILTERS, is_safe=True, text=True)
def truncatechars_html(value: str, arg: Any) -> str:
    """At most `arg` characters of text, tags not counted."""
    length = whole_number(arg)
    if length is None:
        return value
    return _CharacterCutter(length).cut(unicodedata.normalize("NFC", value)) if length > 0 else ""


@register(FILTERS, is_safe=True, text=True)
def truncatewords_html(value: str, arg: Any) -> str:
    """At most `arg` words of text, tags not counted."""
    length = whole_number(arg)
    if length is None:
        return value
    return _WordCutter(length, " …").cut(value) if length > 0 else ""

"""Filters on plain text: case, width, words, slugs, encoding for addresses and for JavaScript."""

import json
import re
import textwrap
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pprint import pformat
from typing import Any
from urllib.parse import quote
from uuid import UUID

from legacy_adapters.dtl.filters.marks import Filter, register
from legacy_adapters.dtl.locale import pgettext
from legacy_adapters.dtl.safe import SafeString, conditional_escape, escape

FILTERS: dict[str, Filter] = {}

IRI_SAFE = "/#%[]=:;$&()+,!?*@'~"  # RFC 3987, section 3.1
_keypad = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_in_javascript = {
    ord(character): f"\\u{ord(character):04X}"
    for character in (*map(chr, range(32)), *"\\'\"><&=-;`", "\u2028", "\u2029")
}
_in_script = {ord(character): f"\\u{ord(character):04X}" for character in "><&"}


@register(FILTERS, is_safe=True, text=True)
def addslashes(value: str) -> str:
    for character in "\\\"'":
        value = value.replace(character, f"\\{character}")
    return value


@register(FILTERS, is_safe=True, text=True)
def capfirst(value: str) -> str:
    return value[:1].upper() + value[1:]


@register(FILTERS, text=True)
def escapejs(value: str) -> SafeString:
    return SafeString(value.translate(_in_javascript))


class _ScriptEncoder(json.JSONEncoder):
    """JSON of what Django's encoder knows beside JSON's own types (django/core/serializers/json.py)."""

    def default(self, value: Any) -> Any:
        if isinstance(value, datetime):
            text = _in_milliseconds(value.isoformat(), 23) if value.microsecond else value.isoformat()
            return f"{text.removesuffix('+00:00')}Z" if text.endswith("+00:00") else text
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, time):
            if value.utcoffset() is not None:
                raise ValueError("JSON can't represent timezone-aware times.")
            return value.isoformat()[:12] if value.microsecond else value.isoformat()
        if isinstance(value, timedelta):
            return _iso_duration(value)
        if isinstance(value, (Decimal, UUID)) or type(value).__name__ == "__proxy__":
            return str(value)
        return super().default(value)


def _in_milliseconds(text: str, end: int) -> str:
    return text[:end] + text[end + 3 :]


def _iso_duration(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06d}" if value.microseconds else ""
    return f"{sign}P{value.days}DT{hours:02d}H{minutes:02d}M{seconds:02d}{fraction}S"


@register(FILTERS, is_safe=True)
def json_script(value: Any, element_id: Any = None) -> SafeString:
    content = json.dumps(value, cls=_ScriptEncoder).translate(_in_script)
    named = f' id="{conditional_escape(element_id)}"' if element_id else ""
    return SafeString(f'<script{named} type="application/json">{content}</script>')


@register(FILTERS, is_safe=True, text=True)
def iriencode(value: str) -> str:
    return quote(value, safe=IRI_SAFE)


@register(FILTERS, is_safe=True, needs_autoescape=True, text=True)
def linenumbers(value: str, autoescape: bool = True) -> SafeString:
    lines = value.split("\n")
    width = len(str(len(lines)))
    if autoescape and not isinstance(value, SafeString):
        lines = [escape(line) for line in lines]
    return SafeString("\n".join(f"{number:0{width}d}. {line}" for number, line in enumerate(lines, 1)))


@register(FILTERS, is_safe=True, text=True)
def lower(value: str) -> str:
    return value.lower()


@register(FILTERS, text=True)
def upper(value: str) -> str:
    return value.upper()


@register(FILTERS, text=True)
def make_list(value: str) -> list[str]:
    return list(value)


@register(FILTERS, is_safe=True, text=True)
def slugify(value: str) -> str:
    """ASCII letters, digits and underscores in lower case, with one hyphen for all that stands between."""
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain)).strip("-_")


@register(FILTERS, is_safe=True)
def stringformat(value: Any, arg: Any) -> str:
    """The value by a `%` format without its `%`; nothing where they do not fit."""
    try:
        return ("%" + str(arg)) % (str(value) if isinstance(value, tuple) else value)
    except (ValueError, TypeError):
        return ""


@register(FILTERS, is_safe=True, text=True)
def title(value: str) -> str:
    """Words with a capital, but none after an apostrophe or a digit."""
    capitals = re.sub("([a-z])'([A-Z])", lambda match: match[0].lower(), value.title())
    return re.sub(r"\d([A-Z])", lambda match: match[0].lower(), capitals)


def with_ellipsis(text: str, ellipsis: str | None = None) -> str:
    """Text that was cut: with the language's ellipsis, or with the one given, but not twice."""
    mark = pgettext("String to return when truncating text", "%(truncated_text)s…") if ellipsis is None else ellipsis
    if "%(truncated_text)s" in mark:
        return mark % {"truncated_text": text}
    return text if text.endswith(mark) else text + mark


def room_for(length: int, ellipsis: str | None = None) -> int:
    """How many characters of `length` are left beside the ellipsis; never fewer than none."""
    room = length
    for character in with_ellipsis("", ellipsis):
        if not unicodedata.combining(character):
            room -= 1
            if room == 0:
                break
    return room


def whole_number(arg: Any) -> int | None:
    """An argument as a number; None where it is text of something else."""
    try:
        return int(arg)
    except ValueError:
        return None


@register(FILTERS, is_safe=True, text=True)
def truncatechars(value: str, arg: Any) -> str:
    """At most `arg` characters, the ellipsis counted and combining characters not."""
    length = whole_number(arg)
    if length is None:
        return value
    if length <= 0:
        return ""
    text = unicodedata.normalize("NFC", value)
    counted = [place for place, character in enumerate(text) if not unicodedata.combining(character)]
    if len(counted) <= length:
        return text
    room = room_for(length)
    return with_ellipsis(text[: counted[room] if room < len(counted) else 0])


@register(FILTERS, is_safe=True, text=True)
def truncatewords(value: str, arg: Any) -> str:
    """At most `arg` words, with one space between them."""
    length = whole_number(arg)
    if length is None:
        return value
    if length <= 0:
        return ""
    words = value.split()
    return with_ellipsis(" ".join(words[:length]), " …") if len(words) > length else " ".join(words)


@register(FILTERS, text=True)
def urlencode(value: str, safe: Any = None) -> str:
    return quote(value) if safe is None else quote(value, safe=safe)


@register(FILTERS, text=True)
def wordcount(value: str) -> int:
    return len(value.split())


@register(FILTERS, is_safe=True, text=True)
def wordwrap(value: str, arg: Any) -> str:
    """Lines of at most `arg` characters; long words and blank lines stay as they are."""
    wrapper = textwrap.TextWrapper(
        width=int(arg), break_long_words=False, break_on_hyphens=False, replace_whitespace=False
    )
    lines = [part for line in value.splitlines() for part in wrapper.wrap(line) or [line]]
    return "\n".join([*lines, ""] if value.endswith("\n") else lines)


@register(FILTERS, is_safe=True, text=True)
def ljust(value: str, arg: Any) -> str:
    return value.ljust(int(arg))


@register(FILTERS, is_safe=True, text=True)
def rjust(value: str, arg: Any) -> str:
    return value.rjust(int(arg))


@register(FILTERS, is_safe=True, text=True)
def center(value: str, arg: Any) -> str:
    return value.center(int(arg))


@register(FILTERS, text=True)
def cut(value: str, arg: str) -> str:
    """Without `arg`; safe text stays safe unless a `;` is cut, which would break its entities."""
    rest = value.replace(arg, "")
    return SafeString(rest) if isinstance(value, SafeString) and arg != ";" else rest


@register(FILTERS, is_safe=True)
def phone2numeric(value: Any) -> str:
    return str.translate(value.lower(), _keypad)


@register(FILTERS, is_safe=True)
def pprint(value: Any) -> str:
    try:
        return pformat(value)
    except Exception as error:  # a debugging aid must not add an error of its own
        return f"Error in formatting: {type(error).__name__}: {error}"

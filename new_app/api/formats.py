"""Formats: which one a client asked for, and data as JSON, XML, YAML.

Two rules of negotiation live side by side because two libraries do: v1 follows `mimeparse`, v2 the framework's own.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec
import yaml
from lxml import etree

JSON = "application/json"
YAML = "text/yaml"
CONTENT_TYPES = {"json": JSON, "xml": "application/xml", "yaml": YAML}

_encode = msgspec.json.Encoder(order="sorted", enc_hook=str).encode
_encode_in_order = msgspec.json.Encoder().encode
_respace = msgspec.json.format


class Record(dict[str, Any]):
    """An object of a resource. XML tells it from a plain mapping."""


class Rendered(str):
    """Text that a template may print as it is. YAML of v1 names Django's class for it."""

    __slots__ = ()


class _Dumper(yaml.Dumper):
    pass


_Dumper.add_representer(
    Rendered,
    lambda dumper, text: dumper.represent_sequence(
        "tag:yaml.org,2002:python/object/new:django.utils.safestring.SafeString", [str(text)]
    ),
)


class InvalidAccept(ValueError):
    """An Accept header that is not a list of media ranges."""


def sorted_json(data: object) -> bytes:
    """JSON with keys in order and a space after each comma and colon."""
    return _respace(_encode(data), indent=0)


def compact_json(data: object, indent: int | None = None) -> bytes:
    """JSON as a subset of JavaScript: without spaces, U+2028 and U+2029 escaped."""
    if indent is None:
        text = _encode_in_order(data)
    else:
        text = json.dumps(data, indent=indent, ensure_ascii=False, separators=(",", ": ")).encode()
    if b"\xe2\x80" in text:
        text = text.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
    return text


def xml(data: object) -> bytes:
    return etree.tostring(_element(data, None, 0), xml_declaration=True, encoding="utf-8")


def as_yaml(data: object) -> bytes:
    return yaml.dump(_plain(data), Dumper=_Dumper).encode()


WRITERS: dict[str, Callable[[object], bytes]] = {JSON: sorted_json, "application/xml": xml, YAML: as_yaml}


def content_type(media_type: str) -> str:
    return media_type if media_type == JSON else f"{media_type}; charset=utf-8"


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(item) for item in data]
    return data


def _element(data: Any, name: str | None, depth: int) -> etree._Element:
    if isinstance(data, list | tuple):
        element = etree.Element(name or "objects")
        if name:
            element.set("type", "list")
        return _with_children(element, (_element(item, None, depth + 1) for item in data))
    if isinstance(data, dict):
        record = isinstance(data, Record)
        element = etree.Element(name or ("response" if depth == 0 and not record else "object"))
        if depth and not record:
            element.set("type", "hash")
        return _with_children(element, (_element(value, key, depth + 1) for key, value in data.items()))
    element = etree.Element(name or "value")
    if data is None:
        element.set("type", "null")
        return element
    if not isinstance(data, str):
        element.set("type", "boolean" if isinstance(data, bool) else "integer")
    element.text = str(data)
    return element


def _with_children(element: etree._Element, children: Iterable[etree._Element]) -> etree._Element:
    element[:] = sorted(children, key=lambda child: str(child.tag))
    return element


def preferred(accept: str, supported: Sequence[str]) -> str:
    """The best of `supported` for an Accept header, or ""; among equals the last one wins."""
    ranges = [_media_range(part) for part in accept.split(",") if part.strip()]
    best: tuple[float, float, int] = (-1.0, -1.0, -1)
    for position, media_type in enumerate(supported):
        best = max(best, (*_quality(media_type, ranges), position))
    return supported[best[2]] if best[0] else ""


Range = tuple[str, str, dict[str, str]]


def _media_range(text: str) -> Range:
    full, parameters = header_parameters(text)
    if full == "*":
        full = "*/*"
    main, slash, sub = full.partition("/")
    if not slash or "/" in sub:
        raise InvalidAccept(text)
    quality = parameters.get("q")
    try:
        valid = bool(quality) and 0 <= float(quality or "") <= 1
    except ValueError:
        valid = False
    return main.strip(), sub.strip(), {**parameters, "q": quality if valid and quality else "1"}


def _quality(media_type: str, ranges: Iterable[Range]) -> tuple[float, float]:
    """(q of the most specific range that covers `media_type`, how specific that range is)."""
    main, _, sub = media_type.partition("/")
    fitness, quality = -1.0, "0"
    for range_main, range_sub, parameters in ranges:
        if range_main in (main, "*") and range_sub in (sub, "*"):
            score = 1.0 + (100 if range_main == main else 0) + (10 if range_sub == sub else 0)
            if score > fitness:
                fitness, quality = score, parameters["q"]
    return float(quality), fitness


def header_parameters(text: str) -> tuple[str, dict[str, str]]:
    """`text/html; q="0.5"` as ("text/html", {"q": "0.5"})."""
    first, *rest = _split_outside_quotes(text)
    parameters: dict[str, str] = {}
    for part in rest:
        name, equals, value = part.partition("=")
        if equals:
            value = value.strip()
            if len(value) >= 2 and value[0] == value[-1] == '"':
                value = value[1:-1].replace("\\\\", "\\").replace('\\"', '"')
            parameters[name.strip().lower()] = value
    return first.strip(), parameters


def _split_outside_quotes(text: str) -> Iterator[str]:
    start, quoted = 0, False
    for position, character in enumerate(text):
        if character == '"' and text[position - 1 : position] != "\\":
            quoted = not quoted
        elif character == ";" and not quoted:
            yield text[start:position]
            start = position + 1
    yield text[start:]


def accepted(accept: str, media_type: str) -> str | None:
    """The media type that v2 answers with, parameters included, or None where the client takes none of ours."""
    main, _, sub = media_type.partition("/")
    tokens = [token.strip() for token in accept.split(",")]
    for token in sorted(tokens, key=lambda token: -_precedence(token)):
        full, parameters = header_parameters(token)
        token_main, _, token_sub = full.partition("/")
        if token_main in (main, "*") and token_sub in (sub, "*"):
            if _precedence(token) >= 2:
                return token
            return ";".join((media_type, *(f"{name}={value}" for name, value in parameters.items())))
    return None


def _precedence(token: str) -> int:
    full, parameters = header_parameters(token)
    main, _, sub = full.partition("/")
    if main == "*":
        return 0
    if sub == "*":
        return 1
    return 2 if set(parameters) <= {"q"} else 3

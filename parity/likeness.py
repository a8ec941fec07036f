"""Likeness: how like two HTML pages are, in two columns: the same tree, and the same bytes.

A tree is the same node for node, attributes as sets, text exact, idle white space collapsed. Bytes are the same once
what must differ is masked: form tokens, nonces, the side's own address, the moment of the answer, each after the same
checks as everywhere. Only the first line whose bytes differ is named: it leads to the cause.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from parity.capture import Observation
from parity.clean import Rules, Scrub, media_type, text_of, unpacked
from parity.difference import Difference, clipped

KIND = "HTML bytes"
HEAD_KINDS = frozenset({"header", "header member", "redirect", "cookie", "cookie value", "cookie attribute"})
"""Differences that leave a page's tree what it is."""

INPUT = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""\b(name|value)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
AROUND = 160
"""Characters shown on either side of the first byte that differs."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What came of one page: `same`, `waived`, `differs` or `noisy` for its tree and for its bytes."""

    tree: str
    bytes: str
    first: Difference | None = None


def is_page(observation: Observation) -> bool:
    return media_type(observation.first("content-type")).kind == "html" and bool(observation.body)


def in_the_tree(found: Iterable[Difference]) -> list[Difference]:
    return [difference for difference in found if difference.kind not in HEAD_KINDS]


def bytes_difference(legacy: Observation, new: Observation, rules: Rules) -> Difference | None:
    """The first line of two pages whose bytes differ once tokens are masked."""
    if legacy.status != new.status:
        return Difference(KIND, "line 1", f"status {legacy.status}", f"status {new.status}")
    if (legacy.digest and legacy.digest == new.digest) or unpacked(legacy).data == unpacked(new).data:
        return None
    scrubs = Scrub(legacy, rules), Scrub(new, rules)
    lines = (_lines(side, scrub) for side, scrub in zip((legacy, new), scrubs, strict=True))
    for number, (left, right) in enumerate(zip_longest(*lines), 1):
        if left == right:
            continue
        clean = [
            scrub.text(line) if line is not None else None for scrub, line in zip(scrubs, (left, right), strict=True)
        ]
        if clean[0] != clean[1]:
            return Difference(KIND, f"line {number}", *_around(*clean))
    return None


def _lines(observation: Observation, scrub: Scrub) -> list[str]:
    media = media_type(observation.first("content-type"))
    text, _ = text_of(unpacked(observation).data, media.charset)
    return INPUT.sub(lambda found: _masked(found[0], scrub), text).splitlines(keepends=True)


def _masked(tag: str, scrub: Scrub) -> str:
    """The tag of an input, its value masked where that is a form token that fits its cookie."""
    values = {name.lower(): value for name, value in ATTRIBUTE.findall(tag)}
    value = values.get("value", "").strip("\"'")
    if not value:
        return tag
    clean = scrub.form_field(values.get("name", "").strip("\"'"), value).clean
    return tag.replace(value, clean)


def _around(left: str | None, right: str | None) -> tuple[str | None, str | None]:
    """Both lines, cut to what stands around the first character that differs."""
    if left is None or right is None:
        return clipped(left), clipped(right)
    at = next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    begin = max(0, at - AROUND)
    return left[begin : at + AROUND], right[begin : at + AROUND]

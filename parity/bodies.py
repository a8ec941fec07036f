"""Bodies: where two bodies differ, named by a path that a person can follow.

HTML and XML: `/html/body/ul/li[2]/a/@href`. JSON: deepdiff's `root['results'][0]['name']`. Text: `line 12`. Other
bytes: size and digest. A list that only changed its order is one difference, not one per item. Every walk stops at
`Rules.most` differences, and what is larger than `Rules.tree_limit` is compared by lines or by digest: the time for
one case is bounded.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

from deepdiff import DeepDiff
from deepdiff.operator import BaseOperatorPlus
from lxml import etree

from parity.clean import Leaf, Rules, Scrub, media_type, text_of
from parity.difference import Difference, clipped
from parity.trees import Node, digest_of, html_tree, xml_tree

ALIGNED = 1500
"""Above so many lines or children, lists are compared place by place: aligning takes quadratic time."""

LINKS = frozenset({"href", "src", "action", "formaction", "srcset", "poster", "cite", "data"})


def body_differences(
    legacy: bytes, new: bytes, content_type: str, scrubs: tuple[Scrub, Scrub], rules: Rules
) -> list[Difference]:
    """Two bodies of one media type. `content_type` is legacy's: what it says is what the new side has to be."""
    if legacy == new:
        return []
    if not legacy or not new:
        return [Difference("empty body", "body", *(size_of(data) if data else None for data in (legacy, new)))]
    kind = media_type(content_type).kind
    charset = media_type(content_type).charset
    if kind == "binary":
        return [binary_difference(legacy, new)]
    left, wrong_left = text_of(legacy, charset)
    right, wrong_right = text_of(new, charset)
    found: list[Difference] = []
    if wrong_left != wrong_right:
        found.append(Difference("character set", "body", wrong_left or "decodes", wrong_right or "does not decode"))
    if max(len(legacy), len(new)) <= rules.tree_limit:
        found += _structured(kind, (left, right), (legacy, new), scrubs)
    else:
        found += line_differences(left, right, scrubs)
    return found


def _structured(
    kind: str, texts: tuple[str, str], data: tuple[bytes, bytes], scrubs: tuple[Scrub, Scrub]
) -> Iterator[Difference]:
    if kind == "json":
        yield from json_differences(*texts, scrubs)
    elif kind == "xml":
        yield from xml_differences(*data, texts, scrubs)
    elif kind == "html":
        yield from html_differences(*texts, scrubs)
    else:
        yield from line_differences(*texts, scrubs)


def size_of(data: bytes) -> str:
    return f"{len(data)} bytes"


def binary_difference(legacy: bytes, new: bytes) -> Difference:
    told = (f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()[:16]}" for data in (legacy, new))
    return Difference("bytes", "body", *told)


# JSON


class _Rightly(BaseOperatorPlus):
    """Tells deepdiff that two strings are the same if they are once cleaned."""

    def __init__(self, scrubs: tuple[Scrub, Scrub]) -> None:
        self.scrubs = scrubs

    def match(self, level: Any) -> bool:
        return isinstance(level.t1, str) and isinstance(level.t2, str)

    def give_up_diffing(self, level: Any, diff_instance: Any) -> bool:
        return self.scrubs[0].text(level.t1) == self.scrubs[1].text(level.t2)

    def normalize_value_for_hashing(self, parent: Any, obj: Any) -> Any:
        return obj


class _Repeated(ValueError):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A repeated key would hide a value from the comparison."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise _Repeated("a key is repeated")
    return dict(pairs)


def json_differences(legacy: str, new: str, scrubs: tuple[Scrub, Scrub]) -> Iterator[Difference]:
    """Key order is nothing; list order, types (1, 1.0, "1", true) and absent against null are something."""
    values, wrong = [], []
    for text in (legacy, new):
        try:
            values.append(json.loads(text, object_pairs_hook=_pairs))
            wrong.append("")
        except (ValueError, RecursionError) as error:
            wrong.append(f"not valid JSON: {error if isinstance(error, ValueError) else 'too deep'}")
    if any(wrong):
        if wrong[0] != wrong[1]:
            yield Difference("not JSON", "body", wrong[0] or "valid JSON", wrong[1] or "valid JSON")
        yield from line_differences(legacy, new, scrubs)
        return
    if canonical(values[0]) == canonical(values[1]):
        return
    yield from _deep(values[0], values[1], scrubs)


def _deep(legacy: Any, new: Any, scrubs: tuple[Scrub, Scrub]) -> Iterator[Difference]:
    reordered: list[str] = []
    for path, left, right in _lists(legacy, new, "root"):
        reordered.append(path)
        yield Difference("JSON order", path, clipped(canonical(left)), clipped(canonical(right)))
    diff = DeepDiff(
        legacy,
        new,
        view="tree",
        threshold_to_diff_deeper=0,
        ignore_type_in_groups=[],
        custom_operators=[_Rightly(scrubs)],
        log_stacktrace=False,
    )
    for report, levels in diff.items():
        for level in levels:
            path = level.path()
            if not any(path == place or path.startswith(f"{place}[") for place in reordered):
                yield _json_difference(report, path, level)


def _json_difference(report: str, path: str, level: Any) -> Difference:
    if report.endswith("_added"):
        return Difference("JSON added", path, None, clipped(canonical(level.t2)))
    if report.endswith("_removed"):
        return Difference("JSON removed", path, clipped(canonical(level.t1)), None)
    kind = "JSON type" if report == "type_changes" else "JSON value"
    return Difference(kind, path, clipped(canonical(level.t1)), clipped(canonical(level.t2)))


def _lists(legacy: Any, new: Any, path: str) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """The outermost lists that hold the same items in another order."""
    if isinstance(legacy, dict) and isinstance(new, dict):
        for key in legacy.keys() & new.keys():
            yield from _lists(legacy[key], new[key], f"{path}[{key!r}]")
    elif isinstance(legacy, list) and isinstance(new, list) and len(legacy) == len(new):
        left, right = [*map(canonical, legacy)], [*map(canonical, new)]
        if left != right and Counter(left) == Counter(right):
            yield path, legacy, new
            return
        for place, (a, b) in enumerate(zip(legacy, new, strict=True)):
            yield from _lists(a, b, f"{path}[{place}]")


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


# Text


def line_differences(legacy: str, new: str, scrubs: tuple[Scrub, Scrub]) -> Iterator[Difference]:
    """Line ends are compared too: `\\r\\n` is another line than `\\n`."""
    left = [scrubs[0].leaf(line) for line in legacy.splitlines(keepends=True)]
    right = [scrubs[1].leaf(line) for line in new.splitlines(keepends=True)]
    for a, b, place in aligned(left, right, lambda leaf: hash(leaf.clean)):
        if a is None or b is None or not a.same(b):
            yield Difference("text", f"line {place + 1}", clipped(a.raw if a else None), clipped(b.raw if b else None))


def aligned(left: list[Any], right: list[Any], key: Any) -> Iterator[tuple[Any, Any, int]]:
    """Pairs of what belongs together; None where one side has nothing. The place counts on the side that has it."""
    if len(left) == len(right) or max(len(left), len(right)) > ALIGNED:
        shared = min(len(left), len(right))
        yield from ((a, b, place) for place, (a, b) in enumerate(zip(left, right, strict=False)))
        yield from ((a, None, place) for place, a in enumerate(left[shared:], shared))
        yield from ((None, b, place) for place, b in enumerate(right[shared:], shared))
        return
    matcher = SequenceMatcher(None, [*map(key, left)], [*map(key, right)], autojunk=False)
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        if tag == "equal":
            continue
        shared = min(a1 - a0, b1 - b0)
        yield from ((left[a0 + n], right[b0 + n], a0 + n) for n in range(shared))
        yield from ((left[place], None, place) for place in range(a0 + shared, a1))
        yield from ((None, right[place], place) for place in range(b0 + shared, b1))


# HTML and XML


def html_differences(legacy: str, new: str, scrubs: tuple[Scrub, Scrub]) -> Iterator[Difference]:
    for name, ask in (("doctype", _doctype), ("end", _ends)):
        if ask(legacy) != ask(new):
            yield Difference(f"HTML {name}", f"/html ({name})", ask(legacy), ask(new))
    yield from tree_differences(html_tree(legacy, scrubs[0]), html_tree(new, scrubs[1]), "/html", "HTML")


def _doctype(text: str) -> str | None:
    head = text.lstrip()[:300]
    return " ".join(head.partition(">")[0].split()).lower() + ">" if head[:9].lower() == "<!doctype" else None


def _ends(text: str) -> str | None:
    """A parser closes what a cut-off body left open, so the end is looked at as text."""
    return "</html>" if "</html>" in text[-400:].lower() else None


def xml_differences(
    legacy: bytes, new: bytes, texts: tuple[str, str], scrubs: tuple[Scrub, Scrub]
) -> Iterator[Difference]:
    trees, wrong = [], []
    for data, scrub in zip((legacy, new), scrubs, strict=True):
        try:
            trees.append(xml_tree(data, scrub))
            wrong.append("")
        except etree.XMLSyntaxError as error:
            wrong.append(f"not well-formed: {error.msg}")
    if any(wrong):
        if wrong[0] != wrong[1]:
            yield Difference("not XML", "body", wrong[0] or "well-formed", wrong[1] or "well-formed")
        yield from line_differences(*texts, scrubs)
        return
    yield from tree_differences(trees[0], trees[1], "", "XML")


def tree_differences(legacy: Node, new: Node, path: str, what: str) -> Iterator[Difference]:
    if legacy.digest == new.digest:
        return
    for name in sorted(legacy.attributes.keys() | new.attributes.keys()):
        a, b = legacy.attributes.get(name), new.attributes.get(name)
        if a is None or b is None or not a.same(b):
            kind = f"{what} {'link' if name in LINKS else 'attribute'}"
            yield Difference(kind, f"{path}/@{name}", clipped(a.raw if a else None), clipped(b.raw if b else None))
    yield from _child_differences(legacy, new, path, what)


def _child_differences(legacy: Node, new: Node, path: str, what: str) -> Iterator[Difference]:
    left, right = legacy.children, new.children
    digests = [*map(digest_of, left)], [*map(digest_of, right)]
    if digests[0] != digests[1] and Counter(digests[0]) == Counter(digests[1]):
        yield Difference(f"{what} order", f"{path}/*", _names(left), _names(right))
        return
    for a, b, place in aligned(left, right, digest_of):
        if isinstance(a, Node) and isinstance(b, Node) and a.tag == b.tag:
            yield from tree_differences(a, b, f"{path}/{_step(left, place)}", what)
        elif not (isinstance(a, Leaf) and isinstance(b, Leaf) and a.same(b)):
            yield _replaced(a, b, f"{path}/{_step(left if a is not None else right, place)}", what)


def _replaced(a: Node | Leaf | None, b: Node | Leaf | None, path: str, what: str) -> Difference:
    text = all(not isinstance(child, Node) for child in (a, b))
    return Difference(f"{what} {'text' if text else 'element'}", path, _print(a), _print(b))


def _step(children: list[Node | Leaf], place: int) -> str:
    """One step of the path; it is numbered where its name occurs more than once, from 1 as in XPath."""
    name = _name(children[place])
    same = [index for index, child in enumerate(children) if _name(child) == name]
    return name if len(same) == 1 else f"{name}[{same.index(place) + 1}]"


def _name(child: Node | Leaf) -> str:
    return child.tag if isinstance(child, Node) else "text()"


def _names(children: list[Node | Leaf]) -> str | None:
    return clipped(" ".join(filter(None, map(_print, children))))


def _print(child: Node | Leaf | None) -> str | None:
    if child is None:
        return None
    return clipped("".join(islice(printed(child), 200)))


def printed(child: Node | Leaf) -> Iterator[str]:
    """The subtree as markup in its normal form, piece by piece."""
    if isinstance(child, Leaf):
        yield child.raw
        return
    attributes = "".join(f' {name}="{leaf.raw}"' for name, leaf in sorted(child.attributes.items()))
    yield f"<{child.tag}{attributes}>"
    for inner in child.children:
        yield from printed(inner)
    yield f"</{child.tag}>"

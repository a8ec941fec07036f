"""Trees: HTML and XML in a form where attribute order, entity style and idle white space are gone.

White space in HTML is kept where a browser shows it: inside `pre` and `textarea`, and between inline elements; it is
dropped beside block elements. HTML is read by the HTML5 rules, XML strictly and without external entities. Below
DEPTH levels a subtree counts as one text, so that a hostile document cannot exhaust the stack.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree
from selectolax.lexbor import LexborHTMLParser, LexborNode

from parity.clean import Leaf, Scrub

DEPTH = 150
WORDS = frozenset({"class", "rel"})
KEPT = frozenset({"pre", "textarea"})
RAW = frozenset({"script", "style", "title", "noscript", "iframe", "xmp"})
PHRASING = (
    "a abbr acronym b bdi bdo big button cite code data del dfn em font i img input ins kbd label map mark meter "
    "object output progress q ruby s samp select small span strike strong sub sup svg time tt u var video audio "
    "canvas embed iframe picture textarea"
)
INLINE = frozenset(PHRASING.split())
SPACE = re.compile(r"[ \t\n\r\f]+")


@dataclass(slots=True)
class Node:
    """An element. Comments and processing instructions are nodes whose tag begins with `#`."""

    tag: str
    attributes: dict[str, Leaf] = field(default_factory=dict)
    children: "list[Node | Leaf]" = field(default_factory=list)
    digest: int = 0

    def seal(self) -> "Node":
        """Take the digest once the children are complete; equal digests mean equal subtrees."""
        attributes = frozenset((name, leaf.clean) for name, leaf in self.attributes.items())
        self.digest = hash((self.tag, attributes, tuple(map(digest_of, self.children))))
        return self


def digest_of(child: Node | Leaf) -> int:
    return child.digest if isinstance(child, Node) else hash(child.clean)


def html_tree(text: str, scrub: Scrub) -> Node:
    root = LexborHTMLParser(text).root
    return Node("html").seal() if root is None else _html(root, scrub, 0, keep=False)


def _html(node: LexborNode, scrub: Scrub, depth: int, *, keep: bool) -> Node:
    tag = node.tag or ""
    made = Node(tag, _attributes(tag, node, scrub))
    if tag == "template" or depth > DEPTH:
        made.children.append(scrub.leaf(node.inner_html or ""))
        return made.seal()
    keep = keep or tag in KEPT
    for child in _children(node):
        name = child.tag
        if name == "-text":
            made.children.append(scrub.leaf(_text(child, tag, keep)))
        elif name == "-comment":
            made.children.append(Node("#comment", {}, [scrub.leaf(_squeezed(child.comment_content or ""))]).seal())
        elif name and not name.startswith(("-", "!")):
            made.children.append(_html(child, scrub, depth + 1, keep=keep))
    if not keep:
        made.children = list(_without_idle_space(made))
    return made.seal()


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


def _attributes(tag: str, node: LexborNode, scrub: Scrub) -> dict[str, Leaf]:
    found = {name: value or "" for name, value in node.attributes.items()}
    leaves = {}
    for name, value in found.items():
        if name in WORDS:
            value = " ".join(sorted(set(value.split())))
        token = tag == "input" and name == "value"
        leaves[name] = scrub.form_field(found.get("name", ""), value) if token else scrub.leaf(value)
    return leaves


def _text(node: LexborNode, parent: str, keep: bool) -> str:
    text = node.text_content or ""
    if keep:
        return text
    return text.strip() if parent in RAW else SPACE.sub(" ", text)


def _squeezed(text: str) -> str:
    return SPACE.sub(" ", text).strip()


def _without_idle_space(parent: Node) -> Iterator[Node | Leaf]:
    """Texts lose the white space that touches a block element, and vanish if nothing is left."""
    outside = parent.tag not in INLINE
    children = parent.children
    for place, child in enumerate(children):
        if isinstance(child, Node):
            yield child
            continue
        before = _is_block(children[place - 1]) if place else outside
        after = _is_block(children[place + 1]) if place + 1 < len(children) else outside
        raw = child.raw.lstrip(" ") if before else child.raw
        raw = raw.rstrip(" ") if after else raw
        if raw:
            clean = child.clean.lstrip(" ") if before else child.clean
            yield Leaf(raw, clean.rstrip(" ") if after else clean)


def _is_block(child: Node | Leaf) -> bool:
    return isinstance(child, Node) and child.tag not in INLINE and not child.tag.startswith("#")


def xml_tree(data: bytes, scrub: Scrub) -> Node:
    """Raises etree.XMLSyntaxError where the bytes are not well-formed. Prefixes are resolved, CDATA is text."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=False)
    root = etree.fromstring(data, parser)
    above = [_xml(node, scrub, 0) for node in root.itersiblings(preceding=True)]
    return Node("", {}, [*reversed(above), _xml(root, scrub, 0)]).seal()


def _xml(element: "etree._Element", scrub: Scrub, depth: int) -> Node:
    if not isinstance(element.tag, str):
        target = getattr(element, "target", "")
        return Node(f"#{target or 'comment'}", {}, [scrub.leaf(_squeezed(element.text or ""))]).seal()
    made = Node(element.tag, {str(k): scrub.leaf(str(v)) for k, v in element.attrib.items()})
    if depth > DEPTH:
        made.children.append(scrub.leaf(etree.tostring(element, encoding="unicode")))
        return made.seal()
    mixed = len(element) == 0
    _append(made, element.text, scrub, mixed)
    for child in element:
        made.children.append(_xml(child, scrub, depth + 1))
        _append(made, child.tail, scrub, mixed=False)
    return made.seal()


def _append(made: Node, text: str | None, scrub: Scrub, mixed: bool) -> None:
    """White space alone between elements is layout; as the only content of an element it is content."""
    if text and (mixed or text.strip()):
        made.children.append(scrub.leaf(text))

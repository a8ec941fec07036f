"""The style sheets and scripts that a form asks for, and the merged order in which they are linked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from graphlib import CycleError, TopologicalSorter
from typing import Any

from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.forms.markup import shown

static_url: ContextVar[Callable[[str], str]] = ContextVar("static_url", default=lambda name: f"/static/{name}")
"""How a relative path becomes an address: the composition root sets what the site's `{% static %}` does."""


class Media:
    """Lists of assets; two are added, and a path is linked once, in an order that each list agrees with."""

    def __init__(self, css: Mapping[str, Sequence[Any]] | None = None, js: Sequence[Any] | None = None) -> None:
        self.css_lists: list[Mapping[str, Sequence[Any]]] = [css] if css else []
        self.js_lists: list[Sequence[Any]] = [js] if js else []

    def __add__(self, other: "Media") -> "Media":
        both = Media()
        both.css_lists = self.css_lists + [each for each in other.css_lists if each not in self.css_lists]
        both.js_lists = self.js_lists + [each for each in other.js_lists if each not in self.js_lists]
        return both

    def __getitem__(self, kind: str) -> "Media":
        if kind == "css":
            return Media(css={medium: self.sheets(medium) for medium in self.mediums()})
        if kind == "js":
            return Media(js=merged(self.js_lists))
        raise KeyError(f'Unknown media type "{kind}"')

    def mediums(self) -> list[str]:
        return sorted({medium for sheets in self.css_lists for medium in sheets})

    def sheets(self, medium: str) -> list[Any]:
        return merged([sheets.get(medium, ()) for sheets in self.css_lists])

    def render_css(self) -> list[str]:
        return [
            _linked(path, f'<link href="{{}}" media="{shown(medium)}" rel="stylesheet">')
            for medium in self.mediums()
            for path in self.sheets(medium)
        ]

    def render_js(self) -> list[str]:
        return [_linked(path, '<script src="{}"></script>') for path in merged(self.js_lists)]

    def render(self) -> SafeString:
        return SafeString("\n".join((*self.render_css(), *self.render_js())))

    __str__ = render
    __html__ = render


def _linked(path: Any, tag: str) -> str:
    if hasattr(path, "__html__"):
        return str(path.__html__())
    address = path if path.startswith(("http://", "https://", "/")) else static_url.get()(path)
    return tag.format(shown(address))


def merged(lists: Iterable[Sequence[Any]]) -> list[Any]:
    """One list in which what stood before another in any of them still does, where they agree."""
    given = [each for each in lists if each]
    order: TopologicalSorter[Any] = TopologicalSorter()
    for head, *tail in given:
        order.add(head)
        for item in tail:
            if item != head:
                order.add(item, head)
            head = item
    try:
        return list(order.static_order())
    except CycleError:
        return list(dict.fromkeys(item for each in given for item in each))


def declared(owner: object, own: Media) -> Media:
    """What the `class Media` of a class and of those above it declare, after `own`."""
    for ancestor in reversed(type(owner).__mro__):
        definition = ancestor.__dict__.get("Media")
        if definition is None:
            continue
        extend = getattr(definition, "extend", True)
        if extend is not True:
            own = sum((own[kind] for kind in extend or ()), Media())
        own += Media(getattr(definition, "css", None), getattr(definition, "js", None))
    return own

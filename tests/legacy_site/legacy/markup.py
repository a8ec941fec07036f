"""How stored markup becomes HTML: the library's renderer, then a sanitiser. CMS pages alone go without the sanitiser.

MARKUP_FIELD_TYPES holds for every markup column but that of `pages_page`; PAGE_TYPES for that one. The two share the names
of their types and not their output: `markdown` is Python-Markdown here and GitHub's flavour there.
"""

from collections.abc import Callable

import cmarkgfm
import nh3
from cmarkgfm.cmark import Options
from markupfield.markup import DEFAULT_MARKUP_TYPES

Renderer = Callable[[str], str]
MarkupType = tuple[str, Renderer, object]

TAG_NAMES = (
    "a abbr b blockquote br caption code col colgroup dd del div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img "
    "ins kbd li ol p pre s span strong sub sup table tbody td tfoot th thead tr ul"
)
TAGS = set(TAG_NAMES.split())
CELL = {"align", "colspan", "rowspan"}
ATTRIBUTES = {
    "*": {"class", "id", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": CELL,
    "th": CELL | {"scope"},
}
SCHEMES = {"http", "https", "mailto"}


def sanitised(render: Renderer) -> Renderer:
    def render_and_clean(text: str) -> str:
        return nh3.clean(render(text), tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES)

    return render_and_clean


def unsafe_markdown(text: str) -> str:
    """GitHub-like Markdown that keeps raw HTML. Only page editors can choose it."""
    return cmarkgfm.markdown_to_html_with_extensions(
        text,
        options=Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG,
        extensions=["table", "autolink", "strikethrough", "tasklist"],
    )


MARKUP_FIELD_TYPES: list[MarkupType] = [
    (name, sanitised(render), title) for name, render, title in DEFAULT_MARKUP_TYPES
]
PAGE_TYPES: list[MarkupType] = [
    *(
        (name, cmarkgfm.github_flavored_markdown_to_html if name == "markdown" else render, title)
        for name, render, title in DEFAULT_MARKUP_TYPES
    ),
    ("markdown_unsafe", unsafe_markdown, "Markdown (unsafe)"),
]

"""Markup that people type, as HTML: rendered once, when it is saved, and cleaned of whatever could run in a browser.

The renderers are django-markupfield's (`markupfield/markup.py`), the list of what is kept is python.org's. A type that
is not here (restructuredtext, the page editors' own) is rendered by legacy.
"""

from collections.abc import Callable, Mapping

import nh3
from markdown import markdown
from markdown.extensions.codehilite import CodeHiliteExtension

from legacy_adapters.dtl.filters.html import linebreaks
from legacy_adapters.dtl.filters.links import urlize
from legacy_adapters.dtl.safe import escape
from new_app.columns import Markup

TAGS = frozenset(
    "a abbr b blockquote br caption code col colgroup dd del div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img "
    "ins kbd li ol p pre s span strong sub sup table tbody td tfoot th thead tr ul".split()
)
ATTRIBUTES = {
    "*": {"class", "id", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
}
SCHEMES = {"http", "https", "mailto"}


def _markdown(text: str) -> str:
    return markdown(text, extensions=[CodeHiliteExtension(css_class="highlight")])


def _plain(text: str) -> str:
    return linebreaks(urlize(escape(text)), autoescape=False)


RENDERERS: Mapping[str, Callable[[str], str]] = {"html": str, "plain": _plain, "markdown": _markdown}


def rendered(raw: str, markup_type: str, *, escape_html: bool = False) -> Markup:
    """The value to store. `escape_html`: HTML in the text is text. Raises LookupError for a type that is legacy's."""
    text = str(escape(raw)) if escape_html else raw
    html = RENDERERS[markup_type](text)
    return Markup(raw, markup_type, clean(html))


def clean(html: str) -> str:
    """HTML without what could run in a browser."""
    return nh3.clean(html, tags=set(TAGS), attributes=ATTRIBUTES, url_schemes=SCHEMES)

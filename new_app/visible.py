"""Visible text: what a reader of HTML sees of it. Legacy reads it with Beautiful Soup's `html.parser`, and so do we:
the version is legacy's, for others take the ends of void elements otherwise.
"""

from bs4 import BeautifulSoup
from bs4.element import Comment

UNSEEN = frozenset({"[document]", "style", "script", "head", "title", "meta"})
"""Text right inside of these is none; outside every element it is the document's own."""


def visible_text(html: str) -> str:
    """The pieces of text, each stripped, with spaces between them."""
    pieces = BeautifulSoup(html, "html.parser").find_all(string=True)
    seen = [piece for piece in pieces if piece.parent and piece.parent.name not in UNSEEN]
    return " ".join(piece.strip() for piece in seen if not isinstance(piece, Comment))

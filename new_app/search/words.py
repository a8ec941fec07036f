"""Words of a text as search shows them: how it begins, and where what was asked for stands in it."""

from legacy_adapters.dtl.filters import FILTERS

SHOWN_WORDS = 50


def beginning(text: str | None) -> str:
    """The first words of HTML, without its tags."""
    return str(FILTERS["striptags"](FILTERS["truncatewords_html"](text, SHOWN_WORDS)))

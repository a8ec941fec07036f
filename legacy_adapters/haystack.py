"""django-haystack's template tag (3.4): `{% highlight text with query max_length 500 %}` shows where words stand.

The text loses its tags; of what is left the densest window is shown, `max_length` characters of it, with each word of
the query in a `span` (haystack/utils/highlighting.py: Highlighter). What looks like markup after that is escaped,
where haystack prints it.
"""

import itertools
from collections.abc import Callable

from legacy_adapters.dtl.filters import FILTERS
from legacy_adapters.dtl.safe import SafeString

Places = list[tuple[int, str]]
"""Where a word stands, and the word; in the text's order."""


def functions() -> dict[str, Callable[..., object]]:
    return {"highlight": highlight}


def highlight(
    text: object, query: object, html_tag: str = "span", css_class: str = "highlighted", max_length: int = 200
) -> SafeString:
    words = {word.lower() for word in str(query).split() if not word.startswith("-")}
    plain = str(FILTERS["striptags"](text))
    places = sorted((place, word) for word in words for place in found(plain.lower(), word))
    start = window([place for place, _ in places], int(max_length))
    end = start + int(max_length)
    opening = f'<{html_tag} class="{css_class}">' if css_class else f"<{html_tag}>"
    shown, done = [], start
    for place, word in places:
        if done <= place and place + len(word) <= end and plain[place : place + len(word)].lower() == word:
            shown += [inert(plain[done:place]), opening, inert(plain[place : place + len(word)]), f"</{html_tag}>"]
            done = place + len(word)
    shown.append(inert(plain[done:end]))
    return SafeString(f"{'...' if start > 0 else ''}{''.join(shown)}{'...' if end < len(plain) else ''}")


def found(text: str, word: str) -> list[int]:
    """Where the word stands, without overlaps."""
    places, start = [], text.find(word)
    while start != -1:
        places.append(start)
        start = text.find(word, start + len(word))
    return places


def window(places: list[int], length: int) -> int:
    """Where the densest window begins: the first of those in which most words stand."""
    places = sorted(places)
    if len(places) < 2:
        return places[0] if places else 0
    best, most = (places[0] if places[0] > length else 0), 0
    for number, start in enumerate(places[:-1]):
        density = 1
        for end in itertools.islice(places, number + 1, None):
            density = density + 1 if end - start < length else 0
            if density > most:
                best, most = start, density
    return best


def inert(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;")

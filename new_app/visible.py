"""Visible text: what a reader of HTML sees of it, as BeautifulSoup's html.parser reads it.

Text outside every element is none: legacy takes that for the document's own. An end tag closes what was opened since;
one of an element that is not open closes nothing.
"""

from html.entities import html5
from html.parser import HTMLParser

UNSEEN = frozenset({"style", "script", "head", "title", "meta"})
VOID = frozenset(
    "area base br col embed hr img input keygen link menuitem meta param source track wbr basefont bgsound command "
    "frame image isindex nextid spacer".split()
)
BEFORE_LATIN = 256


def visible_text(html: str) -> str:
    """The pieces of text, each stripped, with spaces between them."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_of_piece()
    return " ".join(reader.pieces)


class _Reader(HTMLParser):
    """Collects pieces of text: what is between two tags or comments."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self._open: list[str] = []
        self._text: list[str] = []
        self._ended: list[str] = []
        """Void elements: each takes the next end tag of its name for its own, a `<br/>` for one too."""

    def end_of_piece(self) -> None:
        text, self._text = "".join(self._text), []
        if text and self._open and self._open[-1] not in UNSEEN:
            self.pieces.append(text.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.end_of_piece()
        if tag in VOID:
            self._ended.append(tag)
        else:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.end_of_piece()
        self._open.append(tag)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._ended:
            self._ended.remove(tag)
            return
        self.end_of_piece()
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_entityref(self, name: str) -> None:
        self._text.append(html5.get(f"{name};", f"&{name}"))

    def handle_charref(self, name: str) -> None:
        try:
            number = int(name[1:], 16) if name[0] in "xX" else int(name)
            self._text.append(_of_windows(number) or chr(number))
        except (ValueError, OverflowError):
            self._text.append("\N{REPLACEMENT CHARACTER}")

    def handle_comment(self, data: str) -> None:
        self.end_of_piece()

    def handle_decl(self, decl: str) -> None:
        self._special(decl.removeprefix("DOCTYPE ") if decl.startswith("DOCTYPE ") else decl)

    def unknown_decl(self, data: str) -> None:
        self._special(data[len("CDATA[") :] if data.upper().startswith("CDATA[") else data)

    def handle_pi(self, data: str) -> None:
        self._special(data)

    def _special(self, text: str) -> None:
        """Declarations and instructions are pieces of their own."""
        self.end_of_piece()
        self._text.append(text)
        self.end_of_piece()


def _of_windows(number: int) -> str:
    """Numbers of the control characters mean what Windows means by them."""
    return bytes([number]).decode("windows-1252", "ignore") if number < BEFORE_LATIN else ""

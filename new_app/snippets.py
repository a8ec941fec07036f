"""Boxes that were imported: Jinja2 snippets in a folder under version control, one file a label.

`Snippets.render(label)` is what a template shows. A label that has no snippet, or is listed in `live.txt`, gives None:
the caller then reads the box from the database, so that an edit in Django's admin shows at once. Nothing is cached
beyond what the files themselves say: a changed file, folder or list shows at the next call.
"""

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, TemplateNotFound
from markupsafe import Markup

FOLDER = Path(__file__).resolve().parent / "templates" / "boxes"
LIVE_FILE = "live.txt"


class Snippets:
    """The snippets of one folder. A missing folder is one without snippets."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder, self._live_file = folder, folder / LIVE_FILE
        self._listed: tuple[int, frozenset[str]] = (-1, frozenset())
        self._live: tuple[int, frozenset[str]] = (0, frozenset())
        self._environment = Environment(loader=FileSystemLoader(folder), autoescape=True, keep_trailing_newline=True)

    def labels(self) -> frozenset[str]:
        """The labels that have a snippet."""
        try:
            changed = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return frozenset()
        if changed != self._listed[0]:
            self._listed = (changed, frozenset(file.stem for file in self._folder.glob("*.html")))
        return self._listed[1]

    def live(self) -> frozenset[str]:
        """Labels that stay in the database though a snippet may be there."""
        try:
            changed = self._live_file.stat().st_mtime_ns
        except FileNotFoundError:
            return frozenset()
        if changed != self._live[0]:
            self._live = (changed, frozenset(self._live_file.read_text("utf-8").split()))
        return self._live[1]

    def render(self, label: str) -> Markup | None:
        """The box as HTML, or None if the database has it."""
        if label not in self.labels() or label in self.live():
            return None
        try:
            return Markup(self._environment.get_template(f"{label}.html").render())  # noqa: S704 - an editor's HTML
        except TemplateNotFound:
            return None

    def box(self, label: str, from_database: Callable[[str], str | None]) -> Markup:
        """What `{{ box("label") }}` prints: the snippet, else the database's box, else nothing, as in Django."""
        snippet = self.render(label)
        return snippet if snippet is not None else Markup(from_database(label) or "")  # noqa: S704 - an editor's HTML

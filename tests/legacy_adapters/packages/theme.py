"""The least of an environment that functions need in these tests: templates by name, and a dict of variables."""

from jinja2 import DictLoader, Environment


class Variables(dict):
    """A render's context."""

    def __init__(self, templates: dict[str, str] | None = None, /, **variables: object) -> None:
        super().__init__(variables)
        self.environment = Environment(loader=DictLoader(templates or {}), autoescape=True)
        self.autoescape = True
        self.state: dict[object, object] = {}

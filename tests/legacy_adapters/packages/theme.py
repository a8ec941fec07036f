"""The least of an environment that functions need in these tests: templates by name, and a dict of variables."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import DictLoader, Environment, Template

from legacy_adapters.dtl.functions import TAKES_CONTEXT

Functions = Mapping[str, Callable[..., object]]


class Theme:
    """Templates whose functions get the context of the template that calls them."""

    def __init__(self, templates: Mapping[str, str] | None = None, functions: Functions | None = None) -> None:
        self._environment = Environment(loader=DictLoader(templates or {}), autoescape=True, keep_trailing_newline=True)
        self.functions = dict(functions or {})

    def get_template(self, name: str) -> "Page":
        return Page(self, self._environment.get_template(name))

    def from_string(self, source: str) -> "Page":
        return Page(self, self._environment.from_string(source))


class Page:
    def __init__(self, theme: Theme, template: Template) -> None:
        self.theme, self.template = theme, template

    def render(self, variables: Mapping[str, Any]) -> str:
        context = Variables(self.theme, **variables)
        bound = {name: context.bind(function) for name, function in self.theme.functions.items()}
        return self.template.render({**bound, **variables})


class Variables(dict):
    """A render's context."""

    def __init__(self, theme: Theme | Mapping[str, str] | None = None, /, **variables: object) -> None:
        super().__init__(variables)
        self.environment = theme if isinstance(theme, Theme) else Theme(theme)
        self.autoescape = True
        self.state: dict[object, object] = {}

    def bind(self, function: Callable[..., object]) -> Callable[..., object]:
        if not getattr(function, TAKES_CONTEXT, False):
            return function
        return lambda *args, **kwargs: function(self, *args, **kwargs)

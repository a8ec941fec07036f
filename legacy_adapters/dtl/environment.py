"""An environment for imported templates: Jinja2's syntax, Django's semantics (docs/templates.md).

Everything a site or a package registers comes in as plain mappings: functions (called by name in a template), filters
beside Django's own, and block functions. A name in a template is a variable, a call is a function: the two never meet.
Templates are compiled once and kept, unless `auto_reload` is on.
"""

import contextlib
import warnings
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any, Protocol

import jinja2
from jinja2 import nodes

from legacy_adapters.dtl import tags
from legacy_adapters.dtl.compiler import Compiler
from legacy_adapters.dtl.context import Context
from legacy_adapters.dtl.errors import Origin, TemplateDoesNotExist, TemplateSyntaxError, add_notes
from legacy_adapters.dtl.filters import BLOCKS, FILTERS, FUNCTIONS
from legacy_adapters.dtl.functions import TAKES_CONTEXT, TEMPLATE
from legacy_adapters.dtl.inheritance import Render, inclusion
from legacy_adapters.dtl.locale import Locale, activated
from legacy_adapters.dtl.parser import DjangoParser
from legacy_adapters.dtl.prints import Prints
from legacy_adapters.dtl.safe import SafeString

Functions = Mapping[str, Callable[..., Any]]


class FragmentCache(Protocol):
    """What `{% cache %}` asks of a cache."""

    def get(self, key: str) -> Any: ...
    def set(self, key: str, value: Any, timeout: int | None) -> Any: ...


class Template(jinja2.Template):
    environment: "DjangoEnvironment"
    root: Render
    extends: bool

    @classmethod
    def _from_namespace(cls, environment: Any, namespace: Any, globals: Any) -> "Template":
        template = super()._from_namespace(environment, namespace, globals)
        assert isinstance(template, Template)
        template.root = namespace["root"]
        template.extends = namespace["extends"]
        return template

    def render(self, *args: Any, **kwargs: Any) -> str:
        """The page, for a dict of variables. An error keeps its type and says where it happened."""
        environment = self.environment
        variables = args[0] if len(args) == 1 and not kwargs else dict(*args, **kwargs)
        context = Context(variables or {}, environment)
        pieces: list[str] = []
        try:
            with activated(environment.locale):
                self.root(context, pieces.append)
                return SafeString("".join(pieces))
        except Exception as error:
            add_notes(error, error.__traceback__, environment.origin)
            raise


class DjangoEnvironment(jinja2.Environment):
    code_generator_class = Compiler
    template_class = Template

    def __init__(
        self,
        loader: jinja2.BaseLoader,
        *,
        locale: Locale | None = None,
        string_if_invalid: str = "",
        functions: Functions | None = None,
        filters: Functions | None = None,
        blocks: Functions | None = None,
        origin: Origin | None = None,
        fragments: Callable[[str | None], FragmentCache | None] = lambda name: None,
        prints: Prints | None = None,
        autoescape: bool = True,
        debug: bool = False,
        auto_reload: bool = False,
    ) -> None:
        super().__init__(loader=loader, keep_trailing_newline=True, auto_reload=auto_reload, cache_size=-1)
        self.autoescape = autoescape
        self.locale = locale or Locale()
        self.string_if_invalid = string_if_invalid
        self.functions = {**tags.FUNCTIONS, **FUNCTIONS, **(functions or {})}
        self.filters = {**FILTERS, **(filters or {})}
        self.blocks = {**BLOCKS, **(blocks or {})}
        self.origin = origin
        self.fragments = fragments
        self.prints = None if auto_reload else prints
        self.debug = debug
        self.compiled: dict[str, Template] = {}

    def template(self, name: str) -> Template:
        """The template of that name, or TemplateDoesNotExist."""
        found = self.compiled.get(name)
        if found is not None and (not self.auto_reload or found.is_up_to_date):
            return found
        try:
            loaded = self.get_template(name)
        except jinja2.TemplateNotFound as missing:
            raise TemplateDoesNotExist((str(missing.name or name),)) from missing
        assert isinstance(loaded, Template)
        self.compiled[name] = loaded
        return loaded

    def select(self, names: tuple[str, ...]) -> Template:
        """The first of these templates that is there."""
        for name in names:
            with contextlib.suppress(TemplateDoesNotExist):
                return self.template(name)
        raise TemplateDoesNotExist(names)

    def is_plain(self, name: str) -> bool:
        """Whether a function is there and wants nothing but its arguments."""
        function = self.functions.get(name)
        return function is not None and not hasattr(function, TAKES_CONTEXT) and not hasattr(function, TEMPLATE)

    def function(self, name: str) -> Callable[..., Any]:
        """The function behind a name, with the context as its first argument unless it is plain."""
        function = self.functions.get(name)
        if function is None:
            return missing_function(name)
        template = getattr(function, TEMPLATE, None)
        if template is None:
            return function
        takes_context = getattr(function, TAKES_CONTEXT, False)

        def included(context: Context, *args: Any, **values: Any) -> SafeString:
            given = (context, *args) if takes_context else args
            return inclusion(lambda: function(*given, **values), template, context)

        return included

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return DjangoParser(self, source, name, filename).parse()

    def _compile(self, source: str, filename: str) -> CodeType:
        with warnings.catch_warnings():
            # "is" with a literal is what the template's author wrote.
            warnings.simplefilter("ignore", SyntaxWarning)
            return super()._compile(source, filename)


def missing_function(name: str) -> Callable[..., Any]:
    def missing(*args: object, **values: object) -> Any:
        raise TemplateSyntaxError(f"no function called {name!r}: register it with the environment")

    return missing

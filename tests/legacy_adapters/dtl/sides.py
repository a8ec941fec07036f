"""One set of templates on both sides: Django's engine, and ours after the importer. An outcome is text or an error's name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import jinja2
from django.template import Context, Engine, Library
from django.template.defaulttags import IfChangedNode

from importers.templates import Broken, convert
from importers.templates.libraries import Known, described, django_alone, own_library
from legacy_adapters.dtl.environment import DjangoEnvironment
from tests.legacy_adapters.dtl import site_tags
from tests.legacy_adapters.dtl.oracle import start_django

start_django()

Templates = Mapping[str, str]


class Gone(Exception):
    """What a model's relation raises when the other row is not there."""

    silent_variable_failure = True


class Loud(Exception):
    pass


class Thing:
    """Every way a lookup can go."""

    name = "thing & co"
    hidden = None

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __str__(self) -> str:
        return "<thing>"

    __repr__ = __str__

    def method(self) -> str:
        return "called"

    def with_argument(self, argument: str) -> str:
        return argument

    def quiet(self) -> str:
        raise Gone

    def loud(self) -> str:
        raise Loud("loud")

    def typed(self) -> str:
        raise TypeError("from inside")

    @property
    def broken(self) -> str:
        raise AttributeError("inside a property")

    @property
    def quiet_property(self) -> str:
        raise Gone

    def delete(self) -> str:
        return "deleted"

    delete.alters_data = True  # type: ignore[attr-defined]


class NotCalled:
    do_not_call_in_templates = True
    label = "not called"

    def __repr__(self) -> str:
        return "<not called>"

    def __call__(self) -> str:
        return "called after all"


class Html:
    def __html__(self) -> str:
        return "<b>"

    def __str__(self) -> str:
        return "<i>"

    __repr__ = __str__


class Refuses:
    """Compares and contains nothing."""

    def __eq__(self, other: object) -> bool:
        raise Loud("==")

    def __contains__(self, other: object) -> bool:
        raise Loud("in")

    def __bool__(self) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "<refuses>"


def shout(value: Any) -> str:
    return f"{value}!"


def tagged(value: Any) -> str:
    return f"<{value}>"


def wrap(value: Any, argument: Any = "-") -> str:
    return f"{argument}{value}{argument}"


def fails(value: Any) -> str:
    raise Loud("filter")


def quoted(value: Any, autoescape: bool = True) -> str:
    return f"'{value}' {autoescape}"


FILTERS: dict[str, Callable[..., Any]] = {
    "shout": shout,
    "tagged": tagged,
    "wrap": wrap,
    "fails": fails,
    "quoted": quoted,
}
shout.is_safe = wrap.is_safe = True  # type: ignore[attr-defined]
quoted.needs_autoescape = True  # type: ignore[attr-defined]


# What ifchanged keeps in `forloop` has an address in its name.
IfChangedNode.__repr__ = lambda self: "<remembered>"


@dataclass(frozen=True)
class Outcome:
    text: str = ""
    error: str = ""


def outcome(render: Callable[[], str]) -> Outcome:
    try:
        return Outcome(text=render())
    except Broken:
        return Outcome(error="TemplateSyntaxError")
    except Exception as error:
        return Outcome(error=type(error).__name__)


def library() -> Library:
    found = Library()
    for name, function in FILTERS.items():
        found.filter(name, function)
    site_tags.add_to(found)
    return found


def django_engine(templates: Templates, **options: Any) -> Engine:
    from_memory = ("django.template.loaders.locmem.Loader", dict(templates))
    options["builtins"] = BUILTINS
    engine = Engine(loaders=[("django.template.loaders.cached.Loader", [from_memory])], **options)
    engine.template_builtins.append(library())
    return engine


def django(templates: Templates, name: str, variables: Mapping[str, Any], **options: Any) -> Outcome:
    return outcome(lambda: django_engine(templates, **options).get_template(name).render(Context(dict(variables))))


BUILTINS = [f"django.templatetags.{name}" for name in ("cache", "i18n", "l10n", "tz")]


def known() -> Known:
    alone = django_alone()
    filters = {"shout": (1, 1), "tagged": (1, 1), "wrap": (1, 2), "fails": (1, 1), "quoted": (1, 1)}
    installed = (own_library(module) for module in BUILTINS)
    return replace(alone, builtins=(*alone.builtins, *installed, described("site", site_tags.FACTS, filters)))


KNOWN = known()


@lru_cache(maxsize=10_000)
def converted(source: str, name: str) -> str:
    return convert(source, name=name, known=KNOWN).text


def our_environment(templates: Templates, **options: Any) -> DjangoEnvironment:
    ours = {name: converted(source, name) for name, source in templates.items()}
    site = {"filters": FILTERS, "functions": site_tags.FUNCTIONS, "blocks": site_tags.BLOCKS}
    return DjangoEnvironment(jinja2.DictLoader(ours), **site | options)


def ours(templates: Templates, name: str, variables: Mapping[str, Any], **options: Any) -> Outcome:
    return outcome(lambda: our_environment(templates, **options).get_template(name).render(dict(variables)))

"""Django's own tests of its templates, rendered by ours: `make django-suite DJANGO=<a Django source tree>`.

Django parses each template, so what it refuses it refuses itself; the importer converts it, and our environment renders
it. A test passes when its assertions hold for what ours printed or raised.
"""

import io
import json
import sys
import unittest
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import Any

import django.template
import jinja2
import msgspec
from django.conf import settings
from django.core.cache import InvalidCacheBackendError, caches
from django.template import Context, Engine, Template, TemplateDoesNotExist, TemplateSyntaxError, VariableDoesNotExist
from django.template.loaders import app_directories
from django.test import override_settings
from django.urls import NoReverseMatch, reverse
from django.utils import safestring, timezone, translation

import tests.legacy_adapters.dtl.suite_settings  # noqa: F401 - before anything asks Django
from importers.templates import Broken, convert
from importers.templates.known import of_module
from importers.templates.libraries import Known
from legacy_adapters import introspect
from legacy_adapters.dtl import errors, functions, locale, safe
from legacy_adapters.dtl.environment import DjangoEnvironment
from legacy_adapters.manifest import Languages, TemplateModule
from legacy_adapters.settings import LegacySettings
from tests.legacy_adapters.dtl.oracle import manifest_of

MODULES = ("syntax_tests", "filter_tests", "test_extends", "test_extends_relative", "test_callables", "test_nodelist")


def to_ours(value: Any) -> Any:
    """A value with its safe strings as ours know them."""
    if isinstance(value, safestring.SafeString):
        return safe.SafeString(value)
    if isinstance(value, Ours):
        return environment_of(value.engine).template(value.theirs.name or f"source:{value.theirs.source}")
    if type(value) in (list, tuple):
        return type(value)(map(to_ours, value))
    if type(value) is dict:
        return {key: to_ours(each) for key, each in value.items()}
    return value


def to_theirs(value: Any) -> Any:
    return safestring.SafeString(value) if isinstance(value, safe.SafeString) else value


def translated(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of Django's side for ours: safe strings are safe on both."""

    @wraps(function)
    def called(*args: Any, **values: Any) -> Any:
        return to_ours(function(*map(to_theirs, args), **{key: to_theirs(value) for key, value in values.items()}))

    return called


@cache
def library_of(module: str) -> Any:
    return of_module(module, msgspec.convert(introspect.library(module), TemplateModule))


def known(engine: Engine) -> Known:
    named = {name: library_of(module) for name, module in engine.libraries.items()}
    return Known(named, tuple(library_of(module) for module in engine.builtins))


def registered(engine: Engine) -> dict[str, dict[str, Any]]:
    """Functions, block functions and filters of the libraries that a test has, as ours."""
    found: dict[str, dict[str, Any]] = {"functions": {}, "blocks": {}, "filters": {}}
    for module, library in zip(engine.libraries.values(), engine.template_libraries.values(), strict=True):
        if module.startswith("django."):
            continue
        found["filters"] |= {name: translated(function) for name, function in library.filters.items()}
        for name, compiled in library.tags.items():
            told = introspect.template_tag(name, compiled)
            if told["kind"] not in ("simple", "inclusion", "simple_block"):
                continue
            cells = dict(zip(compiled.__code__.co_freevars, compiled.__closure__ or (), strict=True))
            function = translated(cells["func"].cell_contents)
            if told["takes_context"]:
                function = functions.takes_context(function)
            if told["kind"] == "inclusion":
                function = functions.inclusion(told["template"])(function)
            if told["kind"] == "simple_block":
                found["blocks"][name] = functions.simple_block(function)
            else:
                found["functions"][name] = function
    return found


@functions.takes_context
def url(context: Any, name: Any, *args: Any, **values: Any) -> str:
    request = context.request
    namespace = getattr(getattr(request, "resolver_match", None), "namespace", None)
    app = getattr(request, "current_app", namespace)
    return str(reverse(name, args=args, kwargs=values, current_app=app))


@functions.takes_context
def url_or_nothing(context: Any, name: Any, *args: Any, **values: Any) -> str:
    try:
        return url(context, name, *args, **values)
    except NoReverseMatch:
        return ""


def fragments(name: str | None) -> Any:
    try:
        return caches[name or "template_fragments"]
    except InvalidCacheBackendError:
        if name is not None:
            raise errors.TemplateSyntaxError(f"Invalid cache name specified for cache tag: {name!r}") from None
        return caches["default"]


@lru_cache(maxsize=64)
def site(*changing: Any) -> locale.Locale:
    """The settings of a moment as ours know them."""
    spoken = [(code, code) for code in ("en", "de", "fr", "pl", "pt-br", "es", "nl", "ru", "cs")]
    with override_settings(LANGUAGES=spoken):
        facts = json.dumps(introspect.locale())
    ours = LegacySettings(
        language_code=settings.LANGUAGE_CODE,
        time_zone=settings.TIME_ZONE,
        use_tz=settings.USE_TZ,
        use_i18n=settings.USE_I18N,
        use_thousand_separator=settings.USE_THOUSAND_SEPARATOR,
    )
    return locale.locale_of(manifest_of(ours, msgspec.json.decode(facts, type=Languages)))


def site_now() -> locale.Locale:
    names = ("LANGUAGE_CODE", "TIME_ZONE", "USE_TZ", "USE_I18N", "USE_THOUSAND_SEPARATOR", "USE_L10N")
    return site(*(getattr(settings, name, None) for name in names), *map(tuple, settings.LOCALE_PATHS))


class Ours:
    """A template that Django has parsed and ours renders."""

    def __init__(self, theirs: Any, engine: Engine) -> None:
        self.theirs = theirs
        self.engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self.theirs, name)

    def render(self, context: Context) -> str:
        environment = environment_of(self.engine)
        request = getattr(context, "request", None)
        variables = {key: to_ours(value) for key, value in context.flatten().items() if key not in NAMES}
        if request is not None:
            variables.setdefault("request", request)
        name = self.theirs.name or f"source:{self.theirs.source}"
        try:
            with locale.activated(site_now(), translation.get_language(), timezone.get_current_timezone()):
                found = environment.template(name)
                text, after = rendered(found, environment, variables, context.autoescape)
        except errors.TemplateDoesNotExist as error:
            raise TemplateDoesNotExist(error.names[-1] if error.names else "No template names provided") from error
        except errors.VariableDoesNotExist as error:
            raise VariableDoesNotExist("%s", (str(error),)) from error
        except (errors.TemplateSyntaxError, jinja2.TemplateSyntaxError, Broken) as error:
            raise TemplateSyntaxError(str(error)) from error
        for key in after.keys() - variables.keys():
            context[key] = after[key]
        return safestring.SafeString(text)


NAMES = ("True", "False", "None")


def rendered(template: Any, environment: DjangoEnvironment, variables: Mapping[str, Any], autoescape: bool) -> Any:
    from legacy_adapters.dtl.context import Context as OurContext

    context = OurContext(variables, environment)
    context.autoescape = autoescape
    pieces: list[str] = []
    template.root(context, pieces.append)
    return "".join(pieces), context


class Loader(jinja2.BaseLoader):
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.known = known(engine)

    def get_source(self, environment: Any, name: str) -> tuple[str, str, Callable[[], bool]]:
        skip: list[Any] = []
        prefix, _, rest = name.partition("/")
        try:
            if prefix == "_shadowed":
                number, _, name = rest.partition("/")
                for _ in range(int(number)):
                    skip.append(self.engine.find_template(name, skip=skip)[1])
            source = name.removeprefix("source:")
            if source == name:
                source = self.engine.find_template(name, skip=skip)[0].source
        except TemplateDoesNotExist as missing:
            raise jinja2.TemplateNotFound(name) from missing
        return convert(source, name=name, known=self.known).text, name, lambda: True


@lru_cache(maxsize=16)
def environment_of(engine: Engine) -> DjangoEnvironment:
    theirs = registered(engine)
    theirs["functions"] |= {"url": url, "url_or_nothing": url_or_nothing}
    return DjangoEnvironment(
        Loader(engine), string_if_invalid=engine.string_if_invalid, fragments=fragments, debug=settings.DEBUG, **theirs
    )


# Where Django's own tests have their files.
FOLDERS: list[str] = []


class OurEngine(Engine):
    def get_template(self, name: str) -> Any:
        return Ours(super().get_template(name), self)

    @staticmethod
    @cache
    def get_default() -> Any:
        return OurEngine(dirs=FOLDERS)

    def from_string(self, source: str) -> Any:
        return Ours(super().from_string(source), self)


def our_template(source: str, engine: Any = None) -> Ours:
    backend = OurEngine(app_dirs=True, libraries=django.template.engines["django"].engine.libraries)
    return Ours(Template(source, engine=engine or backend), engine or backend)


EXPLAINED = {
    "test_count_not_number": "the message is our own",
    "test_debug.": "debug shows the variables, not the loaded modules",
    "test_inheritance18": "a tag with a compile function of its own is a block function or a function to be written",
    "test_inheritance19": "a tag with a compile function of its own",
    "test_load.": "a tag with a compile function of its own",
    "test_include_cache": "a tag with a compile function of its own",
    "test_include_state": "two includes of a template share its state, as they do under Django's cached loader",
    "test_lorem_random": "words by chance come from a shorter list",
    "test_querystring_without_request": "the message is our own",
    "test_autoescape_stringfilter03": "an object of Django's side prints Django's own safe string",
    "test_extend_missing": "an error lists no places that were searched",
    "test_extend_self_error": "an error lists no places that were searched",
    "test_correct_exception_index": "an error has notes, not template_debug",
}


class Results(unittest.TextTestResult):
    """Counts, and one line for each test that does not pass."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.unexplained = 0

    def explain(self, test: Any, error: Any) -> None:
        text = f"{error[0].__name__}: {error[1]}".splitlines()[0][:160]
        reason = next((why for part, why in EXPLAINED.items() if part in test.id()), None)
        self.unexplained += reason is None
        text = f"{reason or 'UNEXPLAINED'} ({text})"
        print(f"- {test.id().removeprefix('template_tests.')}: {text}")

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self.explain(test, err)

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        self.explain(test, err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.explain(subtest, err)


def main(path: str) -> int:
    sys.path.insert(0, str(Path(path).resolve() / "tests"))
    import template_tests.utils  # type: ignore[import-not-found]

    template_tests.utils.Engine = OurEngine
    folder = Path(path).resolve() / "tests" / "template_tests"
    FOLDERS.append(str(folder / "templates"))
    app_directories.Loader.get_dirs = lambda self: FOLDERS
    loader = unittest.TestLoader()
    suite = unittest.TestSuite()
    for name in MODULES:
        files = (
            sorted(set((folder / name).rglob("test_*.py")) - {folder / "syntax_tests/test_static.py"})
            if (folder / name).is_dir()
            else [folder / f"{name}.py"]
        )
        for file in files:
            module = ".".join(("template_tests", *file.relative_to(folder).with_suffix("").parts))
            loaded = __import__(module, fromlist=["*"])
            if hasattr(loaded, "Engine"):
                loaded.Engine = OurEngine
            if hasattr(loaded, "Template"):
                loaded.Template = our_template
            suite.addTests(loader.loadTestsFromModule(loaded))
    result = Results(unittest.runner._WritelnDecorator(io.StringIO()), False, 0)
    suite.run(result)
    bad = len(result.failures) + len(result.errors)
    print(
        f"{result.testsRun} tests, {result.testsRun - bad - len(result.skipped)} pass, {bad} do not, {len(result.skipped)} skipped"
    )
    return min(result.unexplained, 1)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))

"""Every template of the reference site and of the installed packages, with invented variables: Django's bytes, and ours.

Tags and filters of packages are stand-ins on both sides; what is proven is the language.
"""

import re
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import jinja2
from django.template import Context, Engine, Library
from django.test import override_settings

from importers.templates.libraries import OWN
from importers.templates.tags.packages import PACKAGES
from importers.templates.theme import Theme
from legacy_adapters.dtl.environment import DjangoEnvironment
from legacy_adapters.dtl.filters import BLOCKS, FILTERS
from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.manifest import Manifest
from tests.importers.templates import invented
from tests.legacy_adapters.dtl.oracle import SETTINGS, locale_in, start_django

start_django()
SEEDS = range(3)
LANGUAGES = ("en-us", "de")
ADDRESS = re.compile(r"0x[0-9a-f]+")
RAISES = "raises"
CALLED = ("url", "static")  # they need a site
PREFIXES = ("get_static_prefix", "get_media_prefix")


class Sides:
    """Both engines over the same templates."""

    def __init__(self, manifest: Manifest, theme: Theme) -> None:
        own = {name for tags in PACKAGES.values() for name in tags}
        libraries = {}
        for name, module in manifest.template_libraries.items():
            libraries[name] = module
            if module not in OWN or name == "static":
                found = invented.library(manifest.template_modules[module], own) if name != "static" else called()
                libraries[name] = registered(f"stand_in_{name}", found)
        self.django = Engine(
            dirs=[*manifest.template_dirs],
            libraries=libraries,
            builtins=[registered("stand_in_builtins", called())],
            loaders=[("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])],
        )
        functions = {name: invented.printing(name) for of, name in theme.needs if of == "function"}
        functions |= {name: invented.mark(name, SafeString) for name in own & set(functions)}
        functions |= {name: invented.mark(name, SafeString) for name in unknown(manifest) & set(functions)}
        functions |= {name: invented.printing(name) for name in CALLED}
        functions["url_or_nothing"] = invented.printing("url")
        functions |= {name: invented.mark(name, SafeString) for name in PREFIXES}
        filters = {name: invented.as_given for of, name in theme.needs if of == "filter" and name not in FILTERS}
        blocks = {name: invented.body_shown for of, name in theme.needs if of == "block"}
        loader = jinja2.DictLoader(theme.texts)
        self.ours = DjangoEnvironment(
            loader,
            functions=functions,
            filters=filters,
            blocks={**blocks, **BLOCKS},
            locale=locale_in(*LANGUAGES, zone=str(SETTINGS["TIME_ZONE"])),
        )

    def both(self, name: str, variables: dict[str, Any]) -> tuple[str, str]:
        """What either side prints. Which error it is, is proven elsewhere, language by language."""
        return (
            outcome(lambda: self.django.get_template(name).render(Context({**variables}))),
            outcome(lambda: self.ours.template(name).render({**variables})),
        )


def called() -> Library:
    library = Library()
    for name in CALLED:
        library.simple_tag(invented.printing(name), name=name)
    for name in PREFIXES:
        library.tags[name] = invented.own_words(())
    return library


def unknown(manifest: Manifest) -> set[str]:
    modules = manifest.template_modules.values()
    return {name for told in modules for name, tag in told.tags.items() if tag.kind == "unknown"}


def registered(name: str, library: Library) -> str:
    module = ModuleType(name)
    module.__dict__["register"] = library
    sys.modules[name] = module
    return name


def outcome(render: Callable[[], str]) -> str:
    try:
        return ADDRESS.sub("0x", render())
    except Exception:
        return RAISES


@override_settings(LANGUAGES=[(code, code) for code in LANGUAGES])
def test_every_template_prints_the_same_bytes(manifest: Manifest, everything: Theme) -> None:
    sides = Sides(manifest, everything)
    names = {name for text in everything.texts.values() for name in re.findall(r"[a-zA-Z]\w*", text)}
    names -= {"True", "False", "None", "forloop", "block"}
    wanted = [name for name in sorted(everything.texts) if not name.startswith("_shadowed/")]
    differing, printed = list[str](), set[str]()
    for seed in SEEDS:
        variables = invented.variables(names, seed)
        for name in wanted:
            django, ours = sides.both(name, variables)
            if django != ours:
                at = next((at for at, (a, b) in enumerate(zip(django, ours, strict=False)) if a != b), 0)
                differing.append(f"{name}, seed {seed}: {django[at - 60 : at + 60]!r} {ours[at - 60 : at + 60]!r}")
            elif django != RAISES:
                printed.add(name)
    assert not differing, "\n".join(differing)
    assert len(printed) > 300

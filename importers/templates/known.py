"""What templates may use: from a manifest, or, without one, from what is known of Django and of packages."""

from collections.abc import Sequence
from pathlib import Path

from django.template import Library

from importers.templates.declared import library, near
from importers.templates.libraries import BUILTINS, INSTALLED, OWN, Known, TagFact, described, own_library
from importers.templates.tags.packages import CRISPY, LIBRARIES, PACKAGES, fact, facts
from legacy_adapters.manifest import Manifest, TemplateModule

PARTIALS = described(
    "django.template.defaulttags",
    [TagFact("partialdef", "own", ("endpartialdef",)), TagFact("partial", "own")],
    {},
)
"""Tags that templates have since Django 6.0."""


def without_manifest(folders: Sequence[Path] = ()) -> Known:
    """Django's libraries, those of known packages, and what lies near the folders of a project.

    Others may be loaded; their tags are reported.
    """
    crispy = described(CRISPY[0], [], None)
    for module in CRISPY:
        crispy.tags.update(described(module, facts(module), None).tags)
    return Known(
        {
            **{name: own_library(module) for name, module in INSTALLED.items()},
            **{name: described(module, facts(module), None) for name, module in LIBRARIES.items()},
            "crispy_forms_tags": crispy,
            "partials": PARTIALS,
            **{name: library(path) for name, path in near(folders).items()},
        },
        tuple(own_library(module) for module in BUILTINS),
        open=True,
    )


def of_manifest(manifest: Manifest) -> Known:
    """The libraries that a site has. A manifest older than their description leaves the set open."""
    if not manifest.template_modules:
        return without_manifest()
    found = {module: of_module(module, told) for module, told in manifest.template_modules.items() if not told.error}
    named = {name: found[module] for name, module in manifest.template_libraries.items() if module in found}
    partials = (PARTIALS,) if int(manifest.django.split(".")[0]) >= 6 else ()
    builtins = tuple(found[module] for module in manifest.template_builtins if module in found)
    return Known(named, (*(builtins or map(own_library, BUILTINS)), *partials))


def of_module(module: str, told: TemplateModule) -> Library:
    if module in OWN:
        return own_library(module)
    tags = []
    for name, tag in told.tags.items():
        if name in PACKAGES.get(module, {}):
            tags.append(fact(module, name))
        else:
            tags.append(TagFact(name, tag.kind, tag.stops, templates=(tag.template,) if tag.template else ()))
    return described(module, tags, told.filters)

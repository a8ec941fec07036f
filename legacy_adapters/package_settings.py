"""What the packages of a site are told: the part of a manifest that their adapters read.

Defaults are the packages' own: django-pipeline 4, django-sitetree 1.18, django-waffle 2.2 to 5, django-honeypot 0.9 to
1.3, sorl-thumbnail 12, django-imagekit 5. A package that is not installed leaves its part as it stands here.
"""

from typing import Any

import msgspec


class PipelinePackage(msgspec.Struct, frozen=True):
    """A group of django-pipeline: its files, each with the type the site gives it, packed and not; its JavaScript
    templates, compiled.
    """

    output: tuple[str, str | None]
    sources: tuple[tuple[str, str | None], ...] = ()
    template: str | None = None
    extra_context: dict[str, Any] = {}
    templates: str = ""


class Pipeline(msgspec.Struct, frozen=True):
    """What django-pipeline is told."""

    enabled: bool = True
    stylesheets: dict[str, PipelinePackage] = {}
    javascript: dict[str, PipelinePackage] = {}


class Sitetree(msgspec.Struct, frozen=True):
    """What django-sitetree is told. `translated` are the trees that have others per language beside them."""

    unresolved: str = "#unresolved"
    errors_when_debugging: bool = True
    admin_app: str = "admin"
    translated: tuple[str, ...] = ()


class Waffle(msgspec.Struct, frozen=True):
    """What django-waffle is told. `%s` in a cookie's name stands for the flag's."""

    cookie: str = "dwf_%s"
    test_cookie: str = "dwft_%s"
    secure: bool = True
    max_age: int | None = 2592000
    override: bool = False
    flag_default: bool = False
    switch_default: bool = False
    sample_default: bool = False


class Honeypot(msgspec.Struct, frozen=True):
    """What django-honeypot is told; the value is what the field must still hold."""

    field_name: str = ""
    value: str = ""

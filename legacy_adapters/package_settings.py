"""What the packages of a site are told: the part of a manifest that their adapters read.

Defaults are the packages' own: django-pipeline 4, django-sitetree 1.18, django-waffle 2.2 to 5, django-honeypot 0.9 to
1.3, sorl-thumbnail 12, django-imagekit 5. A package that is not installed leaves its part as it stands here.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

SORL_OPTIONS: Mapping[str, Any] = {
    "format": "JPEG",
    "quality": 95,
    "colorspace": "RGB",
    "upscale": True,
    "crop": False,
    "cropbox": None,
    "rounded": None,
    "padding": False,
    "padding_color": "#ffffff",
}
SORL_EXTENSIONS: Mapping[str, str] = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}


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


class DynamicTree(msgspec.Struct, frozen=True):
    """Items that the site's code adds to a tree: below the item of that alias, or at the root; `alone` where the tree
    has no rows. An item's `parent` is its place in the list, or None.
    """

    tree: str
    items: tuple[dict[str, Any], ...]
    parent: str | None = None
    alone: bool = False


class Sitetree(msgspec.Struct, frozen=True):
    """What django-sitetree is told. `translated` are the trees that have others per language beside them."""

    unresolved: str = "#unresolved"
    errors_when_debugging: bool = True
    admin_app: str = "admin"
    translated: tuple[str, ...] = ()
    dynamic: tuple[DynamicTree, ...] = ()


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
    """What django-honeypot is told; the value is what the field must still hold.

    `knows_visitor`: the page for a caught form is rendered for its request, and varies by cookie.
    """

    field_name: str = ""
    value: str = ""
    knows_visitor: bool = False


class Sorl(msgspec.Struct, frozen=True):
    """What sorl-thumbnail is told. `options` are a thumbnail's defaults, `extra_options` those that the site changed;
    `storage` keeps thumbnails, `media_storage` is the one of uploaded files.
    """

    backend: str = "sorl.thumbnail.base.ThumbnailBackend"
    engine: str = "sorl.thumbnail.engines.pil_engine.Engine"
    storage: str = "django.core.files.storage.filesystem.FileSystemStorage"
    media_storage: str = "django.core.files.storage.filesystem.FileSystemStorage"
    options: dict[str, Any] = msgspec.field(default_factory=lambda: dict(SORL_OPTIONS))
    extra_options: dict[str, Any] = {}
    extensions: dict[str, str] = msgspec.field(default_factory=lambda: dict(SORL_EXTENSIONS))
    key_prefix: str = "sorl-thumbnail"
    prefix: str = "cache/"
    preserve_format: bool = False
    progressive: bool = True
    orientation: bool = True
    dummy: bool = False
    dummy_source: str = "https://dummyimage.com/%(width)sx%(height)s"
    dummy_ratio: float = 1.5
    filter_width: int = 500
    alternative_resolutions: tuple[int | float, ...] = ()
    remove_url_args: bool = True
    force_overwrite: bool = False
    debug: bool = False


class ImagekitSpec(msgspec.Struct, frozen=True):
    """A spec: what is hashed before and after the source's name (bytes, as Latin-1), and what is done to the image.

    `processors` is None where one of them holds more than plain values.
    """

    head: str
    tail: str
    processors: tuple[tuple[str, dict[str, Any]], ...] | None = None
    format: str | None = None
    options: dict[str, Any] | None = None
    autoconvert: bool = True


class ImagekitField(msgspec.Struct, frozen=True):
    """An ImageSpecField of a model: the field it is made of, and its spec."""

    source: str
    spec: str


class Imagekit(msgspec.Struct, frozen=True):
    """What django-imagekit is told. `fields` go by `app.model.field`."""

    namer: str = "imagekit.cachefiles.namers.source_name_as_path"
    directory: str = "CACHE/images"
    strategy: str = "imagekit.cachefiles.strategies.JustInTime"
    specs: dict[str, ImagekitSpec] = {}
    fields: dict[str, ImagekitField] = {}


class CountryCodes(msgspec.Struct, frozen=True):
    """A country's other codes: ISO 3166's, and the Olympic Committee's."""

    alpha3: str = ""
    numeric: int | None = None
    ioc: str = ""


class CountryNames(msgspec.Struct, frozen=True):
    """What django-countries is told: names by language, in the site's order; codes and flags by the two letters."""

    flag_url: str = "flags/{code}.gif"
    names: dict[str, tuple[tuple[str, str], ...]] = {}
    codes: dict[str, CountryCodes] = {}
    flags: dict[str, str] = {}

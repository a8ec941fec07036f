"""django-imagekit 5: `{% thumbnail "100x50" file %}`, `{% generateimage "id" source=file %}` and the fields of models.

A cache file is named by a hash of its source's name and everything that is done to it: the MD5 of a pickle, protocol 0,
of objects whose classes need not be here, because a pickle holds but their names. The hash of a spec of the site's own
stands half made in the manifest: what is pickled before, and after, the source's name.

A file that is missing is drawn where the site's strategy is to make it just in time, and Pillow and pilkit.py know how;
else it has the address it would have. Refuses: a namer of the site's own, a spec that wants more than a source.
"""

import hashlib
import io
import pickle
import posixpath
from collections.abc import Callable, Hashable, Mapping
from typing import Any, cast

from legacy_adapters.dtl.functions import takes_context
from legacy_adapters.dtl.safe import SafeString, escape
from legacy_adapters.errors import LegacyError, SettingsError
from legacy_adapters.manifest import Manifest
from legacy_adapters.package_settings import ImagekitSpec
from legacy_adapters.thumbnails import pilkit
from legacy_adapters.thumbnails.files import Files

THUMBNAIL = "imagekit:thumbnail"
JUST_IN_TIME = "imagekit.cachefiles.strategies.JustInTime"
NAMERS = "imagekit.cachefiles.namers."
Pickler: Any = pickle._Pickler


class MissingSource(LegacyError):
    """An image is wanted of a field that holds none."""


class Thumbnail:
    """pilkit's processor of that name, as far as a pickle of it goes."""

    def __init__(
        self,
        width: int | None = None,
        height: int | None = None,
        anchor: Any = None,
        crop: Any = None,
        upscale: Any = None,
    ) -> None:
        self.width, self.height, self.upscale = width, height, upscale
        if anchor:
            if crop is False:
                raise ValueError("You can't specify an anchor point if crop is False.")
            crop = True
        elif crop is None:
            crop = width is not None and height is not None
            anchor = "auto" if crop and anchor is None else anchor
        self.crop, self.anchor = crop, anchor


NAMES: Mapping[object, str] = {Thumbnail: "pilkit.processors.resize\nThumbnail"}


MOST_KNOWN = 4096
"""Sizes and specs that are kept in a process."""


class CanonicalPickler(Pickler):  # type: ignore[misc]
    """imagekit/hashers.py: dicts are sorted; and the classes of `NAMES` go by the names that they have there."""

    dispatch = dict(Pickler.dispatch)

    def save_global(self, obj: Any, name: str | None = None) -> None:
        if obj in NAMES:
            self.write(pickle.GLOBAL + NAMES[obj].encode() + b"\n")
            self.memoize(obj)
        else:
            super().save_global(obj, name)

    def save_sorted(self, obj: dict[str, Any]) -> None:
        self.write(pickle.MARK + pickle.DICT)
        self.memoize(obj)
        for key, value in sorted(obj.items()):
            self.save(key)
            self.save(value)
            self.write(pickle.SETITEM)

    dispatch[dict] = save_sorted


def pickled(value: object) -> bytes:
    output = io.BytesIO()
    CanonicalPickler(output, 0).dump(value)
    return output.getvalue()


def escaped_name(name: str) -> bytes:
    """A text as protocol 0 writes it (pickle.py: save_str())."""
    for letter in "\\\0\n\r\x1a":
        name = name.replace(letter, f"\\u{ord(letter):04x}")
    return name.encode("raw-unicode-escape")


class CacheFile:
    """An image made of another: `url`, `width`, `height`, `name`. Printed by a tag it is an `<img />`."""

    def __init__(self, images: "Images", source: object, spec: ImagekitSpec, html: Mapping[str, object]) -> None:
        self._images, self._spec, self._html = images, spec, html
        self._source = str(getattr(source, "name", source)) if source else ""
        self.name = images.name(self._source, spec) if source else None

    def __bool__(self) -> bool:
        if self.name:
            self._require()
        return bool(self.name)

    def __str__(self) -> str:
        return self.name or ""

    @property
    def url(self) -> str:
        return self._images.files.url(self._require())

    @property
    def width(self) -> int:
        return self._size()[0]

    @property
    def height(self) -> int:
        return self._size()[1]

    def __html__(self) -> str:
        attributes = dict(self._html)
        if "width" not in attributes and "height" not in attributes:
            attributes.update(width=self.width, height=self.height)
        attributes["src"] = self.url
        written = " ".join(f'{escape(name)}="{escape(value)}"' for name, value in attributes.items())
        return SafeString(f"<img {written} />")

    def _size(self) -> tuple[int, int]:
        return self._images.size(self._require())

    def _require(self) -> str:
        if not self.name:
            raise MissingSource("an image is wanted of a source that is empty")
        self._images.ensure(self.name, self._source, self._spec)
        return self.name


class Images:
    """The cache files of a site."""

    def __init__(self, manifest: Manifest, files: Files) -> None:
        self.told, self.files = manifest.imagekit, files
        if not self.told.namer.startswith(NAMERS):
            raise SettingsError(f"cache files are named by {self.told.namer}: only imagekit's own namers are known")
        self._there: set[str] = set()
        self._sizes: dict[str, tuple[int, int]] = {}
        self._thumbnails: dict[Hashable, ImagekitSpec] = {}

    def size(self, name: str) -> tuple[int, int]:
        """Width and height of a cache file, in pixels: its name stands for its content."""
        if name not in self._sizes:
            if len(self._sizes) >= MOST_KNOWN:
                self._sizes.clear()
            self._sizes[name] = pilkit.size_of(self.files.read(name))
        return self._sizes[name]

    def thumbnail(self, dimensions: str, source: object, html: Mapping[str, object], **options: Any) -> CacheFile:
        """`imagekit:thumbnail`: dimensions are `1x1`, `1x` or `x1`."""
        known = (dimensions, *((name, type(value), repr(value)) for name, value in sorted(options.items())))
        if known not in self._thumbnails:
            if len(self._thumbnails) >= MOST_KNOWN:
                self._thumbnails.clear()
            self._thumbnails[known] = self._thumbnail(dimensions, **options)
        return CacheFile(self, source, self._thumbnails[known], html)

    def _thumbnail(self, dimensions: str, **options: Any) -> ImagekitSpec:
        width, height = (int(side) if side.strip() else None for side in dimensions.split("x"))
        if options.get("anchor"):
            options["anchor"] = options["anchor"][:]
        processor = Thumbnail(width or None, height or None, **options)
        head, _, tail = pickled(["\1", [processor], None, None, True]).partition(b"V\1\n")
        return ImagekitSpec(
            head=(head + b"V").decode("latin-1"),
            tail=("\n" + tail.decode("latin-1")),
            processors=(("pilkit.processors.resize.Thumbnail", vars(processor)),),
        )

    def generate(self, spec_id: str, source: object, html: Mapping[str, object] | None = None) -> CacheFile:
        """The image that a registered spec makes of a source."""
        spec = self.told.specs.get(spec_id)
        if spec is None:
            raise SettingsError(
                f"no image spec {spec_id!r} in the manifest: it takes more than a source, or adopt again"
            )
        return CacheFile(self, source, spec, html or {})

    def field(self, model: str, attribute: str, source: object) -> CacheFile:
        """An ImageSpecField (`app.model`, its name) of a row whose source field holds `source`."""
        return self.generate(self.told.fields[f"{model}.{attribute}"].spec, source)

    def name(self, source: str, spec: ImagekitSpec) -> str:
        """imagekit/cachefiles/namers.py."""
        content = spec.head.encode("latin-1") + escaped_name(source) + spec.tail.encode("latin-1")
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        namer, folder = self.told.namer.removeprefix(NAMERS), self.told.directory
        if namer == "hash":
            name = digest + (pilkit.extension_of(spec.format) or "")
        else:
            relative = not posixpath.isabs(source)
            stem, extension = posixpath.splitext(source)[0], pilkit.suggested_extension(source, spec.format)
            name = f"{digest}{extension}"
            if namer == "source_name_dot_hash":
                name = f"{posixpath.basename(stem)}.{digest[:12]}{extension}"
                stem = posixpath.dirname(source)
            folder = posixpath.join(folder, stem) if relative else folder
        return posixpath.normpath(posixpath.join(folder, name))

    def ensure(self, name: str, source: str, spec: ImagekitSpec) -> None:
        """Draw what is missing, if the site's strategy makes files when they are asked for."""
        if name in self._there or self.told.strategy != JUST_IN_TIME:
            return
        if not self.files.exists(name):
            if spec.processors is None or not pilkit.can_draw(spec.processors):
                return
            content = self.files.read(source)
            self.files.write(
                name, pilkit.draw(content, spec.processors, spec.format, spec.options, autoconvert=spec.autoconvert)
            )
        self._there.add(name)


def functions(
    images: Callable[[Any], Images], otherwise: Callable[..., object] | None = None
) -> dict[str, Callable[..., object]]:
    """`thumbnail` and `generateimage`; `otherwise` is sorl's `thumbnail(file, geometry)`, if the site has both."""

    @takes_context
    def thumbnail(context: Any, /, *args: Any, html: Mapping[str, object] | None = None, **options: Any) -> object:
        if otherwise is not None and not is_dimensions(args):
            return otherwise(context, *args, **options)
        spec_id, dimensions, source = args if len(args) == 3 else (THUMBNAIL, *args)
        if spec_id != THUMBNAIL:
            return images(context).generate(cast("str", spec_id), source, html)
        return images(context).thumbnail(dimensions, source, html or {}, **options)

    @takes_context
    def generateimage(
        context: Any, spec_id: str, *, html: Mapping[str, object] | None = None, **options: Any
    ) -> object:
        source = options.pop("source", None)
        if spec_id == THUMBNAIL:
            dimensions = f"{options.pop('width', None) or ''}x{options.pop('height', None) or ''}"
            return images(context).thumbnail(dimensions, source, html or {}, **options)
        return images(context).generate(spec_id, source, html)

    return {"thumbnail": thumbnail, "generateimage": generateimage}


def is_dimensions(args: tuple[Any, ...]) -> bool:
    """`("100x50", file)` or `("id", "100x50", file)`, and not sorl's `(file, "100x50")`."""
    if len(args) != 2:
        return True
    first = str(args[0]).replace(" ", "").partition("x")
    return bool(first[1]) and all(not side or side.isdigit() for side in (first[0], first[2]))

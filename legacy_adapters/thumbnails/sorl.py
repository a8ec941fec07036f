"""sorl-thumbnail 12: `{% thumbnail file "100x100" crop="center" as im %}`, its filters, its names and its rows.

1. The name is a hash of the source's name and storage, the geometry and all options (ThumbnailBackend).
2. A row of `thumbnail_kvstore` knows the size of what was made before; what is made adds its own.
3. A file that is there is measured, one that is missing is drawn, if its source can be read; if not, the thumbnail has
   its address and no size, as in the package.

Refuses: a THUMBNAIL_BACKEND or THUMBNAIL_ENGINE of another kind (SettingsError). Sources on other servers are not
fetched: such a thumbnail has the address it would have.
"""

import hashlib
import json
import logging
import posixpath
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

from legacy_adapters.dtl.functions import takes_context
from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.errors import SettingsError
from legacy_adapters.manifest import Manifest
from legacy_adapters.package_settings import Sorl
from legacy_adapters.thumbnails import sorl_drawing
from legacy_adapters.thumbnails.files import Files
from legacy_adapters.thumbnails.sorl_drawing import Options, ThumbnailError, parse_geometry

Size = tuple[int, int]
BACKEND, ENGINE = "sorl.thumbnail.base.ThumbnailBackend", "sorl.thumbnail.engines.pil_engine.Engine"
URL_STORAGE = "sorl.thumbnail.images.UrlStorage"
URL = re.compile(r"(https?|ftp)://")
CAPTION, ADDRESS = r"[a-zA-Z0-9\.\,:;/_ \(\)\-\!\?\"]+", r"[a-zA-Z0-9\.:/_\-\% ]+"
IN_MARKDOWN = re.compile(rf"!\[({CAPTION})?\][ ]?\(({ADDRESS})\)")
IN_HTML = re.compile(rf"<img(?: alt=\"({CAPTION})?\")? src=\"({ADDRESS})\"")
FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".gif": "GIF", ".webp": "WEBP"}
log = logging.getLogger(__name__)


class Image:
    """A thumbnail, or an image that one is made of. Without a size its width and height are errors."""

    def __init__(self, name: str, storage: str, url: str, size: Size | None = None) -> None:
        self.name, self.storage, self._url, self.size = name, storage, url, size

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        return digest(self.name, self.storage)

    @property
    def width(self) -> int:
        return self._sized()[0]

    @property
    def height(self) -> int:
        return self._sized()[1]

    x, y = width, height

    @property
    def url(self) -> str:
        return self._url

    @property
    def src(self) -> str:
        raise NotImplementedError("sorl's images have a `src` that nobody wrote: use `url`")

    @property
    def ratio(self) -> float:
        return self.width / self.height

    def is_portrait(self) -> bool:
        return self.height > self.width

    def exists(self) -> bool:
        return True

    def _sized(self) -> Size:
        if self.size is None:
            raise TypeError(f"the size of {self.name} is not known: its source could not be read")
        return self.size


class Dummy(Image):
    """What THUMBNAIL_DUMMY shows for an image that is not there."""

    def __init__(self, told: Sorl, geometry: str) -> None:
        x, y = parse_geometry(geometry, told.dummy_ratio)
        super().__init__("", "", told.dummy_source % {"width": x, "height": y}, (x, y))


class Rows(Protocol):
    """sorl's rows. One that is set is there for both sides from then on."""

    def get(self, key: str, /) -> str | None: ...

    def __setitem__(self, key: str, value: str, /) -> None: ...


class Thumbnails:
    """The thumbnails of a site. `rows` are those of `thumbnail_kvstore`, key to value: read, added and changed.

    Where rows are not kept, the other side makes a thumbnail of another name when it finds the file there already.
    """

    def __init__(self, manifest: Manifest, files: Files, rows: Rows) -> None:
        self.told = told = manifest.sorl
        if (told.backend, told.engine) != (BACKEND, ENGINE):
            raise SettingsError(f"thumbnails are made by {told.backend} with {told.engine}: only sorl's own are known")
        self.files, self._rows, self.media_url = files, rows, manifest.settings.media_url

    def get(self, file: object, geometry: str, /, **options: Any) -> Image:
        """sorl/thumbnail/base.py: ThumbnailBackend.get_thumbnail()."""
        source = self.image(file)
        if self.told.preserve_format:
            extension = posixpath.splitext(source.name)[1].lower()
            options.setdefault("format", FORMATS.get(extension, self.told.options["format"]))
        options = {**self.told.options, **self.told.extra_options, **options}
        thumbnail = self._named(self.name(source, geometry, options), self.told.storage)
        known = self._known(thumbnail)
        return known if known is not None else self._make(source, thumbnail, geometry, options)

    def name(self, source: Image, geometry: object, options: Options) -> str:
        key = digest(source.key, str(geometry), json.dumps(options, sort_keys=True))
        return f"{self.told.prefix}{key[:2]}/{key[2:4]}/{key}.{self.told.extensions[options['format']]}"

    def image(self, file: object) -> Image:
        """What a template hands in as a source: something with a name, or a name (sorl: images.py: ImageFile)."""
        if isinstance(file, Image) and not isinstance(file, Dummy):
            return file
        if not file:
            raise ThumbnailError("File is empty.")
        name = str(getattr(file, "name", file))
        if self.told.remove_url_args:
            name = name.split("?")[0]
        if name.startswith("//"):
            name = f"http:{name}"
        storage = URL_STORAGE if URL.match(name) else self.told.storage
        if hasattr(file, "name"):
            storage = getattr(file, "storage_class", None) or (storage if URL.match(name) else self.told.media_storage)
        if self.files.location:
            name = name.removeprefix(f"{self.files.location}/")
        return self._named(name, storage)

    def size(self, file: object) -> Image:
        """An image with its size: from its row, or measured, which makes one."""
        image = self.image(file)
        known = self._known(image)
        if known is None:
            self._measure(image)
            self._set(image)
        return known or image

    def _named(self, name: str, storage: str) -> Image:
        return Image(name, storage, name if storage == URL_STORAGE else self.files.url(name))

    def _known(self, image: Image) -> Image | None:
        value = self._row("image", image.key)
        if not value:
            return None
        data = json.loads(value)
        found = self._named(data["name"], data["storage"])
        found.size = (data["size"][0], data["size"][1])
        return found

    def _row(self, identity: str, key: str) -> str | None:
        return self._rows.get(f"{self.told.key_prefix}||{identity}||{key}")

    def _set(self, image: Image) -> None:
        value = {"name": image.name, "storage": image.storage, "size": list(image._sized())}
        self._rows[f"{self.told.key_prefix}||image||{image.key}"] = json.dumps(value)

    def _make(self, source: Image, thumbnail: Image, geometry: str, options: Options) -> Image:
        if self.told.force_overwrite or not self.files.exists(thumbnail.name):
            try:
                content = self._read(source)
                drawing = sorl_drawing.Drawing(content, options, self.told)
            except Exception as error:
                log.warning("the source %s of a thumbnail cannot be read: %s", source.name, error)
                return Dummy(self.told, geometry) if self.told.dummy else thumbnail
            source.size = drawing.size
            for name, made, size in drawing.thumbnails(thumbnail.name, geometry):
                self.files.write(name, made)
                if name == thumbnail.name:
                    thumbnail.size = size
        if self._known(source) is None:
            self._measure(source)
            self._set(source)
        self._measure(thumbnail)
        self._set(thumbnail)
        keys = set(json.loads(self._row("thumbnails", source.key) or "[]")) | {thumbnail.key}
        self._rows[f"{self.told.key_prefix}||thumbnails||{source.key}"] = json.dumps(sorted(keys))
        return thumbnail

    def _measure(self, image: Image) -> None:
        if image.size is None:
            image.size = sorl_drawing.measure(self._read(image), orientation=self.told.orientation)

    def _read(self, image: Image) -> bytes:
        if image.storage == URL_STORAGE:
            raise OSError(f"{image.name} is on another server, which is not asked while a page is made")
        return self.files.read(image.name)


def digest(*parts: str) -> str:
    return hashlib.md5("||".join(parts).encode(), usedforsecurity=False).hexdigest()


def blocks(thumbnails: Callable[[Any], Thumbnails]) -> dict[str, Callable[..., object]]:
    """`{% thumbnail file, "10x10", crop="center" as im %}…{% else %}…{% endthumbnail %}`.

    An error shows what stands after `else`, unless THUMBNAIL_DEBUG is on.
    """

    def thumbnail(context: Any, body: Any, file: object, geometry: str, /, **options: Any) -> object:
        made = thumbnails(context)
        try:
            image = found(made, file, geometry, options)
            if image is None or (isinstance(image, Dummy) and {"else", "empty"} & set(body)):
                return body.otherwise()
            context.push(**{body.target: image})
            shown = body()
            context.leave()  # not after an error: sorl leaves its variable behind then
            return shown
        except Exception:
            if made.told.debug:
                raise
            log.exception("a thumbnail could not be shown")
            return body.otherwise()

    return {"thumbnail": thumbnail}


def functions(thumbnails: Callable[[Any], Thumbnails]) -> dict[str, Callable[..., object]]:
    """`{{ thumbnail(file, "10x10") }}`, the tag without a name. A site that has imagekit too hands it on to that one's
    functions as `otherwise`.
    """

    @takes_context
    def thumbnail(context: Any, file: object, geometry: str, /, **options: Any) -> SafeString:
        return SafeString(url_of(thumbnails(context), file, geometry, options))

    return {"thumbnail": thumbnail}


def url_of(made: Thumbnails, file: object, geometry: str, options: dict[str, Any]) -> str:
    """`{% thumbnail file "10x10" %}` without a name: the address."""
    try:
        image = found(made, file, geometry, options)
        return image.url if image is not None else ""
    except Exception:
        if made.told.debug:
            raise
        log.exception("a thumbnail could not be shown")
        return ""


def found(made: Thumbnails, file: object, geometry: str, options: dict[str, Any]) -> Image | None:
    more = options.pop("options", {})
    if file:
        return made.get(file, geometry, **{**options, **more})
    return Dummy(made.told, geometry) if made.told.dummy else None


def filters(thumbnails: Callable[[], Thumbnails]) -> dict[str, Callable[..., object]]:
    """`resolution`, `is_portrait`, `margin`, `background_margin`; those that measure give in on an error."""

    def safely(ask: Callable[[Thumbnails], object], otherwise: object) -> object:
        made = thumbnails()
        try:
            return ask(made)
        except Exception:
            if made.told.debug:
                raise
            log.exception("a thumbnail could not be measured")
            return otherwise

    def resolution(file: str, factor: str) -> str:
        told = thumbnails().told
        if told.dummy:
            return dummy_at(told, file, factor)
        stem, extension = posixpath.splitext(str(file))
        return f"{stem}@{factor}{extension}"

    def is_portrait(file: object) -> object:
        told = thumbnails().told
        if told.dummy:
            return told.dummy_ratio < 1
        return bool(file) and safely(lambda made: made.size(file).is_portrait(), False)

    def margin(file: object, geometry: str) -> object:
        if not file or thumbnails().told.dummy or isinstance(file, Dummy):
            return "auto"
        return safely(lambda made: margins(made.size(file), geometry), "auto")

    def background_margin(file: object, geometry: str) -> object:
        if not file or thumbnails().told.dummy:
            return "auto"

        def places(made: Thumbnails) -> str:
            left, top = rest(made.size(file), geometry)
            return f"{left / 2}px {top / 2}px"

        return safely(places, "auto")

    def in_text(pattern: re.Pattern[str]) -> Callable[[str], object]:
        return lambda value: safely(lambda made: with_thumbnails(made, pattern, value), "auto")

    return {
        "markdown_thumbnails": in_text(IN_MARKDOWN),
        "html_thumbnails": in_text(IN_HTML),
        "resolution": resolution,
        "is_portrait": is_portrait,
        "margin": margin,
        "background_margin": background_margin,
    }


def with_thumbnails(made: Thumbnails, pattern: re.Pattern[str], value: str) -> str:
    """A text whose images are thumbnails of THUMBNAIL_FILTER_WIDTH."""
    for _, address in pattern.findall(value):
        name = address.removeprefix(made.media_url)
        value = value.replace(address, made.get(name, str(made.told.filter_width)).url)
    return value


def rest(image: Image, geometry: str) -> Size:
    x, y = parse_geometry(geometry, image.ratio)
    return x - image.width, y - image.height


def margins(image: Image, geometry: str) -> str:
    """Around an image that is centred; the odd pixel goes to the right and to the bottom, and halves are cut off."""
    wide, high = rest(image, geometry)
    found = [high / 2, wide / 2 + wide % 2, high / 2 + high % 2, wide / 2]
    return " ".join(f"{int(each)}px" for each in found)


def dummy_at(told: Sorl, file: str, factor: str) -> str:
    pattern = told.dummy_source
    for name in ("width", "height"):
        pattern = pattern.replace(f"%({name})s", f"(?P<{name}>[0-9]+)")
    match = re.match(pattern, str(file))
    try:
        times = Decimal(factor.strip("x"))
        size = {name: int(int(value) * times) for name, value in match.groupdict().items()} if match else None
        return told.dummy_source % size if size is not None else file
    except (AttributeError, TypeError, KeyError):
        return file

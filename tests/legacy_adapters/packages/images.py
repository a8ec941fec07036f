"""Thumbnails as the packages make them, in a media folder and with rows of their own."""

import io
import logging
from contextlib import contextmanager
from pathlib import Path

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.template import engines
from PIL import Image, ImageDraw

from tests.legacy_adapters.packages.rendering import settings_of

KEPT = {"table": False}


class FieldFile:
    """What an image field gives to a template."""

    def __init__(self, name):
        self.name = name
        self.storage = default_storage

    def __bool__(self):
        return bool(self.name)

    def __str__(self):
        return self.name or ""


def paint(folder):
    """Images of every kind that a site has."""
    folder = Path(folder)
    (folder / "a").mkdir(parents=True, exist_ok=True)
    for name, mode, size in [
        ("a/wide.jpg", "RGB", (120, 60)),
        ("a/high.png", "RGBA", (50, 90)),
        ("small.gif", "P", (20, 20)),
        ("grey.jpg", "L", (77, 33)),
        ("clear.png", "LA", (64, 64)),
        ("web.webp", "RGB", (90, 90)),
        ("line.png", "RGB", (1, 54)),
    ]:
        image = Image.new("RGBA", size, (200, 30, 30, 120))
        draw = ImageDraw.Draw(image)
        for step in range(0, max(size), 3):
            draw.line((step, 0, 0, step * 2), fill=(step * 2 % 255, 255 - step, step * 5 % 255, 255))
        image.convert(mode).save(folder / name)
    for orientation in (2, 3, 5, 6, 8):
        image = Image.open(folder / "a" / "wide.jpg")
        exif = Image.Exif()
        exif[0x0112] = orientation
        image.save(folder / f"turned{orientation}.jpg", exif=exif)
    (folder / "broken.jpg").write_bytes(b"no image")


@contextmanager
def site(media, changed):
    from sorl.thumbnail import default
    from sorl.thumbnail.models import KVStore

    if not KEPT["table"]:
        with connection.schema_editor() as editor:
            editor.create_model(KVStore)
        KEPT["table"] = True
    KVStore.objects.all().delete()
    cache.clear()
    logging.disable()
    try:
        with settings_of(MEDIA_ROOT=str(media), **changed):
            default.engine.__dict__.pop("reoriented", None)
            yield KVStore
    finally:
        logging.disable(logging.NOTSET)


def told(changed):
    import json

    from sorl.thumbnail import base, default
    from sorl.thumbnail.conf import settings

    from legacy_adapters import introspect

    with settings_of(**changed):
        base.ThumbnailBackend.default_options = {
            **base.ThumbnailBackend.default_options,
            **{
                key: getattr(settings, f"THUMBNAIL_{key.upper()}")
                for key in ("format", "quality", "colorspace", "upscale", "padding", "padding_color")
            },
        }
        default.backend._setup()
        return json.loads(json.dumps(introspect.sorl()))


def sorl(media, file, geometry, options, rows, changed, field):
    """Name, address, size, rows and files of one thumbnail."""
    from sorl.thumbnail import get_thumbnail

    with site(media, changed) as KVStore:
        told(changed)
        KVStore.objects.bulk_create(KVStore(key=key, value=value) for key, value in rows.items())
        try:
            made = get_thumbnail(FieldFile(file) if field else file, geometry, **options)
        except Exception as error:
            return type(error).__name__
        size = tuple(made.size) if made.size else None
        return (made.name, made.url, size), dict(KVStore.objects.values_list("key", "value"))


def render(media, source, variables, changed):
    """A page with sorl's or imagekit's tags; the names of files come as `files`."""
    variables = {**variables, "file": {name: FieldFile(path) for name, path in variables.get("files", {}).items()}}
    with site(media, changed):
        told(changed)
        return str(engines["django"].from_string(source).render(variables))


def picture(media, name):
    return Image.open(io.BytesIO((Path(media) / name).read_bytes()))


def registered():
    """Specs of a site: registered ones, and a field of a model."""
    if "photo" in KEPT:
        return KEPT["photo"]
    from django.db import models
    from imagekit import ImageSpec, register
    from imagekit.models import ImageSpecField
    from pilkit import processors as pilkit

    class Avatar(ImageSpec):
        processors = [pilkit.Transpose(), pilkit.ResizeToFill(30, 30), pilkit.MakeOpaque()]
        format = "JPEG"
        options = {"quality": 60, "progressive": True}

    class Mat(ImageSpec):
        processors = [
            pilkit.ResizeToFit(40, 40, mat_color="#00f", upscale=False),
            pilkit.Crop(30, 30, x=2, y=3),
        ]
        format = "png"
        autoconvert = False

    class Wanting(ImageSpec):
        def __init__(self, source, size):
            super().__init__(source)

    class Photo(models.Model):
        image = models.ImageField()
        small = ImageSpecField([pilkit.SmartResize(20, 15), pilkit.Convert("L")], "GIF", source="image")
        tiny = ImageSpecField([pilkit.ResizeToCover(9, 9), pilkit.SmartCrop(9, 9)], source="image")

        class Meta:
            app_label = "sites"
            managed = False

    for name, kind in (("site:avatar", Avatar), ("site:mat", Mat), ("site:wanting", Wanting)):
        register.generator(name, kind)
    KEPT["photo"] = Photo
    return Photo


def imagekit_told(changed):
    import json

    from legacy_adapters import introspect

    registered()
    with settings_of(**changed):
        return json.loads(json.dumps(introspect.imagekit()))


def cachefile(media, spec_id, file, options, changed):
    """Name, address, size and truth of one cache file."""
    from imagekit.cachefiles import ImageCacheFile
    from imagekit.registry import generator_registry

    registered()
    with site(media, changed):
        try:
            made = ImageCacheFile(generator_registry.get(spec_id, source=stored(media, file), **options))
            return made.name, bool(made) and made.url, made.name and (made.width, made.height)
        except Exception as error:
            return type(error).__name__


def stored(media, file):
    """A file that is opened from where it lies."""
    from django.core.files.base import File

    class Stored(File):
        def __init__(self):
            super().__init__(None, file)

        def open(self, mode="rb"):
            self.file = (Path(media) / file).open(mode)
            return self

        closed = property(lambda self: self.file is None or self.file.closed)

    return Stored() if file else ""


def field(media, name, file):
    registered()
    with site(media, {}):
        made = getattr(KEPT["photo"](image=file), name)
        return made.name, made.url, (made.width, made.height)


def image_page(media, source, files):
    registered()
    with site(media, {}):
        variables = {"file": {name: stored(media, path) for name, path in files.items()}}
        return str(engines["django"].from_string("{% load imagekit %}" + source).render(variables))


def cachefile_name(spec_id, file, options, changed):
    from imagekit.registry import generator_registry

    registered()
    with settings_of(**changed):
        return generator_registry.get(spec_id, source=FieldFile(file), **options).cachefile_name

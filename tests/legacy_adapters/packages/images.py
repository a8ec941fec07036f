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

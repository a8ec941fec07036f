"""What django-imagekit's processors do to an image (pilkit 3), by the names of their classes, and how it is saved.

Only resizing, cropping, turning and converting are known; `can_draw` says so before anything is opened.
"""

import posixpath
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any

from PIL import Image, ImageFile

Attributes = Mapping[str, Any]
ANCHORS: Mapping[str, tuple[float, float]] = {
    "tl": (0, 0),
    "t": (0.5, 0),
    "tr": (1, 0),
    "l": (0, 0.5),
    "c": (0.5, 0.5),
    "r": (1, 0.5),
    "bl": (0, 1),
    "b": (0.5, 1),
    "br": (1, 1),
}
FLIP, MIRROR = Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_LEFT_RIGHT
TURNS = {
    2: (MIRROR,),
    3: (Image.Transpose.ROTATE_180,),
    4: (FLIP,),
    5: (Image.Transpose.ROTATE_270, MIRROR),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.ROTATE_90, MIRROR),
    8: (Image.Transpose.ROTATE_90,),
}
USUAL_EXTENSIONS = {"JPEG": ".jpg", "PNG": ".png"}


def resize(image: Any, to: Attributes) -> Any:
    width, height = to["width"], to["height"]
    if not (to["upscale"] or (width < image.size[0] and height < image.size[1])):
        return image
    image.load()
    if image.palette is not None:
        image = image.convert(image.palette.mode)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def resize_to_cover(image: Any, to: Attributes) -> Any:
    return scaled(image, max(to["width"] / image.size[0], to["height"] / image.size[1]), to)


def resize_to_fit(image: Any, to: Attributes) -> Any:
    """As large as fits; with a `mat_color` on a canvas of exactly that size."""
    sides = [
        wanted / actual
        for wanted, actual in zip((to["width"], to["height"]), image.size, strict=True)
        if wanted is not None
    ]
    image = scaled(image, min(sides), to)
    mat = to.get("mat_color")
    return image if mat is None else resize_canvas(image, {**to, "color": mat, "x": None, "y": None})


def scaled(image: Any, ratio: float, to: Attributes) -> Any:
    width, height = image.size
    return resize(image, {"width": round(width * ratio), "height": round(height * ratio), "upscale": to["upscale"]})


def resize_to_fill(image: Any, to: Attributes) -> Any:
    return crop(resize_to_cover(image, to), {**to, "x": None, "y": None})


def smart_resize(image: Any, to: Attributes) -> Any:
    return smart_crop(resize_to_cover(image, to), to)


def resize_canvas(image: Any, to: Attributes) -> Any:
    place = (to["x"], to["y"])
    if to["anchor"]:
        anchor = ANCHORS.get(to["anchor"], to["anchor"]) if isinstance(to["anchor"], str) else to["anchor"]
        room = (to["width"] - image.size[0], to["height"] - image.size[1])
        place = (int(room[0] * float(anchor[0])), int(room[1] * float(anchor[1])))
    color = to["color"]
    canvas = Image.new("RGBA", (to["width"], to["height"]), tuple(color) if isinstance(color, list) else color)
    canvas.paste(image, place)
    return canvas


def crop(image: Any, to: Attributes) -> Any:
    given = to["x"] is not None or to["y"] is not None
    return resize_canvas(
        image,
        {
            "width": min(image.size[0], to["width"]),
            "height": min(image.size[1], to["height"]),
            "color": (255, 255, 255, 0),
            "anchor": None if given else to["anchor"] or "c",
            "x": to["x"] or 0,
            "y": to["y"] or 0,
        },
    )


def smart_crop(image: Any, to: Attributes) -> Any:
    """Slice by slice, the end of lesser entropy goes."""
    width, height = image.size
    left, right = kept(width, to["width"], lambda start, end: image.crop((start, 0, end, height)))
    top, bottom = kept(height, to["height"], lambda start, end: image.crop((0, start, width, end)))
    return image.crop((left, top, right, bottom))


def kept(length: int, wanted: int, between: Callable[[int, int], Any]) -> tuple[int, int]:
    start, end = 0, length
    rest = int(length - min(length, wanted))
    while rest:
        step = min(rest, max(rest // 5, 10))
        from_start, from_end = cuts(between(start, start + step), between(end - step, end), step, rest)
        start, end, rest = start + from_start, end - from_end, rest - from_start - from_end
    return start, end


def cuts(first: Any, last: Any, step: int, rest: int) -> tuple[int, int]:
    """How much goes at the start and at the end; of both where they say about as little."""
    at_start, at_end = first.entropy(), last.entropy()
    if at_end and abs(at_start / at_end - 1) < 0.01:
        return (step, step) if rest >= step * 2 else (step // 2, step - step // 2)
    return (0, step) if at_start > at_end else (step, 0)


def transpose(image: Any, to: Attributes) -> Any:
    methods = to.get("methods", ["auto"])
    if "auto" in methods:
        try:
            methods = TURNS.get(image._getexif()[0x0112], ())
        except (IndexError, KeyError, TypeError, AttributeError):
            methods = ()
    for method in methods:
        image = image.transpose(method)
    return image


def make_opaque(image: Any, to: Attributes) -> Any:
    image = image.convert("RGBA")
    canvas = Image.new("RGBA", image.size, tuple(to.get("background_color", (255, 255, 255))))
    canvas.paste(image, image)
    return canvas


def thumbnail(image: Any, to: Attributes) -> Any:
    """imagekit's own: fit, fill or smart, by what it was asked for."""
    if not to["crop"]:
        return resize_to_fit(image, to)
    if not to["width"] or not to["height"]:
        raise ValueError("You must provide both a width and height when cropping.")
    return smart_resize(image, to) if to["anchor"] == "auto" else resize_to_fill(image, to)


PROCESSORS: Mapping[str, Callable[[Any, Attributes], Any]] = {
    "pilkit.processors.base.MakeOpaque": make_opaque,
    "pilkit.processors.base.Transpose": transpose,
    "pilkit.processors.convert.Convert": lambda image, to: image.convert(to["mode"]),
    "pilkit.processors.crop.Crop": crop,
    "pilkit.processors.crop.SmartCrop": smart_crop,
    "pilkit.processors.resize.Resize": resize,
    "pilkit.processors.resize.ResizeCanvas": resize_canvas,
    "pilkit.processors.resize.ResizeToCover": resize_to_cover,
    "pilkit.processors.resize.ResizeToFill": resize_to_fill,
    "pilkit.processors.resize.ResizeToFit": resize_to_fit,
    "pilkit.processors.resize.SmartResize": smart_resize,
    "pilkit.processors.resize.Thumbnail": thumbnail,
}


def can_draw(processors: Iterable[tuple[str, Attributes]]) -> bool:
    return all(name in PROCESSORS for name, _ in processors)


def draw(
    content: bytes,
    processors: Iterable[tuple[str, Attributes]],
    form: str | None,
    options: Mapping[str, Any] | None,
    *,
    autoconvert: bool,
) -> bytes:
    """The image in a file, processed and saved."""
    image: Any = Image.open(BytesIO(content))
    original = image.format
    for name, attributes in processors:
        image = PROCESSORS[name](image, attributes)
    form = form or image.format or original or "JPEG"
    given: dict[str, Any] = {}
    if autoconvert:
        image, given = prepared(image, form.upper())
    given.update(options or {})
    return saved(image, form, given)


def saved(image: Any, form: str, given: dict[str, Any]) -> bytes:
    output = BytesIO()
    try:
        image.save(output, form, **given)
    except OSError:  # Pillow's buffer may be too small for one scan of a large JPEG
        ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, 3 * image.size[0] * image.size[1], image.size[0] * 4)
        output = BytesIO()
        image.save(output, form, **given)
    return output.getvalue()


def prepared(image: Any, form: str) -> tuple[Any, dict[str, Any]]:
    """In a mode that the format has; what is transparent stays so where the format can, else it becomes white."""
    given: dict[str, Any] = {}
    opaque = False
    if image.mode == "RGBA":
        if form == "GIF":
            image, given["transparency"] = in_palette(image), 255
        else:
            opaque = form not in {"PNG", "WEBP"}
    elif image.mode == "P":
        if form in {"PNG", "GIF"}:
            given.update({"transparency": image.info["transparency"]} if "transparency" in image.info else {})
        elif form == "WEBP":
            image = image.convert("RGBA")
        else:
            opaque = True
    else:
        image = image.convert("RGB")
        if form == "GIF":
            image = image.convert("P", palette=Image.Palette.ADAPTIVE)
    if opaque:
        image = make_opaque(image, {}).convert("RGB")
    if form == "JPEG":
        given["optimize"] = True
    return image, given


def in_palette(image: Any) -> Any:
    """Colour 255 where a pixel is more transparent than not."""
    image.load()
    mask = Image.eval(image.split()[-1], lambda alpha: 255 if alpha <= 128 else 0)
    found = image.convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE, colors=255)
    found.paste(255, mask)
    return found


def extension_of(form: str | None) -> str | None:
    """The usual extension of a format, or the first that Pillow knows."""
    if not form:
        return None
    form = form.upper()
    for load in (Image.preinit, Image.init):
        load()
        usual = USUAL_EXTENSIONS.get(form)
        if usual in Image.EXTENSION:
            return usual
        for extension, known in Image.EXTENSION.items():
            if known == form:
                return extension
    return None


def suggested_extension(name: str, form: str | None) -> str:
    """The format's extension; the file's own where it means the same."""
    own = posixpath.splitext(name)[1]
    suggested = extension_of(form)
    if suggested is None or suggested.lower() == own.lower():
        return own
    Image.init()
    known = Image.EXTENSION.get(own.lower())
    return own if known and known.lower() == (form or "").lower() else suggested


def size_of(content: bytes) -> tuple[int, int]:
    return Image.open(BytesIO(content)).size

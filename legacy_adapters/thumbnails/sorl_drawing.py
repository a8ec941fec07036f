"""What sorl-thumbnail's Pillow engine does to an image, in its order, so that a thumbnail has the same bytes.

cropbox, orientation, colour space, border, scale, crop, rounded corners, blur, padding (sorl/thumbnail/engines/).
"""

import math
import posixpath
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFile, ImageFilter

from legacy_adapters.package_settings import Sorl

Options = dict[str, Any]
Size = tuple[int, int]
GEOMETRY = re.compile(r"(?P<x>\d+)?(?:x(?P<y>\d+))?")
OFFSET = re.compile(r"(?P<value>\d+)(?P<unit>%|px)")
ORIENTATION = 0x0112
ACROSS = {"left": "0%", "center": "50%", "right": "100%"}
DOWN = {"top": "0%", "center": "50%", "bottom": "100%"}
TURNS = {3: 180, 5: -90, 6: -90, 7: 90, 8: 90}
"""EXIF orientation to the turn that undoes it; 2, 4, 5 and 7 are mirrored besides."""


class ThumbnailError(Exception):
    """A geometry or a crop that sorl would refuse."""


def whole(number: float) -> int:
    return round(number) if number > 1 else math.ceil(number)


def parse_geometry(geometry: str, ratio: float | None) -> Size:
    """`100x50`, `100` or `x50`; what is missing follows from the ratio."""
    match = GEOMETRY.fullmatch(geometry)
    if not match or (match["x"] is None and match["y"] is None):
        raise ThumbnailError(f"Geometry does not have the correct syntax: {geometry}")
    x, y = (int(side) if side is not None else None for side in match.group("x", "y"))
    if ratio is None or (x is not None and y is not None):
        return x, y  # type: ignore[return-value]
    return (whole(y * ratio), y) if y is not None else (x or 0, whole((x or 0) / ratio))


def parse_crop(crop: str, image: Size, window: Size) -> Size:
    """Where the window begins: `center`, `left top`, `10px 20%` …"""
    words = crop.split(" ")
    if len(words) == 1:
        across = ACROSS.get(crop, "50%" if crop in DOWN else crop)
        down = "50%" if crop in ACROSS else DOWN.get(crop, crop)
    elif len(words) == 2:
        across, down = ACROSS.get(words[0], words[0]), DOWN.get(words[1], words[1])
    else:
        raise ThumbnailError(f"Unrecognized crop option: {crop}")
    return offset(across, image[0] - window[0]), offset(down, image[1] - window[1])


def offset(crop: str, room: int) -> int:
    match = OFFSET.fullmatch(crop)
    if not match:
        raise ThumbnailError(f"Unrecognized crop option: {crop}")
    value = room * int(match["value"]) / 100.0 if match["unit"] == "%" else int(match["value"])
    return int(max(0, min(value, room)))


def parse_cropbox(cropbox: Any) -> tuple[int, int, int, int]:
    parts = [int(part.strip()) for part in cropbox.split(",")] if isinstance(cropbox, str) else list(cropbox)
    left, top, right, bottom = parts
    return left, top, right, bottom


def orientation_of(image: Any) -> int | None:
    """From the EXIF data; only what was opened from a file has some."""
    try:
        exif = image._getexif()
    except Exception:  # a file's broken EXIF data is no EXIF data
        exif = None
    return exif.get(ORIENTATION) if exif else None


def lies(image: Any) -> bool:
    return (orientation_of(image) or 0) in {5, 6, 7, 8}


def measure(content: bytes, *, orientation: bool) -> Size:
    image = Image.open(BytesIO(content))
    width, height = image.size
    return (height, width) if orientation and lies(image) else (width, height)


class Drawing:
    """One source, from which a thumbnail is drawn, and larger ones beside it for finer screens."""

    def __init__(self, content: bytes, options: Options, told: Sorl) -> None:
        self._image: Any = Image.open(BytesIO(content))
        self._options, self._told = options, told
        self._turned = bool(options.get("orientation", told.orientation))
        self.size: Size = self._image.size

    def thumbnails(self, name: str, geometry: str) -> Iterator[tuple[str, bytes, Size]]:
        """Name, content and size of each file."""
        window = parse_geometry(geometry, self._ratio())
        image = self._draw(window, self._turned)
        yield name, self._encoded(image), image.size
        stem, extension = posixpath.splitext(name)
        for factor in self._told.alternative_resolutions:
            larger = (int(window[0] * factor), int(window[1] * factor))
            image = self._draw(larger, self._turned)
            yield f"{stem}@{factor}x{extension}", self._encoded(image), image.size

    def _ratio(self) -> float:
        width, height = self.size
        if self._options["cropbox"]:
            left, top, right, bottom = parse_cropbox(self._options["cropbox"])
            width, height = right - left, bottom - top
        ratio = width / height
        return 1.0 / ratio if self._told.orientation and lies(self._image) else ratio

    def _draw(self, window: Size, turned: bool) -> Any:
        options, image = self._options, self._image
        if options["cropbox"]:
            image = image.crop(parse_cropbox(options["cropbox"]))
        if turned:
            image = upright(image)
        image = coloured(image, options["colorspace"], options["format"])
        if options.get("remove_border", False):
            image = without_border(image)
        image = self._scaled(image, window)
        image = self._cropped(image, window)
        if options["rounded"]:
            image.putalpha(rounded(image.size, int(options["rounded"])))
        if options.get("blur"):
            image = image.filter(ImageFilter.GaussianBlur(int(options["blur"])))
        if options.get("padding") and image.size != window:
            image = padded(image, window, options.get("padding_color"))
        return image

    def _scaled(self, image: Any, window: Size) -> Any:
        factors = (window[0] / image.size[0], window[1] / image.size[1])
        factor = max(factors) if self._options["crop"] else min(factors)
        if factor >= 1 and not self._options["upscale"]:
            return image
        size = (whole(image.size[0] * factor), whole(image.size[1] * factor))
        return image.resize(size, resample=Image.Resampling.LANCZOS)

    def _cropped(self, image: Any, window: Size) -> Any:
        crop = self._options["crop"]
        if not crop or crop == "noop":
            return image
        if crop == "smart":
            return smart(image, window)
        width, height = min(image.size[0], window[0]), min(image.size[1], window[1])
        left, top = parse_crop(crop, image.size, (width, height))
        return image.crop((left, top, width + left, height + top))

    def _encoded(self, image: Any) -> bytes:
        ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, image.size[0] * image.size[1])
        form = self._options["format"]
        given: Options = {"format": form, "quality": self._options["quality"], "optimize": 1}
        if "icc_profile" in self._image.info:
            given["icc_profile"] = self._image.info["icc_profile"]
        if form == "JPEG" and self._options.get("progressive", self._told.progressive):
            given["progressive"] = True
        output = BytesIO()
        image.save(output, **given)
        return output.getvalue()


def upright(image: Any) -> Any:
    orientation = orientation_of(image) or 0
    if orientation == 2:
        return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if orientation == 4:
        return image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    if orientation in TURNS:
        image = image.rotate(TURNS[orientation], expand=orientation != 3)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if orientation in {5, 7} else image


def coloured(image: Any, space: str | None, form: str) -> Any:
    if space == "GRAY":
        return image.convert("L")
    if space != "RGB":
        return image
    if image.mode == "RGBA" and form != "JPEG":
        return image
    see_through = image.mode == "P" and "transparency" in image.info and form != "JPEG"
    if image.mode != "LA" and not see_through:
        return image.convert("RGB")
    found = image.convert("RGBA")
    if image.info.get("transparency") is not None:
        found.putalpha(image.convert("RGBA").split()[-1])
    return found


def without_border(image: Any) -> Any:
    """Slices of few colours are cut off each side, up to a share of the image."""
    width, height = image.size
    cut = {"top": 0.0, "bottom": 0.0, "left": 0.0, "right": 0.0}
    for side in cut:
        long, short = (height, width) if side in {"top", "bottom"} else (width, height)
        step = min(short / 20, 10)
        while cut[side] < long / 3.5:
            done = cut[side]
            near, far = (done, done + step) if side in {"top", "left"} else (long - done - step, long - done)
            box = (0, near, width, far) if side in {"top", "bottom"} else (near, 0, far, height)
            if image.crop(box).entropy() >= 2.0:
                break
            cut[side] += step
    return image.crop((cut["left"], cut["top"], width - cut["right"], height - cut["bottom"]))


def smart(image: Any, window: Size) -> Any:
    """Slices of the lesser entropy go until the image has the window's ratio; sorl's odd corners are kept."""
    (width, height), ratio = image.size, window[0] / window[1]
    while width / height > ratio:
        step = max(width - window[0], 10)
        right, left = image.crop((width - step, 0, width, height)), image.crop((0, 0, step, height))
        box = (step, 0, width, height) if left.entropy() < right.entropy() else (0, 0, height - step, height)
        image, width = image.crop(box), width - step
    while width / height < ratio:
        step = min(height - window[1], 10)
        bottom, top = image.crop((0, height - step, width, height)), image.crop((0, 0, width, step))
        box = (0, 0, width, height - step) if bottom.entropy() < top.entropy() else (0, step, width, height)
        image, height = image.crop(box), height - step
    return image


def rounded(size: Size, radius: int) -> Any:
    """A mask with round corners."""
    width, height = size
    corner = Image.new("L", (radius, radius), 0)
    ImageDraw.Draw(corner).pieslice((0, 0, radius * 2, radius * 2), 180, 270, fill=255)
    mask = Image.new("L", size, 255)
    for turn, place in (
        (0, (0, 0)),
        (90, (0, height - radius)),
        (180, (width - radius, height - radius)),
        (270, (width - radius, 0)),
    ):
        mask.paste(corner.rotate(turn), place)
    return mask


def padded(image: Any, window: Size, color: Any) -> Any:
    canvas = Image.new(image.mode, window, color)
    canvas.paste(image, (int((window[0] - image.size[0]) / 2), int((window[1] - image.size[1]) / 2)))
    return canvas

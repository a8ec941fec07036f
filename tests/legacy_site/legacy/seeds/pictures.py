"""The files that seeded rows name: logos of sponsors and companies, pictures of stories and pages, drawn by rule.

The same bytes on every machine. What is there already is left alone; each file appears whole or not at all.
"""

import hashlib
import os
import secrets
from io import BytesIO
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageDraw

PAGES = (
    "about",
    "about/governance",
    "about/governance/history",
    "about/governance/history/trademarks",
    "download/releases/2.7.3",
    "a/very/deep/path/to.a-page",
)
PICTURES = {
    **{f"sponsor_web_logos/{number}.png": (40 * number, 400 - 20 * number) for number in range(1, 16)},
    **{f"companies/logos/{name}.png": (300, 120) for name in ("anaconda", "blue", "gr", "jupiter")},
    **{f"successstories/{number}.png": (480 + number, 160) for number in range(1, 13)},
    **{f"{path}/picture.png": (64, 48) for path in PAGES},
}
"""Width and height of each picture, by its name below the media folder."""
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30" viewBox="0 0 90 30"><path d="M5 25 45 5l40 20z" fill="#358"/></svg>\n'
DRAWINGS = ("sponsor_web_logos/lambda.SVG", "companies/logos/dd.svg")


def paint() -> None:
    """Write the files that are missing."""
    for name in DRAWINGS:
        _write(name, DRAWING.encode())
    for name, size in PICTURES.items():
        if not Path(settings.MEDIA_ROOT, name).exists():
            _write(name, _picture(name, size))


def _picture(name: str, size: tuple[int, int]) -> bytes:
    red, green, blue = hashlib.sha256(name.encode()).digest()[:3]
    image = Image.new("RGB", size, (red, green, blue))
    ImageDraw.Draw(image).ellipse((0, 0, size[0] - 1, size[1] - 1), fill=(blue, red, green))
    held = BytesIO()
    image.save(held, "PNG")
    return held.getvalue()


def _write(name: str, content: bytes) -> None:
    path = Path(settings.MEDIA_ROOT, name)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    part.write_bytes(content)
    os.replace(part, path)

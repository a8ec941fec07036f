"""Front: the pages that are a template and nothing else, and the two fragments that scripts ask for.

What these pages show from elsewhere (boxes, menus, entries, events, sponsors) comes through the tags of other domains.
"""

from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.domain import Claim, Domain
from new_app.page import Page, shown, steady

PAGES = {
    "shell/": ("shell", "python/shell.html"),
    "about/": ("about", "python/about.html"),
    "inner/": ("inner", "python/inner.html"),
    "psf-landing/": ("psf-landing", "psf/index.html"),
    "psf/sponsors/": ("psf-sponsors", "psf/sponsors-list.html"),
    "docs-landing/": ("docs-landing", "docs/index.html"),
    "pypl-landing/": ("pypl-landing", "pypl/index.html"),
    "shop-landing/": ("shop-landing", "shop/index.html"),
    "community/microbit/": ("microbit", "community/microbit.html"),
    "authenticated": ("authenticated", "includes/authenticated.html"),
}
"""Path to URL name and template."""


def edit_button(_page: Page, pk: int) -> dict[str, Any]:
    """The number of the release, whether there is one or not."""
    return {"pk": pk, "release_pk": pk}


@steady
def iso_time_tag(page: Page, date: datetime) -> Markup:
    """A date as a `time` element."""
    parts = {"timestamp": date.isoformat(), "month": f"{date:%m}", "day": f"{date:%d}", "year": f"{date.year:04}"}
    return page.fragment("cms/iso_time_tag.html", **parts)


async def sample_urls(_session: AsyncSession) -> list[str]:
    paths = [f"/{path}" for path in PAGES]
    return [
        "/",
        "/?q=a+%26b",
        *paths,
        *(path.rstrip("/") for path in paths if path.endswith("/")),
        "/release-edit-button/1",
    ]


domain = Domain(
    name="front",
    claims=(
        *(Claim(path, name) for path, (name, _) in PAGES.items()),
        Claim("release-edit-button/<int:pk>", "release_edit_button"),
    ),
    handlers=(
        *(shown(f"/{path.rstrip('/')}", template) for path, (_, template) in PAGES.items()),
        shown("/release-edit-button/{pk:int}", "downloads/release_edit_button.html", edit_button),
    ),
    tags={"iso_time_tag": iso_time_tag},
    samples=sample_urls,
)

"""The filters of `{% load admin_urls %}` that pages outside the admin use to link into it."""

from collections.abc import Callable
from typing import Any

QUOTED = {ord(letter): f"_{ord(letter):02X}" for letter in ':/_#?;@&=+$,"[]<>%\n\\'}


def admin_urlname(options: Any, view: str) -> str:
    """`admin:app_model_change` of a model's `_meta`."""
    return f"admin:{options.app_label}_{options.model_name}_{view}"


def admin_urlquote(value: object) -> object:
    """A primary key as it stands in the admin's URLs (django/contrib/admin/utils.py: quote())."""
    return value.translate(QUOTED) if isinstance(value, str) else value


def filters() -> dict[str, Callable[..., object]]:
    return {"admin_urlname": admin_urlname, "admin_urlquote": admin_urlquote}

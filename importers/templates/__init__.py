"""Django templates to Jinja2 templates. docs/templates.md is the contract between this and `legacy_adapters/dtl/`.

Django is imported when a template is converted, not before: who only reads a theme's ledger needs none.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importers.templates.conversion import Broken, Conversion, convert

__all__ = ["Broken", "Conversion", "convert"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from importers.templates import conversion

    return getattr(conversion, name)

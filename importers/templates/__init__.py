"""Django templates to Jinja2 templates. docs/templates.md is the contract between this and `legacy_adapters/dtl/`."""

from importers.templates.conversion import Broken, Conversion, convert

__all__ = ["Broken", "Conversion", "convert"]

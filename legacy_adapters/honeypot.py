"""django-honeypot's hidden field: `{% render_honeypot_field %}`, and whether a form was filled in by a machine.

The field's template is the theme's `honeypot/honeypot_field.html`; the package's own markup is a fact of that file.
"""

from collections.abc import Callable, Mapping

from legacy_adapters.dtl.functions import inclusion
from legacy_adapters.manifest import Manifest

TEMPLATE = "honeypot/honeypot_field.html"


def functions(manifest: Manifest) -> dict[str, Callable[..., object]]:
    told = manifest.honeypot

    @inclusion(TEMPLATE)
    def render_honeypot_field(field_name: str | None = None) -> dict[str, str]:
        return {"fieldname": field_name or told.field_name, "value": told.value}

    return {"render_honeypot_field": render_honeypot_field}


def is_caught(manifest: Manifest, form: Mapping[str, str], field_name: str | None = None) -> bool:
    """Is the field missing, or other than it was printed? honeypot/decorators.py: verify_honeypot_value()."""
    found = form.get(field_name or manifest.honeypot.field_name)
    return found is None or found != manifest.honeypot.value

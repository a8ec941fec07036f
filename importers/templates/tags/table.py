"""Tag by tag, how it is written. A table for each library; what no table has is written by its kind."""

from importers.templates.draft import Writer
from importers.templates.libraries import Sight
from importers.templates.tags import builtin, called, installed, structure
from importers.templates.tags.packages import PACKAGES

TABLES: dict[str, dict[str, Writer]] = {
    "django.template.defaulttags": builtin.TAGS,
    "django.template.loader_tags": structure.TAGS,
    **installed.TABLES,
    **PACKAGES,
}


def writer_of(sight: Sight) -> Writer:
    own = TABLES.get(sight.module, {}).get(sight.fact.name)
    return own or called.KINDS[sight.fact.kind]


__all__ = ["TABLES", "writer_of"]

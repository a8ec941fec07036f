"""Templates that the other process renders, under any settings."""

from contextlib import contextmanager
from unittest.mock import patch

from django.template import engines
from django.test import override_settings


@contextmanager
def settings_of(**changed):
    """The site with other settings; storages, loaders and what packages remember are made anew."""
    with override_settings(**changed):
        forget_static_storage()
        try:
            yield
        finally:
            pass
    forget_static_storage()


def forget_static_storage():
    from django.contrib.staticfiles import finders
    from django.contrib.staticfiles.storage import staticfiles_storage
    from django.core.files.storage import default_storage, storages
    from django.utils.functional import empty

    for lazy in (staticfiles_storage, default_storage):
        lazy._wrapped = empty
    storages._storages.clear()
    finders.get_finder.cache_clear()


def render(source, variables=None, settings=None):
    with settings_of(**(settings or {})):
        return str(engines["django"].from_string(source).render(variables or {}))


def manifest(settings=None):
    """The manifest, without its slow hashes."""
    from legacy_adapters import introspect

    with settings_of(**(settings or {})), patch.object(introspect, "fingerprint", str):
        return introspect.describe()

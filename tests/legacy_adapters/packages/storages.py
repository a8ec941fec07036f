"""Storages of the other process."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

from tests.legacy_adapters.packages.rendering import settings_of


class Lenient(ManifestStaticFilesStorage):
    manifest_strict = False


def media_url(name, settings):
    from django.core.files.storage import default_storage

    with settings_of(**settings):
        return default_storage.url(name)


def joined(path, settings):
    from unittest.mock import patch

    from django.templatetags.static import StaticNode

    with settings_of(**settings), patch("django.templatetags.static.apps.is_installed", return_value=False):
        return StaticNode.handle_simple(path)

"""Releases and their files; connects what follows a change of them."""

from django.apps import AppConfig


class DownloadsConfig(AppConfig):
    name = "apps.downloads"

    def ready(self):
        import apps.downloads.signals  # noqa: F401

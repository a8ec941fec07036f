"""The site as an app of its own: connects what follows a change of the menus."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "legacy"

    def ready(self):
        import legacy.signals  # noqa: F401

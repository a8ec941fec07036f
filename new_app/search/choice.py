"""Which engine the settings choose; the web process, the worker and the command line ask alike."""

from new_app.config import Settings
from new_app.rows import Reader
from new_app.search import Engine
from new_app.search.postgres import PostgresEngine


def search_engine(settings: Settings, rows: Reader) -> Engine:
    if settings.meili_url:
        from new_app.search.meilisearch import MeiliEngine  # 29 MB that a site without it does not hold

        return MeiliEngine(settings.meili_url, settings.meili_key.get_secret_value())
    return PostgresEngine(rows)

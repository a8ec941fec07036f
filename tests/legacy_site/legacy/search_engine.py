"""An engine for haystack that keeps nothing: it looks through the tables for documents with all the words."""

from django.utils.html import strip_tags
from haystack import connections
from haystack.backends import BaseEngine
from haystack.backends.simple_backend import SimpleSearchBackend, SimpleSearchQuery
from haystack.models import SearchResult


class Backend(SimpleSearchBackend):
    def search(self, query_string, models=None, **options):
        index = connections[self.connection_alias].get_unified_index()
        words = query_string.lower().split()
        found = [
            self.result(kind, obj, said)
            for kind in (index.get_index(model) for model in index.get_indexed_models() if model in (models or {model}))
            for obj in kind.index_queryset()
            for said in [kind.full_prepare(obj)]
            if words and all(word in strip_tags(said["text"]).lower() for word in words)
        ]
        return {"results": found, "hits": len(found)}

    def result(self, kind, obj, said):
        meta = kind.get_model()._meta
        stored = {name: said.get(name) for name in kind.fields}
        result = SearchResult(meta.app_label, meta.model_name, obj.pk, 0, **stored)
        result._object = obj
        return result


class Engine(BaseEngine):
    backend = Backend
    query = SimpleSearchQuery

"""A server that speaks the part of Meilisearch's protocol that the site uses, with its checks and its tasks."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from new_app.embedded import free_port

KEY = re.compile(r"[A-Za-z0-9_-]{1,511}")
FILTER = re.compile(r"kind IN (?P<kinds>\[[^]]*\])(?: AND run < (?P<run>\d+))?")


class LocalMeili:
    """One index. `status` other than 200 is what every request gets; `fails` makes every task fail."""

    def __init__(self) -> None:
        self.port, self.status, self.fails = free_port(), 200, False
        self.documents: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, Any] = {}
        self.asked: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def task(self) -> web.Response:
        said = {
            "taskUid": 1,
            "indexUid": "site",
            "status": "enqueued",
            "type": "x",
            "enqueuedAt": "2026-01-01T00:00:00Z",
        }
        return web.json_response(said, status=202)

    async def done(self, _request: web.Request) -> web.Response:
        failed = {"message": "no space left", "code": "internal", "type": "internal", "link": ""}
        said = {"uid": 1, "indexUid": "site", "type": "x", "enqueuedAt": "2026-01-01T00:00:00Z"}
        told = {"status": "failed", "error": failed} if self.fails else {"status": "succeeded"}
        return web.json_response({**said, **told})

    async def configure(self, request: web.Request) -> web.Response:
        self.settings = await request.json()
        return self.task()

    async def add(self, request: web.Request) -> web.Response:
        name = request.query["primaryKey"]
        for one in await request.json():
            assert KEY.fullmatch(one[name]), one[name]
            self.documents[one[name]] = one
        return self.task()

    async def delete_batch(self, request: web.Request) -> web.Response:
        for key in await request.json():
            self.documents.pop(key, None)
        return self.task()

    async def delete(self, request: web.Request) -> web.Response:
        chosen = self.chosen((await request.json())["filter"])
        self.documents = {key: one for key, one in self.documents.items() if not chosen(one)}
        return self.task()

    async def search(self, request: web.Request) -> web.Response:
        said = await request.json()
        self.asked.append(said)
        assert said["limit"] <= 1000
        chosen = self.chosen(said["filter"]) if said.get("filter") else lambda _one: True
        words = said["q"].lower().split()
        hits = [one for one in self.documents.values() if all(word in json.dumps(one).lower() for word in words)]
        by_kind = {kind: sum(one["kind"] == kind for one in hits) for kind in {one["kind"] for one in hits}}
        hits = [{name: one[name] for name in said["attributesToRetrieve"]} for one in hits if chosen(one)]
        page = hits[said["offset"] : said["offset"] + said["limit"]]
        answer = {"hits": page, "estimatedTotalHits": len(hits), "offset": said["offset"], "limit": said["limit"]}
        return web.json_response(
            {**answer, "processingTimeMs": 1, "query": said["q"], "facetDistribution": {"kind": by_kind}}
        )

    async def stats(self, _request: web.Request) -> web.Response:
        said = {"numberOfDocuments": len(self.documents), "isIndexing": False, "fieldDistribution": {}}
        return web.json_response(said)

    def chosen(self, text: str) -> Any:
        found = FILTER.fullmatch(text)
        assert found, text
        attributes = self.settings["filterableAttributes"]
        assert "kind" in attributes
        assert "run" in attributes
        kinds, run = json.loads(found["kinds"]), int(found["run"] or 2**63)
        return lambda one: one["kind"] in kinds and one["run"] < run


@asynccontextmanager
async def local_meili() -> AsyncIterator[LocalMeili]:
    server = LocalMeili()

    @web.middleware
    async def checked(request: web.Request, handler: Any) -> Any:
        if server.status != 200:
            said = {"message": "out of order", "code": "x", "type": "x", "link": ""}
            return web.json_response(said, status=server.status)
        if request.headers.get("Authorization") != "Bearer the-key":
            said = {"message": "invalid", "code": "invalid_api_key", "type": "auth", "link": ""}
            return web.json_response(said, status=403)
        return await handler(request)

    app = web.Application(middlewares=[checked], client_max_size=2**26)
    app.add_routes(
        [
            web.get("/tasks/1", server.done),
            web.patch("/indexes/site/settings", server.configure),
            web.post("/indexes/site/documents", server.add),
            web.post("/indexes/site/documents/delete-batch", server.delete_batch),
            web.post("/indexes/site/documents/delete", server.delete),
            web.post("/indexes/site/search", server.search),
            web.get("/indexes/site/stats", server.stats),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", server.port).start()
    try:
        yield server
    finally:
        await runner.cleanup()

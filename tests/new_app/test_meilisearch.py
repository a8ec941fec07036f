"""The Meilisearch engine against a server that speaks its protocol: what is sent, and what becomes of its failures."""

from collections.abc import AsyncIterator

import pytest

from new_app.db import Database
from new_app.domains import SEARCHED
from new_app.search import Document, EngineError
from new_app.search.indexing import reindex
from new_app.search.meilisearch import MeiliEngine
from tests.conftest import new_database
from tests.new_app.meili import LocalMeili, local_meili

ONE = Document("pages.page", 1, "Wombats", "<p>They &amp; dig</p>", 1.5, {"path": "wombats"})
OTHER = Document("jobs.job", 1, "Wombat keeper", "a job", 1.1, {"city": "Hobart"})


@pytest.fixture
async def server() -> AsyncIterator[LocalMeili]:
    async with local_meili() as one:
        yield one


@pytest.fixture
async def engine(server: LocalMeili) -> AsyncIterator[MeiliEngine]:
    one = MeiliEngine(server.url, "the-key")
    yield one
    await one.close()


async def test_what_was_put_is_found_as_it_was(server: LocalMeili, engine: MeiliEngine) -> None:
    await engine.prepare()
    await engine.put([ONE, OTHER], 1)
    hits = await engine.find("wombat", (), skip=0, limit=20)
    assert (hits.total, list(hits.documents)) == (2, [ONE, OTHER])
    assert hits.by_kind == {"pages.page": 1, "jobs.job": 1}
    assert (await engine.find("wombat", ["jobs.job"], skip=0, limit=20)).documents == [OTHER]
    assert (await engine.find("wombat", (), skip=1, limit=1)).documents == [OTHER]
    assert server.documents["pages-page-1"]["words"] == "They & dig"
    assert server.asked[0]["matchingStrategy"] == "all"


async def test_the_settings_of_the_index_are_code(server: LocalMeili, engine: MeiliEngine) -> None:
    await engine.prepare()
    assert server.settings["searchableAttributes"] == ["title", "words"]
    assert server.settings["rankingRules"][-1] == "boost:desc"
    assert server.settings["typoTolerance"]["enabled"]
    assert server.settings["pagination"] == {"maxTotalHits": 10_000}


async def test_what_is_gone_is_taken_out_and_what_is_old_is_swept(engine: MeiliEngine) -> None:
    await engine.prepare()
    await engine.put([ONE, OTHER], 1)
    await engine.put([ONE], 2)
    assert await engine.sweep(["pages.page", "jobs.job"], 2) == 1
    assert await engine.count() == 1
    await engine.remove("pages.page", [1, 2])
    assert await engine.count() == 0


async def test_the_whole_site_goes_in(server: LocalMeili, engine: MeiliEngine, seeded_template: str) -> None:
    with new_database(seeded_template, template=seeded_template) as url:
        database = Database(url)
        count = await reindex(database, engine, SEARCHED)
        await database.dispose()
    assert count == len(server.documents) > 100
    assert {one["kind"] for one in server.documents.values()} == {one.kind for one in SEARCHED}


@pytest.mark.parametrize("status", [401, 404, 500, 503])
async def test_an_answer_that_is_none_is_an_engine_error(server: LocalMeili, engine: MeiliEngine, status: int) -> None:
    server.status = status
    with pytest.raises(EngineError, match="meilisearch"):
        await engine.find("x", (), skip=0, limit=20)
    with pytest.raises(EngineError):
        await engine.put([ONE], 1)


async def test_a_task_that_fails_is_an_engine_error(server: LocalMeili, engine: MeiliEngine) -> None:
    server.fails = True
    with pytest.raises(EngineError, match="no space left"):
        await engine.put([ONE], 1)


async def test_a_server_that_is_gone_and_a_wrong_key_are_engine_errors(server: LocalMeili) -> None:
    for one in (MeiliEngine("http://127.0.0.1:1"), MeiliEngine(server.url, "another")):
        with pytest.raises(EngineError):
            await one.find("x", (), skip=0, limit=20)
        await one.close()

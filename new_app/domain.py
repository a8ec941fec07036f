"""Domain: one area of the site, declared in one value. It reads from data to URL.

A claim says which URL the domain can serve and how Django names it. `claims` are plain data so that the domain needs
nothing of the bridge: the composition root turns them into the router's route table.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from new_app.api.resources import Resource
from new_app.api.v2 import View
from new_app.request import REST
from new_app.search import Searched
from new_app.sitemap import Listed
from new_app.tasks import Task

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Claim:
    """A URL a domain can serve.

    `pattern` is Django's `path()` syntax without the leading slash, or `re_path()` syntax where it begins with `^`.
    `name` is Django's URL name, namespace included (`download:download_release_detail`). `methods` are those that the
    new side serves; any other goes to legacy. `added` ones the legacy site does not have.
    """

    pattern: str
    name: str
    methods: frozenset[str] = SAFE
    exists: Callable[[str], Awaitable[bool]] | None = None
    added: bool = False

    @property
    def by_data(self) -> bool:
        """Only data can tell whether the URL is there."""
        return self.exists is not None or self.name == REST


@dataclass(frozen=True, slots=True)
class Domain:
    """An area of the site.

    `samples` asks the database for the URLs that parity compares: paths with their query, each of one claim or of a
    neighbour that must stay legacy's. `resources` are what the domain shows through the JSON APIs, `api_views` what
    version 2 has besides. `watches` are the tables that its answers are made from: they get triggers, and a change in
    one is heard by whoever remembers. `tags` are called by templates, by name, with the `Page` that is being made
    first; `filters` with the value first. `templates` are those of installed packages that it shows: names, `*` for any
    part, which an import brings along. `searched` are the kinds of documents that search finds; `tasks` are what the
    worker does at its times, `listed` the pages that the sitemap names.
    """

    name: str
    claims: Sequence[Claim] = ()
    handlers: Sequence[ControllerRouterHandler] = ()
    resources: Sequence[Resource] = ()
    api_views: Sequence[View] = ()
    watches: Sequence[str] = ()
    tags: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    filters: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    templates: Sequence[str] = ()
    samples: Callable[[AsyncSession], Awaitable[Iterable[str]]] | None = None
    searched: Sequence[Searched] = ()
    tasks: Sequence[Task] = ()
    listed: Sequence[Listed] = ()

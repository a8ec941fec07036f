"""`bridge theme check`: which pages of the new site have no template, and what their templates want and do not find."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import click
from jinja2 import TemplateError, nodes
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from legacy_adapters.dtl.environment import DjangoEnvironment
from legacy_adapters.manifest import read_manifest
from new_app.config import Settings
from new_app.db import Database
from new_app.domains import DOMAINS
from new_app.domains.pages.missing import DEFAULT_TEMPLATE
from new_app.theme import open_theme

ERROR_PAGES = ("403.html", "404.html", "500.html")
NOT_THERE, OF_EDITOR = "is not in the theme", "the page "
console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Lack:
    """A template that is not there or cannot be read, and who wants it."""

    name: str
    wanted_by: str
    why: str = NOT_THERE

    @property
    def has_another(self) -> bool:
        """A page whose editor named a template that is not there is shown with the one for all pages, as in Django."""
        return self.wanted_by.startswith(OF_EDITOR) and self.why == NOT_THERE


@click.group()
def theme() -> None:
    """The templates of the new site."""


@theme.command()
def check() -> None:
    """Exit 1 if a page's template, or one that it extends or includes, is missing or broken."""
    settings = Settings()
    known = read_manifest(settings.manifest) if settings.manifest.exists() else None
    environment = open_theme(settings, known).environment
    wanted = dict(wanted_templates())
    wanted |= asyncio.run(named_by_editors(settings.database_url)) if settings.database_url else {}
    lacks = sorted(set(missing(environment, wanted)), key=lambda lack: (lack.name, lack.wanted_by))
    for lack in lacks:
        stands_in = f"; {DEFAULT_TEMPLATE} stands in" if lack.has_another else ""
        console.print(f"{lack.name} {lack.why}, wanted by {lack.wanted_by}{stands_in}")
    fatal = [lack for lack in lacks if not lack.has_another]
    console.print(f"{len(wanted)} templates are named by pages: {len(fatal)} lacking")
    raise SystemExit(bool(fatal))


def wanted_templates() -> Iterator[tuple[str, str]]:
    """Template to the page that names it."""
    for domain in DOMAINS:
        for handler in domain.handlers:
            if name := getattr(handler, "opt", {}).get("template"):
                yield name, f"domain {domain.name}"
    yield DEFAULT_TEMPLATE, "pages of editors"
    yield from ((name, "the error pages") for name in ERROR_PAGES)


async def named_by_editors(database_url: str) -> dict[str, str]:
    """The templates that pages of editors name themselves."""
    database = Database(database_url, pool_size=1)
    try:
        async with database.read_only() as session:
            rows = await session.execute(text("SELECT template_name, min(path) FROM pages_page GROUP BY template_name"))
            return {name: f"{OF_EDITOR}/{path}/" for name, path in rows if name}
    except (OSError, DBAPIError):
        return {}
    finally:
        await database.dispose()


def missing(environment: DjangoEnvironment, wanted: dict[str, str]) -> Iterator[Lack]:
    """What is wanted and not there, followed through `extends` and `include` of names that stand in the template."""
    queue, seen = list(wanted.items()), set()
    while queue:
        name, by = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            source = environment.loader.get_source(environment, name)[0]  # type: ignore[union-attr]
            queue += [(other, name) for other in references(environment.parse(source, name))]
        except TemplateError as error:
            here = environment.loader is not None and name in environment.list_templates()
            yield Lack(name, by, f"is broken: {error}") if here else Lack(name, by)


def references(template: nodes.Template) -> Iterable[str]:
    for node in template.find_all((nodes.Extends, nodes.Include)):
        named = node.template  # type: ignore[attr-defined]
        if isinstance(named, nodes.Const) and isinstance(named.value, str):
            yield named.value

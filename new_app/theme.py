"""Theme: imported templates, with everything they call from the bridge and from the domains.

A template finds, by name, in this order: the tags and filters of the domains; those of the modules that TEMPLATE_TAGS
names, for tags that are a site's own; what Django and its packages offer, made from the manifest (`url`, `static`,
menus, switches, thumbnails …). Folders are looked through in order.
"""

import importlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from jinja2 import FileSystemLoader
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from importers.templates.ledger import read_ledger
from legacy_adapters import allauth_tags, form_fields, haystack, honeypot, pipeline, sitetree, static, waffle
from legacy_adapters.cookies import set_cookie
from legacy_adapters.dtl.environment import DjangoEnvironment
from legacy_adapters.dtl.locale import locale_of
from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.manifest import Manifest
from legacy_adapters.reverse import Reverse
from legacy_adapters.reverse import functions as url_functions
from legacy_adapters.thumbnails import imagekit, sorl
from legacy_adapters.thumbnails.files import MediaFolder
from new_app import trace
from new_app.config import Settings
from new_app.context import TemplateRequest
from new_app.domains import DOMAINS
from new_app.menus import menu_rows
from new_app.page import TELLS_TIME, Page, bound, current, has_current
from new_app.session import Unknowable
from new_app.switches import switch_rows
from new_app.tables import KVStore

T = TypeVar("T")
OWN = Path(__file__).parent / "templates"
"""Templates of pages that the legacy site does not have; a theme may have its own of the same name."""
Functions = Mapping[str, Callable[..., Any]]
Features = Callable[[Any], waffle.Features]


@dataclass(frozen=True, slots=True)
class Tags:
    """What templates may call, by name."""

    functions: Functions = field(default_factory=dict)
    filters: Functions = field(default_factory=dict)
    blocks: Functions = field(default_factory=dict)


class Theme:
    """The templates of the site (`new_app.page.Templates`)."""

    def __init__(self, environment: DjangoEnvironment, features: Features | None = None) -> None:
        self.environment, self._features = environment, features

    def render(self, names: Sequence[str], variables: Mapping[str, Any]) -> str:
        """A page's flags are decided once, whichever of its templates asks."""
        if has_current() and (request := variables.get("request")) is not None:
            setattr(request, waffle.STATE, drawn(current()))
        return self.environment.select(tuple(names)).render(variables)

    def cookies(self, page: Page) -> list[str]:
        """What remembers the flags that were drawn or tested for this page."""
        answers = drawn(page)
        if self._features is None or not (answers.by_lot or answers.tests):
            return []
        found = self._features(None).cookies(answers)
        return [set_cookie(one.name, one.value, max_age=one.max_age, secure=one.secure) for one in found]

    def is_on(self, page: Page, flag: str) -> bool:
        """Whether a flag is on for the page's visitor. Raises Unknowable where legacy would set a cookie to say no."""
        if self._features is None:
            raise Unknowable("no manifest says how flags are read")
        answers, request = drawn(page), TemplateRequest(page.call, page.user)
        found = self._features(None).flag_is_active(request, flag, answers)
        if not found and (answers.by_lot or answers.tests):
            raise Unknowable("legacy remembers that this flag is off")
        return found

    def has(self, name: str) -> bool:
        """Whether there is a template of this name."""
        return name in self.environment.list_templates()


def drawn(page: Page) -> waffle.Answers:
    """What was decided for this page of flags that are drawn or tested."""
    found: waffle.Answers = page.state.setdefault(waffle.STATE, waffle.Answers())
    return found


def open_theme(settings: Settings, known: Manifest | None) -> Theme:
    """The theme of these settings, for the site that the manifest describes."""
    folders = settings.theme_dirs or [settings.var / "theme"]
    own = [importlib.import_module(name) for name in settings.template_tags]
    features = features_of(known) if known else None
    packages = [of_packages(known, settings.media_root, features)] if known and features else []
    given = [*packages, *map(registered, own), of_domains()]
    environment = DjangoEnvironment(
        FileSystemLoader([str(folder) for folder in (*folders, OWN)]),
        locale=locale_of(known) if known else None,
        functions={name: call for tags in given for name, call in tags.functions.items()},
        filters={name: call for tags in given for name, call in tags.filters.items()},
        blocks={name: call for tags in given for name, call in tags.blocks.items()},
        origin=origins(folders),
        prints=Printed(),
        auto_reload=settings.reload_theme,
    )
    return Theme(environment, features)


class Printed:
    """Prints of menus and loops in a page's memory: they go with the rows, and tell the time as well as pages do."""

    @property
    def is_open(self) -> bool:
        """An error page has no page to remember with."""
        return has_current() and current().site.memory.feed.sees

    def holds(self, value: object) -> bool:
        """Rows that came out of the memory are detached; nobody changes them."""
        state = getattr(value, "_sa_instance_state", None)
        return state is not None and bool(state.detached)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        return current().site.memory.get_now(key, make, seconds=TELLS_TIME)


def of_domains() -> Tags:
    """The tags and filters of the domains; a tag gets the page first."""
    tags = {name: bound(tag) for domain in DOMAINS for name, tag in domain.tags.items()}
    return Tags(tags, {name: call for domain in DOMAINS for name, call in domain.filters.items()})


def registered(module: ModuleType) -> Tags:
    """The tags of a module that TEMPLATE_TAGS names: its FUNCTIONS, FILTERS and BLOCKS."""
    return Tags(*(getattr(module, name, {}) for name in ("FUNCTIONS", "FILTERS", "BLOCKS")))


def features_of(known: Manifest) -> Features:
    """The flags, switches and samples that a render goes by."""

    def made(session: Session) -> waffle.Features:
        rows = switch_rows(session)
        return waffle.Features(known, rows.flags, rows.switches, rows.samples, users=rows.users, groups=rows.groups)

    def features(_context: Any) -> waffle.Features:
        trace.never("a flag may differ by visitor")
        return current().remember("switches", made)

    return features


def of_packages(known: Manifest, media_root: Path, features: Features) -> Tags:
    """What Django and its packages offer, for the site that the manifest describes."""
    reverse, files = Reverse(known), static.StaticFiles(known)
    media = MediaFolder(known, media_root)
    thumbnails, images = sorl.Thumbnails(known, media, ThumbnailRows()), imagekit.Images(known, media)

    def menus(_context: Any) -> sitetree.Menus:
        def made(session: Session) -> sitetree.Menus:
            rows = menu_rows(session)
            return sitetree.Menus(known, reverse, rows.trees, rows.items, rows.permissions)

        return current().remember("menus", made)

    return Tags(
        {
            "csrf_token": csrf_token,
            **url_functions(reverse),
            **static.functions(files, static.MediaFiles(known)),
            **pipeline.functions(known, files),
            **sitetree.functions(menus),
            **honeypot.functions(known),
            **form_fields.functions(),
            **allauth_tags.functions(lambda user: str(user.username)),
            **imagekit.functions(lambda _context: images),
            **haystack.functions(),
        },
        form_fields.filters(),
        {**waffle.blocks(features), **sorl.blocks(lambda _context: thumbnails), **allauth_tags.blocks()},
    )


def csrf_token() -> SafeString:
    """django/template/defaulttags.py: CsrfTokenNode."""
    token = current().visitor.csrf_token()
    return SafeString(f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">')


class ThumbnailRows:
    """sorl's rows, each asked when a page needs it and remembered until it changes."""

    def get(self, key: str, /) -> str | None:
        question = select(KVStore.value).where(KVStore.key == key)
        return current().remember(("thumbnail", key), lambda session: session.scalar(question))

    def __setitem__(self, key: str, value: str, /) -> None:
        """Written at once and for both sides, as sorl does: with no transaction around the page."""
        row = insert(KVStore).values(key=key, value=value)
        page = current()
        page.session.execute(row.on_conflict_do_update(index_elements=[KVStore.key], set_={"value": value}))
        page.site.memory.forget(("thumbnail", key))


def origins(folders: Sequence[Path]) -> Callable[[str, int], str | None]:
    """Which line of which Django template a line of the theme came from, by the ledger of the import."""
    sources: dict[str, str] = {}
    for folder in reversed(folders):
        with suppress(FileNotFoundError, ValueError):
            sources |= {name: entry.source for name, entry in read_ledger(folder).items()}
    return lambda name, line: f"{sources[name]}:{line}" if name in sources else None

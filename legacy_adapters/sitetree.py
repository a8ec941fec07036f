"""django-sitetree's menus, trees and breadcrumbs from plain rows, without a database.

`Menus` holds the rows of one moment: trees, items and the permissions that items ask for. A page's tags work on items
of their own, copied per request, because an item says whether it is current. The promises are the package's (1.18):

1. An item's URL is what stands there, or the reverse of the name that stands there, with arguments after it.
2. The current item is the one whose URL is the path of the request, the last one if several are.
3. Hidden items, those that a kind of navigation leaves out, and those that the visitor has no access to are not shown.
4. Templates get `sitetree_items` and everything around them.

Refuses: a page without a request among its variables, as the package does. Left out: a SITETREE_CLS of the site's own,
hooks, and items that code adds and opens to visitors by permissions or by a function.
"""

import re
import sys
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from legacy_adapters.dtl.functions import prints_as_is, steady, takes_context
from legacy_adapters.dtl.locale import current
from legacy_adapters.dtl.prints import open_prints
from legacy_adapters.dtl.reads import VISITORS, Reading, reading
from legacy_adapters.dtl.safe import SafeString
from legacy_adapters.errors import LegacyError
from legacy_adapters.manifest import Manifest
from legacy_adapters.package_settings import DynamicTree
from legacy_adapters.reverse import NoReverseMatch, Reverse
from legacy_adapters.static import iri_to_uri

Row = Mapping[str, Any]
PERMISSIONS_ALL = 2
"""`access_perm_type` of an item that wants all of its permissions; any other value wants one of them."""
NAME = re.compile(r"[A-Za-z_]\w*")
TOKEN = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")
STATE = "_sitetree"
MOST_REMEMBERED = 4096
"""URLs of items that are kept by their arguments: a page has a handful."""
OPEN: Row = {"access_restricted": False}


class SiteTreeError(LegacyError):
    """A menu cannot be shown where it stands."""


@dataclass(frozen=True, slots=True)
class Tree:
    id: int
    alias: str
    title: str = ""

    def __str__(self) -> str:
        return self.alias


class Item:
    """An item as templates see it: its columns, its place, and what the request makes of it."""

    def __init__(self, row: Row, tree: Tree, permissions: frozenset[str], navigation: "Navigation") -> None:
        vars(self).update(row)
        self.row = row
        self.tree = tree
        self.perms = permissions
        self.parent: Item | None = None
        self.depth = 0
        self.has_children = self.is_current = self.in_current_branch = False
        self.url_resolved = ""
        self._navigation = navigation

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Item) and other.row["id"] == self.row["id"]

    def __hash__(self) -> int:
        return hash(self.row["id"])

    def __str__(self) -> str:
        return str(self.row["title"])

    @property
    def depth_range(self) -> range:
        return range(self.depth)

    @property
    def title_resolved(self) -> str:
        """The title; one that holds template variables is rendered with those of the page."""
        title = str(self.row["title"])
        return self._navigation.render_title(title) if "{{" in title else title


@dataclass(frozen=True, slots=True)
class Leaning:
    """What a tree shows besides its rows: URLs that never differ, rows whose URL takes arguments, names in titles, and
    the permissions that its items ask for.
    """

    urls: frozenset[str]
    named: Sequence[Row]
    names: Collection[str]
    asked: frozenset[str]


class Menus:
    """The site's trees at one moment. `permissions` gives the `app.codename`s of items that are restricted.

    `items` are rows of the items' table. `nulls_first` says how the site's database orders a missing parent: PostgreSQL
    and Oracle put it last, SQLite and MySQL first.
    """

    def __init__(
        self,
        manifest: Manifest,
        reverse: Reverse,
        trees: Iterable[Row],
        items: Iterable[Row],
        permissions: Mapping[int, Iterable[str]] | None = None,
        *,
        language: str = "",
        nulls_first: bool = False,
    ) -> None:
        self.settings, self.debug = manifest.sitetree, manifest.settings.debug
        self.reverse, self.language = reverse, language
        self.trees = {str(row["alias"]): Tree(row["id"], row["alias"], row["title"]) for row in trees}
        self.permissions = {item: frozenset(names) for item, names in (permissions or {}).items()}
        known = [dict(row) for row in items]
        by_id = {row["id"]: row for row in known}

        def order(row: Row) -> tuple[bool, int, int]:
            parent = by_id.get(row["parent_id"])
            return (parent is None) != nulls_first, parent["sort_order"] if parent else 0, row["sort_order"]

        self.rows: dict[int, list[Row]] = {tree.id: [] for tree in self.trees.values()}
        for row in sorted(known, key=order):
            self.rows.setdefault(row["tree_id"], []).append(row)
        self._add_dynamic(manifest.sitetree.dynamic)
        self._resolved: dict[Hashable, str] = {}
        self._leaning: dict[tuple[str, str], Leaning | None] = {}
        self._readings: dict[str, Reading] = {}

    def _add_dynamic(self, dynamic: Iterable[DynamicTree]) -> None:
        """Items that code adds: behind the item that they belong to, and those of the root last. Their ids are ours."""
        number = 0
        static = {alias: bool(self.rows.get(tree.id)) for alias, tree in self.trees.items()}
        for added in dynamic:
            if added.alone == static.get(added.tree, False):
                continue
            tree = self.trees.setdefault(added.tree, Tree(-len(self.trees) - 1, added.tree))
            rows = self.rows.setdefault(tree.id, [])
            for below in [row for row in rows if row["alias"] == added.parent] if added.parent else [None]:
                made: list[Row] = []
                for item in added.items:
                    parent = below["id"] if below else None
                    parent = parent if item["parent"] is None else made[item["parent"]]["id"]
                    number -= 1
                    made.append({**item, **OPEN, "id": number, "tree_id": tree.id, "parent_id": parent})
                place = len(rows) if below is None else last_added(rows, rows.index(below)) + 1
                rows[place:place] = made

    def leaning(self, alias: str, current_app: str) -> "Leaning | None":
        """What a tree shows besides its rows; None where that is who is asking."""
        known = (alias, current_app)
        if known not in self._leaning:
            tree = self.trees.get(alias)
            rows = self.rows.get(tree.id, []) if tree else []
            named = [row for row in rows if row["urlaspattern"] and " " in row["url"]]
            urls = [
                self.resolve(row["url"], [], current_app) if row["urlaspattern"] else str(row["url"])
                for row in rows
                if row not in named
            ]
            titles = [token for row in rows if "{{" in row["title"] for token in TOKEN.findall(row["title"])]
            names = {name for token in titles for name in NAME.findall(token)}
            asked = [self.permissions.get(row["id"], frozenset()) for row in rows if row["access_restricted"]]
            found = Leaning(frozenset(urls), named, names, frozenset().union(*asked))
            self._leaning[known] = None if names & VISITORS else found
        return self._leaning[known]

    def alias(self, alias: str, *, admin: bool) -> str:
        """The alias of the tree in the page's language, where the site has one."""
        translated = f"{alias}_{self.language}"
        known = not admin and alias in self.settings.translated and translated in self.trees
        return translated if known else alias

    def reading(self, environment: Any, template: str) -> Reading:
        if template not in self._readings:
            self._readings[template] = reading(environment, template, shows="sitetree_children")
        return self._readings[template]

    def resolve(self, name: str, args: Sequence[object], current_app: str) -> str:
        """The reverse of a name, remembered where its arguments are texts."""
        known = (name, current_app, *args)
        remembered = all(type(each) in (str, SafeString) for each in args)
        if remembered and known in self._resolved:
            return self._resolved[known]
        try:
            url = self.reverse(name, *args, current_app=current_app)
        except NoReverseMatch:
            url = self.settings.unresolved
        if remembered and len(self._resolved) < MOST_REMEMBERED:
            self._resolved[known] = url
        return url


class Navigation:
    """The menus of one request: items that know whether they are current, and who may see them."""

    def __init__(self, menus: Menus, context: Any, request: Any) -> None:
        self.menus, self.context, self.request = menus, context, request
        match = getattr(request, "resolver_match", None)
        app = getattr(request, "current_app", None) or getattr(match, "namespace", None) or context.get("current_app")
        self.current_app: str = app or ""
        self.is_admin = self.current_app == menus.settings.admin_app
        self._items: dict[str, list[Item]] = {}
        self._current: dict[str, Item] = {}
        self._placed: set[str] = set()
        self._named: dict[str, tuple[str, ...]] = {}
        self._children: dict[str, dict[Item | None, list[Item]]] = {}
        self._signed_in: bool | None = None
        self._permissions: frozenset[str] | None = None

    def key(self, context: Any, alias: str, kind: str, template: str) -> Hashable | None:
        """What a print of this tree depends on; None where it is this request's own."""
        alias = self.menus.alias(alias, admin=self.is_admin)
        leaning = None if self.is_admin else self.menus.leaning(alias, self.current_app)
        if leaning is None:
            return None
        read = self.menus.reading(context.environment, template)
        values = read.values(context, leaning.names) if read.closed else None
        if values is None:
            return None
        named = self._named.get(alias)
        if named is None:
            named = self._named[alias] = tuple(self.url(row) for row in leaning.named)
        path = iri_to_uri(self.request.path or "")
        place = path if path in leaning.urls or path in named else None
        of_page = (template, alias, kind, place, named, self._is_placed(alias), self.current_app)
        return of_page, self._is_signed_in(), leaning.asked & self._granted(leaning.asked), current().language, values

    def _is_placed(self, alias: str) -> bool:
        """Whether the page has been found among the items of the tree."""
        return alias in self._current or alias in self._placed

    def leave(self, alias: str) -> None:
        """A print from before is shown: the next one is not the first."""
        self._placed.add(self.menus.alias(alias, admin=self.is_admin))

    def items(self, alias: str) -> tuple[str, list[Item]]:
        """The items of a tree as they are before anything is shown."""
        alias = self.menus.alias(alias, admin=self.is_admin)
        if alias not in self._items:
            self._read(alias)
        for item in self._items[alias]:
            item.is_current = item.in_current_branch = False
        self.current(alias)
        return alias, self._items[alias]

    def _read(self, alias: str) -> None:
        tree = self.menus.trees.get(alias)
        rows = self.menus.rows.get(tree.id, []) if tree else []
        permissions = self.menus.permissions
        items = {row["id"]: Item(row, tree, permissions.get(row["id"], frozenset()), self) for row in rows if tree}
        children: dict[Item | None, list[Item]] = {None: []}
        for item in items.values():
            item.parent = items.get(item.row["parent_id"])
            children.setdefault(item.parent, []).append(item)
        for item in items.values():
            item.depth = sum(1 for _ in ancestors(item))
            item.url_resolved = self.url(item.row)
        self._items[alias], self._children[alias] = list(items.values()), children

    def url(self, row: Row) -> str:
        text = str(row["url"])
        if not row["urlaspattern"]:
            return text
        name, *arguments = text.split(" ")
        if arguments:
            name = name.strip("\"' ")
        return self.menus.resolve(name, [resolve(self.context, each) for each in arguments], self.current_app)

    def current(self, alias: str) -> Item | None:
        """The last item that has the page's URL. Others that have it say that they are current, but only once."""
        if self.is_admin:
            return None
        known = self._current.get(alias)
        if known:
            known.is_current = True
            return known
        path = iri_to_uri(self.request.path or "")
        for item in self._items.get(alias, ()):
            if item.url_resolved == path:
                item.is_current = alias not in self._placed
                self._current[alias] = item
        if alias in self._current:
            self._current[alias].is_current = True
        return self._current.get(alias)

    def render_title(self, title: str) -> str:
        """Texts and variables of a title; anything else in it is dropped."""
        found = ""
        done = 0
        for token in TOKEN.finditer(title):
            found += raw(title[done : token.start()])
            if token[0].startswith("{{"):
                found += "{{ " + expression(token[0][2:-2].strip()) + " }}"
            done = token.end()
        template = self.context.environment.from_string(found + raw(title[done:]))
        return SafeString(template.render(dict(self.context)))

    def may_see(self, item: Item) -> bool:
        """`access_loggedin`, `access_guest`, and the permissions of a restricted item."""
        row, signed_in = item.row, self._is_signed_in()
        if (row["access_loggedin"] and not signed_in) or (row["access_guest"] and signed_in):
            return False
        if not row["access_restricted"]:
            return True
        has = item.perms & self._granted(item.perms)
        return has == item.perms if row["access_perm_type"] == PERMISSIONS_ALL else bool(has)

    def _is_signed_in(self) -> bool:
        if self._signed_in is None:
            self._signed_in = bool(call(self.request.user.is_authenticated))
        return self._signed_in

    def _granted(self, asked: frozenset[str]) -> frozenset[str]:
        """The visitor's permissions; of nobody are they asked if nothing asks for any."""
        if not asked:
            return asked
        if self._permissions is None:
            self._permissions = frozenset(self.request.user.get_all_permissions())
        return self._permissions

    def shown(self, items: Iterable[Item], kind: str) -> list[Item]:
        """Those that this kind of navigation shows to this visitor. The admin sees everything."""
        if self.is_admin:
            return list(items)
        return [
            item for item in items if not item.row["hidden"] and self.may_see(item) and item.row.get(f"in{kind}", True)
        ]

    def children(self, alias: str, item: Item | None) -> list[Item]:
        return self._children[self.menus.alias(alias, admin=self.is_admin)].get(item, [])

    def marked(self, alias: str, items: list[Item], kind: str) -> list[Item]:
        for item in items:
            item.has_children = bool(self.shown(self.children(alias, item), kind))
        return items

    def climb(self, alias: str) -> None:
        """Mark the way from the current item to the root."""
        current = self.current(alias)
        for item in (current, *ancestors(current)) if current else ():
            item.in_current_branch = True

    def menu(self, alias: str, include: str) -> list[Item]:
        alias, items = self.items(alias)
        if not items:
            return []
        self.climb(alias)
        trunk, ids, aliases = branches(include, self.current(alias))
        found = [
            item
            for item in items
            if not item.row["hidden"] and item.row["inmenu"] and self.may_see(item)
            if (trunk if item.parent is None else item.parent.row["id"] in ids or item.parent.row["alias"] in aliases)
        ]
        return self.marked(alias, found, "menu")

    def tree(self, alias: str) -> list[Item]:
        alias, items = self.items(alias)
        found = self.shown(self.children(alias, None), "sitetree") if items else []
        return self.marked(alias, found, "sitetree")

    def breadcrumbs(self, alias: str) -> list[Item]:
        alias, _ = self.items(alias)
        current = self.current(alias)
        path = [current, *ancestors(current)] if current else []
        found = [item for item in path if item.row["inbreadcrumbs"] and not item.row["hidden"] and self.may_see(item)]
        return self.marked(alias, found[::-1], "breadcrumbs")

    def below(self, item: Item, kind: str) -> list[Item]:
        alias, _ = self.items(item.tree.alias)
        self.climb(alias)
        return self.marked(alias, self.shown(self.children(alias, item), kind), kind)

    def attribute_of_page(self, alias: str, name: str) -> object:
        """What the current item says; nothing without one, unless the site debugs and wants an error."""
        alias, _ = self.items(alias)
        current = self.current(alias)
        if current is not None:
            return getattr(current, name)
        if self.menus.debug and self.menus.settings.errors_when_debugging:
            raise SiteTreeError(f"no item of the tree {alias!r} has the URL of this page, and so there is no {name}")
        return ""


def last_added(rows: list[Row], place: int) -> int:
    """Where the items end that code added behind this one."""
    while place + 1 < len(rows) and rows[place + 1]["id"] < 0:
        place += 1
    return place


def ancestors(item: Item) -> Iterable[Item]:
    while item.parent is not None:
        item = item.parent
        yield item


def branches(include: str, current: Item | None) -> tuple[bool, set[int], set[str]]:
    """What `include` means: the trunk or not, ids of parents, aliases of parents."""
    trunk, ids, aliases = False, set[int](), set[str]()
    for branch in (part.strip() for part in include.split(",")):
        up = (current, *ancestors(current)) if current else ()
        if branch == "trunk":
            trunk = True
        elif branch == "this-children" and up:
            ids.add(up[0].row["id"])
        elif branch == "this-ancestor-children" and up:
            ids.add(up[-1].row["id"])
        elif branch == "this-siblings" and len(up) > 1:
            ids.add(up[1].row["id"])
        elif branch == "this-parent-siblings" and up:
            ids.add(up[min(2, len(up) - 1)].row["id"])
        elif branch.isdigit():
            ids.add(int(branch))
        else:
            aliases.add(branch)
    return trunk, ids, aliases


def call(value: Any) -> Any:
    return value() if callable(value) else value


def resolve(context: Any, text: str) -> object:
    """An argument as Django's Variable reads it: number, quoted text or variable; a missing one is its own name."""
    text = text.strip()
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    if re.fullmatch(r"[+-]?(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?", text) and not text.endswith("."):
        return float(text)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return SafeString(text[1:-1])
    value: Any = context
    for part in text.split("."):
        for step in (lambda v, p: v[p], getattr, lambda v, p: v[int(p)]):
            try:
                value = call(step(value, part))
                break
            except (TypeError, AttributeError, KeyError, ValueError, IndexError):
                continue
        else:
            return text
    return value


def expression(text: str) -> str:
    """A variable with filters, from Django's syntax to Jinja2's: `a.b|date:"Y"` to `a.b|date("Y")`."""
    return re.sub(r"\|\s*(\w+):(\"[^\"]*\"|'[^']*'|[^|\s]+)", r"|\1(\2)", text)


def raw(text: str) -> str:
    """Text that Jinja2 prints as it stands."""
    return re.sub(r"\{(?=[{%#])", r'{{ "{" }}', text)


def show(context: Any, items: list[Item], template: object) -> SafeString:
    variables = {**context, "sitetree_items": items}
    return SafeString(context.environment.get_template(str(template)).render(variables))


def navigation_of(context: Any, menus: Callable[[Any], Menus]) -> Navigation | None:
    request = context.get("request")
    if request is None:
        if sys.exc_info()[0] is not None:  # an error page is being made, which must not fail over its menu
            return None
        raise SiteTreeError("a menu needs the request among the variables of the page: pass it as `request`")
    known = getattr(request, STATE, None) or context.state.get(STATE)
    if not isinstance(known, Navigation) or known.request is not request:
        known = context.state[STATE] = Navigation(menus(context), context, request)
        with suppress(AttributeError):  # a request that takes no attributes has its menus once per template
            setattr(request, STATE, known)
    return known


def functions(menus: Callable[[Any], Menus]) -> dict[str, Callable[..., object]]:
    """The tags as functions; `menus` gives the rows that a render goes by.

    Where the environment remembers prints, what a menu printed is printed for the next who may see the same items.
    """

    def navigation(context: Any) -> Navigation | None:
        return navigation_of(context, menus)

    def printed(
        context: Any, tree: str, kind: str, template: str, items: Callable[[Navigation], list[Item]]
    ) -> SafeString:
        found = navigation(context)
        prints = open_prints(context)
        key = found.key(context, tree, kind, template) if found and prints else None
        if found is None or prints is None or key is None:
            return show(context, items(found) if found else [], template)

        def made() -> SafeString:
            menus(context)  # what is printed is as good as the rows are
            return show(context, items(found), template)

        text = prints.get(("sitetree", key), made)
        found.leave(tree)
        return text

    @takes_context
    def sitetree_menu(context: Any, tree: str, include: str, template: str | None = None) -> SafeString:
        name, kind = template or "sitetree/menu.html", f"menu {include}"
        return printed(context, tree, kind, name, lambda its: its.menu(tree, include))

    @takes_context
    def sitetree_tree(context: Any, tree: str, template: str | None = None) -> SafeString:
        name = template or "sitetree/tree.html"
        return printed(context, tree, "tree", name, lambda its: its.tree(tree))

    @takes_context
    def sitetree_breadcrumbs(context: Any, tree: str, template: str | None = None) -> SafeString:
        name = template or "sitetree/breadcrumbs.html"
        return printed(context, tree, "breadcrumbs", name, lambda its: its.breadcrumbs(tree))

    @takes_context
    def sitetree_children(context: Any, item: Item, kind: str, template: str) -> SafeString:
        return show(context, item._navigation.below(item, kind), template)

    return {
        "sitetree_menu": sitetree_menu,
        "sitetree_tree": sitetree_tree,
        "sitetree_breadcrumbs": sitetree_breadcrumbs,
        "sitetree_children": sitetree_children,
        "sitetree_url": sitetree_url,
        **{
            f"sitetree_page_{name}": of_page(navigation, attribute)
            for name, attribute in (("title", "title_resolved"), ("description", "description"), ("hint", "hint"))
        },
    }


@steady
@prints_as_is
def sitetree_url(item: Item) -> str:
    return item.url_resolved


def of_page(navigation: Callable[[Any], Navigation | None], attribute: str) -> Callable[..., object]:
    @takes_context
    @prints_as_is
    def value(context: Any, tree: str) -> object:
        found = navigation(context)
        return found.attribute_of_page(tree, attribute) if found else ""

    return value

"""Menus, trees and breadcrumbs print what django-sitetree prints from the same rows."""

from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legacy_adapters.manifest import Manifest
from legacy_adapters.package_settings import DynamicTree, Sitetree
from legacy_adapters.reverse import Reverse
from legacy_adapters.sitetree import Menus, SiteTreeError, functions
from tests.legacy_adapters.packages.oracle import Oracle, Raised
from tests.legacy_adapters.packages.theme import theme

COLUMNS = {
    "title": "t",
    "hint": "",
    "url": "/",
    "urlaspattern": False,
    "tree_id": 1,
    "hidden": False,
    "alias": None,
    "description": "",
    "inmenu": True,
    "inbreadcrumbs": True,
    "insitetree": True,
    "access_loggedin": False,
    "access_guest": False,
    "access_restricted": False,
    "access_perm_type": 1,
    "parent_id": None,
    "sort_order": 0,
}
FACTS = (
    "{{ i.id }},{{ i.title_resolved }},{{ i.hint }},{{ i.alias }},{{ i.is_current }},{{ i.in_current_branch }},"
    "{{ i.has_children }},{{ i.depth }},{{ i.url_resolved }},{{ i.tree.alias }},{{ i }}"
)
DJANGO = {
    f"{kind}.html": (
        "{% load sitetree %}{% for i in sitetree_items %}<" + FACTS + ",{% sitetree_url for i %}>"
        '{% if i.has_children %}({% sitetree_children of i for KIND template "KIND.html" %}){% endif %}{% endfor %}'
    ).replace("KIND", kind)
    for kind in ("menu", "sitetree")
} | {"crumbs.html": "{% for i in sitetree_items %}<" + FACTS + ">{% endfor %}{{ around }}"}
JINJA = {
    f"{kind}.html": (
        "{% for i in sitetree_items %}<" + FACTS + ",{{ sitetree_url(i) }}>"
        '{% if i.has_children %}({{ sitetree_children(i, "KIND", "KIND.html") }}){% endif %}{% endfor %}'
    ).replace("KIND", kind)
    for kind in ("menu", "sitetree")
} | {"crumbs.html": DJANGO["crumbs.html"]}
PAGE = """{% load sitetree %}
{% sitetree_menu from "main" include "trunk" template "menu.html" %}
{% for b in branches %}{% sitetree_menu from tree include b template "menu.html" %}{% endfor %}
{% sitetree_tree from "main" template "sitetree.html" %}
{% sitetree_tree from "none" template "sitetree.html" %}
{% sitetree_breadcrumbs from tree template "crumbs.html" %}
{% sitetree_page_title from "main" %}|{% sitetree_page_description from "main" %}|{% sitetree_page_hint from "main" %}
{% sitetree_page_title from "main" as t %}{{ t }}"""
PAGE_IN_JINJA = """
{{ sitetree_menu("main", include="trunk", template="menu.html") }}
{% for b in branches %}{{ sitetree_menu(tree, include=b, template="menu.html") }}{% endfor %}
{{ sitetree_tree("main", template="sitetree.html") }}
{{ sitetree_tree("none", template="sitetree.html") }}
{{ sitetree_breadcrumbs(tree, template="crumbs.html") }}
{{ sitetree_page_title("main") }}|{{ sitetree_page_description("main") }}|{{ sitetree_page_hint("main") }}
{% set t = sitetree_page_title("main") %}{{ t }}"""
TREES = [{"id": 1, "alias": "main", "title": "Main"}, {"id": 2, "alias": "other", "title": ""}]


def row(id: int, **values: object) -> dict[str, object]:
    return {"id": id, **COLUMNS, "sort_order": id, **values}


ROWS = [
    row(1, title="Home & <b>", url="home", urlaspattern=True, alias="python-meta", hint="<i>"),
    row(2, title="About {{ who }}", url="/about/", parent_id=1, description="d & d"),
    row(3, title="Release", url="download:download_release_detail 'x y'", urlaspattern=True, parent_id=1),
    row(4, title="Deep", url="/about/deep/", parent_id=2, alias="deep"),
    row(5, title="Deeper", url="box label", urlaspattern=True, parent_id=4),
    row(6, title="Hidden", url="/hidden/", parent_id=1, hidden=True),
    row(7, title="Members", url="/members/", access_loggedin=True),
    row(8, title="Guests", url="/guests/", access_guest=True, parent_id=7),
    row(9, title="Any", url="/any/", access_restricted=True, parent_id=1),
    row(10, title="All", url="/all/", access_restricted=True, access_perm_type=2, parent_id=1),
    row(11, title="No one", url="/none/", access_restricted=True),
    row(12, title="Unknown", url="no-such-name", urlaspattern=True),
    row(13, title="No menu", url="/no-menu/", inmenu=False, parent_id=2),
    row(14, title="No crumbs", url="/no-crumbs/", inbreadcrumbs=False, parent_id=2),
    row(15, title="No tree", url="/no-tree/", insitetree=False, parent_id=4),
    row(16, title="Ünïcode", url="/%C3%BC/", parent_id=5),
    row(17, title="Other", url="/about/", tree_id=2, alias="other"),
    row(18, title="Below other", url="/below/", tree_id=2, parent_id=17, sort_order=-1),
    row(19, title="Box", url='"box" label', urlaspattern=True, parent_id=18, tree_id=2),
    row(20, title="Last again", url="/any/", parent_id=14, sort_order=3),
]
PERMISSIONS = {9: {"a.one", "a.two"}, 10: {"a.one", "a.two"}, 11: set()}
VARIABLES = {"who": "<us>", "label": "a-b", "around": "&", "tree": "main", "branches": ["trunk"]}


def ours(manifest: Manifest, rows, request, variables, *, page=PAGE_IN_JINJA, templates=JINJA, **options) -> str:
    trees, items, permissions = rows
    menus = Menus(manifest, Reverse(manifest), trees, items, permissions, nulls_first=True, **options)
    visitor = SimpleNamespace(
        path=request["path"],
        current_app=request.get("current_app"),
        user=SimpleNamespace(
            is_authenticated=request["signed_in"], get_all_permissions=lambda: set(request["permissions"])
        ),
    )
    fresh = theme(templates, functions(lambda context: menus)).from_string(page)
    found = fresh.render({"request": visitor, **variables})
    prints: dict[object, str] = {}

    def remember(key, make):
        if key not in prints:
            prints[key] = make()
        return prints[key]

    environment = theme(templates, functions(lambda context: menus))
    environment.prints = SimpleNamespace(is_open=True, get=remember, holds=lambda value: False)
    again = environment.from_string(page)
    for path, more in (("/elsewhere/", {}), ("/", {"around": "other"}), *[(request["path"], {})] * 2):
        other = SimpleNamespace(**{**vars(visitor), "path": path})
        known = len(prints)
        shown = again.render({"request": other, **variables, **more})
    assert shown == found
    assert len(prints) == known, "the second print of a page is remembered"
    for signed_in, granted in ((False, ()), (True, ()), (True, ("a.one",)), (True, ("a.one", "a.two"))):
        user = SimpleNamespace(is_authenticated=signed_in, get_all_permissions=lambda granted=granted: set(granted))
        one = {"path": request["path"], "current_app": request.get("current_app"), "user": user}
        shown, afresh = (shows.render({"request": SimpleNamespace(**one), **variables}) for shows in (again, fresh))
        assert shown == afresh, "a menu that was printed for somebody else"
    return found


def theirs(oracle: Oracle, rows, request, variables, *, page=PAGE, **options) -> str:
    return oracle("menus:render", rows, DJANGO, page, request, variables, **options)


def visitor(path: str = "/", signed_in: bool = False, permissions=(), **more) -> dict[str, object]:
    return {"path": path, "signed_in": signed_in, "permissions": set(permissions), **more}


BRANCHES = [
    *("trunk", "this-children", "this-siblings", "this-ancestor-children", "this-parent-siblings", "python-meta, deep"),
    *("2,trunk", "4", "", "none", "trunk,this-children,7"),
]


@pytest.mark.parametrize("path", ["/", "/about/", "/box/a-b/", "/any/", "/ü/", "/nowhere/", "/below/", "/no-crumbs/"])
def test_branches_and_the_current_item(manifest: Manifest, oracle: Oracle, path: str) -> None:
    rows = (TREES, ROWS, PERMISSIONS)
    for tree in ("main", "other"):
        variables = {**VARIABLES, "branches": BRANCHES, "tree": tree}
        request = visitor(path, signed_in=True, permissions={"a.one"})
        assert ours(manifest, rows, request, variables) == theirs(oracle, rows, request, variables)


@pytest.mark.parametrize("permissions", [(), ("a.one",), ("a.one", "a.two"), ("b.x",)])
@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("app", [None, "admin", "getit"])
def test_who_sees_what(manifest: Manifest, oracle: Oracle, signed_in: bool, permissions, app: str | None) -> None:
    rows, request = (TREES, ROWS, PERMISSIONS), visitor("/any/", signed_in, permissions, current_app=app)
    assert ours(manifest, rows, request, VARIABLES) == theirs(oracle, rows, request, VARIABLES)


@st.composite
def forests(draw: st.DrawFn) -> list[dict[str, object]]:
    flags = ("hidden", "inmenu", "inbreadcrumbs", "insitetree", "access_loggedin", "access_guest", "access_restricted")
    usual = {"inmenu", "inbreadcrumbs", "insitetree"}
    rows: list[dict[str, object]] = []
    orders = draw(st.permutations(range(1, 9)))
    for number, order in enumerate(orders, 1):
        tree = draw(st.integers(1, 2))
        parents = [each["id"] for each in rows if each["tree_id"] == tree]
        url, pattern = draw(st.sampled_from([("/a/", False), ("home", True), ("/b/?x=1&y", False), ("box x", True)]))
        unusual = draw(st.sets(st.sampled_from(flags), max_size=1))
        rows.append(
            row(
                number,
                tree_id=tree,
                parent_id=draw(st.sampled_from([None, *parents])),
                sort_order=order,
                url=url,
                urlaspattern=pattern,
                alias=draw(st.sampled_from([None, f"alias-{number}"])),
                title=draw(st.sampled_from(["x", "a & b", "{{ who }}!", "{{ nobody }}<"])),
                access_perm_type=draw(st.integers(1, 2)),
                **{flag: (flag in usual) != (flag in unusual) for flag in flags},
            )
        )
    return rows


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    items=forests(),
    path=st.sampled_from(["/", "/a/", "/box/x/", "/c/"]),
    branches=st.lists(st.sampled_from([*BRANCHES, "alias-1", "alias-2", "1", "2"]), max_size=3).map(",".join),
    signed_in=st.booleans(),
    tree=st.sampled_from(["main", "other"]),
)
def test_any_forest(manifest: Manifest, oracle: Oracle, items, path, branches, signed_in, tree) -> None:
    # Where two have one parent's order, the database chooses; so each sibling list here has one parent's only.
    rows = (TREES, items, {1: {"a.one"}, 2: {"a.one", "a.two"}, 3: {"a.three"}})
    request = visitor(path, signed_in, {"a.one"})
    variables = {**VARIABLES, "branches": [branches], "tree": tree}
    assert ours(manifest, rows, request, variables) == theirs(oracle, rows, request, variables)


ADDED = [
    (None, None, "lone", [("Lone", "/lone/", {}, [("Below", "/lone/x/", {"hint": "h"}, [])])]),
    (None, None, "main", [("Never: main has rows", "/never/", {}, [])]),
    (
        "main",
        "deep",
        "any",
        [("Deep down", "/about/down/", {}, [("Deeper", "/about/down/x/", {"in_menu": False}, [])])],
    ),
    ("main", "deep", "any2", [("Second", "/second/", {"access_loggedin": True}, [])]),
    ("main", None, "root", [("Root", "/any/", {"alias": "root"}, [("Leaf", "/leaf/", {"description": "d"}, [])])]),
    ("none", None, "x", [("Nowhere", "/", {}, [])]),
    (
        "main",
        None,
        "checked",
        [("Checked", "/c/", {"checked": True}, [("Below checked", "/c/x/", {"checked": True}, [])])],
    ),
]


@pytest.mark.parametrize("path", ["/", "/about/down/x/", "/lone/x/", "/leaf/"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_items_that_code_adds_are_behind_those_they_belong_to(manifest, oracle, path: str, signed_in: bool) -> None:
    rows, request = (TREES, ROWS, PERMISSIONS), visitor(path, signed_in)
    variables = {**VARIABLES, "branches": [*BRANCHES, "root"], "tree": "lone"}
    unnumbered = {name: text.replace("{{ i.id }},", "") for name, text in DJANGO.items()}
    told = msgspec.convert(oracle("menus:dynamic", ADDED), tuple[DynamicTree, ...])
    try:
        expected = oracle("menus:render", rows, unnumbered, PAGE, request, variables)
    finally:
        oracle("menus:dynamic", [])
    site = msgspec.structs.replace(manifest, sitetree=Sitetree(dynamic=told))
    templates = {name: text.replace("{{ i.id }},", "") for name, text in JINJA.items()}
    assert ours(site, rows, request, variables, templates=templates) == expected
    assert ("Lone" in expected, "Deep down" in expected, "Never" in expected) == (True, True, False)


def test_a_tree_of_the_pages_language_is_preferred(manifest: Manifest, oracle: Oracle) -> None:
    trees = [*TREES, {"id": 3, "alias": "main_en-us", "title": ""}]
    rows = (trees, [*ROWS, row(21, tree_id=3, title="English")], PERMISSIONS)
    changed = msgspec.structs.replace(manifest, sitetree=Sitetree(translated=("main", "other")))
    found = ours(changed, rows, visitor(), VARIABLES, language="en-us")
    assert "English" in found
    assert found == theirs(oracle, rows, visitor(), VARIABLES, translated=["main", "other"])


def test_a_page_outside_the_tree_is_an_error_while_debugging(manifest: Manifest, oracle: Oracle) -> None:
    debugging = msgspec.structs.replace(manifest, settings=msgspec.structs.replace(manifest.settings, debug=True))
    rows, nowhere = (TREES, ROWS, PERMISSIONS), visitor("/nowhere/")
    with pytest.raises(SiteTreeError, match="no item of the tree 'main' has the URL of this page"):
        ours(debugging, rows, nowhere, VARIABLES)
    with pytest.raises(Raised, match="SiteTreeError"):
        theirs(oracle, rows, nowhere, VARIABLES, settings={"DEBUG": True})


def test_without_a_request_a_menu_is_refused_but_an_error_page_has_none(manifest: Manifest) -> None:
    menus = Menus(manifest, Reverse(manifest), TREES, ROWS)
    page = theme(JINJA, functions(lambda context: menus)).from_string('[{{ sitetree_tree("main", "sitetree.html") }}]')
    with pytest.raises(SiteTreeError, match="needs the request"):
        page.render({})
    try:
        raise ValueError("the page's own error")
    except ValueError:
        assert page.render({}) == "[]"


def test_postgresql_puts_the_trunk_last(manifest: Manifest) -> None:
    menus = Menus(manifest, Reverse(manifest), TREES, ROWS)
    ids = [each["id"] for each in menus.rows[1]]
    assert ids[-4:] == [1, 7, 11, 12]
    assert ids[:4] == [2, 3, 6, 9]

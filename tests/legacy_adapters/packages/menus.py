"""Menus as django-sitetree shows them, on a database in memory."""

from types import SimpleNamespace

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.template import engines
from django.test import override_settings
from sitetree import sitetreeapp
from sitetree.models import Tree, TreeItem

from tests.legacy_adapters.packages import rendering

KEPT = {"rows": None}


def fill(trees, items, permissions):
    if KEPT["rows"] == (trees, items, permissions):
        return
    if KEPT["rows"] is None:
        with connection.schema_editor() as editor:
            for model in (ContentType, Permission, Tree, TreeItem):
                editor.create_model(model)
    for model in (TreeItem.access_permissions.through, TreeItem, Tree, Permission, ContentType):
        model._default_manager.all()._raw_delete("default")
    Tree.objects.bulk_create(Tree(**row) for row in trees)
    TreeItem.objects.bulk_create(TreeItem(**row) for row in items)
    names = {}
    for item, wanted in permissions.items():
        for name in wanted:
            if name not in names:
                app, codename = name.split(".")
                kind = ContentType.objects.get_or_create(app_label=app, model="m")[0]
                names[name] = Permission.objects.create(name=name, codename=codename, content_type=kind)
            TreeItem.objects.get(pk=item).access_permissions.add(names[name])
    KEPT["rows"] = (trees, items, permissions)


def render(rows, templates, source, request, variables=None, settings=None, translated=()):
    """What the page prints; `request` is its path, its user and its current app."""
    fill(*rows)
    cache.clear()
    sitetreeapp._I18N_TREES = list(translated)
    setattr(sitetreeapp._THREAD_LOCAL, sitetreeapp._THREAD_SITETREE, None)
    engine = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", templates)]},
    }
    page = SimpleNamespace(
        path=request["path"],
        current_app=request.get("current_app"),
        user=SimpleNamespace(
            is_authenticated=request["signed_in"], get_all_permissions=lambda: set(request["permissions"])
        ),
    )
    with override_settings(TEMPLATES=[engine], **(settings or {})), rendering.settings_of():
        return str(engines["django"].from_string(source).render({"request": page, **(variables or {})}))


def dynamic(registered):
    """Have code add trees: `(tree or None, parent or None, alias, items)`; an item is `(title, url, options, children)`."""
    from sitetree.sitetreeapp import compose_dynamic_tree, register_dynamic_trees
    from sitetree.utils import item, tree

    from legacy_adapters import introspect

    def made(title, url, options, children):
        more = {"access_check": allowed} if options.pop("checked", False) else {}
        return item(title, url, url_as_pattern=False, children=[made(*child) for child in children], **options, **more)

    sitetreeapp._DYNAMIC_TREES.clear()
    if registered:
        register_dynamic_trees(
            [
                compose_dynamic_tree(
                    [tree(alias, items=[made(*each) for each in items])],
                    target_tree_alias=target,
                    parent_tree_item_alias=parent,
                )
                for target, parent, alias, items in registered
            ]
        )
    return introspect.sitetree()["dynamic"]


def allowed(tree):
    return False

"""Menus: the trees of django-sitetree as the database has them, asked once until one of their rows changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from new_app.tables import ContentType, Permission, Tree, TreeItem, tree_item_permissions

WATCHES = (
    *("sitetree_tree", "sitetree_treeitem", "sitetree_treeitem_access_permissions"),
    *("auth_permission", "django_content_type"),
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MenuRows:
    """Trees and items by column, and `app.codename` of the permissions that an item asks for, by its id."""

    trees: Sequence[Row]
    items: Sequence[Row]
    permissions: Mapping[int, Sequence[str]]


def menu_rows(session: Session) -> MenuRows:
    """Every tree: a site has a few hundred items, and every page shows most of them."""
    trees = session.execute(select(Tree.__table__)).mappings().all()
    items = session.execute(select(TreeItem.__table__)).mappings().all()
    asked = (
        select(tree_item_permissions.c.treeitem_id, ContentType.app_label, Permission.codename)
        .join(Permission, Permission.id == tree_item_permissions.c.permission_id)
        .join(ContentType, ContentType.id == Permission.content_type_id)
    )
    permissions: dict[int, list[str]] = {}
    for item, app, codename in session.execute(asked):
        permissions.setdefault(item, []).append(f"{app}.{codename}")
    return MenuRows([dict(row) for row in trees], [dict(row) for row in items], permissions)

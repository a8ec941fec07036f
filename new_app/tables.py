"""Tables of Django and of its packages that know no person: types, groups, sessions, sites, menus, switches.

Those that point at a user are in `new_app/domains/users/models.py`. The cache table holds Python pickles of Django's
models: nothing here reads its values, rows may only be deleted.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Column, Identity, Integer, Numeric, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, deferred_key, not_negative, now, reference
from new_app.db import LegacyBase


def many_to_many(name: str, left: str, right: str, left_table: str, right_table: str) -> Table:
    """The table that Django makes for a ManyToManyField: a key of its own and a unique pair."""
    return Table(
        name,
        LegacyBase.metadata,
        Column("id", Integer, Identity(), primary_key=True),
        Column(left, Integer, deferred_key(f"{left_table}.id"), nullable=False, index=True),
        Column(right, Integer, deferred_key(f"{right_table}.id"), nullable=False, index=True),
        UniqueConstraint(left, right),
    )


group_permissions = many_to_many("auth_group_permissions", "group_id", "permission_id", "auth_group", "auth_permission")
tree_item_permissions = many_to_many(
    "sitetree_treeitem_access_permissions", "treeitem_id", "permission_id", "sitetree_treeitem", "auth_permission"
)


class ContentType(LegacyBase):
    """A model by name. Its id differs per database: look it up by `app_label` and `model` (lower case)."""

    __tablename__ = "django_content_type"
    __table_args__ = (UniqueConstraint("app_label", "model"),)

    id: Mapped[Key]
    app_label: Mapped[str] = mapped_column(String(100))
    model: Mapped[str] = mapped_column(String(100))


class Permission(LegacyBase):
    """A permission; `app_label.codename` is how code asks for it."""

    __tablename__ = "auth_permission"
    __table_args__ = (UniqueConstraint("content_type_id", "codename"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(255))
    content_type_id: Mapped[int] = reference("django_content_type.id")
    codename: Mapped[str] = mapped_column(String(100))

    content_type: Mapped[ContentType] = relationship()


class Group(LegacyBase):
    """A group of users. The site checks groups by name."""

    __tablename__ = "auth_group"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(150), unique=True)

    permissions: Mapped[list[Permission]] = relationship(secondary=group_permissions)


class Session(LegacyBase):
    """A visitor's session: `session_data` is signed, see legacy_adapters/sessions.py."""

    __tablename__ = "django_session"

    session_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    session_data: Mapped[str]
    expire_date: Mapped[datetime] = mapped_column(index=True)


class Migration(LegacyBase):
    """A Django migration that has been applied."""

    __tablename__ = "django_migrations"

    id: Mapped[Key]
    app: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    applied: Mapped[datetime] = mapped_column(default=now)


class CacheEntry(LegacyBase):
    """A row of Django's database cache. `value` is a pickle: never read, never written, only deleted."""

    __tablename__ = "django_cache_table"

    cache_key: Mapped[str] = mapped_column(String(255), primary_key=True)
    value: Mapped[str]
    expires: Mapped[datetime] = mapped_column(index=True)


class Site(LegacyBase):
    """The site's name and address, for mails and absolute links."""

    __tablename__ = "django_site"

    id: Mapped[Key]
    domain: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(50))


class Redirect(LegacyBase):
    """What an address that is a 404 redirects to; an empty `new_path` means 410."""

    __tablename__ = "django_redirect"
    __table_args__ = (UniqueConstraint("site_id", "old_path"),)

    id: Mapped[Key]
    site_id: Mapped[int] = reference("django_site.id")
    old_path: Mapped[str] = mapped_column(String(200), index=True)
    new_path: Mapped[str] = mapped_column(String(200), default="")

    site: Mapped[Site] = relationship()


class Tree(LegacyBase):
    """A menu of django-sitetree, known by its alias."""

    __tablename__ = "sitetree_tree"

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(String(100), default="")
    alias: Mapped[str] = mapped_column(String(80), unique=True)

    items: Mapped[list["TreeItem"]] = relationship(back_populates="tree", order_by="TreeItem.sort_order")


class TreeItem(LegacyBase):
    """An entry of a menu. `url` is a URL, or a Django URL name with arguments where `urlaspattern` is set."""

    __tablename__ = "sitetree_treeitem"
    __table_args__ = (UniqueConstraint("tree_id", "alias"),)

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(String(100))
    hint: Mapped[str] = mapped_column(String(200), default="")
    url: Mapped[str] = mapped_column(String(200), index=True)
    urlaspattern: Mapped[bool] = mapped_column(default=False, index=True)
    hidden: Mapped[bool] = mapped_column(default=False, index=True)
    alias: Mapped[str | None] = mapped_column(String(80), index=True)
    description: Mapped[str] = mapped_column(default="")
    inmenu: Mapped[bool] = mapped_column(default=True, index=True)
    inbreadcrumbs: Mapped[bool] = mapped_column(default=True, index=True)
    insitetree: Mapped[bool] = mapped_column(default=True, index=True)
    access_loggedin: Mapped[bool] = mapped_column(default=False, index=True)
    access_guest: Mapped[bool] = mapped_column(default=False, index=True)
    access_restricted: Mapped[bool] = mapped_column(default=False, index=True)
    access_perm_type: Mapped[int] = mapped_column(default=1)
    sort_order: Mapped[int] = mapped_column(default=0, index=True)
    parent_id: Mapped[int | None] = reference("sitetree_treeitem.id")
    tree_id: Mapped[int] = reference("sitetree_tree.id")

    tree: Mapped[Tree] = relationship(back_populates="items")
    parent: Mapped["TreeItem | None"] = relationship(remote_side="TreeItem.id")
    access_permissions: Mapped[list[Permission]] = relationship(secondary=tree_item_permissions)


class Switch(LegacyBase):
    """A django-waffle switch: on or off for everyone."""

    __tablename__ = "waffle_switch"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    active: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    created: Mapped[datetime] = mapped_column(default=now, index=True)
    modified: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class Sample(LegacyBase):
    """A django-waffle sample: on for a share of the requests."""

    __tablename__ = "waffle_sample"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    percent: Mapped[Decimal] = mapped_column(Numeric(4, 1))
    note: Mapped[str] = mapped_column(default="")
    created: Mapped[datetime] = mapped_column(default=now, index=True)
    modified: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class ApiAccess(LegacyBase):
    """A line of django-tastypie's access log."""

    __tablename__ = "tastypie_apiaccess"
    __table_args__ = (not_negative("accessed"),)

    id: Mapped[Key]
    identifier: Mapped[str] = mapped_column(String(255))
    url: Mapped[str] = mapped_column(Text, default="")
    request_method: Mapped[str] = mapped_column(String(10), default="")
    accessed: Mapped[int]


class KVStore(LegacyBase):
    """sorl-thumbnail's memory of the thumbnails it has made: JSON by key."""

    __tablename__ = "thumbnail_kvstore"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str]

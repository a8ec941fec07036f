"""The user model of a Django site, whatever it is called, and its users as templates and guards see them.

Table, columns and relations come from the manifest. One statement reads a user with the permissions of the user and
of the groups; a superuser's are not read, since they are all (django/contrib/auth/backends.py, models.py).
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from legacy_adapters.errors import SettingsError
from legacy_adapters.manifest import Manifest

Fetch = Callable[..., Awaitable[Sequence[Any]]]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class UserModel:
    """Names in the database. `pk_type` is "int", "uuid" or "text"; `groups` and `permissions` are the tables of the two
    relations, None where the model has none; `owner` is their column for the user.
    """

    table: str
    columns: tuple[str, ...]
    pk: str = "id"
    pk_type: str = "int"
    username: str = "username"
    email: str = "email"
    groups: str | None = None
    permissions: str | None = None
    owner: str = "user_id"

    @classmethod
    def of(cls, manifest: Manifest) -> "UserModel":
        """The model that AUTH_USER_MODEL names."""
        wanted = manifest.settings.auth_user_model.lower()
        tables = {f"{model.app}.{model.model}".lower(): model for model in manifest.models}
        model = tables.get(wanted)
        if model is None:
            raise SettingsError(
                f"AUTH_USER_MODEL is {wanted}, which the manifest does not know: run `bridge adopt` again"
            )
        name = wanted.split(".")[1]
        groups, permissions = tables.get(f"{wanted}_groups"), tables.get(f"{wanted}_user_permissions")
        return cls(
            table=model.table,
            columns=model.columns,
            pk=manifest.user.pk,
            pk_type=manifest.user.pk_type,
            username=manifest.user.username,
            email=manifest.user.email,
            groups=groups.table if groups else None,
            permissions=permissions.table if permissions else None,
            owner=f"{name}_id",
        )

    def to_pk(self, text: Any) -> Any:
        """A primary key as the session spells it. Raises ValueError where it cannot be one."""
        if self.pk_type == "int":
            number = int(text)
            if not -(2**63) <= number < 2**63:
                raise ValueError("no such number")
            return number
        return UUID(str(text)) if self.pk_type == "uuid" else str(text)

    @property
    def selected(self) -> str:
        """The columns of a user `u`, then the permissions of the user, those of the groups, and the groups' keys."""
        columns = ", ".join(f"u.{quoted(column)}" for column in self.columns)
        return f"{columns}, {self._granted(self._own)}, {self._granted(self._of_groups)}, {self._groups}"

    @property
    def where_pk(self) -> str:
        cast = {"int": "bigint", "uuid": "uuid"}.get(self.pk_type, "text")
        return f"u.{quoted(self.pk)} = %s::{cast}"

    def _granted(self, source: str | None) -> str:
        if source is None or "is_superuser" not in self.columns:
            return "ARRAY[]::text[]"
        inactive = "OR NOT u.is_active" if "is_active" in self.columns else ""
        return f"""CASE WHEN u.is_superuser {inactive} THEN ARRAY[]::text[] ELSE ARRAY(
            SELECT t.app_label || '.' || p.codename FROM {source}
            JOIN auth_permission p ON p.id = g.permission_id
            JOIN django_content_type t ON t.id = p.content_type_id) END"""  # noqa: S608

    @property
    def _groups(self) -> str:
        if self.groups is None:
            return "ARRAY[]::integer[]"
        owner = f"{quoted(self.owner)} = u.{quoted(self.pk)}"
        return f"ARRAY(SELECT group_id FROM {quoted(self.groups)} WHERE {owner} ORDER BY group_id)"  # noqa: S608

    @property
    def _own(self) -> str | None:
        if self.permissions is None:
            return None
        own = f"SELECT permission_id FROM {quoted(self.permissions)} WHERE {quoted(self.owner)} = u.{quoted(self.pk)}"  # noqa: S608
        return f"({own}) g"

    @property
    def _of_groups(self) -> str | None:
        if self.groups is None:
            return None
        member = f"m.{quoted(self.owner)} = u.{quoted(self.pk)}"
        return f"""(SELECT a.permission_id FROM {quoted(self.groups)} m
            JOIN auth_group_permissions a ON a.group_id = m.group_id WHERE {member}) g"""  # noqa: S608


class User:
    """A user, read. Attributes are the model's columns; methods answer as Django's do, from what was read."""

    is_authenticated = True
    is_anonymous = False

    def __init__(self, model: UserModel, values: Sequence[Any]) -> None:
        width = len(model.columns)
        self.__dict__.update(zip(model.columns, values, strict=False))
        self._model = model
        self._own = frozenset(values[width])
        self._of_groups = frozenset(values[width + 1])
        self.group_ids: tuple[int, ...] = tuple(values[width + 2])
        self._all: frozenset[str] | None = None

    def __getattr__(self, name: str) -> Any:
        """What the model may lack has Django's default (django/contrib/auth/base_user.py)."""
        if name in ("is_staff", "is_superuser"):
            return False
        if name == "is_active":
            return True
        raise AttributeError(f"a user has no {name}")

    @property
    def pk(self) -> Any:
        return getattr(self, self._model.pk)

    @property
    def session_id(self) -> str:
        """The primary key as the session spells it."""
        return str(self.pk)

    def get_username(self) -> str:
        return str(getattr(self, self._model.username))

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return str(self.first_name)

    def know_all(self, permissions: Iterable[str]) -> None:
        """Take over every permission there is: a superuser's."""
        self._own = self._of_groups = self._all = frozenset(permissions)

    def get_user_permissions(self) -> frozenset[str]:
        return self._own

    def get_group_permissions(self) -> frozenset[str]:
        return self._of_groups

    def get_all_permissions(self) -> frozenset[str]:
        """An active superuser's are there after `Users.permissions_of`."""
        if self._all is None:
            if self.is_superuser and self.is_active:
                raise LookupError("a superuser's permissions are every permission: await Users.permissions_of(user)")
            self._all = self._own | self._of_groups
        return self._all

    def has_perm(self, permission: str, obj: object = None) -> bool:
        if not self.is_active:
            return False
        return bool(self.is_superuser) or (obj is None and permission in self.get_all_permissions())

    def has_perms(self, permissions: Iterable[str], obj: object = None) -> bool:
        if isinstance(permissions, str):
            raise ValueError("has_perms takes a list of permissions")
        return all(self.has_perm(permission, obj) for permission in permissions)

    def has_module_perms(self, app: str) -> bool:
        if not self.is_active:
            return False
        return bool(self.is_superuser) or any(name.split(".", 1)[0] == app for name in self.get_all_permissions())

    def __str__(self) -> str:
        return self.get_username()

    def __repr__(self) -> str:
        return f"<User: {self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, User) and other.pk is not None and self.pk == other.pk

    def __hash__(self) -> int:
        return hash(self.pk)


class AnonymousUser:
    """A visitor who is nobody."""

    id = pk = None
    group_ids: tuple[int, ...] = ()
    username = ""
    is_staff = is_active = is_superuser = is_authenticated = False
    is_anonymous = True

    def get_username(self) -> str:
        return self.username

    def get_user_permissions(self) -> frozenset[str]:
        return frozenset()

    get_group_permissions = get_all_permissions = get_user_permissions

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return False

    has_perms = has_perm

    def has_module_perms(self, app: str) -> bool:
        return False

    def __str__(self) -> str:
        return "AnonymousUser"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnonymousUser)

    def __hash__(self) -> int:
        return 1


class Users:
    """Users by key and by name. `fetch(statement, *values)` asks PostgreSQL."""

    def __init__(self, fetch: Fetch, model: UserModel) -> None:
        self._fetch, self.model = fetch, model
        source = f"SELECT {model.selected} FROM {quoted(model.table)} u WHERE"  # noqa: S608
        self._by_pk = f"{source} {model.where_pk % '$1'}"
        name = f"u.{quoted(model.username)}"
        self._by_name = f"{source} {name} = $1"
        self._by_any_case = f"{source} upper({name}::text) = upper($1::text)"
        self._every_permission = """
            SELECT t.app_label || '.' || p.codename FROM auth_permission p
            JOIN django_content_type t ON t.id = p.content_type_id"""

    async def by_pk(self, pk: Any) -> User | None:
        return self.first(await self._fetch(self._by_pk, pk))

    async def by_name(self, username: str, *, any_case: bool = False) -> User | None:
        """The user of this name. With `any_case`, letters count as in SQL's `iexact`; two such users are none."""
        rows = await self._fetch(self._by_any_case if any_case else self._by_name, username)
        return self.first(rows) if len(rows) == 1 else None

    async def permissions_of(self, user: User) -> frozenset[str]:
        """Every permission of the user; a superuser's are asked for once."""
        if user.is_superuser and user.is_active and user._all is None:
            user.know_all(row[0] for row in await self._fetch(self._every_permission))
        return user.get_all_permissions()

    def first(self, rows: Sequence[Any], skip: int = 0) -> User | None:
        """The user in the first row, after `skip` other columns."""
        if not rows or rows[0][skip + self.model.columns.index(self.model.pk)] is None:
            return None
        return User(self.model, list(rows[0])[skip:])

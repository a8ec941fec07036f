"""Signed in on one side, known on the other; whoever Django turns away is turned away here."""

import itertools
from typing import Any

import msgspec
import pytest

from legacy_adapters.auth import ANONYMOUS, Authentication, note_login, session_hash
from legacy_adapters.errors import SettingsError
from legacy_adapters.manifest import Manifest
from legacy_adapters.session_files import Format
from legacy_adapters.session_stores import DatabaseStore
from legacy_adapters.sessions import Session, SessionInterrupted
from legacy_adapters.settings import LegacySettings
from legacy_adapters.signing import Keys
from legacy_adapters.users import User, UserModel, Users
from new_app.rows import Rows
from tests.legacy_adapters.identity.conftest import BACKENDS, FALLBACK, KEYS, MODEL_BACKEND, SECRET, TABLE, Oracle

names = (f"visitor{number}" for number in itertools.count())


class Side:
    """The new side: sessions and users on the database of the reference site."""

    def __init__(self, rows: Rows, model: UserModel, settings: LegacySettings, keys: Keys = KEYS) -> None:
        self.settings = settings
        self.store = DatabaseStore(rows.fetch, Format(keys))
        self.users = Users(rows.fetch, model)
        self.auth = Authentication(self.users, settings, keys)

    async def open(self, key: str | None) -> Session:
        return await Session(self.store, self.settings, key).load()

    async def known_as(self, key: str | None) -> dict[str, Any]:
        session = await self.open(key)
        user = await self.auth.user(session)
        await session.close(200, had_cookie=key is not None)
        return {"name": str(user), "key": session.key, "data": session.data}


@pytest.fixture
def side(rows: Rows, user_model: UserModel, settings: LegacySettings) -> Side:
    return Side(rows, user_model, settings)


@pytest.fixture(scope="module", autouse=True)
def fast_hasher(django: Oracle) -> Any:
    django._settings["PASSWORD_HASHERS"] = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    yield
    del django._settings["PASSWORD_HASHERS"]


@pytest.fixture
def pk(django: Oracle) -> int:
    made: int = django.ask("user_made", username=next(names), password="secret")
    return made


@pytest.mark.parametrize("backend", BACKENDS)
async def test_signed_in_on_django_is_known_here(django: Oracle, side: Side, pk: int, backend: str) -> None:
    key = django.ask("logged_in", pk=pk, backend=backend)["key"]
    user = await side.auth.user(await side.open(key))
    assert isinstance(user, User)
    assert user.pk == pk
    assert (await side.known_as(key))["key"] == key


@pytest.mark.parametrize("backend", BACKENDS)
async def test_signed_in_here_is_known_to_django(django: Oracle, side: Side, pk: int, backend: str) -> None:
    user = await side.users.by_pk(pk)
    assert user is not None
    session = await side.open(None)
    await side.auth.login(session, user, backend)
    await session.save()
    assert django.ask("known_as", key=session.key)["name"] == str(user)


async def test_both_sides_write_the_same_session(django: Oracle, side: Side, pk: int) -> None:
    theirs = django.ask("logged_in", pk=pk, backend=MODEL_BACKEND)["data"]
    user = await side.users.by_pk(pk)
    assert user is not None
    session = await side.open(None)
    await side.auth.login(session, user, MODEL_BACKEND)
    assert session.data == theirs


async def test_signing_in_moves_an_anonymous_session(django: Oracle, rows: Rows, side: Side, pk: int) -> None:
    before = django.ask("session_made", data={"basket": [1]})
    session = await side.open(before)
    user = await side.users.by_pk(pk)
    assert user is not None
    await side.auth.login(session, user, MODEL_BACKEND)
    await session.save()
    assert session.key != before
    assert session["basket"] == [1]
    assert not await rows.fetch("SELECT 1 FROM django_session WHERE session_key = $1", before)


async def test_signing_in_as_somebody_else_starts_afresh(django: Oracle, side: Side, pk: int) -> None:
    other = django.ask("user_made", username=next(names), password="secret")
    key = django.ask("logged_in", pk=other, backend=MODEL_BACKEND)["key"]
    django.ask("session_changed", key=key, data={"private": "theirs"})
    session = await side.open(key)
    user = await side.users.by_pk(pk)
    assert user is not None
    await side.auth.login(session, user, MODEL_BACKEND)
    await session.save()
    assert "private" not in session
    assert django.ask("session_read", key=key)["known"] is False
    assert django.ask("known_as", key=session.key)["name"] == str(user)


async def test_signing_in_again_keeps_the_key(django: Oracle, side: Side, pk: int) -> None:
    key = django.ask("logged_in", pk=pk, backend=MODEL_BACKEND)["key"]
    session = await side.open(key)
    user = await side.users.by_pk(pk)
    assert user is not None
    await side.auth.login(session, user, MODEL_BACKEND)
    await session.save()
    assert session.key == key


async def test_signing_out_ends_the_session_on_both_sides(django: Oracle, side: Side, pk: int) -> None:
    key = django.ask("logged_in", pk=pk, backend=MODEL_BACKEND)["key"]
    session = await side.open(key)
    await side.auth.logout(session)
    assert django.ask("known_as", key=key)["name"] == "AnonymousUser"
    assert (await side.known_as(key))["name"] == "AnonymousUser"


async def test_a_signed_in_session_does_not_move_once_it_was_ended(django: Oracle, side: Side, pk: int) -> None:
    key = django.ask("logged_in", pk=pk, backend=MODEL_BACKEND)["key"]
    session = await side.open(key)
    user = await side.users.by_pk(pk)
    assert user is not None
    await side.auth.keep_session(session, user)
    django.ask("session_ended", key=key)
    with pytest.raises(SessionInterrupted):
        await session.save()


TAMPERED: dict[str, dict[str, Any]] = {
    "no hash": {"_auth_user_hash": ""},
    "hash of nothing": {"_auth_user_hash": None},
    "wrong hash": {"_auth_user_hash": "0" * 64},
    "hash of another secret": {"_auth_user_hash": session_hash("x", "y")},
    "backend unknown": {"_auth_user_backend": "somewhere.Backend"},
    "backend missing": {"_auth_user_backend": None},
    "nobody": {"_auth_user_id": "999999"},
    "number too large": {"_auth_user_id": str(2**70)},
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
async def test_what_django_does_not_believe_is_not_believed_here(
    django: Oracle, side: Side, pk: int, change: dict[str, Any]
) -> None:
    keys = []
    for _ in range(2):
        key = django.ask("logged_in", pk=pk, backend=MODEL_BACKEND)["key"]
        django.ask("session_changed", key=key, data=change)
        keys.append(key)
    theirs, ours = django.ask("known_as", key=keys[0]), await side.known_as(keys[1])
    assert ours["name"] == theirs["name"] == "AnonymousUser"
    assert ours["data"] == theirs["data"]
    assert (ours["key"] is None) is (theirs["key"] is None)


async def test_an_inactive_user_is_nobody(django: Oracle, rows: Rows, side: Side, pk: int) -> None:
    key = django.ask("logged_in", pk=pk, backend=MODEL_BACKEND)["key"]
    await rows.fetch(f"UPDATE {TABLE} SET is_active = false WHERE id = $1", pk)
    assert django.ask("known_as", key=key)["name"] == (await side.known_as(key))["name"] == "AnonymousUser"


async def test_a_new_password_ends_the_other_sessions(django: Oracle, rows: Rows, side: Side, pk: int) -> None:
    key, other = (django.ask("logged_in", pk=pk, backend=MODEL_BACKEND)["key"] for _ in range(2))
    await rows.fetch(f"UPDATE {TABLE} SET password = 'md5$salt$changed' WHERE id = $1", pk)
    session = await side.open(key)
    user = await side.users.by_pk(pk)
    assert user is not None
    await side.auth.keep_session(session, user)
    await session.save()
    assert django.ask("known_as", key=session.key)["name"] == str(user)
    assert (await side.known_as(other))["name"] == "AnonymousUser"
    assert django.ask("session_read", key=other)["known"] is False


@pytest.mark.parametrize("first", ["django", "here"])
async def test_a_changed_secret_keeps_people_signed_in_and_moves_them(
    django: Oracle, rows: Rows, user_model: UserModel, side: Side, pk: int, first: str
) -> None:
    old = django.with_settings(SECRET_KEY=FALLBACK, SECRET_KEY_FALLBACKS=[])
    key = old.ask("logged_in", pk=pk, backend=MODEL_BACKEND)["key"]
    seen = django.ask("known_as", key=key) if first == "django" else await side.known_as(key)
    assert seen["name"].startswith("visitor")
    assert seen["key"] != key
    assert (await side.known_as(key))["name"] == "AnonymousUser"
    assert (await side.known_as(seen["key"])) == django.ask("known_as", key=seen["key"]) == seen
    strict = Side(rows, user_model, side.settings, Keys(SECRET))
    assert (await strict.known_as(seen["key"]))["name"] == seen["name"]


PERMISSIONS = ["auth.add_group", "auth.change_group", "auth.delete_permission"]
PEOPLE: dict[str, dict[str, Any]] = {
    "nobody special": {},
    "own": {"permissions": ["auth.add_group"]},
    "of groups": {"groups": ["editors", "writers"], "group_permissions": ["auth.add_group", "auth.change_group"]},
    "both": {"permissions": ["auth.delete_permission"], "groups": ["writers"], "group_permissions": ["auth.add_group"]},
    "inactive": {"permissions": ["auth.add_group"], "is_active": False},
    "superuser": {"is_superuser": True},
    "inactive superuser": {"is_superuser": True, "is_active": False},
    "staff": {"is_staff": True, "first_name": "Ann", "last_name": "Lee"},
}


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE)
async def test_a_user_is_and_may_what_django_says(django: Oracle, side: Side, person: dict[str, Any]) -> None:
    pk = django.ask("user_made", username=next(names), password="secret", **person)
    user, theirs = await side.users.by_pk(pk), django.ask("user_seen", pk=pk)
    assert user is not None
    assert sorted(await side.users.permissions_of(user)) == theirs["all"]
    assert sorted(user.get_user_permissions()) == theirs["own"]
    assert sorted(user.get_group_permissions()) == theirs["groups"]
    assert (str(user), user.get_username(), user.get_full_name(), user.get_short_name()) == (
        *(theirs["text"], theirs["username"], theirs["full"], theirs["short"]),
    )
    assert session_hash(user.password, SECRET) == theirs["hash"]
    assert list(user.group_ids) == theirs["group ids"]
    asked = [*PERMISSIONS, "no.such", "nonsense"]
    ours = {name: user.has_perm(name) for name in asked}
    ours |= {app: user.has_module_perms(app) for app in ("auth", "sessions", "none")}
    assert ours == django.ask("user_may", pk=pk, permissions=asked, apps=["auth", "sessions", "none"])
    assert user.is_authenticated
    assert not user.is_anonymous


async def test_a_permission_given_in_the_admin_is_seen_at_once(django: Oracle, side: Side) -> None:
    pk = django.ask("user_made", username=next(names), password="secret", groups=["fresh"])
    before = await side.users.by_pk(pk)
    django.ask("user_made", username=next(names), password="s", groups=["fresh"], group_permissions=["auth.add_group"])
    after = await side.users.by_pk(pk)
    assert before is not None
    assert after is not None
    assert (before.has_perm("auth.add_group"), after.has_perm("auth.add_group")) == (False, True)


async def test_the_time_of_signing_in_is_written_and_nothing_else(
    django: Oracle, rows: Rows, side: Side, pk: int
) -> None:
    user = await side.users.by_pk(pk)
    assert user is not None
    now = await note_login(rows.fetch, user)
    seen = django.ask("user_seen", pk=pk)
    assert seen["last_login"] == now.isoformat()
    assert seen["password"] == user.password


@pytest.mark.parametrize(("typed", "any_case", "found"), [("same", False, 1), ("SAME", False, 0), ("SAME", True, 1)])
async def test_a_user_is_found_by_name(django: Oracle, side: Side, typed: str, any_case: bool, found: int) -> None:
    name = next(names)
    django.ask("user_made", username=name, password="secret")
    typed = name if typed == "same" else name.upper()
    assert (await side.users.by_name(typed, any_case=any_case) is not None) == bool(found)


def test_nobody_may_nothing() -> None:
    assert not ANONYMOUS.is_authenticated
    assert ANONYMOUS.is_anonymous
    assert not ANONYMOUS.has_perm("auth.add_group")
    assert ANONYMOUS.get_all_permissions() == frozenset()
    assert str(ANONYMOUS) == "AnonymousUser"


def test_an_unknown_backend_is_refused_with_what_to_configure(rows: Rows, user_model: UserModel) -> None:
    settings = LegacySettings(authentication_backends=("shop.Ldap",))
    with pytest.raises(SettingsError, match=r"shop\.Ldap.*backends="):
        Authentication(Users(rows.fetch, user_model), settings, KEYS)
    assert Authentication(Users(rows.fetch, user_model), settings, KEYS, {"shop.Ldap": True})


MODELS = [
    {"app": "people", "model": "person", "table": "who", "columns": ["key", "password", "login"]},
    {
        "app": "people",
        "model": "person_groups",
        "table": "who_in",
        "columns": ["id", "person_id", "group_id"],
        "many_to_many": True,
    },
]


def manifest(**changes: Any) -> Manifest:
    base = {
        "format": 1,
        "made": "",
        "django": "5.2",
        "python": "3",
        "settings_module": "s",
        "secret_key": "",
        "settings": {"AUTH_USER_MODEL": "people.Person"},
        "patterns": [],
        "converters": {},
        "models": MODELS,
        "migration_heads": {},
        "user": {"pk": "key", "pk_type": "uuid", "username": "login"},
    }
    return msgspec.convert({**base, **changes}, Manifest)


def test_the_manifest_names_the_user_model() -> None:
    model = UserModel.of(manifest())
    assert (model.table, model.pk, model.username, model.groups, model.permissions, model.owner) == (
        *("who", "key", "login", "who_in", None, "person_id"),
    )
    assert str(model.to_pk("6f1e0e9a-0000-4000-8000-000000000000")) == "6f1e0e9a-0000-4000-8000-000000000000"
    with pytest.raises(ValueError, match="UUID"):
        model.to_pk("1")


def test_a_manifest_without_the_user_model_is_refused() -> None:
    with pytest.raises(SettingsError, match="bridge adopt"):
        UserModel.of(manifest(settings={"AUTH_USER_MODEL": "gone.User"}))

"""Many visitors at once, each step on a side of chance: no count is lost, no session revived, nothing is seen by another."""

import asyncio
import itertools
import random
import secrets
from dataclasses import dataclass, field

import pytest

from legacy_adapters.auth import Authentication
from legacy_adapters.session_files import Format
from legacy_adapters.session_stores import DatabaseStore
from legacy_adapters.sessions import Data, Session, SessionInterrupted
from legacy_adapters.settings import LegacySettings
from legacy_adapters.users import User, UserModel, Users
from new_app.rows import Rows
from tests.legacy_adapters.identity.conftest import KEYS, MODEL_BACKEND, Oracle

VISITORS, STEPS = 25, 14
names = (f"together{number}" for number in itertools.count())


@dataclass(slots=True)
class Visitor:
    """What one visitor holds, and what a site that loses nothing would hold for them."""

    pk: int
    secret: str = field(default_factory=lambda: secrets.token_hex(8))
    key: str | None = None
    count: int = 0
    ended: list[str] = field(default_factory=list)


class Story:
    """The steps, each on either side."""

    def __init__(self, django: Oracle, rows: Rows, model: UserModel, settings: LegacySettings) -> None:
        self.django, self.settings = django, settings
        self.store = DatabaseStore(rows.fetch, Format(KEYS))
        self.auth = Authentication(Users(rows.fetch, model), settings, KEYS)

    async def sign_in(self, visitor: Visitor, on_django: bool) -> None:
        if on_django:
            visitor.key = self.django.ask("logged_in", pk=visitor.pk, backend=MODEL_BACKEND, key=visitor.key)["key"]
        else:
            user = await self.auth.users.by_pk(visitor.pk)
            assert isinstance(user, User)
            session = await Session(self.store, self.settings, visitor.key).load()
            await self.auth.login(session, user, MODEL_BACKEND)
            await session.save()
            visitor.key = session.key

    async def count(self, visitor: Visitor, on_django: bool) -> None:
        visitor.count += 1
        if on_django:
            self.django.ask("session_counted", key=visitor.key, secret=visitor.secret)
            return

        def one_more(data: Data) -> None:
            assert data.get("secret", visitor.secret) == visitor.secret
            data["secret"], data["n"] = visitor.secret, data.get("n", 0) + 1

        await Session(self.store, self.settings, visitor.key).amend(one_more)

    async def look(self, visitor: Visitor, on_django: bool) -> None:
        if on_django:
            seen = self.django.ask("known_as", key=visitor.key)
            name, data = seen["name"], seen["data"]
        else:
            session = await Session(self.store, self.settings, visitor.key).load()
            name, data = str(await self.auth.user(session)), session.data
        assert data.get("n", 0) == visitor.count
        assert data.get("secret", visitor.secret) == visitor.secret
        assert data["_auth_user_id"] == str(visitor.pk)
        assert name != "AnonymousUser"

    async def sign_out(self, visitor: Visitor, on_django: bool) -> None:
        assert visitor.key is not None
        late = await Session(self.store, self.settings, visitor.key).load()
        if on_django:
            self.django.ask("session_ended", key=visitor.key)
        else:
            await self.auth.logout(Session(self.store, self.settings, visitor.key))
        late["late"] = True
        with pytest.raises(SessionInterrupted):
            await late.save()
        visitor.ended.append(visitor.key)
        visitor.key, visitor.count = None, 0
        await self.sign_in(visitor, not on_django)


async def test_visitors_who_change_sides_lose_nothing(
    django: Oracle, rows: Rows, user_model: UserModel, settings: LegacySettings
) -> None:
    fast = django.with_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    story = Story(fast, rows, user_model, settings)
    chance = random.Random(4)
    visitors = [Visitor(fast.ask("user_made", username=next(names), password="s")) for _ in range(VISITORS)]

    async def visit(visitor: Visitor) -> None:
        await story.sign_in(visitor, chance.random() < 0.5)
        steps = [story.count, story.count, story.look, story.sign_out]
        for _ in range(STEPS):
            await chance.choices(steps, [4, 4, 4, 1])[0](visitor, chance.random() < 0.5)
            await asyncio.sleep(0)
        await story.look(visitor, True)
        await story.look(visitor, False)

    await asyncio.gather(*(visit(visitor) for visitor in visitors))
    for key in (key for visitor in visitors for key in visitor.ended):
        assert fast.ask("session_read", key=key)["known"] is False
    assert len({visitor.key for visitor in visitors}) == VISITORS

"""`make load`: visitors who are signed in and change sides at every request, each counting in its session.

What a visitor counts is what django-allauth keeps of every proof of who somebody is: `POST /accounts/reauthenticate/`
adds one to a list in the session, on either side. Each visitor has an address of its own and a first name that nobody
else has. Every page must show that name and no other; in the end, the list must be as long as the visitor has counted.

    python -m tests.bench.visitors [VISITORS] [SECONDS]
"""

import asyncio
import hashlib
import random
import re
import secrets
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import aiohttp
import asyncpg
from rich.console import Console
from rich.table import Table

from legacy_adapters.signing import Keys, loads
from new_app import embedded
from new_app.commands.up import prepare
from new_app.config import ROOT, child_environment
from new_app.db import plain_url
from tests.new_app.sides import SECRET, served

PASSWORD = "correct-horse"
SALT = "salt-of-visitors-01234"
STORED = f"md5${SALT}${hashlib.md5((SALT + PASSWORD).encode(), usedforsecurity=False).hexdigest()}"
"""Cheap to check: sessions are what is tried, not hashing."""
MARK = re.compile(r"mark[0-9a-f]{16}")
STRANGER = "/accounts/login/?next=/users/edit/"
MOST_COUNTS = 9
"""How often one may prove who one is within a minute, less one."""


@dataclass(slots=True)
class Found:
    """What came of it. `new` and `legacy` are the times of each side's answers, in seconds."""

    times: dict[str, list[float]] = field(default_factory=lambda: {"legacy": [], "new": []})
    faults: Counter[str] = field(default_factory=Counter)
    told: set[str] = field(default_factory=set)
    counted: int = 0
    ended: int = 0


class Visitor:
    """One person's browser, which speaks to either side from an address of its own."""

    def __init__(self, number: int, sides: Sequence[str], found: Found) -> None:
        self.name, self.mark, self.found, self.sides = f"visitor{number}", f"mark{secrets.token_hex(8)}", found, sides
        where = (f"127.0.{1 + number // 250}.{1 + number % 250}", 0)
        self.client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(local_addr=where), cookie_jar=aiohttp.DummyCookieJar()
        )
        self.cookies: dict[str, str] = {}
        self.count, self.counts = 0, [0.0] * MOST_COUNTS
        self.chance = random.Random(number)

    async def ask(
        self, method: str, path: str, cookies: dict[str, str] | None = None, **said: str
    ) -> tuple[int, str, str]:
        """Status, place of a redirect, and text; kept cookies are taken along unless others are given."""
        side = self.chance.randrange(2)
        brought = self.cookies if cookies is None else cookies
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in brought.items())}
        data = {"csrfmiddlewaretoken": brought.get("csrftoken", ""), **said} if method == "POST" else None
        began = time.perf_counter()
        async with self.client.request(
            method, self.sides[side] + path, headers=headers, data=data, allow_redirects=False
        ) as answer:
            text = await answer.text()
        self.found.times["new" if side else "legacy"].append(time.perf_counter() - began)
        if answer.status >= 500:
            self.found.faults["5xx"] += 1
            self.found.told.add(f"{self.sides[side]} {method} {path}: {answer.status} {text[:100]}")
        if side and not answer.headers.get("X-Bridge", "").startswith("new"):
            self.found.faults["given back"] += 1
        if {*MARK.findall(text)} - {self.mark}:
            self.found.faults["foreign session"] += 1
        if cookies is None:
            self.cookies |= {name: one.value for name, one in answer.cookies.items() if one.value}
            for name in [name for name, one in answer.cookies.items() if not one.value]:
                self.cookies.pop(name, None)
        return answer.status, answer.headers.get("Location", ""), text

    async def visit(self, until: float) -> None:
        async with self.client:
            await self.sign_in()
            steps = [self.look, self.count_one, self.sign_out_and_in]
            while time.monotonic() < until:
                await self.chance.choices(steps, [6, 3, 0.3])[0]()
            await self.look()

    async def sign_in(self) -> None:
        await self.ask("GET", "/accounts/login/")
        status, _, _ = await self.ask("POST", "/accounts/login/", login=self.name, password=PASSWORD)
        self.fault("sign-in refused", status != 302)
        self.count = 1

    async def look(self) -> None:
        status, _, text = await self.ask("GET", "/users/edit/")
        self.fault("lost session", status != 200 or self.mark not in text)

    async def count_one(self) -> None:
        now = time.monotonic()
        if now - self.counts[0] < 61:
            return await self.look()
        self.counts = [*self.counts[1:], now]
        status, _, _ = await self.ask("POST", "/accounts/reauthenticate/", password=PASSWORD)
        self.fault("count refused", status != 302)
        self.count += 1
        self.found.counted += 1
        return None

    async def sign_out_and_in(self) -> None:
        before = dict(self.cookies)
        await self.ask("POST", "/accounts/logout/")
        status, to, _ = await self.ask("GET", "/users/edit/", before)
        self.fault("revived session", (status, to) != (302, STRANGER))
        self.found.ended += 1
        await self.sign_in()

    def fault(self, name: str, is_one: bool) -> None:
        self.found.faults[name] += is_one


async def crowd(url: str, folder: Path, visitors: int, seconds: float) -> Found:
    """So many visitors for so long, on a seeded database. `folder` is new."""
    found = Found()
    async with served(url, folder, "legacy.settings_quick") as sides:
        people = [Visitor(number, sides, found) for number in range(visitors)]
        database = await asyncpg.connect(plain_url(url))
        await database.executemany(
            """INSERT INTO users_user (username, first_name, password, last_name, email, is_superuser, is_staff,
                is_active, date_joined, bio, bio_markup_type, _bio_rendered, search_visibility, email_privacy,
                public_profile) VALUES ($1::text, $2, $3, '', $1::text || '@example.com', false, false, true, now(), '',
                'markdown', '', 1, 2, true)""",
            [(one.name, one.mark, STORED) for one in people],
        )
        await database.execute(
            """INSERT INTO account_emailaddress (user_id, email, verified, "primary")
                SELECT id, email, true, true FROM users_user WHERE username LIKE 'visitor%'"""
        )
        until = time.monotonic() + seconds
        await asyncio.gather(*(one.visit(until) for one in people))
        for one in people:
            kept = await database.fetchval(
                "SELECT session_data FROM django_session WHERE session_key = $1", one.cookies.get("sessionid", "")
            )
            held = loads(kept, Keys(SECRET), "django.contrib.sessions.SessionStore") if kept else {}
            found.faults["lost update"] += len(held.get("account_authentication_methods", ())) != one.count
        await database.close()
    return found


def shown(found: Found, visitors: int, seconds: float) -> Table:
    table = Table("", "legacy", "new", title=f"{visitors} visitors for {seconds:g} s, each request on a side of chance")
    cuts = {side: quantiles(times, n=100) for side, times in found.times.items()}
    table.add_row("requests", *(f"{len(found.times[side]):,}" for side in cuts))
    for name, cut in (("p50, ms", 49), ("p99, ms", 98)):
        table.add_row(name, *(f"{cuts[side][cut] * 1000:.1f}" for side in cuts))
    table.add_row("counted, signed out", f"{found.counted:,}", f"{found.ended:,}")
    for name in ("lost update", "lost session", "revived session", "foreign session", "5xx", "given back"):
        table.add_row(name, "", str(found.faults[name]))
    for name in ("sign-in refused", "count refused"):
        table.add_row(name, "", str(found.faults[name]))
    return table


def main(visitors: int = 200, seconds: float = 60.0) -> int:
    with embedded.throw_away() as folder, embedded.postgres(folder / "pg") as url:
        env = child_environment(
            DATABASE_URL=url, PYTHONPATH=str(ROOT), MANIFEST=str(folder / "first.json"), VAR=str(folder)
        )
        asyncio.run(prepare(env, url, lambda *_: None))
        (folder / "both").mkdir()
        found = asyncio.run(crowd(url, folder / "both", visitors, seconds))
    Console(width=110).print(shown(found, visitors, seconds), *sorted(found.told))
    return int(any(found.faults.values()))


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:])))

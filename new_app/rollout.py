"""Rollout: who serves what, since when, why.

PostgreSQL is the truth. A change is one signed transaction; triggers write its line in the audit and notify; every
process re-reads on notice and every two seconds. The last snapshot outlives the database, also over a restart, on disk.
A domain is moved with all of its routes: its stage is set and theirs are forgotten. Going back has no condition.
"""

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from legacy_adapters.flags import Snapshot, Stage
from new_app.db import Database, async_url
from new_app.domain import Domain
from new_app.tasks import hand_over

CHANNEL = "bridge_flags"
POLL = 2.0  # seconds; a lost notice costs no more
CONNECT_TIMEOUT = 2.0
START_TIMEOUT = 3.0  # a process begins with the snapshot on disk rather than later
FIRST_WAIT = 0.1
LONGEST_WAIT = 2.0
FORMAT = 1
READ = "SELECT kind, name, stage FROM bridge.flag"
VERSION = "SELECT coalesce(max(id), 0) FROM bridge.flag_audit"
AUDIT = "SELECT id, at, by, why, kind, name, before, after FROM bridge.flag_audit"
SET = """
    INSERT INTO bridge.flag AS flag (kind, name, stage) VALUES (:kind, :name, :stage)
    ON CONFLICT (kind, name) DO UPDATE SET stage = excluded.stage WHERE flag.stage <> excluded.stage"""
_log = logging.getLogger(__name__)


class RolloutError(Exception):
    """A change that cannot be made. The message says what can."""


@dataclass(frozen=True, slots=True)
class RouteStatus:
    """A route as operators see it. `set_by` says which flag decides: kill switch, route, domain or none."""

    route: str
    domain: str
    pattern: str
    stage: Stage
    set_by: str
    since: datetime | None = None
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the audit."""

    id: int
    at: datetime
    by: str
    why: str
    kind: str
    name: str
    before: str | None
    after: str | None


class Rollout:
    """The flags of the domains of this site."""

    def __init__(self, database: Database, domains: Sequence[Domain]) -> None:
        self.database = database
        self.domains = {domain.name: domain for domain in domains if domain.claims}
        self.routes = {claim.name: domain.name for domain in domains for claim in domain.claims}
        self.tasks = {task.name: task for domain in domains for task in domain.tasks}

    async def board(self) -> list[RouteStatus]:
        """Every route once, in the order of its domain, with the flag that decides its stage."""
        async with self.database.read_only() as session:
            query = "SELECT kind, name, stage, changed_at, changed_by, why FROM bridge.flag"
            flags = {(row.kind, row.name): row for row in await session.execute(text(query))}
        seen: dict[str, RouteStatus] = {}
        for domain in self.domains.values():
            for claim in domain.claims:
                keys = (("kill", ""), ("route", claim.name), ("domain", domain.name))
                flag = next((flags[key] for key in keys if key in flags), None)
                if flag is None:
                    status = RouteStatus(claim.name, domain.name, claim.pattern, Stage.LEGACY, "")
                else:
                    since = (flag.changed_at, flag.changed_by, flag.why)
                    stage = Stage(flag.stage)
                    status = RouteStatus(claim.name, domain.name, claim.pattern, stage, flag.kind, *since)
                seen.setdefault(claim.name, status)
        return list(seen.values())

    async def move(self, name: str, to: Stage, *, by: str, why: str) -> list[Change]:
        """Stage a route, a domain or a task; gives what changed, nothing where it was so already.

        Raises RolloutError for a name that is none, with the nearest ones, and for a change without a reason.
        """
        kind = self._kind(name)
        if kind == "task" and not self.tasks[name].is_shared:
            raise RolloutError(f"legacy has no task {name!r}: it is new's")
        async with self._change(by, why) as (session, changes):
            await session.execute(text(SET), {"kind": kind, "name": name, "stage": to.value})
            if kind == "domain":
                own = [route for route, domain in self.routes.items() if domain == name]
                forget = "DELETE FROM bridge.flag WHERE kind = 'route' AND name = ANY(:own)"
                await session.execute(text(forget), {"own": own})
            if kind == "task":
                await hand_over(session, name, to_new=to is Stage.NEW)
        return changes

    async def roll_back(self, name: str, *, by: str, why: str) -> list[Change]:
        """Give a route or a domain back to legacy."""
        return await self.move(name, Stage.LEGACY, by=by, why=why)

    async def kill(self, *, by: str, why: str) -> list[Change]:
        """Everything to legacy. The stages are kept for `restore`."""
        async with self._change(by, why) as (session, changes):
            await session.execute(text(SET), {"kind": "kill", "name": "", "stage": Stage.LEGACY.value})
        return changes

    async def restore(self, *, by: str, why: str) -> list[Change]:
        """Lift the kill switch: every route has the stage it had."""
        async with self._change(by, why) as (session, changes):
            await session.execute(text("DELETE FROM bridge.flag WHERE kind = 'kill'"))
        return changes

    @contextlib.asynccontextmanager
    async def _change(self, by: str, why: str) -> AsyncIterator[tuple[AsyncSession, list[Change]]]:
        """One signed transaction. The database writes the audit; after the block, the list has its new lines."""
        if not by.strip() or not why.strip():
            raise RolloutError("every change is signed: say who with --by, and the reason with --why")
        changes: list[Change] = []
        async with self.database.unit_of_work() as session:
            # One change at a time, so that every line of the audit begins where the one before ended.
            await session.execute(text("LOCK TABLE bridge.flag IN SHARE ROW EXCLUSIVE MODE"))
            sign = "SELECT set_config('bridge.by', :by, true), set_config('bridge.why', :why, true)"
            await session.execute(text(sign), {"by": by.strip(), "why": why.strip()})
            last = await session.scalar(text(VERSION))
            yield session, changes
            lines = await session.execute(text(f"{AUDIT} WHERE id > :last ORDER BY id"), {"last": last})
            changes += [Change(**line) for line in lines.mappings()]

    async def audit(self, limit: int = 100) -> list[Change]:
        """The newest changes, newest first."""
        async with self.database.read_only() as session:
            query = text(f"{AUDIT} ORDER BY id DESC LIMIT :limit")
            return [Change(**row) for row in (await session.execute(query, {"limit": limit})).mappings()]

    def _kind(self, name: str) -> str:
        if name in self.domains:
            return "domain"
        if name in self.routes:
            return "route"
        if name in self.tasks:
            return "task"
        near = get_close_matches(name, [*self.domains, *self.routes, *self.tasks], n=5, cutoff=0.4)
        hint = f"did you mean {', '.join(near)}?" if near else "`bridge stages` and `bridge tasks` list them"
        raise RolloutError(f"there is no route, no domain and no task named {name!r}: {hint}")


class FlagSource:
    """The snapshot of this process: read from PostgreSQL, kept in memory and on disk. Reading it does no I/O.

    `start` and `stop` belong to the server's lifespan. While the database is away, the last snapshot holds.
    """

    def __init__(self, database_url: str, kept: Path, *, poll: float = POLL) -> None:
        # asyncpg wants a plain URL, and SQLAlchemy knows how to make one out of postgres://, postgresql+asyncpg:// ...
        self.url = async_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.kept, self.poll = kept, poll
        self.current = Snapshot()
        self._said = ""
        self._task: asyncio.Task[None] | None = None

    def snapshot(self) -> Snapshot:
        return self.current

    async def start(self) -> None:
        """Read once, from the database or else from disk, and keep up from then on."""
        self.current = await asyncio.to_thread(load, self.kept)
        first = asyncio.Event()
        self._task = asyncio.create_task(self._follow(first), name="flags")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(first.wait(), START_TIMEOUT)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self, tried: asyncio.Event) -> None:
        wait = FIRST_WAIT
        while True:
            try:
                async with self._listening() as (connection, noticed):
                    while True:
                        noticed.clear()  # before the read: a notice that comes while it runs asks for another one
                        await self._read(connection)
                        tried.set()
                        wait = FIRST_WAIT
                        with contextlib.suppress(TimeoutError):
                            await asyncio.wait_for(noticed.wait(), self.poll)
            except asyncpg.UndefinedTableError:
                # The bridge was taken out of this database, or never in it: what is on disk is of another.
                await self._take(Snapshot())
                self._say("this database has no schema bridge, so all is legacy's; run `bridge migrate`")
            except Exception as error:
                # Whatever it is, this task must outlive it: a process that no longer hears of the kill switch is worse.
                self._say(f"the database is away ({error!r}); keeping version {self.current.version}")
            tried.set()
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _say(self, line: str) -> None:
        if line != self._said:
            _log.warning("flags: %s", line)
        self._said = line

    async def _take(self, found: Snapshot) -> None:
        if found != self.current:
            self.current = found
            await asyncio.to_thread(keep, found, self.kept)

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator[tuple[Any, asyncio.Event]]:
        connection = await asyncpg.connect(self.url, timeout=CONNECT_TIMEOUT, command_timeout=CONNECT_TIMEOUT)
        noticed = asyncio.Event()
        try:
            await connection.add_listener(CHANNEL, lambda *_: noticed.set())
            connection.add_termination_listener(lambda _: noticed.set())
            yield connection, noticed
        finally:
            await _close(connection)

    async def _read(self, connection: Any) -> None:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            version = await connection.fetchval(VERSION)
            rows = await connection.fetch(READ)
        await self._take(snapshot_of(((row["kind"], row["name"], row["stage"]) for row in rows), version))
        self._said = ""


async def _close(connection: Any) -> None:
    with contextlib.suppress(Exception):  # it is being given up; how it ends does not matter
        await connection.close(timeout=1)


def snapshot_of(rows: Iterable[tuple[str, str, str]], version: int) -> Snapshot:
    """Rows of `bridge.flag` as a snapshot."""
    flags = [(kind, name, Stage(stage)) for kind, name, stage in rows]
    return Snapshot(
        routes={name: stage for kind, name, stage in flags if kind == "route"},
        domains={name: stage for kind, name, stage in flags if kind == "domain"},
        killed=any(kind == "kill" for kind, _, _ in flags),
        version=version,
    )


def keep(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot so that a reader sees the old one or the new one, never half."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_text(json.dumps({"format": FORMAT, **asdict(snapshot)}))
        draft.replace(path)
    except OSError as error:
        _log.error("flags: the snapshot cannot be kept in %s: %s", path, error)


def load(path: Path) -> Snapshot:
    """The snapshot kept on disk; one that is missing, broken or of another format means legacy for everything."""
    try:
        kept = json.loads(path.read_text())
        if kept.pop("format") != FORMAT:
            raise ValueError("another format")
        stages = {key: {name: Stage(stage) for name, stage in kept[key].items()} for key in ("routes", "domains")}
        return Snapshot(**stages, killed=bool(kept["killed"]), version=int(kept["version"]))
    except FileNotFoundError:
        return Snapshot()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.error("flags: %s is not a snapshot (%s); everything is legacy's until the database answers", path, error)
        return Snapshot()

"""Rollout: who serves what, since when, why.

PostgreSQL is the truth. A change writes the flag and its line in the audit in one transaction; a trigger notifies;
every process re-reads on notice and every two seconds. The last snapshot outlives the database, also over a restart, on
disk. Moving a domain sets the domain and forgets the stages of its own routes, in one transaction. Going back has no
condition.
"""

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from legacy_adapters.flags import Snapshot, Stage
from new_app.db import Database
from new_app.domain import Domain

CHANNEL = "bridge_flags"
POLL = 2.0  # seconds; a lost notice costs no more
CONNECT_TIMEOUT = 2.0
LONGEST_WAIT = 5.0
FORMAT = 1
READ = "SELECT kind, name, stage FROM bridge.flag"
VERSION = "SELECT coalesce(max(id), 0) FROM bridge.flag_audit"
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
        """Stage a route or a domain; gives what changed, nothing where it was so already.

        Raises RolloutError for a name that is neither, with the nearest ones.
        """
        kind = self._kind(name)
        async with self.database.unit_of_work() as session:
            await _serialise(session)
            changes = await _set(session, kind, name, to, by, why)
            if kind == "domain":
                own = [route for route, domain in self.routes.items() if domain == name]
                for route in own:
                    changes += await _unset(session, "route", route, by, why)
            return changes

    async def roll_back(self, name: str, *, by: str, why: str) -> list[Change]:
        """Give a route or a domain back to legacy."""
        return await self.move(name, Stage.LEGACY, by=by, why=why)

    async def kill(self, *, by: str, why: str) -> list[Change]:
        """Everything to legacy. The stages are kept for `restore`."""
        async with self.database.unit_of_work() as session:
            await _serialise(session)
            return await _set(session, "kill", "", Stage.LEGACY, by, why)

    async def restore(self, *, by: str, why: str) -> list[Change]:
        """Lift the kill switch: every route has the stage it had."""
        async with self.database.unit_of_work() as session:
            await _serialise(session)
            return await _unset(session, "kill", "", by, why)

    async def audit(self, limit: int = 100) -> list[Change]:
        """The newest changes, newest first."""
        async with self.database.read_only() as session:
            query = text("SELECT * FROM bridge.flag_audit ORDER BY id DESC LIMIT :limit")
            return [Change(**row) for row in (await session.execute(query, {"limit": limit})).mappings()]

    def _kind(self, name: str) -> str:
        if name in self.domains:
            return "domain"
        if name in self.routes:
            return "route"
        near = get_close_matches(name, [*self.domains, *self.routes], n=5, cutoff=0.4)
        hint = f"did you mean {', '.join(near)}?" if near else "`bridge stages` lists them"
        raise RolloutError(f"there is no route and no domain named {name!r}: {hint}")


async def _serialise(session: AsyncSession) -> None:
    """One change at a time, so that every line of the audit begins where the one before ended."""
    await session.execute(text("LOCK TABLE bridge.flag IN SHARE ROW EXCLUSIVE MODE"))


async def _set(session: AsyncSession, kind: str, name: str, to: Stage, by: str, why: str) -> list[Change]:
    key = {"kind": kind, "name": name}
    before = await session.scalar(text("SELECT stage FROM bridge.flag WHERE kind = :kind AND name = :name"), key)
    if before == to.value:
        return []
    write = """
        INSERT INTO bridge.flag (kind, name, stage, changed_by, why) VALUES (:kind, :name, :stage, :by, :why)
        ON CONFLICT (kind, name) DO UPDATE
        SET stage = excluded.stage, changed_by = excluded.changed_by, why = excluded.why, changed_at = now()"""
    await session.execute(text(write), {**key, "stage": to.value, "by": by, "why": why})
    return [await _record(session, by, why, kind, name, before, to.value)]


async def _unset(session: AsyncSession, kind: str, name: str, by: str, why: str) -> list[Change]:
    query = text("DELETE FROM bridge.flag WHERE kind = :kind AND name = :name RETURNING stage")
    before = await session.scalar(query, {"kind": kind, "name": name})
    return [] if before is None else [await _record(session, by, why, kind, name, before, None)]


async def _record(
    session: AsyncSession, by: str, why: str, kind: str, name: str, before: str | None, after: str | None
) -> Change:
    query = """
        INSERT INTO bridge.flag_audit (by, why, kind, name, before, after)
        VALUES (:by, :why, :kind, :name, :before, :after) RETURNING *"""
    values = {"by": by, "why": why, "kind": kind, "name": name, "before": before, "after": after}
    return Change(**(await session.execute(text(query), values)).mappings().one())


class FlagSource:
    """The snapshot of this process: read from PostgreSQL, kept in memory and on disk. Reading it does no I/O."""

    def __init__(self, database_url: str, kept: Path) -> None:
        self.database_url = database_url
        self.kept = kept
        self.current = Snapshot()
        self._task: asyncio.Task[None] | None = None

    def snapshot(self) -> Snapshot:
        return self.current

    async def start(self) -> None:
        """Read once, from the database or else from disk, and keep up from then on."""
        self.current = load(self.kept)
        connection = None
        try:
            connection = await self._connect()
            await self._read(connection)
        except (OSError, asyncpg.PostgresError, TimeoutError) as error:
            _log.warning("flags: the database is away (%s); version %s from disk", error, self.current.version)
        finally:
            if connection is not None:
                await _close(connection)
        self._task = asyncio.create_task(self._follow(), name="flags")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self) -> None:
        wait = 0.1
        while True:
            connection = None
            try:
                connection = await self._connect()
                noticed = asyncio.Event()
                await connection.add_listener(CHANNEL, lambda *_, noticed=noticed: noticed.set())
                connection.add_termination_listener(lambda _, noticed=noticed: noticed.set())
                wait = 0.1
                while True:
                    await self._read(connection)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(noticed.wait(), POLL)
                    noticed.clear()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                _log.warning("flags: the database is away (%s); keeping version %s", error, self.current.version)
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)
            finally:
                if connection is not None:
                    await _close(connection)

    async def _connect(self) -> Any:
        return await asyncpg.connect(self.database_url, timeout=CONNECT_TIMEOUT, command_timeout=CONNECT_TIMEOUT)

    async def _read(self, connection: Any) -> None:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            version = await connection.fetchval(VERSION)
            rows = await connection.fetch(READ)
        found = snapshot_of(((row["kind"], row["name"], row["stage"]) for row in rows), version)
        if found != self.current:
            self.current = found
            keep(found, self.kept)


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

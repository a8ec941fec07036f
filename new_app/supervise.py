"""Supervise: run child processes, label what they print, restart the ones that die, leave none behind.

The promise, in order: 1 a child is started in its own process group and dies with us, even by SIGKILL (Linux);
2 every line it prints carries its name; 3 a child that ends before it was told to is restarted, after a delay that
doubles from 0.5 s to 30 s and is forgotten once it has lived a minute; 4 stopping ends the newest child first, by
SIGTERM and, after a grace of 10 s, by SIGKILL to its whole group.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
SETTLED = 60.0
GRACE = 10.0
PR_SET_PDEATHSIG = 1

Say = Callable[[str, str], None]


class ChildError(Exception):
    """A child ended or stayed silent before it was ready. Its last lines are in the message."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running. `ready` is asked every 50 ms until it answers True, for `patience` seconds at most."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    ready: Callable[[], Awaitable[bool]] | None = None
    patience: float = 30.0


@dataclass(slots=True)
class _Run:
    child: Child
    process: asyncio.subprocess.Process | None = None
    tail: list[str] = field(default_factory=list)
    restarts: int = 0
    keeper: asyncio.Task[None] | None = None
    started: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    """Children by name. `say(name, line)` gets every line a child prints and every line about it."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.stopping = False
        self.runs: dict[str, _Run] = {}

    async def start(self, child: Child) -> None:
        """Start a child and wait until it is ready. Raises ChildError if it is not in time."""
        run = self.runs[child.name] = _Run(child)
        run.keeper = asyncio.create_task(self._keep(run), name=f"keep {child.name}")
        deadline = time.monotonic() + child.patience
        await run.started.wait()
        while child.ready is not None and not await child.ready():
            if time.monotonic() > deadline or run.restarts >= 3:
                raise ChildError(f"{child.name} is not ready:\n" + "\n".join(run.tail[-20:]))
            await asyncio.sleep(0.05)

    def pid(self, name: str) -> int | None:
        """The process id of a running child, None while it is down."""
        process = self.runs[name].process
        return process.pid if process is not None and process.returncode is None else None

    async def stop(self) -> None:
        """End every child, the newest first."""
        self.stopping = True
        for run in reversed(self.runs.values()):
            await self._end(run)
            if run.keeper is not None:
                run.keeper.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await run.keeper

    async def _keep(self, run: _Run) -> None:
        delay = FIRST_DELAY
        while not self.stopping:
            began = time.monotonic()
            run.process = await _spawn(run.child)
            run.started.set()
            relay = asyncio.create_task(self._relay(run, run.process))
            await _exited(run.process)
            if not self.stopping:
                _kill_group(run.process)  # a grandchild left over holds the port, and the pipe that relay reads
            await relay
            code = await run.process.wait()
            if self.stopping:
                return
            if time.monotonic() - began > SETTLED:
                delay = FIRST_DELAY
            run.restarts += 1
            self.say(run.child.name, f"ended with {code}; starting it again in {delay:g} s")
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)

    async def _relay(self, run: _Run, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # a line over the stream's limit was dropped; the next one is fine
                continue
            if not line:
                return
            text = line.decode(errors="replace").rstrip()
            run.tail = [*run.tail[-49:], text]
            self.say(run.child.name, text)

    async def _end(self, run: _Run) -> None:
        process = run.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), GRACE)
        except TimeoutError:
            self.say(run.child.name, f"did not end in {GRACE:g} s; killed")
        _kill_group(process)
        await process.wait()


async def _exited(process: asyncio.subprocess.Process) -> None:
    """Wait for the process alone; `process.wait()` also waits for everyone who inherited its pipe."""
    while process.returncode is None:  # noqa: ASYNC110 - asyncio offers no event for this alone
        await asyncio.sleep(0.05)


def _kill_group(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


async def _spawn(child: Child) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *child.command,
        env=dict(child.env),
        cwd=child.cwd,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        limit=1 << 20,
    )


def _die_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

"""The supervisor: children are labelled, restarted and ended, whatever happens to us."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from new_app.config import child_environment
from new_app.supervise import Child, ChildError, Supervisor


def child(name: str, program: str, **options: object) -> Child:
    return Child(name, [sys.executable, "-u", "-c", program], child_environment(), Path.cwd(), **options)  # type: ignore[arg-type]


async def until(true: object, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline, "did not happen in time"
        await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


async def test_every_line_carries_the_name_of_its_child() -> None:
    said: list[tuple[str, str]] = []
    supervisor = Supervisor(lambda name, line: said.append((name, line)))
    await supervisor.start(child("a", "import time; print('hello'); time.sleep(60)"))
    await until(lambda: ("a", "hello") in said)
    await supervisor.stop()


async def test_a_child_that_dies_is_started_again_and_it_is_said() -> None:
    said: list[str] = []
    supervisor = Supervisor(lambda _, line: said.append(line))
    await supervisor.start(child("a", "import time; print('up'); time.sleep(60)"))
    await until(lambda: said.count("up") == 1)
    first = supervisor.pid("a")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: said.count("up") == 2)
    assert supervisor.pid("a") != first
    assert "ended with -9; starting it again in 0.5 s" in said
    await supervisor.stop()


async def test_stop_ends_grandchildren_too() -> None:
    said: list[str] = []
    supervisor = Supervisor(lambda _, line: said.append(line))
    program = (
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(p.pid); time.sleep(60)"
    )
    await supervisor.start(child("a", program))
    await until(lambda: said)
    grandchild = int(said[0])
    own = supervisor.pid("a")
    assert own is not None
    await supervisor.stop()
    await until(lambda: not alive(grandchild))
    assert not alive(own)


async def test_a_child_is_started_again_though_its_own_child_lives_on() -> None:
    said: list[str] = []
    supervisor = Supervisor(lambda _, line: said.append(line))
    program = (
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print('own', p.pid); time.sleep(60)"
    )
    await supervisor.start(child("a", program))
    await until(lambda: said)
    grandchild, first = int(said[0].split()[1]), supervisor.pid("a")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: sum(line.startswith("own") for line in said) == 2)
    assert not alive(grandchild)
    await supervisor.stop()


async def test_a_child_that_never_gets_ready_is_an_error_with_its_last_lines() -> None:
    async def never() -> bool:
        return False

    supervisor = Supervisor(lambda *_: None)
    with pytest.raises(ChildError, match="no luck"):
        await supervisor.start(child("a", "import time; print('no luck'); time.sleep(60)", ready=never, patience=1.0))
    await supervisor.stop()


def test_children_end_when_the_supervisor_is_killed() -> None:
    program = """
import asyncio, sys
from pathlib import Path
from new_app.config import child_environment
from new_app.supervise import Child, Supervisor
async def main():
    s = Supervisor(lambda n, l: print(l, flush=True))
    await s.start(Child("a", [sys.executable, "-u", "-c", "import os, time; print(os.getpid()); time.sleep(60)"], child_environment(), Path.cwd()))
    await asyncio.sleep(60)
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-u", "-c", program], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        supervisor.kill()
    deadline = time.monotonic() + 5
    while alive(pid):
        assert time.monotonic() < deadline, "the child outlived its supervisor"
        time.sleep(0.02)

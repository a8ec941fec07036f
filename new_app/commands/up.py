"""`bridge up`: both sites, the router, the worker and their servers on this machine; `--check` walks a cutover on them.

The order: 1 servers (embedded unless DATABASE_URL and REDIS_URL name real ones) · 2 both migrations, the manifest, and
the theme made of the Django site's templates · 3 seed, where the database is empty · 4 the Django site · 5 the new site
with the router in front · 6 the worker. Ctrl-C ends all of them.
"""

import asyncio
import contextlib
import json
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import asyncpg
import click
from rich.console import Console

from migrations.watch import install
from new_app import embedded
from new_app.config import ROOT, Settings, child_environment
from new_app.domains import WATCHED
from new_app.supervise import Child, ChildError, Supervisor

LEGACY = ROOT / "tests" / "legacy_site"
LOGINS = {
    name: f"{user}:correct-horse" for name, user in {"user": "reader", "staff": "editor", "superuser": "admin"}.items()
}
"""Whom the seeds of the reference site know, for `bridge parity run --personas`."""
COLOURS = {"postgres": "blue", "valkey": "red", "legacy": "yellow", "web": "green", "worker": "magenta"}
console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Stack:
    """A running stack: where it answers, and the environment in which `bridge` commands reach it."""

    url: str
    legacy_url: str
    env: dict[str, str]

    async def bridge(self, *arguments: str) -> tuple[int, str]:
        """Run a `bridge` command against this stack; gives its exit code and what it printed."""
        return await run([sys.executable, "-m", "new_app.cli", *arguments], self.env)


@click.command()
@click.option("--port", default=8000, show_default=True, help="Where the router listens.")
@click.option("--legacy-port", default=8001, show_default=True, help="Where the Django site listens.")
@click.option("--check", is_flag=True, help="Throw-away stack on free ports: walk a whole cutover, then exit 0 or 1.")
@click.option(
    "--parity", is_flag=True, help="Throw-away stack: `bridge parity run --all --crawl` as everybody, then exit."
)
@click.option("--report", type=click.Path(path_type=Path), help="With --parity: the folder of the report.")
def up(port: int, legacy_port: int, check: bool, parity: bool, report: Path | None) -> None:
    """Run the whole bridge on this machine."""
    try:
        if check or parity:
            sys.exit(asyncio.run(_throw_away(check, report)))
        asyncio.run(_demo(port, legacy_port))
    except (ChildError, embedded.EmbeddedError) as error:
        raise click.ClickException(str(error)) from error


async def _throw_away(check: bool, report: Path | None) -> int:
    from new_app.commands import walk

    log: list[str] = []
    with embedded.throw_away() as folder:
        settings = Settings(var=folder)
        try:
            async with stack(
                settings, embedded.free_port(), embedded.free_port(), lambda n, s: log.append(f"{n} | {s}")
            ) as running:
                code = await (walk.check(running) if check else walk.parity(running, report))
        except BaseException:
            sys.stderr.write("\n".join(log[-60:]) + "\n")
            raise
        if code:
            (ROOT / "var").mkdir(exist_ok=True)
            (ROOT / "var" / "up.log").write_text("\n".join(log))
            console.print("The logs of every child are in var/up.log.")
        return code


async def _demo(port: int, legacy_port: int) -> None:
    began = time.monotonic()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with stack(Settings(), port, legacy_port, say) as running:
        _, board = await running.bridge("stages")
        console.print(board, markup=False)
        console.print(f"[bold]ready in {time.monotonic() - began:.1f} s[/]")
        console.print(f"  visitors  {running.url}/downloads/\n  legacy    {running.legacy_url}/downloads/")
        console.print(
            f'  flip      DATABASE_URL="{running.env["DATABASE_URL"]}" .venv/bin/bridge move boxes --to new --why try'
        )
        console.print("  Ctrl-C ends everything.")
        await stop.wait()
        console.print("stopping")


def say(name: str, line: str) -> None:
    console.print(f"[{COLOURS.get(name, 'white')}]{name:>8}[/] │ ", end="")
    console.print(line, markup=False)


@contextlib.asynccontextmanager
async def stack(
    settings: Settings, port: int, legacy_port: int, say: Callable[[str, str], None]
) -> AsyncIterator[Stack]:
    """Start everything in order; end everything when the block ends, whatever ended it."""
    settings.var.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(say)
    try:
        database_url = settings.database_url or await _server(supervisor, "postgres", settings.var / "pg")
        redis_url = settings.redis_url or await _server(supervisor, "valkey", settings.var / "valkey")
        env = child_environment(
            VAR=str(settings.var),
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            LEGACY_URL=f"http://127.0.0.1:{legacy_port}",
            DJANGO_SECRET_KEY=secret_key(settings),
            MANIFEST=str(settings.var / "manifest.json"),
            TEMPLATE_TAGS=json.dumps(["tests.site_tags"]),
            MEDIA_ROOT=str(settings.var / "media"),
            DJANGO_MEDIA_ROOT=str(settings.var / "media"),
            RELEASE_CYCLE_URL=f"http://127.0.0.1:{legacy_port}/static/release-cycle.json",
            PARITY_LOGINS=json.dumps(LOGINS),
            PYTHONUNBUFFERED="1",
            PYTHONPATH=str(ROOT),
        )
        await prepare(env, database_url, say)
        running = Stack(f"http://127.0.0.1:{port}", env["LEGACY_URL"], env)
        await supervisor.start(_legacy(env, legacy_port))
        await supervisor.start(_web(env, port))
        await supervisor.start(Child("worker", [_script("saq"), "new_app.worker.settings"], env, ROOT))
        yield running
    finally:
        await supervisor.stop()


async def prepare(
    env: dict[str, str], database_url: str, say: Callable[[str, str], None], *, seed: bool = True
) -> None:
    """Migrate both sides and seed an empty database."""
    manage = [sys.executable, str(LEGACY / "manage.py")]
    bridge = [sys.executable, "-m", "new_app.cli"]
    adopt = ["adopt", "--python", sys.executable, "--settings", "legacy.settings", "--path", str(LEGACY)]

    async def ours() -> None:
        await _must(say, "web", [*bridge, "migrate"], env)
        await _must(say, "web", [*bridge, *adopt], env)
        await _must(say, "web", [*bridge, "import", "templates", "--quiet", "--from", env["MANIFEST"]], env)

    async def theirs() -> None:
        await _must(say, "legacy", [*manage, "migrate", "--verbosity", "0"], env)
        await _must(say, "legacy", [*manage, "createcachetable"], env)
        if seed and not await _seeded(database_url):
            await _must(say, "legacy", [*bridge, "seed"], env)

    await asyncio.gather(ours(), theirs())
    await install(database_url, WATCHED)  # ours may have been there before their tables


async def _seeded(database_url: str) -> bool:
    connection = await asyncpg.connect(database_url)
    try:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM downloads_release)"))
    finally:
        await connection.close()


async def run(command: list[str], env: dict[str, str]) -> tuple[int, str]:
    """Run a command to its end; gives its exit code and everything it printed."""
    process = await asyncio.create_subprocess_exec(
        *command, env=env, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode(errors="replace")


async def _must(say: Callable[[str, str], None], name: str, command: list[str], env: dict[str, str]) -> None:
    code, output = await run(command, env)
    if code:
        raise ChildError(f"{' '.join(command[-3:])} failed with {code}:\n{output[-3000:]}")
    for line in output.splitlines():
        say(name, line)


def secret_key(settings: Settings) -> str:
    """The key both sides sign with: DJANGO_SECRET_KEY, or one made for this machine and kept beside the database."""
    if key := settings.django_secret_key.get_secret_value():
        return key
    kept = settings.var / "secret-key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48))
    return kept.read_text()


async def _server(supervisor: Supervisor, name: str, folder: Path) -> str:
    url_file = folder.with_suffix(".url")
    url_file.unlink(missing_ok=True)

    async def ready() -> bool:
        return url_file.exists() and bool(url_file.read_text())

    command = [sys.executable, "-m", "new_app.embedded", name, str(folder), str(url_file)]
    await supervisor.start(Child(name, command, child_environment(PYTHONPATH=str(ROOT)), ROOT, ready))
    return url_file.read_text()


def _legacy(env: dict[str, str], port: int) -> Child:
    command = [_script("granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--blocking-threads", "2", "--backpressure", "128", "--no-ws", "legacy.wsgi:application"]
    legacy_env = {**env, "PYTHONPATH": str(LEGACY)}
    return Child("legacy", command, legacy_env, LEGACY, _answers(f"http://127.0.0.1:{port}/_health"))


def _web(env: dict[str, str], port: int) -> Child:
    command = [_script("granian"), "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--loop", "uvloop", "--backpressure", "1024", "--factory", "new_app.asgi:create_app"]
    return Child("web", command, env, ROOT, _answers(f"http://127.0.0.1:{port}/_health"))


def _answers(url: str) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as client,
                client.get(url) as response,
            ):
                return response.status == 200
        return False

    return ready


def _script(name: str) -> str:
    return str(Path(sys.executable).parent / name)

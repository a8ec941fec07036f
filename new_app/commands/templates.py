"""`bridge import templates`: the old site's templates as a theme of Jinja2 templates.

Exit 1: a template is broken, a tag is unknown (unless `--allow-unknown`), a person's edit and the source disagree, or,
with `--check`, the theme is behind its source.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from importers.templates import theme as themes
from importers.templates.known import of_manifest, without_manifest
from importers.templates.libraries import Known
from importers.templates.sources import found
from importers.templates.theme import Action, Step, Theme
from legacy_adapters.errors import ManifestError
from legacy_adapters.manifest import read_manifest
from new_app.config import Settings
from new_app.domains import WANTED

SHOWN = (Action.CREATE, Action.CHANGE, Action.REMOVE, Action.EDITED, Action.CONFLICT)
BAD = {Action.CONFLICT}
WATCH_EVERY = 0.5
Given = tuple[list[Path], Known, dict[str, str]]
console = Console(highlight=False, soft_wrap=True)
errors = Console(highlight=False, soft_wrap=True, stderr=True)


@click.command()
@click.option(
    "--from",
    "origins",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="manifest.json|DIR",
    help="The manifest of the old site, its template folders in loader order, or both.  [default: MANIFEST]",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="The theme.  [default: VAR/theme]")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the theme is behind its source.")
@click.option("--watch", is_flag=True, help="Go on: import again whenever a template changes. Ctrl-C ends it.")
@click.option("--allow-unknown", is_flag=True, help="Exit 0 although tags could not be converted.")
@click.option("--packages", is_flag=True, help="All templates of installed packages, not only those the site names.")
@click.option("--quiet", is_flag=True, help="Say only what is wrong, and how many templates there are.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def templates(origins: tuple[Path, ...], out: Path | None, watch: bool, **options: bool) -> None:
    """Django templates → a theme of Jinja2 templates, line for line."""
    settings = Settings()
    folder = out or settings.var / "theme"
    try:
        given = sources(origins or (settings.manifest,))
        code = run(given, folder, **options)
        if watch:
            keep_watching(given, folder, **options)
    except (ManifestError, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    raise SystemExit(code)


def sources(origins: tuple[Path, ...]) -> Given:
    """Folders, libraries, and the folders that templates name by an app's label."""
    folders = [origin.resolve() for origin in origins if origin.is_dir()]
    files = [origin for origin in origins if not origin.is_dir()]
    if len(files) > 1:
        raise click.UsageError("--from is one manifest, and folders")
    if not files:
        return folders, without_manifest(folders), {}
    manifest = read_manifest(files[0])
    told = folders or [Path(folder) for folder in manifest.template_dirs]
    missing = [str(folder) for folder in told if not folder.is_dir()]
    if missing:
        raise click.UsageError(f"{missing[0]} is not on this machine: give the template folders too, --from DIR")
    return told, of_manifest(manifest), manifest.template_apps


def run(
    given: Given,
    folder: Path,
    *,
    check: bool = False,
    allow_unknown: bool = False,
    packages: bool = False,
    quiet: bool = False,
    as_json: bool = False,
) -> int:
    """One import. Gives the exit code."""
    began = time.perf_counter()
    folders, known, apps = given
    with progress() as show:
        theme = themes.converted(folders, known, apps=apps, packages=packages, wanted=WANTED, progress=show)
    steps = themes.planned(theme, folder)
    if not check:
        themes.apply(steps, theme, folder)
    elapsed = time.perf_counter() - began
    if as_json:
        click.echo(json.dumps(outcome(theme, steps, elapsed), indent=1, ensure_ascii=False))
    else:
        if not quiet:
            listing(theme, steps)
        report(theme, steps, elapsed, folder, check)
    behind = check and any(step.action not in {Action.SAME, Action.EDITED} for step in steps)
    unknown = bool(theme.unknown) and not allow_unknown
    return int(behind or unknown or bool(theme.problems) or any(step.action in BAD for step in steps))


def keep_watching(given: Given, folder: Path, **options: bool) -> None:
    """Import again after each change, until Ctrl-C."""
    before = stamps(given[0])
    errors.print(f"watching {len(before)} templates; Ctrl-C ends it")
    try:
        while True:
            time.sleep(WATCH_EVERY)
            now = stamps(given[0])
            if now != before:
                before = now
                run(given, folder, **options)
    except KeyboardInterrupt:
        return


def stamps(folders: list[Path]) -> dict[Path, tuple[int, int]]:
    """When each template was last written, and its size."""
    stamped = {}
    for places in found(folders).values():
        for source in places:
            state = source.path.stat()
            stamped[source.path] = (state.st_mtime_ns, state.st_size)
    return stamped


# -- printing ---------------------------------------------------------------------------------------------------------


def outcome(theme: Theme, steps: list[Step], elapsed: float) -> dict[str, Any]:
    return {
        "templates": len(theme.texts),
        "seconds": round(elapsed, 3),
        "actions": Counter(step.action.value for step in steps),
        "tags": dict(theme.tags.most_common()),
        "unknown": [
            {"file": str(path), "line": one.line, "tag": one.tag, "text": one.text, "register": one.register}
            for path, one in theme.unknown
        ],
        "broken": [
            {"file": str(one.path), "line": one.line, "message": one.message, "template": one.name}
            for one in theme.problems
        ],
        "notes": theme.notes,
        "needs": sorted(theme.needs),
        "blocks": theme.renamed,
    }


def report(theme: Theme, steps: list[Step], elapsed: float, folder: Path, check: bool) -> None:
    for step in steps:
        if step.action is Action.CONFLICT:
            beside = escape(f"{folder / step.name}{themes.BESIDE}")
            errors.print(
                f"[magenta]conflict[/] {escape(step.name)}: edited here and changed there; both are in {beside}"
            )
    for path, one in theme.unknown:
        errors.print(f"[red]unknown[/] {escape(f'{path}:{one.line}: {one.text}')} · register {escape(one.register)}")
    for problem in theme.problems:
        where = f"{problem.path}:{problem.line}" if problem.line else str(problem.path)
        errors.print(f"[red]broken[/] {escape(f'{where}: {one_line(problem.message)}')}")
    counts = Counter(step.action.value for step in steps)
    written = 0 if check else sum(counts[action] for action in (Action.CREATE, Action.CHANGE, Action.REMOVE))
    console.print(
        f"{len(theme.texts)} templates in {elapsed:.1f} s: {written} written, "
        + ", ".join(f"{counts[action]} {action}" for action in Action if counts[action])
        + f"; {len(theme.unknown)} unknown, {len(theme.problems)} broken"
    )


def one_line(message: str) -> str:
    return " ".join(message.split())


def listing(theme: Theme, steps: list[Step]) -> None:
    """What is done to each template, how often each tag stood there, and what a domain has to register."""
    for step in steps:
        if step.action in SHOWN:
            console.print(f"{step.action:>8}  {escape(step.name)}")
    for note in theme.notes:
        errors.print(f"[yellow]note[/] {escape(note)}")
    console.print(escape(" · ".join(f"{name} {count}" for name, count in theme.tags.most_common())))
    for kind in ("function", "block", "filter"):
        names = sorted(name for of, name in theme.needs if of == kind)
        if names:
            console.print(f"{kind}s to register: {escape(', '.join(names))}")


@contextmanager
def progress() -> Iterator[themes.Progress | None]:
    """A bar on a terminal."""
    if not errors.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("templates")
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)

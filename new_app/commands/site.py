"""`bridge adopt` describes a legacy site; `bridge routes` lays the claims of the new site over its URL patterns."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from legacy_adapters import introspect
from legacy_adapters.errors import ManifestError
from legacy_adapters.flags import Stage
from legacy_adapters.manifest import Manifest, Pattern, parse_manifest, read_manifest
from new_app.config import Settings
from new_app.db import Database
from new_app.domain import Claim
from new_app.domains import DOMAINS
from new_app.rollout import Rollout

INTROSPECTION_TIMEOUT = 120  # seconds


@click.command()
@click.option("--python", "interpreter", required=True, help="The Python that the site runs with.")
@click.option("--settings", "settings_module", required=True, help="Its settings module.")
@click.option("--path", "folders", multiple=True, help="Folder to import it from; may be repeated. Default: this one.")
@click.option("--out", type=click.Path(path_type=Path), help="The manifest to write. Default: MANIFEST.")
def adopt(interpreter: str, settings_module: str, folders: tuple[str, ...], out: Path | None) -> None:
    """Describe a Django site to the bridge, with the site's own Python. Nothing needs to be installed there."""
    content = described(interpreter, settings_module, folders)
    try:
        manifest = parse_manifest(content)
    except ManifestError as error:
        raise click.ClickException(f"what the site printed {error}; does it print on standard output?") from error
    target = out or Settings().manifest
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.new")
    unfinished.write_bytes(content)
    unfinished.replace(target)
    click.echo(
        f"{target}: Django {manifest.django}, {len(manifest.patterns)} URL patterns, {len(manifest.models)} models, "
        f"{len(manifest.migration_heads)} apps with migrations"
    )


def described(interpreter: str, settings_module: str, folders: tuple[str, ...]) -> bytes:
    """What introspect.py prints when the site's own Python runs it. A failure is told with the end of its traceback."""
    command = [interpreter, introspect.__file__, "--settings", settings_module]
    for folder in folders:
        command += ["--path", folder]
    try:
        done = subprocess.run(command, capture_output=True, timeout=INTROSPECTION_TIMEOUT, check=False)
    except OSError as error:
        raise click.ClickException(f"--python {interpreter} does not run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise click.ClickException(f"the site did not load within {INTROSPECTION_TIMEOUT} s") from error
    if done.returncode:
        last = "\n".join(done.stderr.decode(errors="replace").strip().splitlines()[-5:])
        raise click.ClickException(f"the site does not load with {settings_module}; its last words:\n{last}")
    return done.stdout


ADDED = "not on the old site"


@dataclass(frozen=True, slots=True)
class Row:
    """A URL pattern of the legacy site and the domain that claims it; or a claim that no pattern answers to."""

    place: str
    pattern: str
    name: str
    app: str
    domain: str
    stage: str
    remark: str


@click.command()
@click.option("--manifest", type=click.Path(path_type=Path), help="Default: MANIFEST.")
@click.option("--summary", is_flag=True, help="Counts per app instead of every pattern.")
@click.option("--claimed", is_flag=True, help="Only patterns that a domain claims, and claims with a problem.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option(
    "--parity",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="With --summary: count the routes that this run's --ndjson found equal.",
)
def routes(manifest: Path | None, summary: bool, claimed: bool, as_json: bool, parity: Path | None) -> None:
    """The legacy site's URL patterns in its own order: who claims each, and in which stage it is."""
    settings = Settings()
    try:
        known = read_manifest(manifest or settings.manifest)
    except ManifestError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from error
    rows = table_of(known, asyncio.run(stages(settings.database_url)))
    if claimed:
        rows = [row for row in rows if row.domain]
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=1))
    elif summary:
        print_summary(rows, clean_routes(parity) if parity else None)
    else:
        print_rows(rows)


async def stages(database_url: str) -> dict[str, str]:
    """Stage by route; nothing where no database answers, since a route table is of use without one."""
    if not database_url:
        return {}
    database = Database(database_url)
    try:
        return {status.route: status.stage.value for status in await Rollout(database, DOMAINS).board()}
    except (OSError, DBAPIError):
        return {}
    finally:
        await database.dispose()


def table_of(manifest: Manifest, stage: dict[str, str]) -> list[Row]:
    """A row per pattern, then a row per claim that no pattern answers to."""
    takers: dict[int, tuple[str, Claim, str]] = {}
    lost: list[Row] = []
    for domain in DOMAINS:
        for claim in domain.claims:
            found = manifest.find(claim.pattern, claim.name)
            if not found:
                by_data = "answered by data" if claim.by_data else "the site has no such pattern"
                remark = ADDED if claim.added else by_data
                lost.append(Row("", claim.pattern, claim.name, "", domain.name, stage.get(claim.name, ""), remark))
            remark = f"ambiguous: {len(found)} patterns have this name" if len(found) > 1 else ""
            for pattern in found:
                takers.setdefault(pattern.order, (domain.name, claim, remark))
    return [_row(pattern, takers.get(pattern.order), stage) for pattern in manifest.patterns] + lost


def _row(pattern: Pattern, taker: tuple[str, Claim, str] | None, stage: dict[str, str]) -> Row:
    domain, claim, remark = taker or ("", None, "")
    now = stage.get(claim.name, "") if claim else ""
    return Row(str(pattern.order), pattern.route, pattern.name or "", pattern.app, domain, now, remark)


def print_rows(rows: list[Row]) -> None:
    table = Table("#", "pattern", "name", "app", "domain", "stage", "")
    table.columns[1].overflow = table.columns[2].overflow = "fold"
    for row in rows:
        table.add_row(row.place, row.pattern, row.name, row.app, row.domain, row.stage, row.remark)
    Console().print(table)


def clean_routes(path: Path) -> set[str]:
    """The routes that a parity run found equal: new answered at least once, and nothing differed without a waiver."""
    answered, unclean = set(), set()
    for line in path.read_text().splitlines():
        case = json.loads(line)
        if case.get("result") in {"differs", "error"}:
            unclean.add(case["route"])
        elif "result" in case and "given back" not in case:
            answered.add(case["route"])
    return answered - unclean


def print_summary(rows: list[Row], clean: set[str] | None = None) -> None:
    patterns = [row for row in rows if row.place]
    counts = {
        "patterns": Counter(row.app for row in patterns),
        "claimed": Counter(row.app for row in patterns if row.domain),
        "served by new": Counter(row.app for row in patterns if row.stage == Stage.NEW.value),
    }
    if clean is not None:
        counts["parity-clean"] = Counter(row.app for row in patterns if row.domain and row.name in clean)
    table = Table("app", *counts, show_footer=True)
    for column, footer in zip(table.columns, ["all", *(str(count.total()) for count in counts.values())], strict=True):
        column.footer = footer
    for app, _ in counts["patterns"].most_common():
        table.add_row(app, *(str(count[app] or "") for count in counts.values()))
    console = Console()
    console.print(table)
    heads = Counter(row.pattern.partition("/")[0] for row in patterns if "/" in row.pattern)
    most = ", ".join(f"{count} under /{head}/" for head, count in heads.most_common(3))
    said = ", ".join(f"{count.total()} {name}" for name, count in counts.items() if name != "patterns")
    console.print(f"{len(patterns)} patterns ({most}); {said}", soft_wrap=True)
    for row in rows:
        if row.remark:
            console.print(f"{row.domain}: {row.pattern} ({row.name}): {row.remark}", soft_wrap=True, markup=False)

"""`bridge seed`: fill the reference Django site's database, by that site's own command and in its own process."""

import subprocess
import sys
from pathlib import Path

import click

from new_app.config import ROOT, Settings, child_environment

MANAGE = ROOT / "tests" / "legacy_site" / "manage.py"


@click.command()
@click.option(
    "--fixtures",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Load the Django fixtures (*.json) of this folder instead of the seeds.",
)
def seed(fixtures: Path | None) -> None:
    """Fill the reference site's database at DATABASE_URL. A second run changes nothing."""
    settings = Settings()
    if not settings.database_url:
        raise click.ClickException("No database is named: set DATABASE_URL to the one to fill, after `migrate` there.")
    if not MANAGE.exists():
        raise click.ClickException(f"{MANAGE} is not there: seeds belong to the reference site, run from a checkout.")
    command = [sys.executable, str(MANAGE), "seed", "--skip-checks"]
    if fixtures:
        command += ["--fixtures", str(fixtures.resolve())]
    environment = child_environment(DATABASE_URL=settings.database_url)
    raise SystemExit(subprocess.run(command, env=environment, check=False).returncode)

"""The reference site's manifest, made by its own interpreter, and all templates that it could show."""

import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from importers.templates.known import of_manifest
from importers.templates.theme import Theme, converted
from legacy_adapters import introspect
from legacy_adapters.manifest import Manifest, parse_manifest

SITE = Path(__file__).resolve().parent.parent.parent / "legacy_site"


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    command = [sys.executable, introspect.__file__, "--settings", "legacy.settings", "--path", str(SITE)]
    environment = {"PATH": "", "DATABASE_URL": "postgresql://127.0.0.1:1/no"}
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, check=True)
    return parse_manifest(done.stdout)


@pytest.fixture(scope="session")
def everything(manifest: Manifest) -> Theme:
    began = process_time()
    theme = converted([Path(one) for one in manifest.template_dirs], of_manifest(manifest), packages=True)
    assert process_time() - began < 5
    return theme

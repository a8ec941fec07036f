"""The reference site's manifest, made by its own interpreter."""

import subprocess
import sys
from pathlib import Path

import pytest

from legacy_adapters import introspect
from legacy_adapters.manifest import Manifest, parse_manifest

SITE = Path(__file__).resolve().parent.parent.parent / "legacy_site"


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    command = [sys.executable, introspect.__file__, "--settings", "legacy.settings", "--path", str(SITE)]
    environment = {"PATH": "", "DATABASE_URL": "postgresql://127.0.0.1:1/no"}
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, check=True)
    return parse_manifest(done.stdout)

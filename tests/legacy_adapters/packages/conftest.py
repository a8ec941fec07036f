"""One process with the reference site's Django for all tests of this folder, and the manifest it writes."""

import json
import os
import sys
from collections.abc import Iterator

import pytest

from legacy_adapters.manifest import Manifest, parse_manifest
from tests.legacy_adapters.packages.oracle import Oracle

ANOTHER = os.environ.get("ORACLE_PYTHON")
"""The interpreter of an environment with another Django, and with no package: `make compat`."""
SETTINGS = f"tests.legacy_adapters.packages.{'bare' if ANOTHER else 'site'}_settings"


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    process = Oracle(SETTINGS, ANOTHER or sys.executable)
    try:
        yield process
    finally:
        process.close()


@pytest.fixture(scope="session")
def manifest(oracle: Oracle) -> Manifest:
    return parse_manifest(json.dumps(oracle("urls:manifest")).encode())

"""One process with the reference site's Django for all tests of this folder, and the manifest it writes."""

import json
from collections.abc import Iterator

import pytest

from legacy_adapters.manifest import Manifest, parse_manifest
from tests.legacy_adapters.packages.oracle import Oracle

SETTINGS = "tests.legacy_adapters.packages.site_settings"


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    process = Oracle(SETTINGS)
    try:
        yield process
    finally:
        process.close()


@pytest.fixture(scope="session")
def manifest(oracle: Oracle) -> Manifest:
    return parse_manifest(json.dumps(oracle("urls:manifest")).encode())

"""compose.yaml holds to the Compose Specification's own schema, and its services to each other."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

FILE = Path(__file__).resolve().parent.parent / "compose.yaml"


def check(path: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_file_is_valid() -> None:
    done = check(FILE)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("good", "bad"),
    [("    image: valkey/valkey:9\n", "    imagee: valkey/valkey:9\n"), ('ports: ["8000:8000"]', 'ports: "8000:8000"')],
)
def test_a_slip_in_it_is_found(tmp_path: Path, good: str, bad: str) -> None:
    text = FILE.read_text()
    assert good in text
    (tmp_path / "compose.yaml").write_text(text.replace(good, bad))
    assert check(tmp_path / "compose.yaml").returncode == 1


def test_services_wait_only_for_services_and_use_only_volumes_that_are_there() -> None:
    stack = yaml.safe_load(FILE.read_text())
    services = stack["services"]
    for name, service in services.items():
        assert services.keys() >= {*service.get("depends_on", {})}, name
        named = {volume.partition(":")[0] for volume in service.get("volumes", []) if not volume.startswith(".")}
        assert stack["volumes"].keys() >= named, name

"""The docs are held to the code: every command, setting, stage, domain and make target is where a reader looks for it."""

import re
from pathlib import Path

import click
import pytest

from legacy_adapters.flags import Stage
from new_app.cli import COMMANDS, main
from new_app.config import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def text(name: str) -> str:
    return (ROOT / name).read_text()


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_is_in_the_runbook(command: str) -> None:
    assert f"bridge {command}" in text("ROLLOUT.md"), f"say in ROLLOUT.md when an operator needs `bridge {command}`"


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_loads_and_says_what_it_does(command: str) -> None:
    loaded = main.get_command(click.Context(main), command)
    assert loaded is not None
    assert loaded.help


@pytest.mark.parametrize("setting", list(Settings.model_fields))
def test_every_setting_is_documented(setting: str) -> None:
    assert f"`{setting.upper()}`" in text("README.md"), f"add {setting.upper()} to the settings table of README.md"


@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_is_in_the_runbook(stage: Stage) -> None:
    assert f"`{stage.value}`" in text("ROLLOUT.md")


def test_every_make_target_is_in_the_readme() -> None:
    targets = re.findall(r"^([a-z]+):.*##", text("Makefile"), re.M)
    missing = [target for target in targets if target != "help" and f"make {target}" not in text("README.md")]
    assert not missing


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_document_names_only_commands_and_files_that_exist(path: Path) -> None:
    body = path.read_text()
    unknown = {word for word in re.findall(r"`bridge ([a-z]+)", body) if word not in COMMANDS}
    assert not unknown, f"there is no command {unknown}"
    pattern = r"`((?:new_app|legacy_adapters|parity|importers|migrations|tests|docs|requirements)/[\w./-]+)`"
    gone = {name for name in re.findall(pattern, body) if not (ROOT / name).exists()}
    assert not gone, f"{gone} is not there"
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", body):
        assert (path.parent / link).exists(), f"broken link to {link}"

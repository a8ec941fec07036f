"""The `bridge` command. Each group of commands is a file in `new_app/commands/`, loaded when it is asked for."""

import importlib

import click

COMMANDS: dict[str, str] = {
    "up": "new_app.commands.up:up",
    "adopt": "new_app.commands.site:adopt",
    "routes": "new_app.commands.site:routes",
    "doctor": "new_app.commands.doctor:doctor",
    "schema": "new_app.commands.schema:schema",
    "migrate": "new_app.commands.flags:migrate",
    "stages": "new_app.commands.flags:stages",
    "move": "new_app.commands.flags:move",
    "kill": "new_app.commands.flags:kill",
    "restore": "new_app.commands.flags:restore",
    "audit": "new_app.commands.flags:audit",
    "preview": "new_app.commands.flags:preview",
    "seed": "new_app.commands.seed:seed",
    "parity": "new_app.commands.parity:parity",
    "import": "new_app.commands.imports:imports",
    "theme": "new_app.commands.theme:theme",
    "tasks": "new_app.commands.tasks:tasks",
    "search": "new_app.commands.search:search",
}
"""Command name to `module:attribute`, in the order in which `bridge --help` lists them."""


class LazyGroup(click.Group):
    """Import a command's module only when it runs, so that help is quick and a broken group hurts no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run a Django site and its Litestar successor side by side, and move one URL at a time."""


if __name__ == "__main__":
    main()

"""Django and its packages in a process of their own, so that no test decides for another how Django is set up.

`Oracle(settings)` starts `python -m tests.legacy_adapters.packages.oracle SETTINGS`; `oracle("module:function", …)` has
a function of `tests.legacy_adapters.packages` called there. What it raises is raised here as `Raised`.
"""

import importlib
import inspect
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

REPOSITORY = Path(__file__).resolve().parents[3]


class Raised(Exception):
    """An exception of the other process: its class's name and its text."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(kind, text)
        self.kind, self.text = kind, text


class Oracle:
    def __init__(self, settings: str, python: str = sys.executable) -> None:
        site = REPOSITORY / "tests" / "legacy_site"
        self.process = subprocess.Popen(
            [python, "-m", __name__, settings],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": f"{REPOSITORY}:{site}", "DJANGO_SETTINGS_MODULE": settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __call__(self, function: str, *args: Any, **kwargs: Any) -> Any:
        pickle.dump((function, args, kwargs), self.process.stdin)
        self.process.stdin.flush()
        answer = pickle.load(self.process.stdout)
        if isinstance(answer, Raised):
            raise answer
        return answer

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def answer(asked: BinaryIO, answered: BinaryIO) -> None:
    while True:
        try:
            name, args, kwargs = pickle.load(asked)
        except EOFError:
            return
        module, _, function = name.partition(":")
        try:
            found = getattr(importlib.import_module(f"{__package__}.{module}"), function)(*args, **kwargs)
        except Exception as error:
            found = Raised(type(error).__name__, str(error))
        pickle.dump(found, answered)
        answered.flush()


def main() -> None:
    if not hasattr(inspect, "markcoroutinefunction"):  # Django 6.1 wants Python 3.12's
        inspect.markcoroutinefunction = lambda function: function
    import django

    django.setup()
    answered, sys.stdout = sys.stdout.buffer, sys.stderr
    sys.modules[f"{__package__}.oracle"] = sys.modules["__main__"]
    Raised.__module__ = f"{__package__}.oracle"
    answer(sys.stdin.buffer, answered)


if __name__ == "__main__":
    main()

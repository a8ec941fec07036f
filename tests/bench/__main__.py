"""`make bench`: every ratio in one run, as a table, and in `var/bench.json`; exit 1 where a target is missed.

Absolute numbers are this machine's, at this moment; only the ratio of two that ran side by side means something.
"""

import asyncio
import json
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from new_app import embedded
from new_app.config import ROOT, Settings
from tests.bench import identity, importing, proxy, sides, start, templates

Row = tuple[str, float, float, float, float | None, str]


def main() -> int:
    rows = [*sides.rows(), *start.rows(), *proxy.rows(), *identity.rows(), *templates.rows(), *imports()]
    table = Table("what", "ours", "theirs", "ratio", "target", "verdict", "unit")
    for name, ours, theirs, ratio, target, unit in rows:
        verdict = "" if target is None else "holds" if holds(ratio, target, unit) else "MISSED"
        goal = "" if target is None else f"{target:g}"
        table.add_row(name, f"{ours:,.2f}", f"{theirs:,.2f}", f"{ratio:.2f}", goal, verdict, unit)
    Console(width=150).print(table)
    write(rows)
    return int(any(target is not None and not holds(ratio, target, unit) for *_, ratio, target, unit in rows))


def imports() -> Iterable[Row]:
    """Importing beside a bare COPY, on a database of its own."""
    from new_app.commands.up import prepare
    from new_app.config import child_environment

    with embedded.throw_away() as folder, embedded.postgres(folder / "pg") as url:
        manifest = str(Settings(var=folder).var / "manifest.json")
        env = child_environment(DATABASE_URL=url, PYTHONPATH=str(ROOT), MANIFEST=manifest)
        asyncio.run(prepare(env, url, lambda *_: None, seed=False))
        return asyncio.run(importing.bench(url))


def holds(ratio: float, target: float, unit: str) -> bool:
    """More is better, but where the unit is a time."""
    return ratio <= target if unit.startswith(("ms ", "MB ")) else ratio >= target


def write(rows: list[Row]) -> None:
    """`var/bench.json`: a list of name, ours, theirs, ratio, target, holds."""
    found = [
        {
            "name": name,
            "unit": unit,
            "ours": round(ours, 4),
            "theirs": round(theirs, 4),
            "ratio": round(ratio, 4),
            "target": target,
            "holds": None if target is None else holds(ratio, target, unit),
        }
        for name, ours, theirs, ratio, target, unit in rows
    ]
    (ROOT / "var").mkdir(exist_ok=True)
    (ROOT / "var" / "bench.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())

"""`make compat`: the adapters against one Django after another, each in an environment of its own.

The tests are those of identity, URLs and static files, with that Django as their oracle; what needs packages of the
reference site (django-allauth, REST framework, tastypie, django-pipeline) is left out. The table goes to docs/django-facts.md.
Django 6 asks for Python 3.12; on an older one it is installed all the same, and the table says so.
"""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ("4.2.*", "5.0.*", "5.1.*", "5.2.14", "5.2.*", "6.0.*", "6.1.*")
WITH = ("argon2-cffi", "bcrypt", "psycopg2-binary", "redis")
TESTS = (
    "tests/legacy_adapters/identity",
    *(f"tests/legacy_adapters/packages/test_{name}.py" for name in ("reverse", "static")),
)
LEFT_OUT = " and ".join(
    f"not {word}"
    for word in (
        *("allauth", "confirmation", "rest_framework", "tastypie"),
        *("reference_site", "a_group", "javascript_templates", "pipeline"),
    )
)
ROWS = {
    "Signatures, signed cookies": ("test_signing",),
    "Cookies, `Vary`": ("test_cookies",),
    "Sessions in the database": ("test_database_sessions",),
    "Sessions in caches, files, cookies": ("test_session_engines",),
    "Users, permissions, login, logout": ("test_auth",),
    "Passwords": ("test_passwords",),
    "CSRF": ("test_csrf",),
    "Messages": ("test_messages",),
    "Password resets, language": ("test_links",),
    "Names to URLs": ("test_reverse",),
    "Static files, media": ("test_static",),
}
START, END = "<!-- compat -->", "<!-- /compat -->"


def environment(version: str) -> Path:
    """The interpreter of an environment with this Django."""
    folder = ROOT / "var" / "compat" / version.rstrip(".*")
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        ignore = ["--ignore-requires-python"] if sys.version_info < (3, 12) else []
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *ignore]
        subprocess.run([*install, f"django=={version}", *WITH], check=True)
    return python


def django_of(python: Path) -> str:
    asked = [str(python), "-c", "import django; print(django.get_version())"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def counts(python: Path, report: Path) -> dict[str, Counter[bool]]:
    """Passed and failed tests of each module, with this interpreter's Django as the oracle."""
    command = [sys.executable, "-m", "pytest", "-q", *TESTS, "-k", LEFT_OUT, f"--junitxml={report}"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "ORACLE_PYTHON": str(python)}, check=False)
    found: dict[str, Counter[bool]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        module = case.get("classname", "").rsplit(".", 1)[-1]
        good = case.find("failure") is None and case.find("error") is None
        found.setdefault(module, Counter())[good] += 1
    return found


def table(results: dict[str, dict[str, Counter[bool]]]) -> str:
    lines = [f"| | {' | '.join(results)} |", f"|---|{'---|' * len(results)}"]
    for name, modules in ROWS.items():
        cells = []
        for found in results.values():
            sums = sum((found.get(module, Counter()) for module in modules), Counter[bool]())
            cells.append(f"{sums[True]}" + (f", **{sums[False]} failed**" if sums[False] else ""))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    (ROOT / "var" / "compat").mkdir(parents=True, exist_ok=True)
    results = {}
    for version in sys.argv[1:] or VERSIONS:
        python = environment(version)
        results[django_of(python)] = counts(python, ROOT / "var" / "compat" / f"{version.rstrip('.*')}.xml")
    made = table(results)
    print(made)
    if len(sys.argv) == 1:
        facts = ROOT / "docs" / "django-facts.md"
        before, _, rest = facts.read_text().partition(START)
        facts.write_text(f"{before}{START}\n{made}\n{END}{rest.partition(END)[2]}")
    failed = sum(count[False] for found in results.values() for count in found.values())
    return 1 if failed or not all(results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

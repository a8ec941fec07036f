"""The house laws: what may import what, who commits, who reads the environment, how long a thing may be.

Each message says what to do instead. `# law: <name>, <reason>` on the offending line (or above a `def`) is the escape,
where a law has one.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("new_app", "legacy_adapters", "parity", "importers", "migrations")
OURS = frozenset(PACKAGES)
ROOTS = ("new_app/asgi.py", "new_app/worker.py", "new_app/cli.py", "new_app/commands/")
AROUND = (*ROOTS, "new_app/console/", "new_app/rollout.py", "new_app/theme.py")
LANGUAGES = tuple(
    f"legacy_adapters.{name}"
    for name in ("dtl", "forms", "errors", "manifest", "package_settings", "patterns", "settings")
)
"""What templates and forms are written in, and the file that says how they print here: docs/decisions/0007."""
SITE_WORDS = re.compile(
    r"\b(python\.org|pydotorg|psf|downloads|boxes|sponsors?|companies|successstories|nominations|jobs_job|pycon)\b",
    re.I,
)
MAX_FILE = 600
MAX_FUNCTION = 60


def sources(*packages: str) -> Iterator[tuple[str, str]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text()


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module
            for name in node.names:
                yield node.lineno, f"{node.module}.{name.name}"


def package_of(module: str) -> str:
    return module.split(".")[0]


def broken(found: list[str]) -> None:
    assert not found, "\n" + "\n".join(found)


def test_law_1_the_adapters_and_parity_import_no_package_of_ours() -> None:
    broken(
        [
            f"{path}:{line} imports {module}: hand it in from a composition root instead"
            for package in ("legacy_adapters", "parity")
            for path, text in sources(package)
            for line, module in imports(ast.parse(text))
            if package_of(module) in OURS - {package}
        ]
    )


def test_law_2_django_is_imported_only_where_it_runs() -> None:
    allowed = ("legacy_adapters/introspect.py", "importers/templates/")
    broken(
        [
            f"{path}:{line} imports {module}: ask the manifest, or make Django the oracle in a test"
            for path, text in sources(*PACKAGES)
            if not path.startswith(allowed)
            for line, module in imports(ast.parse(text))
            if package_of(module) in {"django", "rest_framework", "tastypie", "allauth"}
        ]
    )


def test_law_3_a_domain_imports_models_of_another_domain_only() -> None:
    found = []
    for path, text in sources("new_app/domains"):
        parts = Path(path).relative_to("new_app/domains").parts
        own = parts[0].removesuffix(".py")
        for line, module in imports(ast.parse(text)):
            words = module.split(".")
            if words[:2] != ["new_app", "domains"] or len(words) < 3 or words[2] == own or own == "__init__":
                continue
            package = (ROOT / "new_app" / "domains" / words[2]).is_dir()
            if package and (len(words) < 4 or words[3] != "models"):
                found.append(f"{path}:{line} imports {module}: import its models, or go through Domain or a task")
    broken(found)


def test_law_4_importers_import_models_never_handlers() -> None:
    forbidden = re.compile(r"new_app\.domains\.\w+\.(pages|api|queries|forms|tasks)|new_app\.(web|site|asgi)")
    broken(
        [
            f"{path}:{line} imports {module}: importers know models only"
            for path, text in sources("importers")
            for line, module in imports(ast.parse(text))
            if forbidden.match(module)
        ]
    )


def test_law_5_the_environment_is_read_in_one_place() -> None:
    # Names a library's own knob; config.py cannot set it before the library is imported.
    escape = "# law: environment"
    found = []
    for path, text in sources(*PACKAGES):
        if path == "new_app/config.py":
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"os\.(environ|getenv)", line) and escape not in line:
                found.append(f"{path}:{number} reads the environment: add a field to new_app/config.py Settings")
    broken(found)


def test_law_6_only_two_files_commit() -> None:
    allowed = {"new_app/db.py", "importers/core.py"}
    broken(
        [
            f"{path}:{number} commits: use Database.unit_of_work()"
            for path, text in sources(*PACKAGES)
            if path not in allowed
            for number, line in enumerate(text.splitlines(), 1)
            if ".commit(" in line
        ]
    )


def test_law_7_the_bridge_knows_no_site() -> None:
    broken(
        [
            f"{path}:{number} says {match.group()!r}: the bridge is for any Django site"
            for path, text in sources("legacy_adapters", "parity")
            for number, line in enumerate(text.splitlines(), 1)
            if (match := SITE_WORDS.search(line))
        ]
    )


def test_law_8_the_site_imports_with_the_bridge_deleted() -> None:
    modules = [
        path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for path, _ in sources("new_app")
        if not path.startswith(AROUND)
    ]
    program = f"""
import importlib, sys
class Deleted:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("legacy_adapters", "parity", "importers"):
            if not name.startswith({LANGUAGES!r}) and name != "legacy_adapters":
                raise ImportError(f"{{name}} is deleted on the last day: declare a protocol and let the root hand it in")
sys.meta_path.insert(0, Deleted())
for module in {modules!r}:
    importlib.import_module(module)
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]


def test_law_9_nothing_is_too_long() -> None:
    found = []
    for path, text in sources(*PACKAGES):
        lines = text.splitlines()
        if len(lines) > MAX_FILE and "# law: long" not in text:
            found.append(f"{path} has {len(lines)} lines: split it along what it does")
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION and "# law: long" not in lines[node.lineno - 1]:
                found.append(f"{path}:{node.lineno} {node.name} has {length} lines: give its parts names")
    broken(found)


@pytest.mark.parametrize("path", [path for path, _ in sources(*PACKAGES)])
def test_a_module_says_what_it_is(path: str) -> None:
    text = (ROOT / path).read_text()
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), f"{path} has no docstring: what is it, what does it promise?"


def test_no_file_names_a_machine_or_a_registry() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    words = re.compile("|".join(("/work" + "/", "/root" + "/", "pypi" + r"\.org/simple", "files\\.python" + "hosted")))
    found = []
    for name in filter(None, tracked):
        path = ROOT / name
        if not path.is_file():
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{name}:{n} {line[:100]}" for n, line in enumerate(text.splitlines(), 1) if words.search(line)]
    broken(found)
    assert not {name.rsplit("/", 1)[-1] for name in tracked} & {"uv.lock", "poetry.lock", "package-lock.json"}


def test_a_test_has_one_name_in_every_process(request: pytest.FixtureRequest) -> None:
    """Two workers that name a test by a clock or a hash collect different tests, and pytest-xdist then runs none."""
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests"]
    other = subprocess.run(
        asked, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "1"}, capture_output=True, text=True, check=True
    )
    names = frozenset(other.stdout.splitlines())
    broken(
        [
            f"{item.nodeid} is named otherwise in another process: give its parameters ids"
            for item in request.session.items
            if item.nodeid not in names
        ]
    )

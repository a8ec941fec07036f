"""A folder of Django templates and the theme made from it, over several runs, through the command."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec import structs
from msgspec.json import encode as json_of

from importers.templates.known import without_manifest
from importers.templates.theme import converted
from legacy_adapters.manifest import Manifest
from new_app.commands.templates import templates


class Bench:
    """Template folders in loader order, a theme, and the command between them."""

    def __init__(self, root: Path) -> None:
        self.first, self.second, self.theme = root / "first", root / "site-packages", root / "theme"
        self.first.mkdir()
        self.second.mkdir()

    def give(self, name: str, text: str, folder: Path | None = None) -> Path:
        path = (folder or self.first) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def run(self, *options: str) -> Result:
        origins = ["--from", str(self.first), "--from", str(self.second)]
        return CliRunner().invoke(templates, [*origins, "--out", str(self.theme), *options])

    def text(self, name: str) -> str:
        return (self.theme / name).read_bytes().decode()

    def files(self) -> dict[str, tuple[int, bytes]]:
        paths = [path for path in self.theme.rglob("*") if path.is_file()]
        return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_second_run_writes_nothing(bench: Bench) -> None:
    bench.give("a/b.html", "{% if a %}\nb{% endif %}")
    bench.give("mail.txt", "Hello {{ name }},\r\n")
    assert bench.run().exit_code == 0
    before = bench.files()
    second = bench.run()
    assert (second.exit_code, bench.files()) == (0, before)
    assert "0 written, 2 same" in second.output
    assert bench.text("mail.txt") == "Hello {{ name }},\n"


def test_the_first_folder_wins_and_a_shadowed_template_is_reached_by_extending_its_own_name(bench: Bench) -> None:
    bench.give("a.html", '{% extends "a.html" %}{% block x-y %}1{% endblock %}')
    bench.give("a.html", "second {% block x-y %}{% endblock %}", bench.second)
    bench.give("b.html", "first")
    bench.give("b.html", "second", bench.second)
    assert bench.run().exit_code == 0
    assert bench.text("a.html") == '{% extends "_shadowed/1/a.html" %}{% block x_y %}1{% endblock %}'
    assert bench.text("_shadowed/1/a.html") == "second {% block x_y %}{% endblock %}"
    assert bench.text("b.html") == "first"
    assert not (bench.theme / "_shadowed/1/b.html").exists()


def test_a_template_is_found_by_the_label_of_its_app(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder, text in ((ours, '{% extends "look:a.html" %}'), (theirs, "theirs")):
        folder.mkdir()
        (folder / "a.html").write_text(text)
    theme = converted([ours, theirs], without_manifest(), apps={"look": str(theirs)})
    assert theme.texts == {"a.html": '{% extends "_shadowed/1/a.html" %}', "_shadowed/1/a.html": "theirs"}
    assert (theme.problems, theme.notes) == ([], [])


def test_a_manifest_from_another_machine_needs_the_folders(bench: Bench, manifest: Manifest) -> None:
    bench.give("a.html", "{% load boxes %}{% box 'x' %}")
    bench.theme.mkdir()
    elsewhere = structs.replace(manifest, template_dirs=("/no/such/folder",))
    file = bench.theme.parent / "manifest.json"
    file.write_bytes(json_of(elsewhere))
    refused = CliRunner().invoke(templates, ["--from", str(file), "--out", str(bench.theme)])
    assert refused.exit_code == 2
    assert "/no/such/folder is not on this machine" in refused.output
    done = CliRunner().invoke(templates, ["--from", str(file), "--from", str(bench.first), "--out", str(bench.theme)])
    assert (done.exit_code, bench.text("a.html")) == (0, "{{ box('x') }}")


def test_of_packages_only_the_templates_come_along_that_the_site_names(bench: Bench) -> None:
    bench.give("a.html", '{% load allauth sitetree %}{% element h1 %}{% endelement %}{% include x|default:"b.html" %}')
    bench.give("c.html", '{% load sitetree %}{% sitetree_menu from "m" include "trunk" %}')
    named = ["allauth/elements/h1.html", "allauth/elements/h1__entrance.html", "b.html", "sitetree/menu.html", "d.html"]
    for name in (*named, "allauth/elements/h10.html", "other.html"):
        bench.give(name, '{% include "d.html" %}' if name == "b.html" else name, bench.second)
    assert bench.run().exit_code == 0
    written = {path.relative_to(bench.theme).as_posix() for path in bench.theme.rglob("*.html")}
    assert written == {"a.html", "c.html", *named}
    assert bench.run("--packages").exit_code == 0
    assert (bench.theme / "other.html").exists()


def test_blocks_are_named_alike_in_the_whole_set(bench: Bench) -> None:
    bench.give("a.html", "{% block a-b %}{% endblock %}")
    bench.give("b.html", '{% extends "a.html" %}{% block a-b %}{% endblock a-b %}')
    bench.give("c.html", "{% block a_b %}{% endblock %}")
    assert bench.run().exit_code == 0
    assert bench.text("a.html") == "{% block a_b_2 %}{% endblock %}"
    assert bench.text("b.html") == '{% extends "a.html" %}{% block a_b_2 %}{% endblock a_b_2 %}'
    assert bench.text("c.html") == "{% block a_b %}{% endblock %}"


def test_a_changed_source_is_written_again_and_a_removed_one_goes(bench: Bench) -> None:
    bench.give("a.html", "{{ a }}")
    gone = bench.give("b.html", "{{ b }}")
    bench.run()
    bench.give("a.html", "{{ a|upper }}")
    gone.unlink()
    done = bench.run()
    assert (done.exit_code, bench.text("a.html")) == (0, "{{ a|upper }}")
    assert not (bench.theme / "b.html").exists()
    assert "1 change, 1 remove" in done.output


def test_an_edit_stays_while_its_source_stays(bench: Bench) -> None:
    bench.give("a.html", "{{ a }}")
    bench.run()
    (bench.theme / "a.html").write_text("{{ a }} by hand")
    done = bench.run()
    assert (done.exit_code, bench.text("a.html")) == (0, "{{ a }} by hand")
    assert "edited  a.html" in done.output


def test_an_edit_and_a_changed_source_are_a_conflict_until_a_person_settles_it(bench: Bench) -> None:
    bench.give("a.html", "1\n{{ a }}\n3\n")
    bench.run()
    (bench.theme / "a.html").write_text("1\n{{ a }} by hand\n3\n")
    bench.give("a.html", "1\n{{ a|upper }}\n3\n")
    done = bench.run()
    assert done.exit_code == 1
    assert "conflict" in done.output
    assert bench.text("a.html") == "1\n{{ a }} by hand\n3\n"
    assert bench.text("a.html.conflict") == (
        "1\n<<<<<<< edited\n{{ a }} by hand\n=======\n{{ a|upper }}\n>>>>>>> imported\n3\n"
    )
    before = bench.files()
    assert (bench.run().exit_code, bench.files()) == (1, before)
    (bench.theme / "a.html").write_text("1\n{{ a|upper }} by hand\n3\n")
    (bench.theme / "a.html.conflict").unlink()
    assert bench.run().exit_code == 0
    assert bench.text("a.html") == "1\n{{ a|upper }} by hand\n3\n"
    assert bench.run().exit_code == 0


def test_a_file_that_the_import_did_not_write_is_a_persons(bench: Bench) -> None:
    bench.give("a.html", "{{ a }}")
    bench.theme.mkdir()
    (bench.theme / "a.html").write_text("mine")
    assert bench.run().exit_code == 1
    assert bench.text("a.html") == "mine"


def test_check_says_whether_the_theme_is_behind_and_writes_nothing(bench: Bench) -> None:
    bench.give("a.html", "{{ a }}")
    assert bench.run("--check").exit_code == 1
    assert not bench.theme.exists()
    bench.run()
    assert bench.run("--check").exit_code == 0
    bench.give("a.html", "{{ a|upper }}")
    before = bench.files()
    assert bench.run("--check").exit_code == 1
    assert bench.files() == before


def test_a_broken_template_is_named_and_the_others_convert(bench: Bench) -> None:
    bench.give("good.html", "{{ a }}")
    bench.give("kept.html", "{{ a }}")
    bench.run()
    bad = bench.give("bad.html", "x\n{% if a %}\n")
    kept = bench.give("kept.html", "{{ a|nope }}")
    encoded = bench.first / "latin.html"
    encoded.write_bytes(b"a\nb\xe9\n")
    done = bench.run()
    assert done.exit_code == 1
    assert f"{bad}:2: Unclosed tag on line 2: 'if'. Looking for one of: elif, else, endif." in done.output
    assert f"{kept}:1: Invalid filter: 'nope'" in done.output
    assert f"{encoded}:2: 'utf-8' codec can't decode byte 0xe9 in position 3" in done.output
    assert bench.text("good.html") == bench.text("kept.html") == "{{ a }}"
    assert not (bench.theme / "bad.html").exists()


def test_what_only_a_broken_template_names_is_kept(bench: Bench) -> None:
    page = bench.give("page.html", '{% include "part.html" %}')
    bench.give("part.html", "part", bench.second)
    bench.run()
    bench.give("page.html", '{% include "part.html" %}{% if %}')
    assert bench.run().exit_code == 1
    assert bench.text("part.html") == "part"
    page.write_text("alone")
    assert bench.run().exit_code == 0
    assert not (bench.theme / "part.html").exists()


def test_quietly_only_what_is_wrong_is_said(bench: Bench) -> None:
    bench.give("a.html", "{{ a }}")
    bench.give("b.html", "{% if %}")
    done = bench.run("--quiet")
    assert [line.split()[0] for line in done.output.splitlines()] == ["broken", "1"]


def test_a_ledger_is_read_without_django(bench: Bench) -> None:
    bench.give("a.html", "{{ a }}")
    bench.run()
    program = "import sys; from pathlib import Path; from importers.templates.ledger import read_ledger; "
    program += f"print(read_ledger(Path({str(bench.theme)!r}))['a.html'].source, 'django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"{bench.first / 'a.html'} False\n"


def test_templates_that_include_each_other_without_end_are_named(bench: Bench) -> None:
    path = bench.give("a.html", '\n{% include "b.html" %}')
    bench.give("b.html", '{% if x %}{% endif %}{% include "a.html" %}')
    bench.give("tree.html", '{% if children %}{% include "tree.html" %}{% endif %}')
    done = bench.run()
    assert done.exit_code == 1
    assert f"{path}:2: maximum recursion depth exceeded: a.html → b.html (line 2) → a.html (line 1)" in done.output
    assert "1 broken" in done.output


def test_an_unknown_tag_is_marked_and_listed_and_the_run_fails_unless_it_may(bench: Bench) -> None:
    path = bench.give(
        "a.html", '{% load site %}\n{% shout "a" b %}{% loud x %}{{ b }}{% else %}c{% endloud %}{{ a|nope }}'
    )
    done = bench.run()
    assert done.exit_code == 1
    assert f"{path}:2: shout \"a\" b · register a function 'shout'" in done.output
    assert f"{path}:2: loud x · register a block function 'loud'" in done.output
    assert bench.text("a.html") == (
        """\n{{ unknown_tag("shout", 'shout "a" b') }}{{ unknown_tag("loud", "loud x") }}{{ b }}"""
        """{{ unknown_tag("else", "else") }}c{{ unknown_tag("endloud", "endloud") }}{{ a|nope }}"""
    )
    assert bench.run("--allow-unknown").exit_code == 0


def test_the_outcome_is_told_as_json(bench: Bench) -> None:
    bench.give(
        "a.html", '{% load widget_tweaks %}{% render_field f class="a" %}{{ f|attr:"b" }}{% include "no.html" %}'
    )
    told = json.loads(bench.run("--json").output)
    assert (told["templates"], told["actions"], told["unknown"], told["broken"]) == (1, {"create": 1}, [], [])
    assert told["needs"] == [["filter", "attr"], ["function", "render_field"]]
    assert told["notes"] == [f"{bench.first / 'a.html'}:1 names 'no.html', which no folder has"]


def test_watching_imports_what_changes(bench: Bench) -> None:
    path = bench.give("a.html", "{{ a }}")
    command = [sys.executable, "-m", "new_app.cli", "import", "templates", "--watch"]
    command += ["--from", str(bench.first), "--out", str(bench.theme)]

    def heed_interrupts() -> None:  # a shell has its background jobs ignore them, and children inherit that
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts) as watching:
        try:
            assert watching.stderr is not None
            assert watching.stderr.readline() == "watching 1 templates; Ctrl-C ends it\n"
            path.write_text("{{ a|upper }} longer")
            deadline = time.monotonic() + 20
            while bench.text("a.html") != "{{ a|upper }} longer":
                assert time.monotonic() < deadline, "the change was not imported"
                time.sleep(0.05)
            watching.send_signal(signal.SIGINT)
            assert watching.wait(10) == 0
        finally:
            watching.kill()

"""Whole sets: every template of Django's and of the installed packages, and generated ones, line for line."""

import json
from pathlib import Path

import jinja2
import pytest
from click.testing import CliRunner
from hypothesis import given, reject, settings
from hypothesis import strategies as some

from importers.templates import Broken, convert
from importers.templates.known import of_manifest
from importers.templates.sources import text_of
from importers.templates.theme import Theme, converted
from legacy_adapters.dtl.environment import DjangoEnvironment
from legacy_adapters.dtl.filters import BLOCKS
from legacy_adapters.manifest import Manifest
from new_app.commands.templates import templates

SITE = Path(__file__).resolve().parent.parent.parent / "legacy_site"
BROKEN_IN_DJANGO_TOO = {
    "django_filters/rest_framework/crispy_form.html": "'crispy_forms_tags' is not a registered tag library",
    **{
        f"socialaccount/snippets/{name}.html": "'socialaccount' is not a registered tag library"
        for name in ("login", "login_extra", "provider_list")
    },
    **{
        f"sitetree/breadcrumbs{name}.html": "Invalid filter: 'length_is'"
        for name in ("-title", "_bootstrap", "_bootstrap3", "_bootstrap4", "_foundation", "_semantic")
    },
}


def test_the_site_has_nothing_that_is_unknown_or_broken(manifest: Manifest) -> None:
    theme = converted([Path(one) for one in manifest.template_dirs], of_manifest(manifest))
    assert (theme.unknown, theme.problems) == ([], [])
    own = [path for path in (SITE / "templates").rglob("*") if path.is_file()]
    assert len(own) > 40
    assert {path.relative_to(SITE / "templates").as_posix() for path in own} <= set(theme.texts)


def test_every_template_of_the_packages_converts_that_django_takes(everything: Theme) -> None:
    assert len(everything.texts) > 380
    assert everything.unknown == []
    told = {problem.name: problem.message.split(".")[0] for problem in everything.problems}
    assert told == BROKEN_IN_DJANGO_TOO


def test_every_line_stands_where_it_stood(everything: Theme) -> None:
    for name, text in everything.texts.items():
        source = text_of(everything.origins[name][0].read_bytes())
        assert text.count("\n") == source.count("\n"), name


def test_every_import_is_read_by_the_run_time_half(everything: Theme) -> None:
    environment = _environment(everything)
    for name, text in everything.texts.items():
        assert environment.from_string(text), name


def _environment(theme: Theme) -> DjangoEnvironment:
    def nothing(*_: object, **__: object) -> str:
        return ""

    wanted = {kind: {name: nothing for of, name in theme.needs if of == kind} for kind in ("block", "filter")}
    loader = jinja2.DictLoader({})
    return DjangoEnvironment(loader, filters=wanted["filter"], blocks={**wanted["block"], **BLOCKS})


# -- generated --------------------------------------------------------------------------------------------------------

WORDS = some.sampled_from(
    ["a", "b.c", "d.0", "e.1st", "true", "in.x", "forloop.counter", '"x y"', "'{#'", "-1", ".5", '_("t")', '"%}"']
)
FILTERS = some.sampled_from(["", "|upper", '|default:"x"', "|add:b", "|cut:' '|lower"])
EXPRESSIONS = some.builds(lambda word, tail: word + tail, WORDS, FILTERS)
TEXTS = some.text(some.sampled_from(list("ab{%#}\n -")), max_size=8).filter(
    lambda text: not any(sign in text for sign in ("{{", "{%", "{#"))
)
OPERATORS = some.sampled_from([" and ", " or ", " == ", " in ", " is not ", " not in ", " < ", " and not "])
CONDITIONS = some.lists(EXPRESSIONS, min_size=1, max_size=4).flatmap(
    lambda terms: some.lists(OPERATORS, min_size=len(terms), max_size=len(terms)).map(
        lambda between: "".join(word for pair in zip(terms, between, strict=True) for word in pair)[: -len(between[-1])]
    )
)
LEAVES = some.one_of(
    TEXTS,
    some.builds("{{{{ {} }}}}".format, EXPRESSIONS),
    some.builds("{{# {} #}}".format, some.text(some.sampled_from(list("ab-+{% ")), max_size=5)),
    some.builds("{{% comment %}}{}{{% endcomment %}}".format, TEXTS),
    some.builds("{{% verbatim %}}{}{{% endverbatim %}}".format, TEXTS),
    some.builds("{{% firstof {} {} %}}".format, EXPRESSIONS, EXPRESSIONS),
    some.builds('{{% include "x" with q={} %}}'.format, EXPRESSIONS),
)
NODES = some.recursive(
    LEAVES,
    lambda inner: some.one_of(
        some.lists(inner, min_size=1, max_size=3).map("".join),
        some.builds("{{% if {} %}}{}{{% elif {} %}}{}{{% endif %}}".format, CONDITIONS, inner, CONDITIONS, inner),
        some.builds("{{% for p in {} %}}{}{{% empty %}}{}{{% endfor %}}".format, EXPRESSIONS, inner, inner),
        some.builds("{{% with p={} %}}{}{{% endwith %}}".format, EXPRESSIONS, inner),
        some.builds("{{% ifchanged {} %}}{}{{% endifchanged %}}".format, EXPRESSIONS, inner),
        some.builds("{{% spaceless %}}{}{{% endspaceless %}}".format, inner),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(NODES)
def test_a_generated_template_keeps_its_lines_and_is_read_by_the_run_time_half(source: str) -> None:
    try:
        text = convert(source).text
    except Broken:  # signs that met across pieces made another template
        reject()
    assert text.count("\n") == source.count("\n")
    assert DjangoEnvironment(jinja2.DictLoader({})).from_string(text)


def test_the_ledger_of_a_theme_names_no_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.html").write_text("{{ a }}")
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(templates, ["--from", "in", "--out", "out"]).exit_code == 0
    ledger = json.loads((tmp_path / "out" / ".theme.json").read_text())
    assert ledger["templates"]["a.html"]["source"] == "in/a.html"

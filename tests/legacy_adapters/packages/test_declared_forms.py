"""A form that is declared twice, for Django and here, is the same form: what it prints, what it accepts, what it says."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from legacy_adapters import form_fields, forms
from legacy_adapters.dtl.locale import activated, locale_of, speaking
from legacy_adapters.manifest import Manifest
from tests.legacy_adapters.packages.declared_forms import PNG, ROWS, declared, here, plain
from tests.legacy_adapters.packages.oracle import Oracle
from tests.legacy_adapters.packages.test_forms import FILTERED, WHOLE
from tests.legacy_adapters.packages.theme import theme

NAMES = ("Plain", "Numbers", "Choices", "Moments", "Files", "Picked", "Hooked", "Hidden", "Nothing")
OPTIONS: list[dict[str, Any]] = [
    {},
    {"prefix": "p"},
    {"auto_id": False},
    {"auto_id": "x_%s_y", "label_suffix": " &"},
    {"auto_id": True, "use_required_attribute": False},
    {"use_required_attribute": False, "empty_permitted": True},
    {"initial": {"name": "<n>", "kind": 3, "whole": 5, "day": "2024-02-03", "row": 1, "one": 2, "yes": False}},
    {"field_order": ["note", "agree", "price", "boxes"]},
]
SENT: list[tuple[str, list[tuple[str, str]]]] = [
    (
        "Plain",
        [
            ("name", " ab "),
            ("mail", "a@b.example"),
            ("site", "x.example/a b"),
            ("slug", "a-b"),
            ("tag", "é"),
            ("token", "1"),
        ],
    ),
    (
        "Plain",
        [
            ("name", "abcdefg"),
            ("mail", "a@"),
            ("site", "ftp:/x"),
            ("slug", "a b"),
            ("tag", "a b"),
            ("code", "a"),
            ("secret", "s"),
            ("shown", "s"),
        ],
    ),
    (
        "Plain",
        [
            ("name", "a"),
            ("kept", "  "),
            ("note", "<x>\n"),
            ("mail", "a\0b@x.example"),
            ("token", "\0"),
            ("site", "//x.example"),
        ],
    ),
    (
        "Numbers",
        [
            ("whole", "3.0"),
            ("step", "6"),
            ("every", "7"),
            ("price", "123.45"),
            ("tiny", "1e-9"),
            ("any", "NaN"),
            ("ratio", "inf"),
        ],
    ),
    (
        "Numbers",
        [("whole", "-4"), ("step", "7"), ("price", "1234.5"), ("any", "11"), ("ratio", "x"), ("text", "1,000")],
    ),
    (
        "Numbers",
        [("whole", "1001"), ("price", "1.234"), ("tiny", "1E+3"), ("any", "sNaN"), ("every", "10"), ("text", " 5 ")],
    ),
    (
        "Choices",
        [
            ("kind", "3"),
            ("first", "z"),
            ("radio", "b"),
            ("many", "a"),
            ("many", "q"),
            ("boxes", "a"),
            ("boxes", "3"),
            ("number", "1"),
            ("numbers", "1"),
            ("agree", "on"),
            ("maybe", "false"),
            ("called", "a"),
        ],
    ),
    (
        "Choices",
        [
            ("kind", "<q>"),
            ("number", "x"),
            ("numbers", "x"),
            ("agree", "False"),
            ("maybe", "2"),
            ("yes", "true"),
            ("hidden", "b"),
            ("hidden", "zz"),
        ],
    ),
    (
        "Moments",
        [
            ("day", "2024-02-30"),
            ("moment", "2024-03-10 02:30"),
            ("clock", "1:2"),
            ("typed", "3.2.2024"),
            ("now", "2024-01-02 03:04:05"),
            ("initial-now", "2024-01-02 03:04:05"),
        ],
    ),
    (
        "Moments",
        [
            ("day", "Feb 3, 2024"),
            ("moment", "2024-11-03 01:30"),
            ("clock", "25:00"),
            ("typed", "x"),
            ("now", "2024-01-02T03:04:05.5+01:30"),
            ("initial-now", "x"),
        ],
    ),
    ("Moments", [("day", " 02/03/24 "), ("moment", "2024-13-01 00:00"), ("now", "2024-1-2 3:4 -0530")]),
    ("Files", [("other-clear", "on"), ("image-clear", "on")]),
    (
        "Picked",
        [
            ("row", "1"),
            ("named", "seven"),
            ("given", "12"),
            ("radio", "7"),
            ("rows", "12"),
            ("rows", "7"),
            ("boxes", "1"),
        ],
    ),
    ("Picked", [("row", "x"), ("named", "x"), ("given", "99"), ("radio", "\0"), ("rows", "x"), ("boxes", "99")]),
    ("Picked", [("row", " 1 "), ("given", ""), ("boxes", "")]),
    ("Hooked", [("name", "bob"), ("again", "no"), ("kept", "changed")]),
    ("Hooked", [("name", "ann"), ("again", "each"), ("slug", "s")]),
    ("Hooked", [("name", "ann"), ("again", "yes")]),
    ("Hidden", [("one", "x"), ("two", "<y>")]),
    ("Hidden", [("one", "1")]),
    ("Nothing", []),
]
FILES: list[list[tuple[str, tuple[str, bytes]]]] = [
    [("file", ("a.txt", b"x")), ("image", ("a.png", PNG))],
    [("file", ("a-very-long-name.txt", b"x")), ("image", ("a.png", b"no")), ("other", ("e.txt", b""))],
    [("file", ("a.txt", b"")), ("image", ("a.txt", PNG)), ("plain", ("p", b"p"))],
]
SETS: list[dict[str, Any]] = [
    {"extra": 2},
    {"extra": 1, "can_delete": True, "can_order": True},
    {"extra": 3, "max_num": 2, "validate_max": True},
    {"extra": 0, "min_num": 2, "validate_min": True},
    {"extra": 0, "can_delete": True, "can_delete_extra": False},
]
ROUND = [
    ("form-TOTAL_FORMS", "3"),
    ("form-INITIAL_FORMS", "1"),
    ("form-0-whole", "5"),
    ("form-0-ORDER", "2"),
    ("form-1-whole", "7"),
]
ROUNDS: list[list[tuple[str, str]] | None] = [
    None,
    [],
    ROUND,
    [*ROUND, ("form-0-DELETE", "on"), ("form-1-ORDER", "1")],
    [*ROUND, ("form-2-whole", "x"), ("form-1-DELETE", "on")],
    [("form-TOTAL_FORMS", "5000"), ("form-INITIAL_FORMS", "0")],
    [("form-TOTAL_FORMS", "x")],
]


def differences(ours: Any, theirs: Any, place: str = "") -> list[str]:
    """Where two answers differ, so that a failure is read at once."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and list(ours) == list(theirs):
        return [each for key in ours for each in differences(ours[key], theirs[key], f"{place}.{key}")]
    return [] if ours == theirs else [f"{place}: {ours!r} instead of {theirs!r}"]


def same(oracle: Oracle, **case: Any) -> None:
    assert not differences(plain(here(case)), oracle("declared_forms:asked_plainly", case))


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_an_unbound_and_an_empty_form_are_the_same(oracle: Oracle, name: str, options: dict[str, Any]) -> None:
    same(oracle, form=name, options=options)
    same(oracle, form=name, options=options, data=[])


@pytest.mark.parametrize(("name", "data"), SENT)
def test_what_is_sent_is_accepted_or_refused_alike(oracle: Oracle, name: str, data: list[tuple[str, str]]) -> None:
    same(oracle, form=name, data=data, files=[])
    same(oracle, form=name, data=[(f"p-{key}", value) for key, value in data], options={"prefix": "p", "auto_id": ""})


@pytest.mark.parametrize("files", FILES)
@pytest.mark.parametrize("clear", [[], [("image-clear", "on"), ("other-clear", "1")]], ids=["kept", "cleared"])
def test_files_are_accepted_or_refused_alike(oracle: Oracle, files: Any, clear: Any) -> None:
    same(oracle, form="Files", data=clear, files=files)


@pytest.mark.parametrize("data", ROUNDS)
@pytest.mark.parametrize("limits", SETS)
def test_formsets_are_the_same(oracle: Oracle, limits: dict[str, Any], data: Any) -> None:
    if data and data[0][1] == "5000":
        limits = {**limits, "absolute_max": 4, "max_num": 3}
    same(oracle, form="Numbers", set=limits, data=data, options={"initial": [{"whole": 5}]})


FIELDS = {
    "Plain": "name mail site slug tag code kept secret shown note token".split(),
    "Numbers": "whole step every price tiny any ratio text".split(),
    "Choices": "kind first called radio many boxes number numbers agree maybe yes hidden".split(),
    "Moments": "day moment clock typed now initial-now".split(),
    "Hooked": "name again slug mail site".split(),
}
TYPED = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "a", "b", "3", "1234", "bob", "no", "each", "on", "true", "0", "x@y.example", "a@[::1]", "a@[1.2.3.4]"]
    ),
    st.decimals().filter(lambda each: not each.is_snan()).map(str),
    st.integers().map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.datetimes().map(str),
    st.times().map(str),
    st.emails(),
    st.from_regex(
        r"(https?://|//|ftp:)?([a-z0-9é-]{1,5}\.){1,3}[a-z]{1,4}(:[0-9]{1,6})?(/[!-~]{0,5})?", fullmatch=True
    ),
    st.from_regex(
        r'("[ -~]{0,4}"|[!-~]{1,6})@(localhost|\[[0-9a-f:.]{2,12}\]|[a-z-]{1,6}\.[a-z]{1,3})', fullmatch=True
    ),
)
CASES = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.lists(st.tuples(st.sampled_from(FIELDS[name]), TYPED), max_size=8),
        st.sampled_from(OPTIONS[:1] + OPTIONS[2:5]),
    )
)


@settings(max_examples=250, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=CASES)
def test_whatever_is_sent_is_accepted_or_refused_alike(oracle: Oracle, case: tuple[str, Any, Any]) -> None:
    name, data, options = case
    same(oracle, form=name, data=[list(pair) for pair in data], options=options)


def test_a_signalling_nan_is_refused_where_django_fails() -> None:
    form = forms.Form({"price": "sNaN"}, initial={"price": Decimal("1.50")})
    form.fields["price"] = forms.DecimalField()
    assert form.changed_data == ["price"]
    assert form.errors.as_text() == "* price\n  * Enter a number."


@pytest.mark.parametrize(("name", "data"), [each for each in SENT if each[0] not in ("Moments", "Picked")])
def test_errors_are_said_in_the_language_of_the_reader(
    oracle: Oracle, manifest: Manifest, name: str, data: list[tuple[str, str]]
) -> None:
    case = {"form": name, "data": data, "files": [], "language": "de"}
    assert not differences(plain(here(case, locale_of(manifest))), oracle("declared_forms:asked_plainly", case))


def test_an_error_is_put_into_words_when_it_is_read(manifest: Manifest) -> None:
    with activated(locale_of(manifest)):
        errors = forms.ErrorList([forms.ValidationError(forms.CharField().error_messages["required"])])
        with speaking("de"):
            assert errors.as_text() == "* Dieses Feld ist erforderlich."
        assert errors.as_text() == "* This field is required."


PAGES = [
    *((f"{{{{ {theirs} }}}}", f"{{{{ {ours} }}}}") for theirs, ours in FILTERED),
    *WHOLE,
    (
        "{{ form }}|{{ form.as_p }}|{{ form.errors }}|{{ form.media }}",
        "{{ form }}|{{ form.as_p }}|{{ form.errors }}|{{ form.media }}",
    ),
    (
        "{% for f in form %}{{ f.label_tag }}{{ f }}{% endfor %}",
        "{% for f in form %}{{ f.label_tag }}{{ f }}{% endfor %}",
    ),
    (
        "{% for f in form.kind %}{{ f.tag }}{{ f.id_for_label }}{% endfor %}",
        "{% for f in form.kind %}{{ f.tag }}{{ f.id_for_label }}{% endfor %}",
    ),
]


@pytest.mark.parametrize("data", [None, [], [("name", "<n>"), ("mail", "no"), ("kind", "b")]])
@pytest.mark.parametrize(("django", "jinja"), PAGES)
def test_an_imported_template_prints_our_form_as_it_printed_djangos(
    oracle: Oracle, django: str, jinja: str, data: list[tuple[str, str]] | None
) -> None:
    form = declared(forms, lambda: ROWS)["Order"](None if data is None else forms.Sent(data))
    page = theme(functions=form_fields.functions(), filters=form_fields.filters()).from_string(jinja)
    found = page.render({"form": form, "who": "a & b"})
    assert found == oracle("declared_forms:printed", django, data, {"who": "a & b"})

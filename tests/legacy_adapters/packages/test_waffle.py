"""Flags, switches and samples are on for whom django-waffle has them on, and leave its cookies."""

import json
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legacy_adapters.manifest import Manifest, parse_manifest
from legacy_adapters.waffle import Features, answers_of, blocks, functions
from tests.legacy_adapters.packages.oracle import Oracle
from tests.legacy_adapters.packages.theme import theme

PERCENTS = [None, Decimal("0"), Decimal("0.1"), Decimal("50.0"), Decimal("99.9")]
NOBODY = {"is_authenticated": False, "is_staff": False, "is_superuser": False, "pk": None}
CHOSEN = [
    {},
    {"WAFFLE_OVERRIDE": True, "WAFFLE_FLAG_DEFAULT": True, "WAFFLE_SECURE": False, "WAFFLE_MAX_AGE": 60},
    {"WAFFLE_COOKIE": "x_%s", "WAFFLE_TEST_COOKIE": "y_%s"},
]
COOKIES = ["dwf_f", "dwft_f", "x_f", "y_f", "f"]
flags = st.fixed_dictionaries(
    {
        "id": st.just(1),
        "name": st.just("f"),
        "everyone": st.sampled_from([None, None, None, True, False]),
        "percent": st.sampled_from(PERCENTS),
        "testing": st.booleans(),
        "superusers": st.booleans(),
        "staff": st.booleans(),
        "authenticated": st.booleans(),
        "languages": st.sampled_from(["", "", "de", "en, de ,fr", ","]),
        "rollout": st.booleans(),
    }
)
users = st.one_of(
    st.just(NOBODY),
    st.fixed_dictionaries(
        {
            "is_authenticated": st.booleans(),
            "is_staff": st.booleans(),
            "is_superuser": st.booleans(),
            "pk": st.integers(1, 3),
            "group_ids": st.lists(st.integers(1, 4), max_size=2),
        }
    ),
)
requests = st.fixed_dictionaries(
    {
        "GET": st.dictionaries(st.sampled_from(COOKIES), st.sampled_from(["0", "1", "x"]), max_size=1),
        "COOKIES": st.dictionaries(st.sampled_from(COOKIES), st.sampled_from(["True", "False", "1"]), max_size=2),
        "user": users,
        "language": st.sampled_from([None, "de", "fr", "en-us"]),
    }
)


@pytest.fixture(scope="module")
def manifests(oracle: Oracle) -> list[Manifest]:
    return [parse_manifest(json.dumps(oracle("rendering:manifest", chosen)).encode()) for chosen in CHOSEN]


def as_request(request: dict[str, object]) -> SimpleNamespace:
    made = SimpleNamespace(GET=request["GET"], COOKIES=request["COOKIES"], user=SimpleNamespace(**request["user"]))
    if request["language"]:
        made.LANGUAGE_CODE = request["language"]
    return made


def test_the_manifest_says_what_the_package_is_told(manifests: list[Manifest]) -> None:
    told = manifests[1].waffle
    assert (told.override, told.flag_default, told.secure, told.max_age) == (True, True, False, 60)
    assert manifests[2].waffle.test_cookie == "y_%s"


@settings(max_examples=400, derandomize=True, deadline=None)
@given(
    flag=st.one_of(st.none(), flags, flags, flags),
    request=requests,
    named=st.sets(st.integers(1, 3), max_size=1),
    groups=st.sets(st.integers(1, 4), max_size=1),
    lots=st.lists(st.sampled_from([0.0, 0.1, 49.99, 50.0, 99.95, 100.0]), min_size=2, max_size=2),
    told=st.integers(0, len(CHOSEN) - 1),
)
def test_a_flag_is_on_for_the_same_requests(manifests, oracle, flag, request, named, groups, lots, told) -> None:
    drawn = iter(lots)
    features = Features(
        manifests[told], [flag] if flag else [], users={1: named}, groups={1: groups}, lot=lambda: next(drawn)
    )
    asked = as_request(request)
    answers = answers_of(asked)
    found = [features.flag_is_active(asked, "f", answers) for _ in range(2)]
    cookies = [(each.name, each.value, each.max_age, each.secure) for each in features.cookies(answers)]
    assert (found, cookies) == oracle("features:decide", flag, request, named, groups, lots, CHOSEN[told])


ROWS = {
    "flags": [{"id": 1, "name": "on", "everyone": True}, {"id": 2, "name": "lot", "percent": Decimal("50")}],
    "switches": [{"id": 1, "name": "on", "active": True}, {"id": 2, "name": "off", "active": False}],
    "samples": [{"id": 1, "name": "half", "percent": Decimal("50")}, {"id": 2, "name": "all", "percent": Decimal(100)}],
}
ASKED = {"GET": {}, "COOKIES": {}, "user": NOBODY, "language": None}
DEFAULTS = {"everyone": None, "percent": None, "languages": "", "testing": False, "superusers": True}
DEFAULTS |= {"staff": False, "authenticated": False, "rollout": False}


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("flag", '"on"'),
        ("flag", "on"),
        ("flag", "variable"),
        ("flag", '"none"'),
        ("flag", '"lot"'),
        ("switch", '"on"'),
        ("switch", '"off"'),
        ("switch", "nothing"),
        ("sample", '"half"'),
        ("sample", '"all"'),
    ],
)
@pytest.mark.parametrize("lot", [10.0, 90.0])
@pytest.mark.parametrize("otherwise", ["", "{% else %}no"])
def test_the_tags_show_one_half_or_the_other(manifest, oracle, tag, written, lot, otherwise) -> None:
    rows = [{**DEFAULTS, **row} for row in ROWS["flags"]]
    features = Features(manifest, rows, ROWS["switches"], ROWS["samples"], lot=lambda: lot)
    named = written if written.startswith('"') else f'{written}|default("{written}")'
    page = theme(blocks=blocks(lambda context: features)).from_string(
        "{% " + f"{tag} {named}" + " %}yes" + otherwise + "{% end" + tag + " %}"
    )
    source = "{% load waffle_tags %}{% " + f"{tag} {written}" + " %}yes" + otherwise + "{% end" + tag + " %}"
    variables = {"variable": "on"}
    found = page.render({"request": as_request(ASKED), **variables})
    assert found == oracle("features:render", source, ROWS, ASKED, variables, [lot])


@pytest.mark.parametrize("lot", [10.0, 90.0])
def test_a_script_knows_all_of_them(manifest, oracle, lot: float) -> None:
    rows = [{**DEFAULTS, **row} for row in ROWS["flags"]]
    features = Features(manifest, rows, ROWS["switches"], ROWS["samples"], lot=lambda: lot)
    lists = "{% for name, on in LIST %}{{ name }}:{{ on }},{% endfor %}"
    script = "".join(lists.replace("LIST", name) for name in ("flags", "switches", "samples")) + "{{ flag_default }}"
    page = theme({"waffle/waffle.js": script}, functions(lambda context: features)).from_string("{{ wafflejs() }}")
    found = page.render({"request": as_request(ASKED)})
    assert found == oracle("features:script", script, ROWS, ASKED, [lot, lot, lot])


def test_a_request_that_takes_no_attributes_is_answered_once_per_template() -> None:
    state: dict[object, object] = {}
    assert answers_of(object(), state) is answers_of(object(), state)
    assert answers_of(object()) is not answers_of(object())

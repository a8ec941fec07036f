"""What a menu printed for a stranger is printed again, and only where nothing that it could read differs."""

from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import DictLoader

from legacy_adapters.dtl.environment import DjangoEnvironment
from legacy_adapters.dtl.functions import steady
from legacy_adapters.dtl.reads import reading
from legacy_adapters.sitetree import sitetree_url

TEMPLATES = {
    "plain": "{% for item in sitetree_items %}{{ item.title|upper }}{{ sitetree_url(item) }}{% endfor %}",
    "nested": "{% for item in sitetree_items %}{{ sitetree_children(item, 'menu', 'plain') }}{{ colour }}{% endfor %}",
    "worded": "{{ sitetree_children(item, 'menu', template='nested') }}",
    "steady": "{{ steady_tag() }}{% for item in sitetree_items %}{{ cycle('a', 'b') }}{% endfor %}",
    "visitor": "{% if user.is_staff %}x{% endif %}",
    "request": "{% for item in sitetree_items %}{{ request.path }}{% endfor %}",
    "include": "{% include 'plain' %}",
    "random": "{{ sitetree_items|random }}",
    "clock": "{{ now('Y') }}",
    "own": "{{ site_tag(1) }}",
    "computed": "{{ sitetree_children(item, 'menu', name) }}",
    "computed by word": "{{ sitetree_children(item, 'menu', template=name) }}",
    "behind by word": "{{ sitetree_children(item, 'menu', template='visitor') }}",
    "behind": "{{ sitetree_children(item, 'menu', 'visitor') }}",
    "spaceless": "{% spaceless %}<b> {{ sitetree_items|length }} </b>{% endspaceless %}",
}


def environment() -> DjangoEnvironment:
    tags = {"sitetree_url": sitetree_url, "site_tag": lambda number: number, "steady_tag": steady(lambda: "same")}
    return DjangoEnvironment(DictLoader(TEMPLATES), functions=tags)


@pytest.mark.parametrize("name", ["plain", "nested", "worded", "spaceless", "steady"])
def test_a_template_that_reads_only_its_variables_is_closed(name: str) -> None:
    assert reading(environment(), name, shows="sitetree_children").closed


@pytest.mark.parametrize(
    "name",
    [
        "visitor",
        "request",
        "include",
        "random",
        "clock",
        "own",
        "computed",
        "behind",
        "computed by word",
        "behind by word",
    ],
)
def test_a_template_that_may_print_something_else_is_not(name: str) -> None:
    assert not reading(environment(), name, shows="sitetree_children").closed


@pytest.mark.parametrize(
    ("variables", "values"),
    [
        ({}, ()),
        ({"colour": "red", "size": 2}, (("colour", str, "red"),)),
        ({"colour": None}, (("colour", type(None), None),)),
        ({"colour": SimpleNamespace()}, None),
        ({"sitetree_items": []}, None),
    ],
)
def test_plain_values_tell_prints_apart_and_others_forbid_them(variables: dict[str, Any], values: object) -> None:
    found = reading(environment(), "nested", shows="sitetree_children")
    assert found.values(variables) == values

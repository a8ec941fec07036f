"""Countries have the names, codes and flags of django-countries; links into the admin are Django's."""

from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legacy_adapters.admin_urls import filters
from legacy_adapters.countries import Countries, Country, functions
from legacy_adapters.manifest import Manifest
from legacy_adapters.package_settings import CountryNames
from tests.legacy_adapters.packages.oracle import Oracle
from tests.legacy_adapters.packages.places import ATTRIBUTES, ask
from tests.legacy_adapters.packages.theme import theme

CODES = ["DE", "de", "GB", "NZL", "nzl", "276", "8", "BO", "XX", "xyz", "", "0", "USA", "AX", "abcd"]
CHOSEN = [
    {},
    {"COUNTRIES_FLAG_URL": "img/{code_upper}.png", "STATIC_URL": "https://cdn.example/s/"},
    {"COUNTRIES_FIRST": ["NZ", "DE"], "COUNTRIES_FIRST_BREAK": "---", "COUNTRIES_FIRST_REPEAT": True},
    {"COUNTRIES_ONLY": ["DE", "NZ", ("XX", "Nowhere & More")]},
    {"LANGUAGE_CODE": "de"},
]


@pytest.mark.parametrize("chosen", CHOSEN)
def test_a_country_has_the_packages_name_and_codes(manifest: Manifest, oracle: Oracle, chosen) -> None:
    told = msgspec.convert(oracle("places:manifest", chosen), CountryNames)
    site = msgspec.structs.replace(
        manifest.settings,
        **{name.lower(): value for name, value in chosen.items() if name in {"STATIC_URL", "LANGUAGE_CODE"}},
    )
    countries = Countries(msgspec.structs.replace(manifest, countries=told, settings=site))
    every = [*CODES, *told.codes]
    found = [[ask(Country(countries, code), name) for name in ATTRIBUTES] for code in every]
    expected, listed = oracle("places:countries", every, chosen)
    assert found == expected
    assert [(code, name) for code, name in countries] == [(code or "", name) for code, name in listed]


def test_a_page_asks_for_a_country_or_for_all(manifest: Manifest) -> None:
    countries = Countries(manifest)
    page = theme(functions=functions(lambda: countries)).from_string(
        "{% set c = get_country('CI') %}{{ c.name }} {{ c }}{% set all = get_countries() %} {{ all|length }} {{ all|first }}"
    )
    assert page.render() == "Côte d&#x27;Ivoire CI 249 (&#x27;AF&#x27;, &#x27;Afghanistan&#x27;)"
    assert Country(countries, "DE") == "DE"
    assert len({Country(countries, "DE"), Country(countries, "deu")}) == 1


@settings(max_examples=60, derandomize=True, deadline=None)
@given(pk=st.one_of(st.integers(), st.text(':/_#?;@&=+$,"[]<>%ab\\\n', max_size=8)))
def test_a_link_into_the_admin(oracle: Oracle, pk) -> None:
    found = filters()
    options = SimpleNamespace(app_label="shop", model_name="order")
    assert (found["admin_urlname"](options, "change"), found["admin_urlquote"](pk)) == oracle(
        "places:links", "shop", "order", "change", pk
    )

"""Which names and addresses mean the same company."""

import pytest
from django.utils.text import slugify
from hypothesis import given
from hypothesis import strategies as st

from importers import names


@pytest.mark.parametrize(
    "name",
    [
        "Acme",
        "ACME",
        "Acme, Inc.",
        "The Acme Company",
        "Acme GmbH & Co. KG",
        "Ａｃｍｅ",
        "Ácme Ltd",
        "acme  S.A.",
        "Acme Pty. Ltd.",
    ],
)
def test_case_accents_punctuation_and_legal_forms_do_not_tell_companies_apart(name: str) -> None:
    assert names.normalised(name) == "acme"


@pytest.mark.parametrize(("one", "other"), [("Acme", "Acme Labs"), ("Limited", "Inc"), ("AB", "The AB Group")])
def test_other_names_stay_other_names(one: str, other: str) -> None:
    assert names.normalised(one) != names.normalised(other)


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.acme.example/about?x=1", "acme.example"),
        ("http://ACME.example:8080", "acme.example"),
        ("acme.example", "acme.example"),
        ("https://shop.acme.co.uk/", "acme.co.uk"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://acme.github.io/", ""),
        ("https://github.com/acme", ""),
        ("https://co.uk/", ""),
        ("http://192.168.1.1/", ""),
        ("http://[::1]/", ""),
        ("http://localhost/", ""),
        ("http://[broken", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_web_domains(url: str | None, domain: str) -> None:
    assert names.web_domain(url) == domain


@given(st.text())
def test_slugs_are_djangos(name: str) -> None:
    assert names.slug(name) == slugify(name)


@given(st.text(), st.text())
def test_any_text_has_keys(name: str, url: str) -> None:
    assert all(kind and value for kind, value in names.keys(name, url))

"""Templates of packages and of the site, imported and rendered with everything they call, print what Django prints."""

import pytest

from tests.legacy_adapters.packages.oracle import Oracle
from tests.legacy_adapters.packages.test_sitetree import PERMISSIONS, ROWS, TREES, visitor

MENUS = [
    *("menu", "menu_bootstrap", "menu_bootstrap3", "menu_bootstrap3_deep", "menu_bootstrap4", "menu_bootstrap5"),
    *("menu_foundation", "menu_foundation-vertical", "menu_semantic", "menu_semantic-vertical", "tree", "top"),
    *("submenu", "footer", "breadcrumbs"),
]
ACCOUNTS = [
    *("login", "password_reset", "password_reset_done", "password_reset_from_key", "password_reset_from_key_done"),
    *("password_set", "email", "email_confirm", "account_inactive", "logout", "reauthenticate", "signup_closed"),
    "verified_email_required",
]


@pytest.mark.parametrize("template", MENUS)
def test_a_menu_of_the_package_or_of_the_site(oracle: Oracle, template: str) -> None:
    for path in ("/", "/about/deep/"):
        request = visitor(path, True, {"a.one"})
        found, expected = oracle("chain:menu", (TREES, ROWS, PERMISSIONS), template, request)
        assert found == expected
        assert found.count("<a ") + (path == "/" and template == "breadcrumbs")


@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_page_of_accounts_with_its_forms(oracle: Oracle, name: str) -> None:
    found, expected = oracle("chain:account", f"account/{name}.html")
    assert found == expected
    assert "<" in found

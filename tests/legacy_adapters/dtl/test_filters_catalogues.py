"""A site's own messages and formats come before Django's, in Django's order; markup of other libraries stays safe."""

import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import formats, translation
from markupsafe import Markup

from legacy_adapters.dtl import locale
from legacy_adapters.dtl.filters import FILTERS
from legacy_adapters.dtl.safe import SafeString, is_safe
from tests.legacy_adapters.dtl.oracle import both, locale_in

SLAVIC = "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
FORMATS = "DATE_FORMAT = 'Y/m'\nTHOUSAND_SEPARATOR = '~'\nMOON_FORMAT = 'j.n.'\nDATE_INPUT_FORMATS = ['%Y']\n"


def mo(messages: dict[str, str], plural: str = "") -> bytes:
    """A compiled catalogue; the forms of a message are separated by zeros, as in the format."""
    header = "Content-Type: text/plain; charset=UTF-8\n" + (f"Plural-Forms: {plural}\n" if plural else "")
    pairs = sorted((key.encode(), text.encode()) for key, text in {"": header, **messages}.items())
    start, table, data = 28, [], b""
    at = start + 16 * len(pairs)
    for column in (0, 1):
        for pair in pairs:
            table.append(struct.pack("<II", len(pair[column]), at + len(data)))
            data += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), start, start + 8 * len(pairs), 0, 0)
    return head + b"".join(table) + data


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[locale.Locale]:
    root: Path = tmp_path_factory.mktemp("site")
    own = {
        "first/de_AT": mo({"January": "Jänner", "only here": "nur hier"}),
        "first/de": mo({"February": "Feber", "day\0days": "Tag\0Tage"}, "nplurals=2; plural=(n > 1);"),
        "second/de_AT": mo({"January": "nie", "%(num)d day\0%(num)d days": "a\0b\0c"}, SLAVIC),
        "second/fr": mo({"in French": "en français", "a\x04Monday": "lundi b", "cat\0cats": "chat\0chats"}),
    }
    for name, content in own.items():
        folder, language = name.split("/")
        path = root / folder / language / "LC_MESSAGES" / "django.mo"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    (root / "ownformats" / "de").mkdir(parents=True)
    (root / "ownformats" / "__init__.py").touch()
    (root / "ownformats" / "de" / "__init__.py").touch()
    (root / "ownformats" / "de" / "formats.py").write_text(FORMATS)
    sys.path.insert(0, str(root))
    with override_settings(LOCALE_PATHS=[root / "first", root / "second"], FORMAT_MODULE_PATH="ownformats"):
        formats.reset_format_cache()
        yield locale_in("fr", "de-at", "de", zone="Europe/Vienna")
    formats.reset_format_cache()
    sys.path.remove(str(root))


@pytest.mark.parametrize("language", ["de-at", "de", "fr", "en", None])
def test_the_sites_own_messages_come_first(site: locale.Locale, language: str | None) -> None:
    with both(site), translation.override(language), locale.speaking(language):
        for text in ("January", "February", "March", "only here", "in French", "Yes", "nowhere"):
            assert locale.gettext(text) == translation.gettext(text), text
        for text in ("day", "cat"):  # has plural forms only: gettext() of CPython 3.11.2 does not know it
            assert locale.gettext(text) == translation.ngettext(text, text, 1), text
        for meaning, text in (("a", "Monday"), ("a", "January"), ("abbrev. month", "March")):
            assert locale.pgettext(meaning, text) == translation.pgettext(meaning, text), text
        for number in (0, 1, 2, 5, 21, 22):
            for one, many in (("%(num)d day", "%(num)d days"), ("day", "days"), ("cat", "cats"), ("x", "xs")):
                assert locale.ngettext(one, many, number) == translation.ngettext(one, many, number), one
                ours = locale.npgettext("naturaltime-past", one, many, number)
                assert ours == translation.npgettext("naturaltime-past", one, many, number), one


@pytest.mark.parametrize("language", ["de-at", "de", "fr"])
def test_the_sites_own_formats_come_first(site: locale.Locale, language: str) -> None:
    with both(site), translation.override(language), locale.speaking(language):
        for name in ("DATE_FORMAT", "THOUSAND_SEPARATOR", "MOON_FORMAT", "TIME_FORMAT", "NUMBER_GROUPING"):
            assert locale.get_format(name) == formats.get_format(name), name


def test_what_is_safe_is_known_by_its_html() -> None:
    found: Any = FILTERS["lower"](Markup("<B>"))
    assert (found, is_safe(found)) == ("<b>", True)
    assert FILTERS["linebreaksbr"](Markup("<i>\n")) == "<i><br>"
    assert FILTERS["join"]([Markup("<i>"), "<"], SafeString("<br>")) == "<i><br>&lt;"
    assert not is_safe(FILTERS["upper"](Markup("<b>")))

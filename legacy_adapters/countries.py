"""django-countries: what a two-letter column is called, and what a template may ask of it.

Names and their order are those of the site, language by language; the manifest has them.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import urljoin

from legacy_adapters.manifest import Manifest

REGIONAL = ord("🇦") - ord("A")


class CountryName(NamedTuple):
    code: str
    name: str

    def __repr__(self) -> str:
        return f"({self.code!r}, {self.name!r})"


class Countries:
    """The site's countries in one language, in the order in which it lists them."""

    def __init__(self, manifest: Manifest, language: str = "") -> None:
        told = manifest.countries
        language = language or manifest.settings.language_code
        listed = told.names.get(language) or next(iter(told.names.values()), ())
        self.codes, self.flags, self.flag_url = told.codes, told.flags, told.flag_url
        self.static_url = manifest.settings.static_url or ""
        self._listed = tuple(CountryName(code, name) for code, name in listed)
        self._names = {code: name for code, name in listed if code}

    def __iter__(self) -> Iterator[CountryName]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)

    def alpha2(self, code: object) -> str:
        """The two letters of a code of any kind: two letters, three, or a number; empty where there is none."""
        text = str(code).upper()
        if text in self._names:
            return text
        known = self.codes.items()
        if text.isdigit():
            text = next((alpha2 for alpha2, each in known if each.numeric == int(text)), "")
        elif len(text) == 3:
            text = next((alpha2 for alpha2, each in known if each.alpha3 == text), "")
        return text if text in self._names else ""

    def name(self, code: object) -> str:
        return self._names.get(self.alpha2(code), "")


class Country:
    """A country by its code. It is printed as its code and equals it; without one it is nothing."""

    def __init__(self, countries: Countries, code: str, flag_url: str | None = None) -> None:
        self._countries, self._flag_url = countries, flag_url
        self.code = countries.alpha2(code) or code
        self._known = countries.codes.get(countries.alpha2(code))

    def __str__(self) -> str:
        return str(self.code or "")

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other or "")

    def __hash__(self) -> int:
        return hash(str(self))

    def __bool__(self) -> bool:
        return bool(self.code)

    def __len__(self) -> int:
        return len(str(self))

    @property
    def name(self) -> str:
        return self._countries.name(self.code)

    @property
    def alpha3(self) -> str:
        return self._known.alpha3 if self._known else ""

    @property
    def numeric(self) -> int | None:
        return self._known.numeric if self._known else None

    @property
    def numeric_padded(self) -> str | None:
        return None if self.numeric is None else f"{self.numeric:03d}"

    @property
    def ioc_code(self) -> str:
        return self._known.ioc if self._known else ""

    @property
    def flag(self) -> str:
        if not self.code:
            return ""
        pattern = self._flag_url
        if pattern is None:
            pattern = self._countries.flags.get(self._countries.alpha2(self.code)) or self._countries.flag_url
        url = pattern.format(code_upper=self.code, code=self.code.lower())
        return urljoin(self._countries.static_url, url) if url else ""

    @property
    def flag_css(self) -> str:
        """The classes of the package's sprite."""
        if not self.code:
            return ""
        first, second = list(self.code.lower())
        return f"flag-sprite flag-{first} flag-_{second}"

    @property
    def unicode_flag(self) -> str:
        if not self.code:
            return ""
        first, second, *_ = list(self.code.upper())
        return chr(ord(first) + REGIONAL) + chr(ord(second) + REGIONAL)


def functions(countries: Callable[[], Countries]) -> dict[str, Callable[..., object]]:
    """`get_country(code)` and `get_countries()`."""
    return {
        "get_country": lambda code: Country(countries(), code),
        "get_countries": lambda: list(countries()),
    }

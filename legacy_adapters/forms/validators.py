"""The checks of one value, with Django's rules, codes and words.

A validator is called with a value and raises ValidationError, or returns nothing.
"""

import ipaddress
import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from legacy_adapters.forms.errors import ValidationError
from legacy_adapters.forms.words import Counted, Words

Validator = Callable[[Any], object]
EMPTY_VALUES: tuple[Any, ...] = (None, "", [], (), {})

# Of a host's name: a letter of any script or a digit; no label begins or ends with a hyphen.
LETTER = "a-z\u00a1-\uffff"
LABEL = rf"[{LETTER}0-9](?:[{LETTER}0-9-]{{0,61}}[{LETTER}0-9])?"
MORE_LABELS = rf"(?:\.(?!-)[{LETTER}0-9-]{{1,63}}(?<!-))*"
TOP_LEVEL = rf"\.(?!-)(?:[{LETTER}-]{{2,63}}|xn--[a-z0-9]{{1,59}})(?<!-)"
BYTE = "(?:0|25[0-5]|2[0-4][0-9]|1[0-9]?[0-9]?|[1-9][0-9]?)"
DOMAIN = re.compile(rf"^{LABEL}{MORE_LABELS}{TOP_LEVEL}\Z", re.I)
URL = re.compile(
    r"^(?:[a-z0-9.+-]*)://(?:[^\s:@/]+(?::[^\s:@/]*)?@)?"
    rf"(?:{BYTE}(?:\.{BYTE}){{3}}|\[[0-9a-f:.]+\]|({LABEL}{MORE_LABELS}{TOP_LEVEL}\.?|localhost))"
    r"(?::[0-9]{1,5})?(?:[/?#][^\s]*)?\Z",
    re.I,
)
BRACKETED = re.compile(r"^\[(.+)\](?::[0-9]{1,5})?$")
ATOM = r"[-!#$%&'*+/=?^_`{}|~0-9A-Z]+"
LOCAL_PART = re.compile(
    rf"(^{ATOM}(\.{ATOM})*\Z"
    r'|^"([\001-\010\013\014\016-\037!#-\[\]-\177]|\\[\001-\011\013\014\016-\177])*"\Z)',
    re.I,
)
ADDRESS_LITERAL = re.compile(r"\[([A-F0-9:.]+)\]\Z", re.I)
MAX_URL, MAX_HOST, MAX_EMAIL = 2048, 253, 320


class RegexValidator:
    """The value has a match, or with `inverse_match` has none."""

    message: Any = Words("Enter a valid value.")
    code = "invalid"

    def __init__(
        self, regex: Any = "", message: Any = None, code: str | None = None, inverse_match: bool = False, flags: int = 0
    ) -> None:
        self.regex = re.compile(regex, flags) if isinstance(regex, str) else regex
        self.message, self.code, self.inverse_match = message or self.message, code or self.code, inverse_match

    def __call__(self, value: Any) -> None:
        if bool(self.regex.search(str(value))) is self.inverse_match:
            raise ValidationError(self.message, self.code, {"value": value})


class URLValidator:
    message: Any = Words("Enter a valid URL.")
    code = "invalid"
    schemes: Sequence[str] = ("http", "https", "ftp", "ftps")

    def __init__(self, schemes: Sequence[str] | None = None) -> None:
        self.schemes = schemes or self.schemes

    def __call__(self, value: Any) -> None:
        if not (isinstance(value, str) and len(value) <= MAX_URL and self.allowed(value)):
            raise ValidationError(self.message, self.code, {"value": value})

    def allowed(self, url: str) -> bool:
        if set("\t\r\n") & set(url) or url.split("://")[0].lower() not in self.schemes:
            return False
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        if not URL.search(url):
            return False
        bracketed = BRACKETED.search(parts.netloc)
        if bracketed and not is_ipv6(bracketed[1]):
            return False
        return parts.hostname is not None and len(parts.hostname) <= MAX_HOST


class EmailValidator:
    message: Any = Words("Enter a valid email address.")
    code = "invalid"

    def __init__(self, message: Any = None, code: str | None = None, allowlist: Sequence[str] = ("localhost",)) -> None:
        self.message, self.code, self.allowlist = message or self.message, code or self.code, allowlist

    def __call__(self, value: Any) -> None:
        if not value or "@" not in value or len(value) > MAX_EMAIL or not self.allowed(value):
            raise ValidationError(self.message, self.code, {"value": value})

    def allowed(self, address: str) -> bool:
        local, _, domain = address.rpartition("@")
        if not LOCAL_PART.match(local):
            return False
        if domain in self.allowlist or DOMAIN.match(domain):
            return True
        literal = ADDRESS_LITERAL.match(domain)
        return bool(literal and (is_ipv4(literal[1]) or is_ipv6(literal[1])))


def is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


class Limit:
    """A value against a limit, which may be a function. `measure` is what of the value is compared."""

    message: Any
    code: str

    def __init__(self, limit_value: Any, message: Any = None) -> None:
        self.limit_value, self.message = limit_value, message or self.message

    def __call__(self, value: Any) -> None:
        measured = self.measure(value)
        limit = self.limit_value() if callable(self.limit_value) else self.limit_value
        if self.broken(measured, limit):
            raise ValidationError(self.message, self.code, self.params(measured, limit, value))

    def params(self, measured: Any, limit: Any, value: Any) -> dict[str, Any]:
        return {"limit_value": limit, "show_value": measured, "value": value}

    def measure(self, value: Any) -> Any:
        return value

    def broken(self, measured: Any, limit: Any) -> bool:
        raise NotImplementedError


class MaxValueValidator(Limit):
    message = Words("Ensure this value is less than or equal to %(limit_value)s.")
    code = "max_value"

    def broken(self, measured: Any, limit: Any) -> bool:
        return bool(measured > limit)


class MinValueValidator(Limit):
    message = Words("Ensure this value is greater than or equal to %(limit_value)s.")
    code = "min_value"

    def broken(self, measured: Any, limit: Any) -> bool:
        return bool(measured < limit)


class StepValueValidator(Limit):
    message = Words("Ensure this value is a multiple of step size %(limit_value)s.")
    code = "step_size"

    def __init__(self, limit_value: Any, message: Any = None, offset: Any = None) -> None:
        super().__init__(limit_value, message)
        self.offset = offset
        if offset is not None:
            self.message = Words(
                "Ensure this value is a multiple of step size %(limit_value)s, starting from %(offset)s, e.g. "
                "%(offset)s, %(valid_value1)s, %(valid_value2)s, and so on."
            )

    def params(self, measured: Any, limit: Any, value: Any) -> dict[str, Any]:
        if self.offset is None:
            return super().params(measured, limit, value)
        start = type(measured)(self.offset)
        valid = {"valid_value1": start + limit, "valid_value2": start + 2 * limit}
        return {"limit_value": limit, "offset": start, **valid}

    def broken(self, measured: Any, limit: Any) -> bool:
        rest = math.remainder(measured - (self.offset or 0), limit)
        return not math.isclose(rest, 0, abs_tol=1e-9)


class MinLengthValidator(Limit):
    message = Counted(
        "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    )
    code = "min_length"

    def measure(self, value: Any) -> int:
        return len(value)

    def broken(self, measured: Any, limit: Any) -> bool:
        return bool(measured < limit)


class MaxLengthValidator(Limit):
    message = Counted(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    )
    code = "max_length"

    def measure(self, value: Any) -> int:
        return len(value)

    def broken(self, measured: Any, limit: Any) -> bool:
        return bool(measured > limit)


class DecimalValidator:
    """At most so many digits, so many of them after the point."""

    not_a_number = Words("Enter a number.")
    max_digits_message = Counted(
        "Ensure that there are no more than %(max)s digit in total.",
        "Ensure that there are no more than %(max)s digits in total.",
        "max",
    )
    max_places_message = Counted(
        "Ensure that there are no more than %(max)s decimal place.",
        "Ensure that there are no more than %(max)s decimal places.",
        "max",
    )
    max_whole_message = Counted(
        "Ensure that there are no more than %(max)s digit before the decimal point.",
        "Ensure that there are no more than %(max)s digits before the decimal point.",
        "max",
    )

    def __init__(self, max_digits: int | None, decimal_places: int | None) -> None:
        self.max_digits, self.decimal_places = max_digits, decimal_places

    def __call__(self, value: Decimal) -> None:
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):
            raise ValidationError(self.not_a_number, "invalid", {"value": value})
        places = max(-exponent, 0)
        total = max(len(digits), places) + (max(exponent, 0) if digits != (0,) else 0)
        most, after = self.max_digits, self.decimal_places
        if most is not None and total > most:
            raise ValidationError(self.max_digits_message, "max_digits", {"max": most, "value": value})
        if after is not None and places > after:
            raise ValidationError(self.max_places_message, "max_decimal_places", {"max": after, "value": value})
        if most is not None and after is not None and total - places > most - after:
            raise ValidationError(self.max_whole_message, "max_whole_digits", {"max": most - after, "value": value})


class FileExtensionValidator:
    message: Any = Words(
        "File extension “%(extension)s” is not allowed. Allowed extensions are: %(allowed_extensions)s."
    )
    code = "invalid_extension"

    def __init__(self, allowed_extensions: Sequence[str] | None = None) -> None:
        self.allowed = None if allowed_extensions is None else [each.lower() for each in allowed_extensions]

    def __call__(self, value: Any) -> None:
        extension = PurePath(value.name).suffix[1:].lower()
        if self.allowed is not None and extension not in self.allowed:
            params = {"extension": extension, "allowed_extensions": ", ".join(self.allowed), "value": value}
            raise ValidationError(self.message, self.code, params)


def validate_image_file_extension(value: Any) -> None:
    from PIL import Image

    Image.init()
    FileExtensionValidator([extension[1:] for extension in Image.EXTENSION])(value)


class ProhibitNullCharactersValidator:
    message: Any = Words("Null characters are not allowed.")
    code = "null_characters_not_allowed"

    def __call__(self, value: Any) -> None:
        if "\x00" in str(value):
            raise ValidationError(self.message, self.code, {"value": value})


validate_email = EmailValidator()
validate_integer = RegexValidator(r"^-?\d+\Z", Words("Enter a valid integer."))
validate_slug = RegexValidator(
    r"^[-a-zA-Z0-9_]+\Z",
    Words("Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
)
validate_unicode_slug = RegexValidator(
    r"^[-\w]+\Z",
    Words("Enter a valid “slug” consisting of Unicode letters, numbers, underscores, or hyphens."),
)

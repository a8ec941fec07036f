"""Numbers as a language writes them (django/utils/numberformat.py, django/utils/formats.py: number_format())."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from legacy_adapters.dtl.locale import current, get_format
from legacy_adapters.dtl.safe import SafeString

DIGITS_AS_THEY_ARE = 200  # a number with more is written with an exponent


def number_format(
    value: Any, decimal_pos: int | None = None, use_l10n: bool | None = None, force_grouping: bool = False
) -> str:
    """A number, or a text of one, as the current language writes it; cut, not rounded, after `decimal_pos` places."""
    if use_l10n is None:
        use_l10n = current().locale.use_l10n
    if value is None or value == "":
        return SafeString(value)
    grouping = get_format("NUMBER_GROUPING", use_l10n=use_l10n)
    if not ((use_l10n and current().locale.use_thousand_separator) or force_grouping):
        grouping = 0
    if isinstance(value, int) and grouping == 0 and not decimal_pos:
        return SafeString(value)
    separator = str(get_format("DECIMAL_SEPARATOR", use_l10n=use_l10n))
    thousand = str(get_format("THOUSAND_SEPARATOR", use_l10n=use_l10n))
    return _written(value, separator, decimal_pos, grouping, thousand)


def _written(value: Any, separator: str, decimal_pos: int | None, grouping: Any, thousand: str) -> str:
    if isinstance(value, float) and "e" in str(value).lower():
        value = Decimal(str(value))
    if isinstance(value, Decimal):
        value = _zero_if_unseen(value, decimal_pos)
        _, digits, exponent = value.as_tuple()
        if abs(exponent) + len(digits) > DIGITS_AS_THEY_ARE:
            coefficient, _, power = f"{value:e}".partition("e")
            return f"{_written(coefficient, separator, decimal_pos, grouping, thousand)}e{power}"
        value = f"{value:f}"
    text = str(value)
    sign, text = ("-", text[1:]) if text[0] == "-" else ("", text)
    whole, point, decimals = text.partition(".")
    if decimal_pos is not None:
        decimals = (decimals[:decimal_pos] if point else "").ljust(decimal_pos, "0")
    if grouping != 0:
        whole = grouped(whole, grouping, thousand)
    return sign + whole + (separator + decimals if decimals else "")


def _zero_if_unseen(value: Decimal, decimal_pos: int | None) -> Decimal:
    """Zero for a number that has nothing in the places that are shown."""
    if decimal_pos is not None and abs(value) < Decimal("0." + "1".rjust(decimal_pos, "0")):
        return Decimal(0)
    return value


def grouped(digits: str, grouping: int | Sequence[int], separator: str) -> str:
    """Digits in groups from the right; of several sizes the last repeats, where 0 stands for the one before."""
    sizes = [grouping, 0] if isinstance(grouping, int) else list(grouping)
    size = sizes.pop(0)
    groups: list[str] = []
    while size > 0 and len(digits) > size:
        groups.append(digits[-size:])
        digits = digits[:-size]
        if sizes:
            size = sizes.pop(0) or size
    return separator.join((digits, *reversed(groups)))

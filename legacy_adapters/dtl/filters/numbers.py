"""Filters on numbers: sums, digits, decimal places, file sizes."""

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, getcontext
from typing import Any

from legacy_adapters.dtl.filters.marks import Filter, register
from legacy_adapters.dtl.locale import gettext, ngettext
from legacy_adapters.dtl.numberformat import DIGITS_AS_THEY_ARE, number_format
from legacy_adapters.dtl.safe import mark_safe

FILTERS: dict[str, Filter] = {}

_sizes = (("%s KB", 1 << 10), ("%s MB", 1 << 20), ("%s GB", 1 << 30), ("%s TB", 1 << 40), ("%s PB", 1 << 50))


def unbroken(text: str) -> str:
    """The text with spaces at which no line breaks."""
    return text.replace(" ", "\xa0")


@register(FILTERS)
def add(value: Any, arg: Any) -> Any:
    """The sum of two numbers, else of two of anything, else nothing."""
    try:
        return int(value) + int(arg)
    except (ValueError, TypeError):
        try:
            return value + arg
        except Exception:  # whatever the two say about each other
            return ""


@register(FILTERS)
def get_digit(value: Any, arg: Any) -> Any:
    """The digit at place `arg` from the right; the value itself where that makes no sense."""
    try:
        place, number = int(arg), int(value)
    except ValueError:
        return value
    if place < 1:
        return number
    digits = str(number)
    return int(digits[-place]) if place <= len(digits) else 0


@register(FILTERS)
def divisibleby(value: Any, arg: Any) -> bool:
    return int(value) % int(arg) == 0


def _suffixed(arg: Any) -> tuple[Any, bool, bool]:
    """The number of places of an argument, whether its digits are grouped, and whether they are localized."""
    if not isinstance(arg, str):
        return arg, False, True
    for suffix in ("gu", "ug", "g", "u"):
        if arg.endswith(suffix):
            return arg[: -len(suffix)] or -1, "g" in suffix, "u" not in suffix
    if not arg:
        raise IndexError("floatformat needs a number of places, not an empty text")
    return arg, False, True


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        try:
            return Decimal(str(float(value)))
        except (ValueError, InvalidOperation, TypeError):
            return None


def _rounded(number: Decimal, places: int) -> str:
    """The number with that many places, half away from zero, and never a minus before nothing."""
    _, digits, exponent = number.as_tuple()
    precision = max(getcontext().prec, len(digits) + abs(int(exponent)) + places + 1)
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=precision))
    return f"{rounded if rounded else abs(rounded):f}"


@register(FILTERS, is_safe=True)
def floatformat(text: Any, arg: Any = -1) -> Any:
    """A number with `arg` decimal places; a negative `arg` shows them only where there are some.

    The suffix `g` groups digits, `u` leaves the language out. What is no number is nothing, what has too many digits
    stays as it is.
    """
    arg, grouping, use_l10n = _suffixed(arg)
    number = _decimal(text)
    if number is None:
        return ""
    as_it_is = str(text)
    try:
        places = int(arg)
    except ValueError:
        return as_it_is
    _, digits, exponent = number.as_tuple()
    if isinstance(exponent, int) and len(digits) + abs(exponent) > DIGITS_AS_THEY_ARE:
        return as_it_is
    try:
        whole = int(number) == number
    except (ValueError, OverflowError, InvalidOperation):
        return as_it_is
    if whole and places <= 0:
        return mark_safe(number_format(str(int(number)), 0, use_l10n, grouping))
    return mark_safe(number_format(_rounded(number, abs(places)), abs(places), use_l10n, grouping))


@register(FILTERS, is_safe=True)
def filesizeformat(value: Any) -> str:
    """Bytes in the largest unit that leaves a number of at least one."""
    try:
        size = int(value)
    except (TypeError, ValueError):
        size = 0
    number = abs(size)
    if number < 1024:
        text = ngettext("%(size)d byte", "%(size)d bytes", number) % {"size": number}
    else:
        unit, factor = next((size for size in reversed(_sizes) if number >= size[1]), _sizes[0])
        text = gettext(unit) % number_format(round(number / factor, 1), 1)
    return unbroken(f"-{text}" if size < 0 else text)

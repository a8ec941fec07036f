"""Django's filters and the tags of its libraries `i18n`, `l10n` and `tz`, without Django.

`FILTERS` holds every built-in filter and those of `humanize`, `i18n`, `l10n` and `tz`, each printing what Django's
prints for the same value, raising where Django's raises, and marked with Django's attributes (see marks.py).
`FUNCTIONS` and `BLOCKS` are the tags of the three libraries; `blocktranslate` is called with a `Message` for a body.
"""

from collections.abc import Callable
from typing import Any

from legacy_adapters.dtl.filters import dates, html, humanize, i18n, links, lists, localization, numbers, text
from legacy_adapters.dtl.filters.i18n import Message
from legacy_adapters.dtl.filters.marks import Filter

FILTERS: dict[str, Filter] = {
    name: function
    for library in (text, html, links, lists, numbers, dates, humanize, i18n, localization)
    for name, function in library.FILTERS.items()
}
FUNCTIONS: dict[str, Callable[..., Any]] = {**i18n.FUNCTIONS, **localization.FUNCTIONS}
BLOCKS: dict[str, Callable[..., Any]] = {**i18n.BLOCKS, **localization.BLOCKS}

__all__ = ["BLOCKS", "FILTERS", "FUNCTIONS", "Message"]

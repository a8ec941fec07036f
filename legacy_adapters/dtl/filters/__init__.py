"""Django's filters and the tags of its libraries `i18n`, `l10n` and `tz`, without Django.

`FILTERS` holds every built-in filter and those of `humanize`, `i18n`, `l10n` and `tz`, each printing what
Django's prints for the same value, raising where Django's raises, and marked with Django's attributes (see marks.py).
"""

from legacy_adapters.dtl.filters import dates, html, links, lists, numbers, text
from legacy_adapters.dtl.filters.marks import Filter

FILTERS: dict[str, Filter] = {
    name: function
    for library in (text, html, links, lists, numbers, dates)
    for name, function in library.FILTERS.items()
}

"""One writing for a URL pattern, so that a claim is found among Django's patterns however each was written.

Django joins what nested include()s contribute (`api/` + `^(?P<name>v1)/$`); a claim is one text (`^api/v1/$`). Both
become the same regular expression here: anchors inside are dropped, groups lose their names, and their parentheses
where nothing depends on them. It serves to compare patterns, not to match paths.
"""

import re
from collections.abc import Iterable, Mapping

DEFAULT_CONVERTERS: Mapping[str, str] = {
    "int": "[0-9]+",
    "path": ".+",
    "slug": "[-a-zA-Z0-9_]+",
    "str": "[^/]+",
    "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
}
PARAMETER = re.compile(r"<(?:(?P<converter>[^>:]+):)?(?P<parameter>[^>]+)>")
NEEDLESS_GROUP = re.compile(r"(?<!\\)\((?:\?:)?((?:\\.|[^()|?\\]|(?<!\()\?)*)\)(?![*+?{])")


def canonical(parts: Iterable[str], converters: Mapping[str, str] = DEFAULT_CONVERTERS) -> str:
    """The one writing of a pattern; each part is `path()` syntax, or `re_path()` syntax where it begins with `^`."""
    regex = "".join(part[1:] if part.startswith("^") else _from_path(part, converters) for part in parts)
    regex = re.sub(r"\\Z|(?<!\\)\$", "", regex)
    regex = re.sub(r"\(\?P<\w+>", "(", regex)
    regex = re.sub(r"\\([-@/ #&~])", r"\1", regex)
    while (fewer := NEEDLESS_GROUP.sub(r"\1", regex)) != regex:
        regex = fewer
    return regex


def _from_path(route: str, converters: Mapping[str, str]) -> str:
    regex, done = "", 0
    for parameter in PARAMETER.finditer(route):
        name = parameter["converter"] or "str"
        regex += re.escape(route[done : parameter.start()]) + f"({converters.get(name, name)})"
        done = parameter.end()
    return regex + re.escape(route[done:])

"""Filters one after another in a template, on both sides: what is safe, what is escaped, what is in local time."""

import random
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Engine
from django.utils.safestring import mark_safe as mark_safe_in_django
from jinja2 import DictLoader

from importers.templates import convert
from importers.templates.libraries import django_alone
from legacy_adapters.dtl import locale
from legacy_adapters.dtl.environment import DjangoEnvironment
from legacy_adapters.dtl.safe import mark_safe
from tests.legacy_adapters.dtl.oracle import Safe, both, outcome, side

LOADS = "{% load humanize tz l10n %}"
LIBRARIES = {
    **{name: f"django.templatetags.{name}" for name in ("l10n", "tz")},
    "humanize": "django.contrib.humanize.templatetags.humanize",
}
VARIABLES: dict[str, Any] = {
    "text": 'Some <b>text</b> & www.example.com\'s "best"\nline two',
    "safe": Safe("<i>Safe &amp; sound</i>\n\nnew one"),
    "empty": "",
    "n": 1234,
    "f": -12.5,
    "money": Decimal("98765.4321"),
    "none": None,
    "yes": True,
    "words": ["<a>", Safe("<b>"), 3, None],
    "when": datetime(2024, 7, 14, 22, 30, 5, tzinfo=UTC),
    "naive": datetime(2024, 1, 2, 3, 4),
    "day": date(2024, 7, 14),
    "noon": time(12),
    "rows": [{"k": "b<"}, {"k": "a>"}],
    "tree": ["a<", ["b", ["c"]]],
    "number": "42",
    "code": "<",
    "two": 2,
}
ALONE = """addslashes capfirst escape escapejs escapeseq filesizeformat first floatformat force_escape iriencode last length linebreaks
linebreaksbr linenumbers lower make_list phone2numeric pluralize pprint safe safeseq slugify striptags time title unordered_list upper
urlencode urlize wordcount yesno date json_script intcomma ordinal apnumber intword localize unlocalize localtime utc""".split()
GIVEN = """add:2 add:"<" add:text center:20 cut:"t" cut:";" date:"H:i,e" date:"Y-m-d" default:"<none>" default:text default_if_none:code
dictsort:"k" dictsortreversed:"k" divisibleby:two floatformat:2 floatformat:"3g" get_digit:two join:"<br>" join:code ljust:9 pluralize:"y,ies"
rjust:two slice:":3" stringformat:"s" stringformat:"05d" time:"H:i" truncatechars:9 truncatechars_html:9 truncatewords:2 truncatewords_html:2
urlizetrunc:8 wordwrap:7 yesno:"<y>,<n>" timezone:"Asia/Tokyo" slice:two add:missing default:missing cut:"<" json_script:"<id>" """.split()


def sources(seed: int, number: int) -> list[str]:
    chance = random.Random(seed)
    values = [*VARIABLES, "missing", '"<lit>"', "'5'", "3", "words.0", "rows.1.k"]
    found = []
    for _ in range(number):
        chain = "|".join(chance.choices([*ALONE, *GIVEN], k=chance.randint(1, 3)))
        shown = f"{{{{ {chance.choice(values)}|{chain} }}}}"
        found.append(f"{{% autoescape off %}}{shown}{{% endautoescape %}}" if chance.random() < 0.3 else shown)
    return found


ENGINES = {text: Engine(libraries=LIBRARIES, string_if_invalid=text) for text in ("", "?%s?")}
KNOWN = django_alone()


def django(source: str, invalid: str) -> Any:
    variables = side(VARIABLES, mark_safe_in_django)
    return outcome(lambda: str(ENGINES[invalid].from_string(LOADS + source).render(Context(variables))))


def ours(source: str, invalid: str, site: locale.Locale) -> Any:
    def rendered() -> str:
        text = convert(LOADS + source, name="t", known=KNOWN).text
        environment = DjangoEnvironment(DictLoader({"t": text}), locale=site, string_if_invalid=invalid)
        return str(environment.get_template("t").render(side(VARIABLES, mark_safe)))

    return outcome(rendered)


@pytest.mark.parametrize("seed", range(4))
def test_chains_of_filters_print_what_djangos_print(seed: int) -> None:
    site = locale.Locale(time_zone="Europe/Paris", use_thousand_separator=bool(seed % 2))
    invalid = "?%s?" if seed == 3 else ""
    with both(site):
        for source in sources(seed, 150):
            theirs, found = django(source, invalid), ours(source, invalid, site)
            error = "TemplateSyntaxError" if found.error == "Broken" else found.error
            assert (found.value, error) == (theirs.value, theirs.error), source

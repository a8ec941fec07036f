"""The tags of `i18n`, `l10n` and `tz` print in our environment what Django prints, language by language."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Engine

from importers.templates import convert
from importers.templates.libraries import django_alone
from legacy_adapters.dtl import locale
from legacy_adapters.dtl.environment import DjangoEnvironment
from tests.legacy_adapters.dtl.oracle import Safe, both, locale_in, outcome, side

LOADS = "{% load i18n l10n tz humanize %}"
WHEN = datetime(2024, 7, 14, 22, 30, 5, tzinfo=UTC)
VARIABLES: dict[str, Any] = {
    "x": "<x>",
    "safe": Safe("<b>"),
    "month": "January",
    "percent": "100%",
    "n": 5,
    "one": 1,
    "f": 1234.5,
    "zero": 0,
    "money": Decimal("1234567.89"),
    "when": WHEN,
    "day": date(2024, 7, 14),
    "naive": datetime(2024, 1, 2, 3, 4),
    "none": None,
    "code": "fr",
    "codes": ["de", "fr"],
    "zone": "Asia/Tokyo",
    "big": 1234567,
    "text": "no number",
    "True": "t",
}
SOURCES = [
    '{% translate "January" %}|{% trans month %}|{% trans x %}|{% trans safe %}|{% trans "100%" %}|{% trans percent %}',
    '{% translate "January" noop %}|{% trans x noop %}|{% trans f noop %}|{% trans "May" context "abbrev. month" %}',
    '{% trans month as m %}{{ m }}|{% trans x as m %}{{ m }}|{{ m|length }}|{% trans "Sunday" context "nothing" as m %}{{ m }}',
    '{% trans "January"|upper %}|{% trans month|upper %}|{% trans x|upper %}|{% trans safe|lower as s %}{{ s }}',
    "{% trans missing %}|{% trans '' %}|{% trans n %}",
    '{{ _("January") }}|{{ _("100%") }}|{{ x|default:_("March") }}|{{ none|default_if_none:_("March") }}',
    "{% blocktranslate %}January{% endblocktranslate %}|{% blocktrans %}Hello {{ x }}, {{ safe }} 100% {{ f }} {{ missing }}{% endblocktrans %}",
    "{% blocktrans with name=x|upper other=f %}{{ name }} and {{ other }}{% endblocktrans %}|{{ name }}",
    "{% blocktrans count num=n %}{{ num }} day{% plural %}{{ num }} days{% endblocktrans %}|{{ num }}",
    "{% blocktrans count num=one %}%(num)d day{% plural %}{{ num }} days of {{ x }}{% endblocktrans %}",
    "{% blocktrans count num=n context 'naturaltime-past' %}{{ num }} day{% plural %}{{ num }} days{% endblocktrans %}",
    "{% blocktrans count num=f with a=x %}{{ num }} {{ a }}{% plural %}{{ num }}s {{ a }}{% endblocktrans %}",
    "{% blocktrans count num=text %}one{% plural %}many{% endblocktrans %}",
    "{% blocktrans trimmed %}\n   first line\n   second {{ x }}  \n\n third  {% endblocktrans %}",
    "{% blocktrans with a=x asvar v %}[{{ a }}]{% endblocktrans %}({{ v }})",
    "{% blocktrans context 'alt. month' %}January{% endblocktrans %}|{% blocktrans %}{{ True }}{{ x.y }}{% endblocktrans %}",
    "{% blocktrans %}{# not a comment?{% endblocktrans %}",
    "{% autoescape off %}{% trans x %}{% blocktrans %}{{ x }} {{ when }}{% endblocktrans %}{% trans x as y %}{{ y }}{% endautoescape %}",
    "{% language 'fr' %}{% trans 'January' %} {{ day }} {{ f }}{% get_current_language as l %}{{ l }}{% endlanguage %}{{ day }}{{ l }}",
    "{% language code %}{{ day|date:'l j F' }}{% language 'de' %}{{ day|date:'l j F' }}{% endlanguage %}{{ f }}{% endlanguage %}",
    "{% language none %}{{ day }} {{ f }} {% trans 'January' %}{% endlanguage %}{% language '' %}{{ day }}{% endlanguage %}",
    "{% get_current_language as l %}{% get_current_language_bidi as b %}{% get_current_timezone as z %}{{ l }} {{ b }} {{ z }}",
    "{% get_available_languages as ls %}{% for code, name in ls %}{{ code }}{{ name }}{% endfor %}",
    "{% get_language_info for 'de' as i %}{{ i.code }}{{ i.name }}{{ i.name_local }}{{ i.name_translated }}{{ i.bidi }}",
    "{% get_language_info for 'zh-cn' as i %}{{ i.name_translated }}{% get_language_info for 'xx' as i %}",
    "{% get_language_info_list for codes as is %}{% for i in is %}{{ i.name_local }}{% endfor %}",
    "{% get_available_languages as ls %}{% get_language_info_list for ls as is %}{% for i in is %}{{ i.name_local }}{% endfor %}",
    "{{ 'de'|language_name }}{{ 'de'|language_name_local }}{{ 'fr'|language_name_translated }}{{ 'ar'|language_bidi }}",
    "{% localize off %}{{ f }} {{ money }} {{ day }} {{ when }} {{ big }}{% endlocalize %}{{ f }}",
    "{% localize on %}{{ f }} {{ big }}{% localize off %}{{ f }}{{ f|localize }}{% endlocalize %}{% endlocalize %}{{ f|unlocalize }}",
    "{% localize %}{{ when }}{% endlocalize %}{{ when|localize }}|{{ when|unlocalize }}|{{ day|unlocalize }}",
    "{% timezone 'Asia/Tokyo' %}{{ when }} {{ naive }} {{ when|date:'H:i e' }}{% get_current_timezone as z %}{{ z }}{% endtimezone %}{{ when }}",
    "{% timezone zone %}{{ when|time }}{% timezone none %}{{ when|time:'H:i' }}{% endtimezone %}{% endtimezone %}",
    "{% timezone 'No/Where' %}{% endtimezone %}",
    "{% timezone n %}{% endtimezone %}",
    "{% localtime off %}{{ when }} {{ when|date:'H:i' }} {{ when|localtime }} {{ when|utc }}{% endlocaltime %}{{ when }}",
    "{% localtime on %}{{ when }}{% localtime off %}{{ when|timezone:'Asia/Tokyo'|date:'H:i T' }}{% endlocaltime %}{% endlocaltime %}",
    "{{ when|timezone:zone }}|{{ when|timezone:zone|date:'c' }}|{{ naive|timezone:'UTC' }}|{{ naive|localtime }}|{{ x|utc }}",
    "{{ f }} {{ money }} {{ big }} {{ zero }} {{ day }} {{ when }} {{ naive }} {{ n|floatformat:2 }} {{ money|floatformat:'2g' }}",
    "{{ big|intcomma }} {{ big|intword }} {{ n|apnumber }} {{ n|ordinal }} {{ day|naturalday }} {{ money|intcomma }}",
    "{% blocktrans %}{{ when }} {{ money }}{% endblocktrans %}{% localize off %}{% blocktrans %}{{ f }}{% endblocktrans %}{% endlocalize %}",
]


@pytest.fixture(scope="module", params=["en-us", "de", "fr", "ar", "en-us without USE_TZ"])
def site(request: Any) -> Any:
    language, _, rest = request.param.partition(" ")
    known = locale_in(language, "fr", "de", zone="Europe/Berlin", thousands=language == "de", use_tz=not rest)
    with both(known):
        yield known


def django(source: str, invalid: str) -> Any:
    engine = Engine(libraries=LIBRARIES, string_if_invalid=invalid)
    return outcome(lambda: str(engine.from_string(LOADS + source).render(Context(side(VARIABLES, safe_in_django)))))


LIBRARIES = {
    **{name: f"django.templatetags.{name}" for name in ("i18n", "l10n", "tz")},
    "humanize": "django.contrib.humanize.templatetags.humanize",
}


def safe_in_django(text: str) -> Any:
    from django.utils.safestring import mark_safe

    return mark_safe(text)


def ours(source: str, invalid: str, site: locale.Locale) -> Any:
    from jinja2 import DictLoader

    from legacy_adapters.dtl.safe import mark_safe

    def rendered() -> str:
        text = convert(LOADS + source, name="t", known=django_alone()).text
        environment = DjangoEnvironment(DictLoader({"t": text}), locale=site, string_if_invalid=invalid)
        return str.__str__(environment.get_template("t").render(side(VARIABLES, mark_safe))) + ""

    return outcome(rendered)


@pytest.mark.parametrize("invalid", ["", "?%s?"])
def test_tags_print_what_djangos_print(site: locale.Locale, invalid: str) -> None:
    for source in SOURCES:
        theirs, found = django(source, invalid), ours(source, invalid, site)
        assert (found.value, found.error) == (theirs.value, theirs.error), source

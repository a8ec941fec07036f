"""Each construct of Django's templates and its odd corners, the same text on both sides."""

from typing import Any

import pytest

from tests.legacy_adapters.dtl.sides import Html, NotCalled, Refuses, Thing, django, ours

INCLUDED = {
    "inc": "[{{ x }}{{ forloop.counter }}{{ block.name }}]",
    "sets": "{% with x=1 %}{{ x }}{% endwith %}{{ x }}",
    "base": "<{% block a %}A{{ x }}{% endblock %}|{% block b %}B{% block c %}C{% endblock %}{% endblock %}>",
    "loops": "{% for x in xs %}{% cycle 'r' 's' %}{% endfor %}",
}


def variables() -> dict[str, Any]:
    return {
        "x": "<x>",
        "n": 3,
        "zero": 0,
        "f": 1.5,
        "big": 1234567,
        "none": None,
        "yes": True,
        "xs": [1, 2, 3],
        "empty": [],
        "d": {"a": 1, "items": "own", "b": {"c": [10, 20]}},
        "pairs": [("a", 1), ("b", 2)],
        "rows": [{"k": 1, "v": "a"}, {"k": 1, "v": "b"}, {"k": 2, "v": "c"}],
        "thing": Thing(),
        "call": lambda: "result",
        "cls": Thing,
        "quiet": NotCalled(),
        "html": Html(),
        "bad": Refuses(),
        "text": 'it\'s "q" & <t>',
        "name": "inc",
        "names": ["nope", "inc"],
        "gen": (i for i in (7, 8)),
        "string": "abc",
    }


SOURCES = [
    '{% include name with name="Dynamic" x=name %}{{ name }}',
    "{% include names with names=1 %}{% include missing with x=1 %}",
    "{{ x }}{{ n }}{{ f }}{{ big }}{{ none }}{{ yes }}{{ text }}",
    "{{ d.a }}{{ d.items }}{{ d.b.c.1 }}{{ d.b.c.5 }}{{ d.nope }}",
    "{{ thing.name }}{{ thing.hidden }}{{ thing.method }}{{ thing.with_argument }}{{ thing.quiet }}{{ thing.delete }}",
    "{{ thing }}{{ html }}{{ thing.quiet_property.more }}",
    "{{ thing.loud }}",
    "{{ thing.broken }}",
    "{{ thing.typed }}",
    "{{ call }}{{ quiet.label }}{{ string.upper }}{{ string.1 }}{{ xs.0 }}{{ xs.9 }}",
    '{{ missing }}{{ missing.deep }}{{ missing|upper }}{{ missing|default:"d" }}',
    "{{ x|shout }}{{ x|safe|shout }}{{ x|safe|tagged }}{{ x|quoted }}{{ x|wrap:n }}",
    "{{ x|wrap:missing }}",
    "{% if missing|wrap:nope %}a{% else %}b{% endif %}",
    "{% if x and missing|wrap:nope %}a{% else %}b{% endif %}",
    "{% if not missing|wrap:nope %}a{% else %}b{% endif %}",
    "{% if x|fails %}a{% else %}b{% endif %}",
    "{% if x|fails == n %}a{% else %}b{% endif %}",
    "{% if bad == n %}a{% else %}b{% endif %}{% if n in bad %}a{% else %}b{% endif %}{% if not bad == n %}a{% else %}b{% endif %}",
    "{% if thing.loud %}a{% endif %}",
    "{% if thing.loud or n %}a{% else %}b{% endif %}",
    "{% if n > 2 and n < 4 %}in{% endif %}{% if n >= 3 and n <= 3 %}eq{% endif %}{% if n != 3 %}ne{% endif %}",
    '{% if "a" in string %}in{% endif %}{% if "z" not in string %}out{% endif %}{% if n in x %}a{% else %}b{% endif %}',
    "{% if missing %}a{% elif zero %}b{% elif n %}c{% else %}d{% endif %}",
    "{% if missing == None %}none{% endif %}{% if xs|length > 2 %}long{% endif %}{% if missing > 2 %}a{% else %}b{% endif %}",
    "{% if zero or empty or none %}a{% else %}b{% endif %}",
    "{% for x in xs %}{{ forloop.counter }}{{ forloop.counter0 }}{{ forloop.revcounter }}{{ forloop.revcounter0 }}{{ forloop.first }}{{ forloop.last }}{{ x }}{% endfor %}{{ x }}{{ forloop }}",
    "{% for a in xs %}{% for b in xs %}{{ forloop.parentloop.counter }}{{ forloop.counter }}{% endfor %}{% endfor %}",
    "{% for a in xs %}{{ forloop }}{% endfor %}",
    "{% for a, b in pairs %}{{ a }}{{ b }}{% endfor %}{{ a }}",
    "{% for a, b in xs %}{{ a }}{% endfor %}",
    "{% for a, b in rows %}{{ a }}{{ b }}{% endfor %}",
    "{% for a in missing %}{{ a }}{% endfor %}{% for a in gen %}{{ a }}{% endfor %}{% for a in string %}{{ a }}.{% endfor %}",
    "{% for a in n %}{{ a }}{% endfor %}",
    "{% for k in d %}{{ k }}{% endfor %}",
    "{% with a=x b=n %}{{ a }}{{ b }}{% with a=b %}{{ a }}{% endwith %}{{ a }}{% endwith %}{{ a }}",
    "{% with x=missing %}[{{ x }}]{% endwith %}{{ x }}",
    '{% include "inc" %}{% include name %}{% include names %}{% for x in xs %}{% include "inc" %}{% endfor %}{% include "sets" %}{{ x }}',
    '{% include "nope" %}',
    "{% include missing %}",
    "{% spaceless %} <a>  <b> x </b>\n </a> {% endspaceless %}",
    "{% filter upper %}{{ x }}abc{% endfilter %}{% filter upper|shout %}a{{ x }}{% endfilter %}",
    "{% filter length %}abc{% endfilter %}",
    "{% block a %}{{ block.name }}{{ x }}{% endblock %}",
    '{% extends "base" %}',
    '{% extends "base" %}{% block a %}mine{% endblock %}',
    '{% extends "base" %}text{{ x }}{% block b %}mine{% block c %}deep{% endblock %}{% endblock %}\nbefore {% extends "base" %}{% block c %}deep{% endblock %}after',
    '{% extends "base" %}{% if missing %}{% block a %}inside{% endblock %}{% endif %}',
    '{% extends "base" %}{% with x=1 %}{% block a %}{{ x }}{% endblock %}{% endwith %}',
    "{% extends missing %}",
    '{% extends "nope" %}',
    "{% extends names %}",
    "{% if n is 3 %}a{% endif %}{% if none is None %}b{% endif %}",
    "{% if x|wrap:nope is not 3 %}a{% else %}b{% endif %}",
    "{% if not x|wrap:nope is 3 %}a{% else %}b{% endif %}",
    "{% for a in xs reversed %}{{ a }}{{ forloop.counter }}{% empty %}e{% endfor %}",
    "{% for a in empty %}{{ a }}{% empty %}e{{ forloop }}{% endfor %}",
    "{% for a in xs %}{% cycle 'o' x 'p' %}{% endfor %}",
    "{% cycle 'a' x as c %}{% cycle c %}{{ c }}{% cycle c %}{% resetcycle c %}{% cycle c %}",
    "{% for a in xs %}{% cycle 'a' 'b' as c silent %}{{ c }}{% with q=1 %}{% cycle c %}{{ c }}{% endwith %}{{ c }}{% endfor %}{{ c }}",
    "{% for a in xs %}{% for b in xs %}{% cycle 'a' 'b' %}{% if b == 2 %}{% resetcycle %}{% endif %}{% endfor %}{% endfor %}",
    "{% for a in xs %}{% include 'loops' %}{% endfor %}",
    "{% firstof missing zero x 'l' %}{% firstof missing '<l>' %}{% firstof zero %}",
    "{% firstof missing f as v %}{{ v }}",
    "{% regroup rows by k as g %}{% for a in g %}{{ a.grouper }}:{% for r in a.list %}{{ r.v }}{% endfor %};{% endfor %}{{ g.0.0 }}",
    "{% regroup missing by k as g %}{{ g }}",
    "{% regroup rows by nope|default:n as g %}{{ g }}",
    "{% for r in rows %}{% ifchanged r.k %}{{ r.k }}{% else %}same{% endifchanged %}{% endfor %}",
    "{% for r in rows %}{% for q in xs %}{% ifchanged r.k q %}c{% endifchanged %}{% endfor %}{% endfor %}",
    "{% for r in rows %}{% ifchanged %}{{ r.k }}{% else %}same{% endifchanged %}{% endfor %}",
    "{% for r in rows %}{% ifchanged %}{% endifchanged %}{% endfor %}",
    "{% ifchanged missing %}a{% else %}b{% endifchanged %}",
    "{% autoescape off %}{{ x }}{{ n }}{% autoescape on %}{{ x }}{% endautoescape %}{% include 'inc' %}{% endautoescape %}{{ x }}",
    "{% autoescape off %}{{ x|shout }}{{ html }}{{ thing }}{{ x|quoted }}{% firstof x %}{% cycle x %}{% endautoescape %}",
    "{% include 'inc' with x=n %}{{ x }}{% include 'inc' with x=n only %}{% include 'inc' only %}",
    "{% extends 'base' %}{% block a %}[{{ block.super }}]{% endblock %}{% block b %}{{ block.super }}{{ block.super }}{% endblock %}",
    "{% extends 'base' %}{% block c %}{% if block.super %}yes{% endif %}{{ block.super|upper }}{% with s=block.super %}{{ s }}{% endwith %}{% endblock %}",
    "{% block a %}{{ block.super }}{% endblock %}",
    "[{{ block.super }}]",
    "{% widthratio n 10 100 %}{% widthratio n zero 100 %}{% widthratio x 1 1 %}{% widthratio missing 1 1 %}{% widthratio 1 8 100 %}",
    "{% widthratio n 10 x %}",
    "{% lorem %}|{% lorem 3 w %}|{% lorem 1 p %}",
    "{% debug %}{% csrf_token %}{% templatetag openblock %}",
    "{% comment %}{{ x }}{% endcomment %}{# c #}{% verbatim %}{{ x }}{% endverbatim %}",
    "{{ True }}{{ None }}{{ true }}{{ 1 }}{{ -3 }}{{ 1.5 }}{{ '<' }}",
]


@pytest.mark.parametrize("string_if_invalid", ["", "INVALID[%s]"])
@pytest.mark.parametrize("source", SOURCES)
def test_a_template_and_its_import_print_the_same(source: str, string_if_invalid: str) -> None:
    templates = INCLUDED | {"t": source}
    theirs = django(templates, "t", variables(), string_if_invalid=string_if_invalid)
    assert ours(templates, "t", variables(), string_if_invalid=string_if_invalid) == theirs

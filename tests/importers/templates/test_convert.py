"""Template text in, template text out: every row of docs/templates.md, and what is easily got wrong."""

import pytest

from importers.templates import Broken, convert

EXPRESSIONS = [
    ('{{ a.b.0|date:"Y" }}', '{{ a.b.0|date("Y") }}'),
    ("{{a}}", "{{ a }}"),
    ("{{ a.1st }}", '{{ a["1st"] }}'),
    ("{{ a.0.1 }}", "{{ a.0.1 }}"),
    ("{{ a.007 }}", '{{ a["007"] }}'),
    ("{{ a.٣ }}", '{{ a["٣"] }}'),
    ("{{ 1st.b }}", '{{ var("1st").b }}'),
    ("{{ true }}{{ if.else }}", '{{ var("true") }}{{ var("if").else }}'),
    ("{{ a.true.in }}", "{{ a.true.in }}"),
    ("{{ True }}{{ None }}", "{{ True }}{{ None }}"),
    ("{{ .5|add:+3 }}", "{{ 0.5|add(3) }}"),
    ("{{ 1e3 }}{{ -2 }}{{ -2.50|floatformat:-2 }}", "{{ 1000.0 }}{{ -2 }}{{ -2.50|floatformat(-2) }}"),
    ("{{ 1_000 }}{{ 012 }}{{ ٣ }}", "{{ 1000 }}{{ 12 }}{{ 3 }}"),
    ('{{ _("x")|upper }}', '{{ _("x")|upper }}'),
    ("{{ a|default:_('x y') }}", "{{ a|default(_('x y')) }}"),
    (r'{{ "a\"b\\c" }}', r"""{{ 'a"b\\c' }}"""),
    (r"{{ a|date:'j \d\e F' }}", r"{{ a|date('j \\d\\e F') }}"),
    ("""{{ a|default:"'" }}""", """{{ a|default("'") }}"""),
    ('{{ a | upper|cut:" " }}', '{{ a|upper|cut(" ") }}'),
    ("{{ a|add:b.c|add:-1 }}", "{{ a|add(b.c)|add(-1) }}"),
    ("{{ now }}{{ loop }}{{ self.x }}", "{{ now }}{{ loop }}{{ self.x }}"),
    ('{{ "%}" }}{{ "}" }}', '{{ "%}" }}{{ "}" }}'),
]

CONDITIONS = [
    ("a and not b == c", "a and not b == c"),
    ("a or b and c", "a or b and c"),
    ("a == b == c", "(a == b) == c"),
    ("a in b == c", "a in (b == c)"),
    ("not a in b", "not a in b"),
    ("a not in b", "a not in b"),
    ("a == not b and c", "a == (not b) and c"),
    ("not not a", "not not a"),
    ("a is b", "a is sameas(b)"),
    ("a is not b|upper", "a is not sameas(b|upper)"),
    ("not a is None", "not a is sameas(None)"),
    ("a is b == c", "(a is sameas(b)) == c"),
    ("a == b is c", "(a == b) is sameas(c)"),
    ("""a.b|default:"x y" == 'z'""", """a.b|default("x y") == 'z'"""),
    ("a|length > 0 and a.0 <= -1", "a|length > 0 and a.0 <= -1"),
    ("in.x in not_in", 'var("in").x in not_in'),
]

TAGS = [
    ("{% for a, b in xs reversed %}{% empty %}{% endfor %}", "{% for a, b in xs|reversed %}{% else %}{% endfor %}"),
    ("{% for a,b in d.items %}{% endfor %}", "{% for a, b in d.items %}{% endfor %}"),
    ("{{ forloop.parentloop.counter }}", "{{ forloop.parentloop.counter }}"),
    ("{%if a%}{%elif b%}{%else%}{%endif%}", "{% if a %}{% elif b %}{% else %}{% endif %}"),
    (
        "{% block page-descript %}{{ block.super }}{% endblock page-descript %}",
        "{% block page_descript %}{{ super() }}{% endblock page_descript %}",
    ),
    ("{% block a %}{{ block.super|safe }}{% endblock %}", "{% block a %}{{ super()|safe }}{% endblock %}"),
    (
        "{% block a %}{% for block in xs %}{{ block.super }}{% endfor %}{{ block.super }}{% endblock %}",
        "{% block a %}{% for block in xs %}{{ block.super }}{% endfor %}{{ super() }}{% endblock %}",
    ),
    ("{{ block.super }}", "{{ block.super }}"),
    (
        "{% block a-b %}{% endblock %}{% block a_b %}{% endblock %}",
        "{% block a_b_2 %}{% endblock %}{% block a_b %}{% endblock %}",
    ),
    ('{% extends "x" %}', '{% extends "x" %}'),
    ('{% extends a|default:"x" %}', '{% extends a|default("x") %}'),
    ('{% include "x" %}{% include a.b %}', '{% include "x" %}{% include a.b %}'),
    ('{% include "a.html"|add:"x" %}', '{% include "a.html"|add("x") %}'),
    ('{% include "x" with a=b c="d e" %}', '{% with a = b, c = "d e" %}{% include "x" %}{% endwith %}'),
    ('{% include "x" with a=b only %}', '{{ include_only("x", a=b) }}'),
    ("{% include a.b with a=b %}", "{{ include_with(a.b, a=b) }}"),
    ('{% include "x" only %}', '{{ include_only("x") }}'),
    ("{% with a=b c=d|upper %}{% endwith %}", "{% with a = b, c = d|upper %}{% endwith %}"),
    ("{% with b|upper as a %}{% endwith %}", "{% with a = b|upper %}{% endwith %}"),
    ('{% url "n" a k=b %}', '{{ url("n", a, k=b) }}'),
    ('{% url "n" a as v %}', '{% set v = url_or_nothing("n", a) %}'),
    ('{% firstof a b "c" %}', '{{ firstof(a, b, "c") }}'),
    ('{% firstof a "b c" as v %}', '{% set v = firstof(a, "b c") %}'),
    ('{% cycle "a" "b" %}', '{{ cycle("a", "b") }}'),
    ('{% cycle "a" "b" as c %}{% cycle c %}', '{{ cycle("a", "b", name="c") }}{{ cycle_next("c") }}'),
    ('{% cycle "a" "b" as c silent %}', '{{ cycle("a", "b", name="c", silent=true) }}'),
    (
        '{% cycle "a" b as c %}{% resetcycle %}{% resetcycle c %}',
        '{{ cycle("a", b, name="c") }}{{ resetcycle() }}{{ resetcycle("c") }}',
    ),
    ("{% regroup xs by k.l|lower as g %}", "{% set g = regroup(xs, g.k.l|lower) %}"),
    ("{% ifchanged %}{% endifchanged %}", "{% ifchanged %}{% endifchanged %}"),
    ("{% ifchanged a b.c %}{% else %}{% endifchanged %}", "{% ifchanged a, b.c %}{% else %}{% endifchanged %}"),
    ("{% spaceless %}{% endspaceless %}", "{% spaceless %}{% endspaceless %}"),
    ("{% autoescape off %}{% endautoescape %}", "{% autoescape false %}{% endautoescape %}"),
    ("{% autoescape on %}{% endautoescape %}", "{% autoescape true %}{% endautoescape %}"),
    ('{% filter upper|cut:"x" %}{% endfilter %}', '{% filter upper|cut("x") %}{% endfilter %}'),
    ("{% verbatim %}{{ a }}{% endverbatim %}", "{% raw %}{{ a }}{% endraw %}"),
    ("{% verbatim x %}{% endverbatim %}{% endverbatim x %}", "{% raw %}{% endverbatim %}{% endraw %}"),
    ("{% verbatim %}{% endraw %}{% endverbatim %}", '{{ "{%" }} endraw %}'),
    ("{# a #}{#- b -#}", "{# a #}{# - b - #}"),
    ("{% comment %}\n{{ a }} {# b #}\n{% endcomment %}", "{#\n{{ a }} {# b # }\n#}"),
    ('{% comment "note" %}\nx{% endcomment %}', '{# "note" \nx#}'),
    ("{% templatetag openblock %}", '{{ "{%" }}'),
    ("{% widthratio a b 100 %}", "{{ widthratio(a, b, 100) }}"),
    ("{% widthratio a b c as v %}", "{% set v = widthratio(a, b, c) %}"),
    ('{% now "Y" %}', '{{ now("Y") }}'),
    (r"{% now 'jS \o\f F' as v %}", r"{% set v = now('jS \\o\\f F') %}"),
    ("{% lorem %}{% lorem 3 p %}{% lorem w %}", '{{ lorem() }}{{ lorem(3, "p") }}{{ lorem(1, "w") }}'),
    ("{% lorem 2 w random %}", '{{ lorem(2, "w", "random") }}'),
    ("{% debug %}{% csrf_token %}", "{{ debug() }}{{ csrf_token() }}"),
    ("{% querystring a=1 b=None %}", "{{ querystring(a=1, b=None) }}"),
    ("{% querystring q class=1 as v %}", "{% set v = querystring(q, class=1) %}"),
    ("{% load static %}{% static 'x'|add:y %}", "{{ static('x'|add(y)) }}"),
    ('{% load static %}{% static "x" as v %}', '{% set v = static("x") %}'),
    ("{% load static %}{% get_static_prefix %}", "{{ get_static_prefix() }}"),
    ("{% load static %}{% get_media_prefix as v %}", "{% set v = get_media_prefix() %}"),
    ('{% load i18n %}{% trans "x" context "c" %}', '{{ translate("x", context="c") }}'),
    ('{% load i18n %}{% translate "x" noop as v %}', '{% set v = translate("x", noop=true) %}'),
    ('{% load i18n %}{% trans "x"|upper %}', '{{ translate(_("x")|upper, noop=true) }}'),
    (
        '{% load i18n %}{% trans a.b|upper|lower context "c" as v %}',
        '{% set v = translate(_(a.b, context="c")|upper|lower, noop=true) %}',
    ),
    ("{% load i18n %}{% trans a|upper noop %}", "{{ translate(a|upper, noop=true) }}"),
    (
        "{% load i18n %}{% blocktrans with a=b count n=c trimmed asvar v %}{{ a }} 1%{% plural %}{{ n }}{% endblocktrans %}",
        "{% blocktranslate a=b, count n=c, trimmed, asvar v %}{{ a }} 1%{% plural %}{{ n }}{% endblocktranslate %}",
    ),
    (
        '{% load i18n %}{% blocktranslate with b|upper as a context "c" %}{{ x.y }}{% endblocktranslate %}',
        '{% blocktranslate a=b|upper, context "c" %}{{ var("x.y") }}{% endblocktranslate %}',
    ),
    ("{% load cache %}{% cache 500 name a b %}{% endcache %}", '{% cache 500, "name", a, b %}{% endcache %}'),
    ('{% load cache %}{% cache t "n" using="x" %}{% endcache %}', """{% cache t, '"n"', using="x" %}{% endcache %}"""),
    ('{% load i18n %}{% language "de" %}{% endlanguage %}', '{% language "de" %}{% endlanguage %}'),
    ('{% load tz %}{% timezone "UTC" %}{% endtimezone %}', '{% timezone "UTC" %}{% endtimezone %}'),
    ("{% load tz %}{% localtime off %}{% endlocaltime %}", "{% localtime false %}{% endlocaltime %}"),
    ("{% load tz %}{% localtime %}{% endlocaltime %}", "{% localtime true %}{% endlocaltime %}"),
    ("{% load l10n %}{% localize on %}{% endlocalize %}", "{% localize true %}{% endlocalize %}"),
    ("{% load i18n %}{% get_current_language as v %}", "{% set v = get_current_language() %}"),
    ("{% load i18n %}{% get_language_info for a as v %}", "{% set v = get_language_info(a) %}"),
    ("{% load tz %}{% get_current_timezone as v %}", "{% set v = get_current_timezone() %}"),
]

TEXT = [
    ("a {# b #} c", "a {# b #} c"),
    ("if (a) {{#b", 'if (a) {{ "{{" }}#b'),
    ("{#id\n#}", '{{ "{#" }}id\n#}'),
    ("{{\nx }}", '{{ "{{" }}\nx }}'),
    ("{%\nx %}", '{{ "{%" }}\nx %}'),
    ("{{% if a %}{% endif %}", '{{ "{" }}{% if a %}{% endif %}'),
    ("{{% load %}{", '{{ "{{" }}'),
    ("a\r\nb\r", 'a{{ "\\r" }}\nb{{ "\\r" }}'),
    ("a\n\n", "a\n\n"),
    ("\n{% load static %}\n  x", "\n\n  x"),
]

EXTENDING = [
    ('  \n{# a #}\n{% extends "x" %}\n', '  \n{# a #}\n{% extends "x" %}\n'),
    ('text\n{% extends "x" %}', 'text\n{% extends "x" %}'),
    (
        '{% extends "x" %}\ntext\n{% load i18n %}\n{{ a }}{# b #}\n  {% block c %}d{% endblock %}\n',
        '{% extends "x" %}\n\n\n{# b #}\n  {% block c %}d{% endblock %}\n',
    ),
    (
        '{% extends "x" %}{% if a %}b{% block c %}{% if d %}e{% endif %}{% endblock %}{% endif %}',
        '{% extends "x" %}{% block c %}{% if d %}e{% endif %}{% endblock %}',
    ),
    ('{% extends "x" %}{% url "n" as v %}{% include "y" %}{% comment %}z{% endcomment %}', '{% extends "x" %}{#z#}'),
]


@pytest.mark.parametrize(("django", "jinja"), [*EXPRESSIONS, *TAGS, *TEXT, *EXTENDING])
def test_a_template_is_written_so(django: str, jinja: str) -> None:
    assert convert(django).text == jinja


@pytest.mark.parametrize(("django", "jinja"), CONDITIONS)
def test_a_condition_binds_as_in_django(django: str, jinja: str) -> None:
    assert convert(f"{{% if {django} %}}{{% endif %}}").text == f"{{% if {jinja} %}}{{% endif %}}"


@pytest.mark.parametrize(
    ("django", "line", "words"),
    [
        ("a\n{% if a %}", 2, "Unclosed tag on line 2: 'if'. Looking for one of: elif, else, endif."),
        ("\n\n{{ a|nope }}", 3, "Invalid filter: 'nope'"),
        ("{% nope %}", 1, "Invalid block tag on line 1: 'nope'. Did you forget to register or load this tag?"),
        ("{{ a b }}", 1, "Could not parse the remainder: ' b' from 'a b'"),
        ("{% if a == %}{% endif %}", 1, "Unexpected end of expression in if tag."),
        ("{{ }}", 1, "Empty variable tag on line 1"),
        ("{{ a._b }}", 1, "Variables and attributes may not begin with underscores: 'a._b'"),
        (
            "{% block a %}{% endblock %}\n{% block a %}{% endblock %}",
            2,
            "'block' tag with name 'a' appears more than once",
        ),
        ("{{ a }}{% extends 'x' %}", 1, "{% extends 'x' %} must be the first tag in the template."),
        ("{% load nope %}", 1, "'nope' is not a registered tag library. Must be one of:\ncache\nhumanize"),
        ("{% with true=1 %}{% endwith %}", 1, "Jinja2 cannot bind the name 'true': rename the variable"),
    ],
)
def test_a_broken_template_is_named_in_djangos_words(django: str, line: int, words: str) -> None:
    with pytest.raises(Broken) as caught:
        convert(django)
    assert (caught.value.line, caught.value.message[: len(words)]) == (line, words)

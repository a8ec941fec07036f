"""Tags of packages, and tags that only a manifest or the source beside the templates knows."""

from dataclasses import replace
from pathlib import Path

import pytest

from importers.templates import convert
from importers.templates.declared import library, near
from importers.templates.known import of_module, without_manifest
from importers.templates.libraries import Known, django_alone
from legacy_adapters.manifest import TemplateModule, TemplateTag

PACKAGES = [
    (
        "sitetree",
        '{% sitetree_menu from "main" include "trunk,1" template "x.html" %}',
        '{{ sitetree_menu("main", include="trunk,1", template="x.html") }}',
    ),
    ("sitetree", "{% sitetree_tree from name template 'x' %}", "{{ sitetree_tree(name, template='x') }}"),
    ("sitetree", '{% sitetree_breadcrumbs from "main" %}', '{{ sitetree_breadcrumbs("main") }}'),
    (
        "sitetree",
        '{% sitetree_children of item for menu template "x" %}',
        '{{ sitetree_children(item, "menu", template="x") }}',
    ),
    ("sitetree", "{% sitetree_url for item %}", "{{ sitetree_url(item) }}"),
    ("sitetree", "{% sitetree_url for item as u %}", "{% set u = sitetree_url(item) %}"),
    ("sitetree", '{% sitetree_page_title from "m" as t %}', '{% set t = sitetree_page_title("m") %}'),
    ("pipeline", '{% stylesheet "a" %}{% javascript b %}', '{{ stylesheet("a") }}{{ javascript(b) }}'),
    ("widget_tweaks", "{% render_field form.a %}", "{{ render_field(form.a) }}"),
    (
        "widget_tweaks",
        '{% render_field f class+="a b" data-x=y|upper @click="go" %}',
        '{{ render_field(f, {"data-x": y|upper, "@click": "go"}, append={"class": "a b"}) }}',
    ),
    ("widget_tweaks", '{{ f|attr:"class:x"|add_class:"y" }}', '{{ f|attr("class:x")|add_class("y") }}'),
    ("honeypot", '{% render_honeypot_field "x" %}', '{{ render_honeypot_field("x") }}'),
    ("waffle_tags", '{% flag "x" %}a{% else %}b{% endflag %}', '{% flag "x" %}a{% else %}b{% endflag %}'),
    ("waffle_tags", "{% switch x %}a{% endswitch %}", '{% switch x|default("x") %}a{% endswitch %}'),
    ("waffle_tags", "{% sample 'x' %}{% endsample %}", "{% sample 'x' %}{% endsample %}"),
    (
        "thumbnail",
        '{% thumbnail a.b "40x40" crop="top" as im %}{{ im.url }}{% empty %}-{% endthumbnail %}',
        '{% thumbnail a.b, "40x40", crop="top" as im %}{{ im.url }}{% else %}-{% endthumbnail %}',
    ),
    ("thumbnail", '{% thumbnail a "40" %}', '{{ thumbnail(a, "40") }}'),
    ("imagekit", "{% thumbnail '9x9' a.b %}", "{{ thumbnail('9x9', a.b) }}"),
    ("imagekit", "{% thumbnail '9x9' a anchor='tr' as t %}", "{% set t = thumbnail('9x9', a, anchor='tr') %}"),
    (
        "imagekit",
        "{% generateimage 'a:b' source=c -- alt='d e' data=f %}",
        """{{ generateimage('a:b', source=c, html={"alt": 'd e', "data": f}) }}""",
    ),
    ("allauth", '{% element h1 tags="a,b" %}c{% endelement %}', '{% element "h1", tags="a,b" %}c{% endelement %}'),
    ("allauth", "{% slot %}a{% endslot %}", '{% slot "default" %}a{% endslot %}'),
    ("allauth", "{% setvar x %}a{% endsetvar %}", '{% setvar "x" %}a{% endsetvar %}'),
    ("account", "{% user_display user as u %}", "{% set u = user_display(user) %}"),
    (
        "socialaccount",
        '{% provider_login_url p process="login" %}',
        '{{ provider_login_url(p, process="login") }}',
    ),
    ("crispy_forms_tags", "{% crispy form helper %}{{ form|crispy }}", "{{ crispy(form, helper) }}{{ form|crispy }}"),
    (
        "highlight",
        '{% highlight a.b with q html_tag "b" max_length 40 %}',
        '{{ highlight(a.b, q, html_tag="b", max_length=40) }}',
    ),
    ("compress", "{% compress css inline %}a{% endcompress %}", '{% compress "css", "inline" %}a{% endcompress %}'),
    (
        "mptt_tags",
        "{% recursetree nodes %}{{ children }}{% endrecursetree %}",
        "{% recursetree nodes %}{{ children }}{% endrecursetree %}",
    ),
    (
        "partials",
        "{% partialdef p inline %}a{% endpartialdef p %}{% partial p %}",
        '{% partialdef "p", inline=true %}a{% endpartialdef %}{{ partial("p") }}',
    ),
]

SITE = TemplateModule(
    tags={
        "box": TemplateTag("simple"),
        "menu": TemplateTag("inclusion", template="menu.html"),
        "panel": TemplateTag("simple_block", stops=("endpanel",)),
        "private": TemplateTag("block", stops=("else", "endprivate")),
        "odd": TemplateTag("unknown"),
    },
    filters={"shout": (1, 1), "cut_at": (2, 2)},
)
SITES = [
    ('{% box "a" b|upper c=d %}', '{{ box("a", b|upper, c=d) }}'),
    ('{% box "a" as v %}', '{% set v = box("a") %}'),
    ("{% box 1st=2 %}", '{{ box(**{"1st": 2}) }}'),
    ("{% menu a class='b' %}", "{{ menu(a, class='b') }}"),
    ("{% panel a b=c %}{{ d }}{% endpanel %}", "{% panel a, b=c %}{{ d }}{% endpanel %}"),
    ("{% extends a %}{% panel %}{% block b %}c{% endblock %}{% endpanel %}", "{% extends a %}"),
    ("{% panel as v %}a{% endpanel %}", "{% panel as v %}a{% endpanel %}"),
    ('{% private "a" %}b{% else %}c{% endprivate %}', '{% private "a" %}b{% else %}c{% endprivate %}'),
    ("{{ a|shout|cut_at:b }}", "{{ a|shout|cut_at(b) }}"),
]


@pytest.mark.parametrize(("name", "django", "jinja"), PACKAGES)
def test_a_tag_of_a_package_is_written_so(name: str, django: str, jinja: str) -> None:
    done = convert(f"{{% load {name} %}}{django}", known=without_manifest())
    assert (done.text, done.unknown) == (jinja, ())


def site() -> Known:
    own = django_alone()
    return Known({**own.libraries, "site": of_module("site.tags", SITE)}, own.builtins)


@pytest.mark.parametrize(("django", "jinja"), SITES)
def test_a_tag_of_the_site_becomes_a_call_or_a_block(django: str, jinja: str) -> None:
    own = site()
    done = convert(django, known=replace(own, builtins=(*own.builtins, own.libraries["site"])))
    assert (done.text, done.unknown) == (jinja, ())


def test_a_tag_that_the_manifest_cannot_tell_is_marked() -> None:
    done = convert('{% load odd from site %}\n{% odd x of "y" %}', known=site())
    assert done.text == """\n{{ unknown_tag("odd", 'odd x of "y"') }}"""
    assert [(one.tag, one.line, one.register) for one in done.unknown] == [("odd", 2, "a function 'odd'")]


@pytest.mark.parametrize(("django", "jinja"), [("{% odd %}", "{{ odd() }}"), ('{% odd "a" 1 %}', '{{ odd("a", 1) }}')])
def test_such_a_tag_is_called_where_literals_leave_no_doubt(django: str, jinja: str) -> None:
    assert convert(f"{{% load site %}}{django}", known=site()).text == jinja


def test_what_the_domains_have_to_register_is_told() -> None:
    done = convert("{% load site %}{% box 1 %}{% panel %}{{ a|shout|upper }}{% endpanel %}", known=site())
    assert done.needs == {("function", "box"), ("block", "panel"), ("filter", "shout")}


SOURCE = """
from django import template
register = template.Library()

@register.simple_tag
def plain(a): ...

@register.simple_tag(takes_context=True, name="called")
def other(context): ...

@register.inclusion_tag("shown.html")
def shown(): ...

@register.tag("bounded")
def do_bounded(parser, token):
    return Bounded.read(parser, token)

class Bounded:
    @classmethod
    def read(cls, parser, token):
        parser.parse(("else", "endbounded"))

@register.tag
def leaf(parser, token): ...

@register.filter
def loud(value): ...

@register.filter("soft", is_safe=True)
def softly(value, by=1): ...
"""


def test_without_a_manifest_libraries_near_the_folders_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "app" / "templates"
    folder.mkdir(parents=True)
    file = tmp_path / "app" / "templatetags" / "words.py"
    file.parent.mkdir()
    file.write_text(SOURCE)
    assert near([folder]) == {"words": file}
    assert library(file).tags.keys() == {"plain", "called", "shown", "bounded", "leaf"}
    done = convert(
        "{% load words %}{% plain 1 as v %}{% called %}{% shown %}{% bounded a %}{% else %}{% endbounded %}{{ a|loud|soft:2 }}",
        known=without_manifest([folder]),
    )
    assert done.text == (
        "{% set v = plain(1) %}{{ called() }}{{ shown() }}{% bounded a %}{% else %}{% endbounded %}{{ a|loud|soft(2) }}"
    )

"""Fields, honeypots and elements of account pages print what their packages print."""

import msgspec
import pytest

from legacy_adapters import allauth_tags, honeypot
from legacy_adapters.manifest import Manifest
from legacy_adapters.package_settings import Honeypot
from tests.legacy_adapters.packages.oracle import Oracle
from tests.legacy_adapters.packages.theme import theme

FILTERED = [
    ("form.name|attr:'placeholder:x'", "form.name|attr('placeholder:x')"),
    ("form.name|attr:'class:x'|attr:'class:y'", "form.name|attr('class:x')|attr('class:y')"),
    ("form.name|add_class:'x'|add_class:'y'", "form.name|add_class('x')|add_class('y')"),
    ("form.name|attr:'class:x'|add_class:'y'", "form.name|attr('class:x')|add_class('y')"),
    ("form.name|add_class:'y'|attr:'class:x'", "form.name|add_class('y')|attr('class:x')"),
    ("form.mail|add_class:'y'", "form.mail|add_class('y')"),
    ("form.mail|append_attr:'data-x:1:2'", "form.mail|append_attr('data-x:1:2')"),
    ("form.name|attr:'xlink::href:y'", "form.name|attr('xlink::href:y')"),
    ("form.name|attr:'disabled'", "form.name|attr('disabled')"),
    ("form.name|attr:'type:search'", "form.name|attr('type:search')"),
    ("form.name|set_data:'filters:a'", "form.name|set_data('filters:a')"),
    ("form.name|add_error_class:'bad'", "form.name|add_error_class('bad')"),
    ("form.name|add_error_attr:'aria-invalid:true'", "form.name|add_error_attr('aria-invalid:true')"),
    ("form.name|add_required_class:'must'", "form.name|add_required_class('must')"),
    ("form.mail|add_required_class:'must'", "form.mail|add_required_class('must')"),
    ("form.name|add_label_class:'l'", "form.name|add_label_class('l')"),
    ("form.name|remove_attr:'class'", "form.name|remove_attr('class')"),
    ("form.name|remove_attr:'none'", "form.name|remove_attr('none')"),
    ("form.name|field_type", "form.name|field_type"),
    ("form.kind|widget_type", "form.kind|widget_type"),
    ("form.none|widget_type", "form.none|widget_type"),
    ("form.none|add_class:'x'", "form.none|add_class('x')"),
    ("form.none|add_error_class:'x'", "form.none|add_error_class('x')"),
    ("form.kind|add_class:'x'", "form.kind|add_class('x')"),
    ("form.note|add_class:'x'|attr:'rows:3'", "form.note|add_class('x')|attr('rows:3')"),
]
WHOLE = [
    (
        "{% with f=form.name|add_class:'x' %}{{ f }}{{ f }}{{ f.errors }}{{ f.label }}{{ f.id_for_label }}{% endwith %}",
        "{% with f = form.name|add_class('x') %}{{ f }}{{ f }}{{ f.errors }}{{ f.label }}{{ f.id_for_label }}{% endwith %}",
    ),
    (
        "{% with k=form.kind|add_class:'x' %}{% for r in k %}[{{ r }}{{ r.choice_label }}]{% endfor %}{{ k.1 }}{% endwith %}",
        "{% with k = form.kind|add_class('x') %}{% for r in k %}[{{ r }}{{ r.choice_label }}]{% endfor %}{{ k[1] }}{% endwith %}",
    ),
    ("{% render_field form.name %}", "{{ render_field(form.name) }}"),
    (
        '{% render_field form.name type="email" class+="a b" data-x=who title="<" %}',
        '{{ render_field(form.name, {"type": "email", "data-x": who, "title": "<"}, append={"class": "a b"}) }}',
    ),
    (
        '{% render_field form.mail class="a" class+="b" @click="go()" %}',
        '{{ render_field(form.mail, {"class": "a", "@click": "go()"}, append={"class": "b"}) }}',
    ),
    (
        '{% with WIDGET_ERROR_CLASS="bad" WIDGET_REQUIRED_CLASS="must" %}{% render_field form.name class+="c" %}'
        "{% render_field form.mail %}{% endwith %}",
        '{% with WIDGET_ERROR_CLASS = "bad", WIDGET_REQUIRED_CLASS = "must" %}'
        '{{ render_field(form.name, append={"class": "c"}) }}{{ render_field(form.mail) }}{% endwith %}',
    ),
]


@pytest.mark.parametrize("data", [None, {}, {"name": "<n>", "mail": "no", "kind": "b"}])
@pytest.mark.parametrize(
    ("django", "jinja"), [("{{ " + theirs + " }}", "{{ " + ours + " }}") for theirs, ours in FILTERED] + WHOLE
)
def test_a_field_is_printed_with_its_changes(oracle: Oracle, django: str, jinja: str, data) -> None:
    found, expected = oracle("forms:both", django, jinja, data, {"who": "a & b"})
    assert found == expected


@pytest.mark.parametrize("name", ["", '"other"', "missing", "who"])
def test_the_hidden_field_of_a_form(manifest: Manifest, oracle: Oracle, name: str) -> None:
    markup = '<input name="{{ fieldname }}" value="{{ value }}">{{ who }}'
    page = theme({honeypot.TEMPLATE: markup}, honeypot.functions(manifest)).from_string(
        "{{ render_honeypot_field(" + name + ") }}"
    )
    templates = {honeypot.TEMPLATE: markup, "page": "{% load honeypot %}{% render_honeypot_field " + name + " %}"}
    assert page.render({"who": "<us>"}) == oracle("accounts:render", templates, "page", {"who": "<us>"})


@pytest.mark.parametrize("form", [{}, {"f": ""}, {"f": "v"}, {"f": "V"}, {"g": "v"}, {"g": "x", "f": "v"}])
@pytest.mark.parametrize("field_name", [None, "g"])
@pytest.mark.parametrize("value", ["", "v"])
def test_a_machine_is_caught(manifest: Manifest, oracle: Oracle, form, field_name: str | None, value: str) -> None:
    told = msgspec.structs.replace(manifest, honeypot=Honeypot(field_name="f", value=value))
    assert honeypot.is_caught(told, form, field_name) == oracle("accounts:caught", form, field_name, value)


ELEMENTS = {
    "allauth/elements/h1.html": "<h1>{% slot %}{% endslot %}</h1>",
    "allauth/elements/h1__manage.html": "<h1 class=m>{% slot %}{% endslot %}</h1>",
    "allauth/elements/p.html": "<p>{% slot %}none{% endslot %}{{ who }}</p>",
    "allauth/elements/panel.html": (
        "<h2>{% slot title %}no title{% endslot %}</h2>{% slot body %}{% endslot %}"
        "{% if slots.actions %}{% for a in slots.actions %}<i>{{ a }}</i>{% endfor %}{% endif %}"
        "{% for tag in attrs.tags %}({{ tag }}){% endfor %}{{ attrs.href }}"
    ),
    "allauth/layouts/base.html": "<main>{% block content %}{% endblock content %}</main>",
    "allauth/layouts/manage.html": '{% extends "allauth/layouts/base.html" %}{% block content %}{% endblock content %}',
    "included.html": "{% element h1 %}in{% endelement %}",
}
BODY = (
    "{% element h1 %}A & {{ who }}{% endelement %}"
    '{% element panel href="/?a&b" tags="one, two" %}{% slot title %}T {{ who }}{% endslot %}'
    "{% slot body %}{% element p %}nested {% element h1 %}deep{% endelement %}{% endelement %}{% endslot %}"
    "{% slot actions %}x{% endslot %}{% slot actions %}{{ who }}{% endslot %}{% endelement %}"
    "{% element panel %}{% endelement %}{% element p %}{% endelement %}"
    "{% setvar v %} <b>{{ who }}</b> {% endsetvar %}[{{ v }}]"
    '{% include "included.html" %}'
)
PAGES = {
    "plain": BODY,
    "manage": '{% extends "allauth/layouts/manage.html" %}{% block content %}' + BODY + "{% endblock content %}",
    "base": '{% extends "allauth/layouts/base.html" %}{% block content %}' + BODY + "{% endblock content %}",
}


def in_jinja(source: str) -> str:
    """These templates as the importer writes them."""
    for name in ("h1 ", "p ", "panel "):
        source = source.replace("{% element " + name, '{% element "' + name.strip() + '" ')
    source = source.replace('"panel" href="/?a&b" tags', '"panel", href="/?a&b", tags')
    for name in ("title", "body", "actions"):
        source = source.replace("{% slot " + name + " %}", '{% slot "' + name + '" %}')
    return source.replace("{% slot %}", '{% slot "default" %}').replace("{% setvar v %}", '{% setvar "v" %}')


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("variables", [{"who": "<us>"}, {"page_layout": "manage"}, {"page_layout": "none"}])
def test_elements_and_their_slots(oracle: Oracle, page: str, variables: dict[str, str]) -> None:
    templates = {**ELEMENTS, **PAGES}
    ours = theme({name: in_jinja(text) for name, text in templates.items()}, blocks=allauth_tags.blocks())
    theirs = {name: text if "extends" in text else "{% load allauth %}" + text for name, text in templates.items()}
    for name in ("manage", "base"):
        theirs[name] = theirs[name].replace("%}", "%}{% load allauth %}", 1)
    assert ours.get_template(page).render(variables) == oracle("accounts:render", theirs, page, variables)


def test_an_account_is_called_what_the_site_calls_it() -> None:
    class Provider:
        def __init__(self, name: str) -> None:
            self.name = name

    providers = [Provider("b"), Provider("a")]
    page = theme(functions=allauth_tags.functions(lambda user: f"<{user}>", providers)).from_string(
        "{{ user_display(who) }}{% set found = get_providers() %}{% for each in found %}{{ each.name }}{% endfor %}"
    )
    assert page.render({"who": "me"}) == "&lt;me&gt;ab"

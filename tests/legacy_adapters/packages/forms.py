"""A form of Django's, printed by django-widget-tweaks and by our filters, each on a form of its own."""

from django import forms
from django.template import engines

from legacy_adapters import form_fields
from tests.legacy_adapters.packages.theme import theme


class Order(forms.Form):
    required_css_class = "needed"
    name = forms.CharField(widget=forms.TextInput(attrs={"class": "wide", "title": "a & b"}))
    mail = forms.EmailField(required=False, help_text="ours")
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "<B>")], widget=forms.RadioSelect)
    note = forms.CharField(widget=forms.Textarea, required=False, show_hidden_initial=True, initial="x")


def both(django_source, jinja_source, data, variables):
    """What each side prints of a form with this data."""
    source = "{% load widget_tweaks %}" + django_source
    expected = engines["django"].from_string(source).render({"form": Order(data), **variables})
    environment = theme(functions=form_fields.functions(), filters=form_fields.filters())
    found = environment.from_string(jinja_source).render({"form": Order(data), **variables})
    return str(found), str(expected)

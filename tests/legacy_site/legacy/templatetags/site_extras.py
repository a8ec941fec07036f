"""Tags and filters of the reference site's own, one of each kind that a template library can have.

{{ name|initials }}                      filter: the first letter of each word, as capitals
{% address_of object as address %}       simple tag with the context: the object's absolute URL
{% visitor "stranger" %}                 simple tag with the context: who is signed in, else the word given
{% search_form as form %}                simple tag with the context: a form bound to the query string
{% entry_card entry heading="h3" %}      inclusion tag with the context, template `extras/entry_card.html`
{% notice "kind" title="" %} … {% endnotice %}   block tag with the context: its content in a frame; nothing if it is blank
"""

from django import forms, template
from django.utils.html import format_html

register = template.Library()


class SearchForm(forms.Form):
    q = forms.CharField(label="Search for", max_length=80, required=False)
    section = forms.ChoiceField(
        choices=[("", "Everywhere"), ("downloads", "Downloads"), ("docs", "Documentation & guides")], required=False
    )


@register.filter
def initials(name):
    return "".join(word[0] for word in str(name).split()).upper()


@register.simple_tag(takes_context=True)
def address_of(context, thing):
    return context["request"].build_absolute_uri(thing.get_absolute_url())


@register.simple_tag(takes_context=True)
def visitor(context, nobody):
    user = context["request"].user
    return user.get_username() if user.is_authenticated else nobody


@register.simple_tag(takes_context=True)
def search_form(context):
    return SearchForm(initial=context["request"].GET.dict())


@register.inclusion_tag("extras/entry_card.html", takes_context=True)
def entry_card(context, entry, heading="h3"):
    return {"entry": entry, "heading": heading, "site": context["SITE_INFO"]}


@register.simple_block_tag(takes_context=True)
def notice(context, content, kind, title=""):
    if not content.strip():
        return ""
    shown = format_html("<strong>{}</strong> ", title) if title else ""
    return format_html(
        '<div class="notice notice-{}" data-at="{}">{}{}</div>', kind, context["request"].path, shown, content
    )

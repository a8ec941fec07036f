"""Addresses that a machine does not find at once."""

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

register = template.Library()


@register.filter
@stringfilter
def render_email(address):
    if not address:
        return None
    name, host = (
        format_html_join(mark_safe("<span>.</span>"), "{}", ((word,) for word in part.split(".")))
        for part in address.split("@")
    )
    return name + mark_safe("<span>@</span>") + host

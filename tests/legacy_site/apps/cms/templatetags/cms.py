"""A day as an element that machines can read."""

from django import template
from django.utils.dateformat import format

register = template.Library()
PARTS = {"timestamp": "c", "month": "m", "day": "d", "year": "Y"}


@register.inclusion_tag("cms/iso_time_tag.html")
def iso_time_tag(date):
    return {name: format(date, code) for name, code in PARTS.items()}

"""A post in the template of its kind."""

from django import template
from django.template.loader import render_to_string

register = template.Library()


@register.simple_tag
def render_template_for(obj, template=None, template_directory=None):
    """Without a template of that name: the kind's in the folder, then the kind's among the community's own."""
    names = [template] if template else []
    for folder in filter(None, (template_directory, "community/types")):
        names += [f"{folder}/{obj.get_media_type_display()}.html", f"{folder}/default.html"]
    return render_to_string(names, {"object": obj})

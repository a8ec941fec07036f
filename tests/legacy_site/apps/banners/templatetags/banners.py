"""The active banner, or nothing. Of several, the first by id; pages of the foundation show its own as well."""

from django import template
from django.template.loader import render_to_string

from apps.banners.models import Banner

register = template.Library()


def rendered(banners):
    banner = banners.first()
    if banner is None:
        return ""
    context = {"message": banner.message, "title": banner.title, "link": banner.link}
    return render_to_string("banners/banner.html", context)


@register.simple_tag
def render_active_banner():
    return rendered(Banner.objects.filter(active=True, psf_pages_only=False))


@register.simple_tag
def render_active_psf_banner():
    return rendered(Banner.objects.filter(active=True))

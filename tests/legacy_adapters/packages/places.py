"""Countries and links into the admin as Django and django-countries write them."""

from types import SimpleNamespace

from tests.legacy_adapters.packages.rendering import settings_of

ATTRIBUTES = (
    *("code", "name", "alpha3", "numeric", "numeric_padded", "ioc_code", "flag", "flag_css", "unicode_flag"),
    *("__str__", "__len__", "__bool__"),
)


def ask(country, name):
    try:
        found = getattr(country, name)
        return found() if name.startswith("__") else found
    except Exception:
        return "refused"


def countries(codes, settings):
    """Every attribute of each country, and the whole list."""
    from django_countries import countries as known
    from django_countries.fields import Country

    with settings_of(**settings):
        reset(known)
        try:
            listed = [tuple(each) for each in known]
            return [[ask(Country(code), name) for name in ATTRIBUTES] for code in codes], listed
        finally:
            reset(known)


def manifest(settings):
    from django_countries import countries as known

    from legacy_adapters import introspect

    with settings_of(**settings):
        reset(known)
        return introspect.countries()


def reset(known):
    for name in ("_countries", "_flag_urls", "_ioc_codes", "_alt_codes", "_shadowed_names", "_iter_cache"):
        known.__dict__.pop(name, None)


def links(app, model, view, pk):
    from django.contrib.admin.templatetags.admin_urls import admin_urlname, admin_urlquote

    return admin_urlname(SimpleNamespace(app_label=app, model_name=model), view), admin_urlquote(pk)

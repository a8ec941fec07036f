"""Pages of django-allauth's kind, with elements and slots."""

from django.template import engines
from django.test import override_settings


def render(templates, name, variables):
    engine = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", templates)]},
    }
    with override_settings(TEMPLATES=[engine]):
        return str(engines["django"].get_template(name).render(variables))


def caught(form, field_name, value):
    from django.http import QueryDict
    from honeypot.decorators import verify_honeypot_value

    from tests.legacy_adapters.packages.rendering import settings_of

    class Posted:
        method = "POST"
        POST = QueryDict(mutable=True)

    Posted.POST.update(form)
    with settings_of(HONEYPOT_FIELD_NAME="f", HONEYPOT_VALUE=value):
        return verify_honeypot_value(Posted, field_name) is not None

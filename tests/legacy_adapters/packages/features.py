"""Flags as django-waffle decides them, on rows that no database holds."""

from types import SimpleNamespace
from unittest.mock import patch

from django.http import HttpResponse
from waffle.middleware import WaffleMiddleware
from waffle.models import Flag, Sample, Switch

from tests.legacy_adapters.packages.rendering import settings_of


class Groups:
    def __init__(self, ids):
        self.ids = ids

    def all(self):
        return self

    def values_list(self, *names, flat):
        return self.ids


def as_request(request):
    user = SimpleNamespace(**request["user"])
    if "group_ids" in request["user"]:
        user.groups = Groups(user.group_ids)
    made = SimpleNamespace(GET=request["GET"], COOKIES=request["COOKIES"], user=user)
    if request["language"]:
        made.LANGUAGE_CODE = request["language"]
    return made


def decide(flag, request, users, groups, lots, settings):
    """What the flag is for a request, asked twice, and the cookies of the answer."""
    made = Flag(**flag) if flag else Flag(name="f")
    made._get_user_ids, made._get_group_ids = lambda: set(users), lambda: set(groups)
    asked = as_request(request)
    with settings_of(**settings), patch("waffle.models.random.uniform", side_effect=lots):
        found = [bool(made.is_active(asked)), bool(made.is_active(asked))]
        response = WaffleMiddleware(lambda request: None).process_response(asked, HttpResponse())
    return found, [
        (name, morsel.value, morsel["max-age"] if morsel["max-age"] != "" else None, bool(morsel["secure"]))
        for name, morsel in response.cookies.items()
    ]


def render(source, rows, request, variables, lots):
    """A template with the three tags."""
    from django.template import engines

    known = {
        kind: {row["name"]: model(**row) for row in rows[kind]}
        for kind, model in (("flags", Flag), ("switches", Switch), ("samples", Sample))
    }
    for flag in known["flags"].values():
        flag._get_user_ids = flag._get_group_ids = set
    with (
        patch.object(Flag, "get", lambda name: known["flags"].get(name, Flag(name=name))),
        patch.object(Switch, "get", lambda name: known["switches"].get(name, Switch(name=name))),
        patch.object(Sample, "get", lambda name: known["samples"].get(name, Sample(name=name))),
        patch("waffle.models.random.uniform", side_effect=lots),
    ):
        variables = {"request": as_request(request), **variables}
        return str(engines["django"].from_string(source).render(variables))


def script(source, rows, request, lots):
    """{% wafflejs %} with this template."""
    from django.template import engines
    from django.test import override_settings

    known = {
        kind: [model(**row) for row in rows[kind]]
        for kind, model in (("flags", Flag), ("switches", Switch), ("samples", Sample))
    }
    for flag in known["flags"]:
        flag._get_user_ids = flag._get_group_ids = set
    engine = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {"waffle/waffle.js": source})]},
    }
    with (
        override_settings(TEMPLATES=[engine]),
        patch.object(Flag, "get_all", lambda: known["flags"]),
        patch.object(Switch, "get_all", lambda: known["switches"]),
        patch.object(Sample, "get_all", lambda: known["samples"]),
        patch("waffle.models.random.uniform", side_effect=lots),
    ):
        page = engines["django"].from_string("{% load waffle_tags %}{% wafflejs %}")
        return str(page.render({"request": as_request(request)}))

"""URLs of every kind that Django can reverse, and what the other process is asked about them."""

import uuid

from django.urls import clear_url_caches, include, path, re_path, register_converter, set_script_prefix
from django.urls import reverse as django_reverse
from django.urls.converters import StringConverter, get_converters
from django.utils.translation import override

from legacy_adapters import introspect


class Year:
    regex = "[0-9]{4}"

    def to_python(self, value):
        return int(value)

    def to_url(self, value):
        if int(value) < 1000:
            raise ValueError(value)
        return f"{int(value):04d}"


class Word(StringConverter):
    regex = "[a-z]+"


for name, converter in (("year", Year), ("word", Word)):
    if name not in get_converters():
        register_converter(converter, name)


def view(request, *args, **kwargs):
    raise AssertionError("only its URL is asked for")


inner = (
    [
        path("", view, name="index"),
        path("<int:pk>/", view, name="detail"),
        re_path(r"^(?P<slug>[-\w]+)/(?:page-(?P<page>\d+)/)?$", view, name="paged"),
        path("deep/", include(([path("<str:x>", view, name="end")], "deep_app"), namespace="deep")),
    ],
    "shop",
)
plain = [path("p/<slug:s>/", view, name="plain"), re_path(r"q/(\d+)/$", view, name="unnamed")]
urlpatterns = [
    path("", view, name="home"),
    path("a/<int:n>/", view, name="same"),
    path("b/<str:n>/", view, name="same"),
    path("c/", view, name="same"),
    path("uuid/<uuid:u>/", view, name="uuid"),
    path("path/<path:p>", view, name="path"),
    path("year/<year:y>/", view, name="year"),
    path("word/<word:w>/", view, name="word"),
    path("default/", view, {"kind": "x"}, name="defaulted"),
    path("default/<slug:kind>/", view, name="defaulted"),
    path("class/", view, {"kind": view, "api_key": "top-secret"}, name="hidden"),
    path("100%/<str:s>/", view, name="percent"),
    path("//<str:s>/", view, name="slashes"),
    re_path(r"^x/(\w+)/(\d{2,4})/$", view, name="two"),
    re_path(r"^nested/(a(\d+))/$", view, name="nested"),
    re_path(r"^outer/(?P<o>a(?P<i>\d+))/$", view, name="named-nested"),
    re_path(r"^maybe/(?P<m>\d+)?$", view, name="maybe"),
    re_path(r"^either/(?:a|b)/$", view, name="either"),
    re_path(r"^three/x{3}/[c-f]+/.\.\w/$", view, name="classes"),
    re_path(r"^look/(?=ahead)(?P<w>\w+)(?!x)/$", view, name="look"),
    re_path(r"^back/(?P<w>\w)(?P=w)/$", view, name="back"),
    re_path(r"^mixed/(?P<a>\d+)/(\d+)/$", view, name="mixed"),
    re_path(r"^any/(?P<rest>.*)$", view, name="any"),
    path("one/", include(inner, namespace="one")),
    path("shop/<int:region>/", include(inner, namespace="two")),
    path("plain/<int:region>/", include(plain), {"extra": 5}),
    re_path(r"^re/(?P<lang>[a-z]{2})/", include(plain)),
    path("apps/", include(inner)),
    path("", include(inner, namespace="bare")),
]


def manifest(urlconf=None):
    """The manifest of the site, or what it would be with other URLs."""
    return asked(urlconf, introspect.describe)


def asked(urlconf, function, *args, **kwargs):
    from django.test import override_settings

    if urlconf is None:
        return function(*args, **kwargs)
    with override_settings(ROOT_URLCONF=urlconf):
        clear_url_caches()
        try:
            return function(*args, **kwargs)
        finally:
            clear_url_caches()


def reverse(name, args=(), kwargs=None, current_app=None, prefix="/", urlconf=None, language=None):
    set_script_prefix(prefix)
    try:
        with override(language or "en-us"):
            return django_reverse(
                name, urlconf=urlconf, args=list(args), kwargs=dict(kwargs or {}), current_app=current_app
            )
    finally:
        set_script_prefix("/")


SOME_ID = uuid.UUID("12345678-1234-5678-1234-567812345678")

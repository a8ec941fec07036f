"""The URLs of the reference site."""

from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path, re_path
from django.views.generic import TemplateView
from rest_framework.routers import DefaultRouter
from tastypie.api import Api

from apps.downloads.api import (
    OSResource,
    OSViewSet,
    ReleaseFileResource,
    ReleaseFileViewSet,
    ReleaseResource,
    ReleaseViewSet,
)
from apps.downloads.views import EditButton
from apps.pages.api import PageResource, PageViewSet
from apps.sponsors.api import HandedIn, Logos
from apps.users.views import PasswordChange, Signup
from legacy import elsewhere, views

handler404 = views.not_found

v1 = Api(api_name="v1")
for resource in (PageResource, OSResource, ReleaseResource, ReleaseFileResource):
    v1.register(resource())

v2 = DefaultRouter()
v2.register("pages/page", PageViewSet, basename="page")
v2.register("downloads/os", OSViewSet)
v2.register("downloads/release", ReleaseViewSet, basename="release")
v2.register("downloads/release_file", ReleaseFileViewSet)

publishers = [
    re_path("sponsors/logo-placement/", Logos.as_view(), name="logo_placement_list"),
    re_path("sponsors/sponsorship-assets/", HandedIn.as_view(), name="assets_list"),
]


def page(template, content_type=None):
    return TemplateView.as_view(template_name=template, content_type=content_type)


urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    re_path(r"^_health/?", views.health, name="health"),
    path("authenticated", page("includes/authenticated.html"), name="authenticated"),
    path("release-edit-button/<int:pk>", EditButton.as_view(), name="release_edit_button"),
    path("humans.txt", page("humans.txt", "text/plain")),
    path("robots.txt", page("robots.txt", "text/plain")),
    path("funding.json", views.funding, name="funding_json"),
    path("shell/", page("python/shell.html"), name="shell"),
    path("about/", page("python/about.html"), name="about"),
    path("getit/", include("apps.downloads.urls", namespace="getit")),
    path("downloads/", include("apps.downloads.urls", namespace="download")),
    path("doc/", views.Documentation.as_view(), name="documentation"),
    path("doc/versions/", views.DocumentedVersions.as_view(), name="docs-versions"),
    path("inner/", page("python/inner.html"), name="inner"),
    path("psf-landing/", page("psf/index.html"), name="psf-landing"),
    path("psf/sponsors/", page("psf/sponsors-list.html"), name="psf-sponsors"),
    path("docs-landing/", page("docs/index.html"), name="docs-landing"),
    path("pypl-landing/", page("pypl/index.html"), name="pypl-landing"),
    path("shop-landing/", page("shop/index.html"), name="shop-landing"),
    path("accounts/signup/", Signup.as_view()),
    path("accounts/password/change/", PasswordChange.as_view(), name="account_change_password"),
    path("accounts/", include("allauth.urls")),
    path("box/", include("apps.boxes.urls")),
    path("community/microbit/", page("community/microbit.html"), name="microbit"),
    path("users/", include("apps.users.urls", namespace="users")),
    *elsewhere.urlpatterns,
    path("admin/doc/", include("django.contrib.admindocs.urls")),
    path("admin/", admin.site.urls),
    path("api/", include(v1.urls)),
    path("api/v2/", include(v2.urls)),
    path("api/v2/", include(publishers)),
    re_path(r"^m/(?P<url>.*)/$", views.Media.as_view(), name="media_migration_view"),
]
urlpatterns += staticfiles_urlpatterns()

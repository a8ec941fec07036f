"""URLs below a language prefix, and one whose text is translated."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import path
from django.utils.translation import gettext_lazy

from tests.legacy_adapters.packages.urls import view

urlpatterns = [path("x/", view, name="plain")]
urlpatterns += i18n_patterns(path(gettext_lazy("Yes"), view, name="yes"), path("<int:n>/", view, name="number"))

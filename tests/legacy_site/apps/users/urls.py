"""Profiles of users."""

from django.urls import re_path

from apps.users.views import Profile

app_name = "users"
urlpatterns = [re_path(r"^(?P<slug>[-a-zA-Z0-9_\@\.+]+)/$", Profile.as_view(), name="user_detail")]

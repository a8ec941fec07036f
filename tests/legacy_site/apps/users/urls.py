"""Profiles of users."""

from django.urls import path, re_path

from apps.users.views import Profile
from legacy.elsewhere import later

app_name = "users"
NAME = r"(?P<slug>[-a-zA-Z0-9_\@\.+]+)"
urlpatterns = [
    path("edit/", later, name="user_profile_edit"),
    path("membership/", later, name="user_membership_create"),
    path("membership/edit/", later, name="user_membership_edit"),
    re_path(rf"^membership/delete/{NAME}/$", later, name="user_membership_delete"),
    path("membership/thanks/", later, name="user_membership_thanks"),
    path("membership/affirm/", later, name="membership_affirm_vote"),
    path("membership/affirm/done/", later, name="membership_affirm_vote_done"),
    path("nominations/", later, name="user_nominations_view"),
    path("sponsorships/", later, name="user_sponsorships_dashboard"),
    path("sponsorships/sponsor/edit/", later, name="edit_sponsor_info_implicit"),
    path("sponsorships/sponsor/<int:pk>/", later, name="edit_sponsor_info"),
    path("sponsorships/<int:pk>/assets/", later, name="update_sponsorship_assets"),
    path("sponsorships/<int:pk>/provided-assets/", later, name="view_provided_sponsorship_assets"),
    path("sponsorships/<int:pk>/", later, name="sponsorship_application_detail"),
    re_path(rf"^{NAME}/delete/$", later, name="user_delete"),
    re_path(rf"^{NAME}/$", Profile.as_view(), name="user_detail"),
]

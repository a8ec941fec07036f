"""Profiles and memberships."""

from django.urls import path, re_path
from django.views.generic import TemplateView

from apps.nominations.views import Own as Nominations
from apps.sponsors import views as sponsors
from apps.users import views
from legacy.elsewhere import later

app_name = "users"
NAME = r"(?P<slug>[-a-zA-Z0-9_\@\.+]+)"


def page(name):
    return TemplateView.as_view(template_name=f"users/{name}.html")


urlpatterns = [
    path("edit/", views.EditProfile.as_view(), name="user_profile_edit"),
    path("membership/", views.Join.as_view(), name="user_membership_create"),
    path("membership/edit/", views.EditMembership.as_view(), name="user_membership_edit"),
    re_path(rf"^membership/delete/{NAME}/$", views.DeleteMembership.as_view(), name="user_membership_delete"),
    path("membership/thanks/", page("membership_thanks"), name="user_membership_thanks"),
    path("membership/affirm/", views.Affirm.as_view(), name="membership_affirm_vote"),
    path("membership/affirm/done/", page("membership_vote_affirm_done"), name="membership_affirm_vote_done"),
    path("nominations/", Nominations.as_view(), name="user_nominations_view"),
    path("sponsorships/", sponsors.Dashboard.as_view(), name="user_sponsorships_dashboard"),
    path("sponsorships/sponsor/edit/", sponsors.choose, name="edit_sponsor_info_implicit"),
    path("sponsorships/sponsor/<int:pk>/", later, name="edit_sponsor_info"),
    path("sponsorships/<int:pk>/assets/", sponsors.Assets.as_view(), name="update_sponsorship_assets"),
    path(
        "sponsorships/<int:pk>/provided-assets/",
        sponsors.Provided.as_view(),
        name="view_provided_sponsorship_assets",
    ),
    path("sponsorships/<int:pk>/", sponsors.Detail.as_view(), name="sponsorship_application_detail"),
    re_path(rf"^{NAME}/delete/$", views.DeleteAccount.as_view(), name="user_delete"),
    re_path(rf"^{NAME}/$", views.Profile.as_view(), name="user_detail"),
]

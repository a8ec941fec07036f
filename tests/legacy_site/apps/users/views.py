"""Profiles, and allauth's two forms that a honeypot guards."""

from allauth.account.views import PasswordChangeView, SignupView
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.generic import DetailView
from honeypot.decorators import check_honeypot

from apps.users.models import User


@method_decorator(check_honeypot, name="dispatch")
class Signup(SignupView):
    pass


@method_decorator(check_honeypot, name="dispatch")
class PasswordChange(PasswordChangeView):
    def get_success_url(self):
        return reverse("users:user_profile_edit")


class Profile(DetailView):
    """A public profile, and to a signed-in visitor their own."""

    template_name = "users/user_detail.html"
    slug_field = "username"

    def get_queryset(self):
        others = User.objects.filter(is_active=True, public_profile=True, search_visibility=User.Search.PUBLIC)
        if self.request.user.is_authenticated:
            return others | User.objects.filter(pk=self.request.user.pk)
        return others

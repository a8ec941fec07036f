"""Profiles, memberships, and allauth's two forms that a honeypot guards."""

from allauth.account.views import PasswordChangeView, SignupView
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import CreateView, DeleteView, DetailView, TemplateView, UpdateView
from honeypot.decorators import check_honeypot
from waffle import flag_is_active

from apps.users.forms import JoinForm, MemberForm, ProfileForm
from apps.users.models import Membership, User


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


@method_decorator(check_honeypot, name="dispatch")
class EditProfile(LoginRequiredMixin, UpdateView):
    form_class = ProfileForm
    template_name = "users/user_form.html"

    def get_object(self, queryset=None):
        return User.objects.get(pk=self.request.user.pk)

    def get_success_url(self):
        return reverse("users:user_detail", args=[self.object.username])


class MemberPage(LoginRequiredMixin):
    template_name = "users/membership_form.html"
    success_url = reverse_lazy("users:user_membership_thanks")

    def form_valid(self, form):
        form.instance.creator = self.request.user
        return super().form_valid(form)


@method_decorator(check_honeypot, name="dispatch")
class Join(MemberPage, CreateView):
    model = Membership
    form_class = JoinForm

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.user.has_membership:
            return redirect("users:user_membership_edit")
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        return {"email_address": self.request.user.email}


@method_decorator(check_honeypot, name="dispatch")
class EditMembership(MemberPage, UpdateView):
    form_class = MemberForm

    def get_object(self, queryset=None):
        if not self.request.user.has_membership:
            raise Http404
        return self.request.user.membership


class Landing(TemplateView):
    """For those for whom the flag is on."""

    template_name = "users/membership.html"

    def dispatch(self, request, *args, **kwargs):
        if not flag_is_active(request, "psf_membership"):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class Affirm(TemplateView):
    template_name = "users/membership_vote_affirm.html"

    def post(self, request):
        member = request.user.membership
        member.votes, member.last_vote_affirmation = True, timezone.now()
        member.save()
        return redirect("users:membership_affirm_vote_done")


class Own(LoginRequiredMixin, DeleteView):
    """What its owner may delete, by a form that another page has."""

    http_method_names = ["post", "delete"]

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and self.owner() != request.user:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class DeleteAccount(Own):
    model = User
    slug_field = "username"
    success_url = reverse_lazy("home")

    def owner(self):
        return self.get_object()


class DeleteMembership(Own):
    model = Membership
    slug_field = "creator__username"

    def owner(self):
        return self.get_object().creator

    def get_success_url(self):
        return reverse("users:user_detail", args=[self.request.user.username])

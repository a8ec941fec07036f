"""What a sponsor's people see of their sponsorships."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.generic import DetailView, FormView, ListView

from apps.sponsors.forms import AssetsForm, BenefitsForm
from apps.sponsors.models import (
    BenefitFeature,
    ProvidedFileAsset,
    ProvidedTextAsset,
    RequiredImgAsset,
    RequiredResponseAsset,
    RequiredTextAsset,
    Sponsor,
    Sponsorship,
    SponsorshipCurrentYear,
    SponsorshipPackage,
)


class Dashboard(LoginRequiredMixin, ListView):
    template_name = "users/list_user_sponsorships.html"
    context_object_name = "sponsorships"

    def get_queryset(self):
        return self.request.user.sponsorships

    def get_context_data(self, **kwargs):
        def runs(one):
            return one.status == Sponsorship.Status.FINALIZED and one.end_date and one.end_date > timezone.now().date()

        active = [one for one in self.object_list if runs(one)]
        others = [one for one in self.object_list if not runs(one)]
        by_status = [(s.label, [one for one in others if one.status == s]) for s in reversed(Sponsorship.Status)]
        return super().get_context_data(active=active, by_status=by_status, **kwargs)


class Apply(FormView):
    """What can be had in the current year, or in another that staff looks at, with what was chosen before."""

    form_class = BenefitsForm
    template_name = "sponsors/sponsorship_benefits_form.html"

    def get(self, request, *args, **kwargs):
        request.session.set_test_cookie()
        return super().get(request, *args, **kwargs)

    def other_year(self):
        year = self.request.GET.get("config_year") if self.request.user.is_staff else None
        current = SponsorshipCurrentYear.objects.get().year
        return int(year) if year and int(year) != current else None

    def get_initial(self):
        try:
            return json.loads(self.request.COOKIES.get("sponsorship_selected_benefits") or "{}")
        except json.JSONDecodeError:
            return {}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "year": self.other_year()}

    def get_context_data(self, **kwargs):
        packages = SponsorshipPackage.objects.all()
        return super().get_context_data(sponsorship_packages=packages, custom_year=self.other_year(), **kwargs)


class OfSponsorship(LoginRequiredMixin, DetailView):
    def get_queryset(self):
        user = self.request.user
        every = Sponsorship.objects.select_related("sponsor")
        return every if user.is_superuser else user.sponsorships

    def features(self, *kinds):
        found = BenefitFeature.objects.filter(sponsor_benefit__sponsorship=self.object).instance_of(*kinds)
        return found.order_by("pk")

    def given(self):
        return [asset for asset in self.features(ProvidedTextAsset, ProvidedFileAsset) if asset.value]

    def wanted(self):
        return self.features(RequiredImgAsset, RequiredTextAsset, RequiredResponseAsset)


class Detail(OfSponsorship):
    template_name = "users/sponsorship_detail.html"

    def get_context_data(self, **kwargs):
        wanted = list(self.wanted())
        return super().get_context_data(
            sponsor=self.object.sponsor,
            required_assets=[asset for asset in wanted if not asset.value],
            fulfilled_assets=[asset for asset in wanted if asset.value],
            provided_assets=self.given(),
            **kwargs,
        )


class Assets(OfSponsorship):
    template_name = "users/sponsorship_assets_update.html"

    def get_context_data(self, **kwargs):
        wanted, asked = self.wanted(), self.request.GET.get("required_asset")
        form = AssetsForm(wanted.filter(pk=asked) if asked else wanted)
        return super().get_context_data(form=form, required_asset_id=asked, **kwargs)


class Provided(OfSponsorship):
    template_name = "users/sponsorship_assets_view.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(provided_assets=self.given(), **kwargs)


@login_required
def choose(request):
    sponsors = Sponsor.objects.filter(contacts__user=request.user)
    if len(sponsors) == 1:
        return redirect("users:edit_sponsor_info", pk=sponsors[0].pk)
    how_many = "Multiple" if sponsors else "No"
    messages.info(request, f"{how_many} Sponsors associated with your user.")
    if not sponsors:
        return redirect("users:user_profile_edit")
    return render(request, "users/sponsor_select.html", {"sponsors": sponsors})

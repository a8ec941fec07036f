"""What a sponsor's people see of their sponsorships."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.generic import ListView

from apps.sponsors.models import Sponsor, Sponsorship


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

"""Elections as they are read; forms that write are elsewhere."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.views import View
from django.views.generic import DetailView, ListView, TemplateView

from apps.nominations.models import Election, Nomination, Nominee


class Elections(ListView):
    model = Election


class Detail(TemplateView):
    template_name = "nominations/election_detail.html"

    def get_context_data(self, **kwargs):
        return {"election": get_object_or_404(Election, slug=kwargs["election"])}


class OfElection:
    def get_context_data(self, **kwargs):
        return super().get_context_data(election=self.election, **kwargs)

    @property
    def election(self):
        return get_object_or_404(Election, slug=self.kwargs["election"])


class Nominees(OfElection, ListView):
    template_name = "nominations/nominee_list.html"

    def get_queryset(self):
        election, user = self.election, self.request.user
        if election.nominations_complete or user.is_superuser:
            return Nominee.objects.filter(election=election, accepted=True, approved=True, user__isnull=False)
        return Nominee.objects.filter(user=user) if user.is_authenticated else None


class Visible:
    def get_object(self, queryset=None):
        found = super().get_object(queryset)
        if not found.visible(self.request.user):
            raise Http404
        return found


class OneNominee(Visible, OfElection, DetailView):
    def get_queryset(self):
        return Nominee.objects.filter(election=self.election)


class OneNomination(Visible, DetailView):
    def get_queryset(self):
        return Nomination.objects.filter(election__slug=self.kwargs["election"])

    def get_context_data(self, **kwargs):
        return super().get_context_data(editable=self.object.editable(self.request.user), **kwargs)


class Preview(LoginRequiredMixin, View):
    def post(self, request):
        nomination = Nomination(nomination_statement=request.POST.get("text", ""))
        Nomination._meta.get_field("nomination_statement").pre_save(nomination, add=True)
        return JsonResponse({"html": nomination.nomination_statement.rendered})


class Own(LoginRequiredMixin, TemplateView):
    template_name = "users/nominations_view.html"

    def get_context_data(self, **kwargs):
        user, found = self.request.user, {}
        received = Nomination.objects.filter(nominee__user=user)
        for name, those in (("nominations_recieved", received), ("nominations_made", user.nominations_made.all())):
            for nomination in those:
                nomination.is_editable = nomination.editable(user)
                both = found.setdefault(nomination.election, {"nominations_recieved": [], "nominations_made": []})
                both[name].append(nomination)
        ordered = sorted(found.items(), key=lambda pair: pair[0].date, reverse=True)
        return super().get_context_data(elections=dict(ordered), **kwargs)

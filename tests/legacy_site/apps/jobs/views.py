"""The job board's pages that are read, and the redirects and refusals in front of those that only some may see.

The lists of types and of categories see the clock once, as the process begins.
"""

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.contrib.syndication.views import Feed
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.generic import DetailView, ListView, TemplateView

from apps.jobs.models import Job, JobCategory, JobReviewComment, JobType

BOARD = "Job Board Admin"
BEGAN = timezone.now()


def types_of(moment):
    return JobType.objects.filter(active=True, jobs__status="approved", jobs__expires__gte=moment).distinct()


def categories_of(moment):
    return JobCategory.objects.filter(jobs__status="approved", jobs__expires__gte=moment).distinct()


def decides(user):
    return user.is_staff or user.is_superuser or BOARD in user.groups.values_list("name", flat=True)


class Chosen:
    """The entry of the menu that a view belongs to, as a method that says so."""

    def __init_subclass__(cls, entries=(), **options):
        super().__init_subclass__(**options)
        for entry in entries:
            setattr(cls, entry, lambda self: True)


class Board(Chosen):
    def get_context_data(self, **values):
        now = timezone.now()
        return super().get_context_data(**values) | {
            "jobs_count": Job.objects.visible().count(),
            "active_types": types_of(now),
            "active_categories": categories_of(now),
            "active_locations": Job.objects.visible().order_by("location_slug").distinct("location_slug"),
            "jobs_board_admin": decides(self.request.user),
        }


class Jobs(Board, ListView, entries=["job_list_view"]):
    model = Job
    paginate_by = 25

    def get_queryset(self):
        return Job.objects.visible()


class OfSlug(Board, ListView):
    """A list of the vacancies that one thing has; `chosen` is its model, None where there is none."""

    paginate_by = 25
    chosen = None

    def get_queryset(self):
        slug = self.kwargs["slug"]
        self.found = get_object_or_404(self.chosen, slug=slug) if self.chosen else None
        return Job.objects.visible().filter(**{self.lookup: slug})


class OfType(OfSlug, entries=["job_type_view"]):
    chosen, lookup, template_name = JobType, "job_types__slug", "jobs/job_type_list.html"

    def get_context_data(self, **values):
        return super().get_context_data(current_type=self.found, **values)


class OfCategory(OfSlug, entries=["job_category_view"]):
    chosen, lookup, template_name = JobCategory, "category__slug", "jobs/job_category_list.html"

    def get_context_data(self, **values):
        return super().get_context_data(current_category=self.found, **values)


class OfLocation(OfSlug, entries=["job_location_view"]):
    lookup, template_name = "location_slug", "jobs/job_location_list.html"


class Telecommute(Jobs, entries=["job_location_view"]):
    template_name = "jobs/job_telecommute_list.html"

    def get_queryset(self):
        return super().get_queryset().filter(telecommuting=True)

    def get_context_data(self, **values):
        found = {"jobs": self.object_list, "jobs_count": len(self.object_list)}
        return super().get_context_data(**values) | found


class Types(Board, ListView, entries=["job_type_view"]):
    template_name, context_object_name = "jobs/job_types.html", "types"
    queryset = types_of(BEGAN).order_by("name")


class Categories(Board, ListView, entries=["job_category_view"]):
    template_name, context_object_name = "jobs/job_categories.html", "categories"
    queryset = categories_of(BEGAN).order_by("name")


class Locations(Board, TemplateView, entries=["job_location_view"]):
    template_name = "jobs/job_locations.html"

    def get_context_data(self, **values):
        jobs = Job.objects.visible().order_by("country", "city").distinct("country", "city")
        return super().get_context_data(jobs=jobs, **values)


class CommentForm(forms.ModelForm):
    comment = forms.CharField(required=False, widget=forms.Textarea())

    class Meta:
        model = JobReviewComment
        fields = ["job", "comment"]
        widgets = {"job": forms.HiddenInput()}


class Detail(Board, DetailView):
    def get_queryset(self):
        user = self.request.user
        if decides(user):
            return Job.objects.all()
        return Job.objects.visible() | Job.objects.by(user) if user.is_authenticated else Job.objects.visible()

    def get_context_data(self, **values):
        job, user = self.object, self.request.user
        own = job.creator == user or decides(user)
        return super().get_context_data(**values) | {
            "category_jobs": job.category.jobs.select_related("category")[:5],
            "user_can_edit": own and job.editable,
            "job_review_form": CommentForm(initial={"job": job}),
        }


class SignedIn:
    board_only = False

    def dispatch(self, request, *arguments, **values):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if self.board_only and not decides(request.user):
            raise PermissionDenied
        return super().dispatch(request, *arguments, **values)


class Mine(SignedIn, Board, ListView):
    paginate_by = 25
    extra_context = {"mine_listing": True}

    def get_queryset(self):
        return Job.objects.by(self.request.user)


class Review(SignedIn, Board, ListView):
    board_only = True
    paginate_by = 20
    template_name = "jobs/job_review.html"
    extra_context = {"mode": "review"}

    def get_queryset(self):
        return Job.objects.review()


class Moderate(Review):
    extra_context = {"mode": "moderate"}

    def get_queryset(self):
        found, title = Job.objects.moderate(), self.request.GET.get("q")
        return found if title is None else found.filter(job_title__icontains=title)


class JobFeed(Feed):
    title = "Python.org Jobs Feed"
    description = "Python jobs from Python.org"
    link = reverse_lazy("jobs:job_list")

    def items(self):
        return Job.objects.approved()[:20]

    def item_title(self, job):
        return job.display_name

    def item_description(self, job):
        return "\n".join((job.display_location, job.description.rendered, job.requirements.rendered))

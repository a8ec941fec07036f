"""What haystack finds: the kinds of documents, and what each result says."""

from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import Truncator
from haystack import indexes

from apps.downloads.models import Release
from apps.events.models import Calendar, Event
from apps.jobs.models import Job, JobCategory, JobType
from apps.pages.models import Page


def beginning(html):
    return strip_tags(Truncator(html or "").words(50, html=True, truncate=" …"))


class Kind(indexes.SearchIndex):
    text = indexes.CharField(document=True)
    path = indexes.CharField()
    include_template = indexes.CharField()

    def get_model(self):
        return self.model

    def prepare_include_template(self, obj):
        return f"search/includes/{self.template}.html"

    def prepare_path(self, obj):
        return obj.get_absolute_url()


class Pages(Kind, indexes.Indexable):
    model, template = Page, "pages.page"
    title = indexes.CharField(model_attr="title")

    def index_queryset(self, using=None):
        return Page.objects.published()

    def prepare_path(self, obj):
        return obj.path

    def prepare_text(self, obj):
        return f"{obj.title} {obj.keywords} {obj.description} {obj.content}"


class Releases(Kind, indexes.Indexable):
    model, template = Release, "downloads.release"
    name = indexes.CharField(model_attr="name")
    release_date = indexes.DateTimeField(model_attr="release_date")
    description = indexes.CharField()

    def index_queryset(self, using=None):
        return Release.objects.published()

    def prepare_text(self, obj):
        return f"{obj.name} {obj.content}"

    def prepare_description(self, obj):
        return beginning(obj.content.rendered)


class Calendars(Kind, indexes.Indexable):
    model, template = Calendar, "events.calendar"
    name = indexes.CharField(model_attr="name")
    rss = indexes.CharField(model_attr="rss", null=True)

    def prepare_text(self, obj):
        return f"{obj.name} {obj.description or ''}"


class Events(Kind, indexes.Indexable):
    model, template = Event, "events.event"
    name = indexes.CharField(model_attr="title")
    venue = indexes.CharField(model_attr="venue__name", null=True)

    def prepare_text(self, obj):
        return f"{obj.title} {obj.venue or ''} {obj.description}"


class Named(Kind):
    name = indexes.CharField(model_attr="name")

    def prepare_text(self, obj):
        return obj.name

    def prepare_path(self, obj):
        return reverse(f"jobs:job_list_{self.url}", kwargs={"slug": obj.slug})


class Types(Named, indexes.Indexable):
    model, template, url = JobType, "jobs.job_type", "type"


class Categories(Named, indexes.Indexable):
    model, template, url = JobCategory, "jobs.job_category", "category"


class Jobs(Kind, indexes.Indexable):
    model, template = Job, "jobs.job"
    name = indexes.CharField(model_attr="job_title")
    city = indexes.CharField(model_attr="city")
    country = indexes.CharField(model_attr="country")
    description = indexes.CharField()

    def index_queryset(self, using=None):
        return Job.objects.visible()

    def prepare_text(self, obj):
        return f"{obj.job_title} {obj.company_name} {obj.city} {obj.country} {obj.description}"

    def prepare_description(self, obj):
        return beginning(obj.description.rendered)

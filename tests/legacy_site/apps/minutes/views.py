"""Minutes: all that one may see, those of one day, and the feed. Staff may see drafts."""

from datetime import datetime

from django.contrib.syndication.views import Feed
from django.http import Http404
from django.urls import reverse_lazy
from django.views.generic import DetailView, ListView

from apps.minutes.models import Minutes


def seen_by(user):
    return Minutes.objects.all() if user.is_staff else Minutes.objects.published()


class AllMinutes(ListView):
    template_name = "minutes/minutes_list.html"
    context_object_name = "minutes_list"

    def get_queryset(self):
        return seen_by(self.request.user).order_by("-date")


class OfDay(DetailView):
    """Two meetings on one day are an error; the list beside them has the drafts of the year in it."""

    model = Minutes
    template_name = "minutes/minutes_detail.html"
    context_object_name = "minutes"

    def get_object(self, queryset=None):
        day = {f"date__{part}": int(self.kwargs[part]) for part in ("year", "month", "day")}
        try:
            return seen_by(self.request.user).get(**day)
        except Minutes.DoesNotExist:
            raise Http404 from None

    def get_context_data(self, **values):
        year = Minutes.objects.filter(date__year=self.object.date.year).order_by("date")
        return super().get_context_data(same_year_minutes=year, **values)


class MinutesFeed(Feed):
    title = "PSF Board Meeting Minutes Feed"
    description = "PSF Board Meeting Minutes"
    link = reverse_lazy("minutes_list")

    def items(self):
        return Minutes.objects.published().order_by("-date")[:20]

    def item_title(self, item):
        return f"PSF Meeting Minutes for {item.date}"

    def item_description(self, item):
        return item.content

    def item_pubdate(self, item):
        return datetime.combine(item.date, datetime.min.time())

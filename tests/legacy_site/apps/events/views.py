"""The pages of events that are read. Their lists join rules without removing doubles, and see the clock when asked."""

from datetime import UTC, date, datetime, timedelta

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import DetailView, ListView

from apps.events.models import Calendar, Event, EventCategory, EventLocation

SOON = (7, 30, 90, 365)


def missed(events):
    """By their previous time, the latest first; what has none counts as now."""

    def began(event):
        rule = event.previous_time
        return rule.dt_start if rule else timezone.now()

    return sorted(events, key=began, reverse=True)[:2]


class Home(ListView):
    queryset = Event.objects.order_by("occurring_rule__dt_start")
    template_name = "events/event_list.html"

    def get_context_data(self, **values):
        now = timezone.now()

        def begins(event):
            rule = event.next_time
            return rule.dt_start if rule else timezone.now()

        happening = self.queryset.filter(occurring_rule__dt_start__lte=now, occurring_rule__dt_end__gte=now)
        return super().get_context_data(**values) | {
            "events_just_missed": missed(Event.objects.until_datetime(now)),
            "upcoming_events": sorted(Event.objects.for_datetime(now), key=begins),
            "events_now": happening[:2],
        }


class OfCalendar(ListView):
    """A calendar's events that are to come; `chosen` is what the list is about."""

    paginate_by = 6
    template_name = "events/event_list.html"

    def chosen(self):
        return None

    def events(self):
        return Event.objects.for_datetime(timezone.now()).order_by("occurring_rule__dt_start")

    def get_queryset(self):
        self.object = self.chosen()
        return self.events().filter(calendar__slug=self.kwargs["calendar_slug"])

    def get_context_data(self, **values):
        calendar = get_object_or_404(Calendar, slug=self.kwargs["calendar_slug"])
        found = super().get_context_data(**values)
        over = Event.objects.until_datetime(timezone.now()).filter(calendar=calendar)
        featured = self.get_queryset().filter(featured=True).first()
        return found | {
            **({"featured": featured} if featured else {}),
            "event_categories": EventCategory.objects.all()[:10],
            "event_locations": EventLocation.objects.all()[:10],
            "upcoming_events": found["object_list"],
            "events_today": missed(over),
            "calendar": calendar,
            "object": self.object,
        }


class Past(OfCalendar):
    template_name = "events/event_list_past.html"

    def events(self):
        return Event.objects.until_datetime(timezone.now())


class ByDate(OfCalendar):
    def chosen(self):
        return date(*(int(self.kwargs[part]) for part in ("year", "month", "day")))

    def events(self):
        return Event.objects.for_datetime(datetime(*self.object.timetuple()[:3], tzinfo=UTC))


class ByCategory(OfCalendar):
    def chosen(self):
        return get_object_or_404(EventCategory, calendar__slug=self.kwargs["calendar_slug"], slug=self.kwargs["slug"])

    def get_queryset(self):
        return super().get_queryset().filter(categories__slug=self.kwargs["slug"])


class ByLocation(OfCalendar):
    def chosen(self):
        return get_object_or_404(EventLocation, calendar__slug=self.kwargs["calendar_slug"], pk=self.kwargs["pk"])

    def get_queryset(self):
        return super().get_queryset().filter(venue=self.kwargs["pk"])


class Names(ListView):
    paginate_by = 30

    def get_queryset(self):
        return self.model.objects.filter(calendar__slug=self.kwargs["calendar_slug"])


class Categories(Names):
    model = EventCategory

    def get_context_data(self, **values):
        return super().get_context_data(event_categories=self.get_queryset()[:10], **values)


class Locations(Names):
    model = EventLocation


class Calendars(ListView):
    model = Calendar


class Detail(DetailView):
    """One event, under any calendar's name."""

    model = Event

    def get_context_data(self, **values):
        rule = self.object.next_time
        soon = {f"next_{days}": rule.dt_start + timedelta(days=days) for days in SOON} if rule else {}
        return super().get_context_data(**values) | soon

"""Calendars and events. An event happens once, or by recurring rules; their columns `frequency` hold dateutil's numbers."""

from datetime import timedelta

from dateutil.rrule import WEEKLY, rrule
from django.db import models
from django.urls import reverse
from django.utils import timezone
from markupfield.fields import MarkupField

from apps.cms.models import ContentManageable, NameSlugModel
from apps.events import duration


class Calendar(ContentManageable):
    url = models.URLField("URL iCal", null=True, blank=True)
    rss = models.URLField("RSS Feed", null=True, blank=True)
    embed = models.URLField("URL embed", null=True, blank=True)
    twitter = models.URLField("Twitter feed", null=True, blank=True)
    name = models.CharField(max_length=100)
    slug = models.SlugField(unique=True)
    description = models.CharField(max_length=255, null=True, blank=True)

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("events:event_list", kwargs={"calendar_slug": self.slug})


class EventCategory(NameSlugModel):
    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="categories", null=True, blank=True)

    class Meta:
        verbose_name_plural = "event categories"
        ordering = ["name"]

    def get_absolute_url(self):
        return reverse("events:eventlist_category", kwargs={"calendar_slug": self.calendar.slug, "slug": self.slug})


class EventLocation(models.Model):
    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="locations", null=True, blank=True)
    name = models.CharField(max_length=255)
    address = models.CharField(max_length=255, null=True, blank=True)
    url = models.URLField("URL", null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("events:eventlist_location", kwargs={"calendar_slug": self.calendar.slug, "pk": self.pk})


class EventQuerySet(models.QuerySet):
    """Joins rules without removing doubles: an event with two recurring rules can be there twice."""

    def for_datetime(self, moment):
        return self.filter(models.Q(occurring_rule__dt_start__gt=moment) | models.Q(recurring_rules__finish__gt=moment))

    def until_datetime(self, moment):
        return self.filter(models.Q(occurring_rule__dt_end__lt=moment) | models.Q(recurring_rules__begin__lt=moment))


class Event(ContentManageable):
    uid = models.CharField(max_length=200, null=True, blank=True)
    title = models.CharField(max_length=200)
    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="events")
    description = MarkupField(default_markup_type="restructuredtext")
    venue = models.ForeignKey(EventLocation, models.CASCADE, related_name="events", null=True, blank=True)
    categories = models.ManyToManyField(EventCategory, related_name="events", blank=True)
    featured = models.BooleanField(default=False, db_index=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-occurring_rule__dt_start"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("events:event_detail", kwargs={"calendar_slug": self.calendar.slug, "pk": self.pk})

    @property
    def next_time(self):
        """The rule by which the event begins next; None once it is over."""
        now = timezone.now()
        once = getattr(self, "occurring_rule", None)
        rules = [once] if once and once.dt_start > now else []
        rules = [*self.recurring_rules.filter(finish__gt=now), *rules]
        return min(rules, key=lambda rule: rule.dt_start, default=None)

    @property
    def previous_time(self):
        """The rule that ended last; one that recurs ends when it next does."""
        now = timezone.now()
        once = getattr(self, "occurring_rule", None)
        rules = [once] if once and once.dt_end < now else []
        rules = [*self.recurring_rules.filter(begin__lt=now), *rules]
        return max(rules, key=lambda rule: rule.dt_end, default=None)

    @property
    def next_or_previous_time(self):
        return self.next_time or self.previous_time or getattr(self, "occurring_rule", None)

    @property
    def is_past(self):
        return self.next_time is None

    @property
    def previous_event(self):
        rule = self.next_time
        return Event.objects.until_datetime(rule.dt_end).filter(calendar=self.calendar).first() if rule else None

    @property
    def next_event(self):
        rule = self.next_time
        return Event.objects.for_datetime(rule.dt_start).filter(calendar=self.calendar).first() if rule else None

    def is_scheduled_to_start_this_year(self):
        rule = self.next_time
        return bool(rule) and rule.dt_start.year == timezone.now().year


def ends_later(rule):
    """Whether it ends in a later minute than it begins in."""
    return rule.dt_end.replace(second=0, microsecond=0) > rule.dt_start.replace(second=0, microsecond=0)


class OccurringRule(models.Model):
    event = models.OneToOneField(Event, models.CASCADE, related_name="occurring_rule")
    dt_start = models.DateTimeField(default=timezone.now)
    dt_end = models.DateTimeField(default=timezone.now)
    all_day = models.BooleanField(default=False)

    def __str__(self):
        return f"{self.dt_start} – {self.dt_end}"

    @property
    def begin(self):
        return self.dt_start

    @property
    def single_day(self):
        return self.dt_start.date() == self.dt_end.date()

    def valid_dt_end(self):
        return ends_later(self)


def duration_default():
    return timedelta(minutes=15)


class RecurringRule(models.Model):
    event = models.ForeignKey(Event, models.CASCADE, related_name="recurring_rules")
    begin = models.DateTimeField(default=timezone.now)
    finish = models.DateTimeField(default=timezone.now)
    duration_internal = models.DurationField(default=duration_default)
    duration = models.CharField(max_length=50, default="15 min")
    interval = models.PositiveSmallIntegerField(default=1)
    frequency = models.PositiveSmallIntegerField(default=WEEKLY)
    all_day = models.BooleanField(default=False)

    def __str__(self):
        return f"every {self.interval} × {self.frequency} from {self.begin} to {self.finish}"

    @property
    def dt_start(self):
        """When it happens next; the moment itself once it happens no more."""
        now = timezone.now()
        times = rrule(freq=self.frequency, interval=self.interval, dtstart=self.begin, until=self.finish)
        return times.after(now) or now

    @property
    def dt_end(self):
        return self.dt_start + self.duration_internal

    @property
    def single_day(self):
        return self.dt_start.date() == self.dt_end.date()

    def valid_dt_end(self):
        return ends_later(self)

    def save(self, *args, **kwargs):
        self.duration_internal = duration.parse(self.duration)
        super().save(*args, **kwargs)


class Alarm(ContentManageable):
    event = models.ForeignKey(Event, models.CASCADE)
    trigger = models.PositiveSmallIntegerField("hours before the event occurs", default=24)

    def __str__(self):
        return f"{self.event}, {self.trigger} hours before"

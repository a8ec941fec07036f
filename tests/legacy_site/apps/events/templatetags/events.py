"""Events that are still to come, by the day on which they begin; those that only recur come last."""

from django import template
from django.utils import timezone

from apps.events.models import Event

register = template.Library()


@register.simple_tag
def get_events_upcoming(limit=5, only_featured=False):
    coming = Event.objects.for_datetime(timezone.now()).order_by("occurring_rule__dt_start")
    return (coming.filter(featured=True) if only_featured else coming)[:limit]

"""Calendars, their events, and the rules that say when an event happens."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dateutil.rrule import rrule
from sqlalchemy import Interval, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, Markup, markup, not_negative, now, reference
from new_app.content import ContentManageable, NameSlug
from new_app.db import LegacyBase
from new_app.domains.users.models import User  # noqa: F401 - the relations of ContentManageable name it
from new_app.tables import many_to_many

event_categories = many_to_many(
    "events_event_categories", "event_id", "eventcategory_id", "events_event", "events_eventcategory"
)


class Calendar(ContentManageable, LegacyBase):
    """A calendar. One with a `url` is filled from that iCalendar file."""

    __tablename__ = "events_calendar"

    id: Mapped[Key]
    url: Mapped[str | None] = mapped_column(String(200))
    rss: Mapped[str | None] = mapped_column(String(200))
    embed: Mapped[str | None] = mapped_column(String(200))
    twitter: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(100))
    slug: Mapped[str] = mapped_column(String(50), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))

    events: Mapped[list["Event"]] = relationship(back_populates="calendar")
    categories: Mapped[list["EventCategory"]] = relationship(back_populates="calendar")
    locations: Mapped[list["EventLocation"]] = relationship(back_populates="calendar")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/events/{self.slug}/"


class EventCategory(NameSlug, LegacyBase):
    """A category of events. Ordered by name."""

    __tablename__ = "events_eventcategory"

    id: Mapped[Key]
    calendar_id: Mapped[int | None] = reference("events_calendar.id")

    calendar: Mapped[Calendar | None] = relationship(back_populates="categories")
    events: Mapped[list["Event"]] = relationship(secondary=event_categories, back_populates="categories")

    def get_absolute_url(self) -> str:
        """Raises AttributeError for a category of no calendar, as legacy does."""
        return f"/events/{self.calendar.slug}/categories/{self.slug}/"  # type: ignore[union-attr]


class EventLocation(LegacyBase):
    """Where events happen. Ordered by name."""

    __tablename__ = "events_eventlocation"

    id: Mapped[Key]
    calendar_id: Mapped[int | None] = reference("events_calendar.id")
    name: Mapped[str] = mapped_column(String(255))
    address: Mapped[str | None] = mapped_column(String(255))
    url: Mapped[str | None] = mapped_column(String(200))

    calendar: Mapped[Calendar | None] = relationship(back_populates="locations")
    events: Mapped[list["Event"]] = relationship(back_populates="venue")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Raises AttributeError for a place of no calendar, as legacy does."""
        return f"/events/{self.calendar.slug}/locations/{self.id}/"  # type: ignore[union-attr]


class Event(ContentManageable, LegacyBase):
    """An event. When it happens is in its rules: at most one that occurs, any number that recur."""

    __tablename__ = "events_event"

    id: Mapped[Key]
    uid: Mapped[str | None] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200))
    calendar_id: Mapped[int] = reference("events_calendar.id")
    description: Mapped[Markup] = markup("description", "restructuredtext")
    venue_id: Mapped[int | None] = reference("events_eventlocation.id")
    featured: Mapped[bool] = mapped_column(default=False, index=True)

    calendar: Mapped[Calendar] = relationship(back_populates="events")
    venue: Mapped[EventLocation | None] = relationship(back_populates="events")
    categories: Mapped[list[EventCategory]] = relationship(
        secondary=event_categories, back_populates="events", order_by=EventCategory.name
    )
    occurring_rule: Mapped["OccurringRule | None"] = relationship(back_populates="event")
    recurring_rules: Mapped[list["RecurringRule"]] = relationship(back_populates="event")
    alarm_set: Mapped[list["Alarm"]] = relationship(back_populates="event")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/events/{self.calendar.slug}/{self.id}/"

    @property
    def next_time(self) -> "OccurringRule | RecurringRule | None":
        """The rule that begins next. Needs the rules loaded."""
        moment = now()
        rules: list[OccurringRule | RecurringRule] = [rule for rule in self.recurring_rules if rule.finish > moment]
        if self.occurring_rule is not None and self.occurring_rule.dt_start > moment:
            rules.append(self.occurring_rule)
        return min(rules, key=lambda rule: rule.dt_start, default=None)

    @property
    def previous_time(self) -> "OccurringRule | RecurringRule | None":
        """The rule that ended last, where one that recurs ends when its next occurrence does: legacy has it so."""
        moment = now()
        rules: list[OccurringRule | RecurringRule] = [rule for rule in self.recurring_rules if rule.begin < moment]
        if self.occurring_rule is not None and self.occurring_rule.dt_end < moment:
            rules.append(self.occurring_rule)
        return max(rules, key=lambda rule: rule.dt_end, default=None)

    @property
    def next_or_previous_time(self) -> "OccurringRule | RecurringRule | None":
        return self.next_time or self.previous_time or self.occurring_rule

    @property
    def is_past(self) -> bool:
        return self.next_time is None

    def is_scheduled_to_start_this_year(self) -> bool:
        rule = self.next_time
        return rule is not None and rule.dt_start.year == now().year

    def is_scheduled_to_end_this_year(self) -> bool:
        rule = self.next_time
        return rule is not None and rule.dt_end.year == now().year

    def stand_between(self, previous: "Event | None", following: "Event | None") -> None:
        """Say which events of the calendar come before and after; whoever loads the event asks."""
        self.__dict__["_previous"], self.__dict__["_following"] = previous, following

    @property
    def previous_event(self) -> "Event | None":
        return self.__dict__.get("_previous")

    @property
    def next_event(self) -> "Event | None":
        return self.__dict__.get("_following")


class Times:
    """What both kinds of rule know of their times."""

    if TYPE_CHECKING:

        @property
        def dt_start(self) -> Any: ...
        @property
        def dt_end(self) -> Any: ...

    @property
    def single_day(self) -> bool:
        return bool(self.dt_start.date() == self.dt_end.date())

    def valid_dt_end(self) -> bool:
        """It ends in a later minute than it begins in."""
        return _minute(self.dt_end) > _minute(self.dt_start)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


class OccurringRule(Times, LegacyBase):
    """An event that happens once."""

    __tablename__ = "events_occurringrule"

    id: Mapped[Key]
    event_id: Mapped[int] = reference("events_event.id", unique=True)
    dt_start: Mapped[datetime] = mapped_column(default=now)
    dt_end: Mapped[datetime] = mapped_column(default=now)
    all_day: Mapped[bool] = mapped_column(default=False)

    event: Mapped[Event] = relationship(back_populates="occurring_rule")

    @property
    def begin(self) -> datetime:
        return self.dt_start

    @property
    def finish(self) -> datetime:
        return self.dt_end


class RecurringRule(Times, LegacyBase):
    """An event that happens again and again. `duration_internal` is `duration`, parsed: write both or neither.

    `frequency` is the number that dateutil and iCalendar libraries use: 0 yearly, 1 monthly, 2 weekly, 3 daily.
    """

    __tablename__ = "events_recurringrule"

    id: Mapped[Key]
    event_id: Mapped[int] = reference("events_event.id")
    begin: Mapped[datetime] = mapped_column(default=now)
    finish: Mapped[datetime] = mapped_column(default=now)
    duration_internal: Mapped[timedelta] = mapped_column(Interval, default=timedelta(minutes=15))
    duration: Mapped[str] = mapped_column(String(50), default="15 min")
    interval: Mapped[int] = mapped_column(SmallInteger, not_negative("interval"), default=1)
    frequency: Mapped[int] = mapped_column(SmallInteger, not_negative("frequency"), default=2)
    all_day: Mapped[bool] = mapped_column(default=False)

    event: Mapped[Event] = relationship(back_populates="recurring_rules")

    @property
    def dt_start(self) -> datetime:
        """When it begins next; now, where it does not begin any more.

        Counting through a rule takes long, and what it comes to holds until then: it is kept with the rule.
        """
        moment = now()
        rule = (self.begin, self.finish, self.interval, self.frequency)
        counted: tuple[object, datetime, datetime | None] | None = self.__dict__.get("_counted")
        if (
            counted is None
            or counted[0] != rule
            or not counted[1] <= moment < (counted[2] or datetime.max.replace(tzinfo=UTC))
        ):
            counted = self.__dict__["_counted"] = (rule, moment, self._after(moment))
        return counted[2] or moment

    def _after(self, moment: datetime) -> datetime | None:
        times = rrule(
            freq=self.frequency,  # type: ignore[arg-type]
            interval=self.interval,
            dtstart=self.begin,
            until=self.finish,
        )
        found: datetime | None = times.after(moment)
        return found

    @property
    def dt_end(self) -> datetime:
        return self.dt_start + self.duration_internal


class Alarm(ContentManageable, LegacyBase):
    """A reminder, `trigger` hours before an event."""

    __tablename__ = "events_alarm"

    id: Mapped[Key]
    event_id: Mapped[int] = reference("events_event.id")
    trigger: Mapped[int] = mapped_column(SmallInteger, not_negative("trigger"), default=24)

    event: Mapped[Event] = relationship(back_populates="alarm_set")

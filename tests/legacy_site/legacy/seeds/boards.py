"""A few rows for every other board of the site: blogs, posts, events, jobs, minutes, elections, stories, work groups."""

from datetime import date, timedelta

from dateutil.rrule import YEARLY

from apps.blogs.models import BlogEntry, Feed, FeedAggregate, RelatedBlog
from apps.community.models import Link, Photo, Post, Video
from apps.events.models import Alarm, Calendar, Event, EventCategory, EventLocation, OccurringRule, RecurringRule
from apps.jobs.models import Job, JobCategory, JobReviewComment, JobType
from apps.minutes.models import Minutes
from apps.nominations.models import Election, ElectionKind, Nomination, Nominee
from apps.successstories.models import Story, StoryCategory
from apps.work_groups.models import WorkGroup

from . import moment


def stamps(days: float) -> dict[str, object]:
    return {"created": moment(days), "updated": moment(days)}


def add() -> None:
    for part in (add_blogs, add_posts, add_events, add_jobs, add_minutes, add_elections, add_stories, add_work_groups):
        part()


def add_blogs() -> None:
    feeds = Feed.objects.bulk_create(
        Feed(
            pk=number,
            name=name,
            website_url=f"https://{name.lower()}.example/",
            feed_url=f"https://{name.lower()}.example/feed",
        )
        for number, name in enumerate(("Insider", "Foundation"), start=1)
    )
    BlogEntry.objects.bulk_create(
        BlogEntry(
            title=f"Entry {number} & more",
            summary=f"<p>The <b>summary</b> of {number}: {'many words, ' * number}and &lt;tags&gt;.</p>",
            pub_date=moment(-number),
            url=f"https://insider.example/{number}",
            feed=feeds[number // 2 % 2],
        )
        for number in range(12)
    )
    FeedAggregate.objects.create(pk=1, name="PSF news", slug="psf-news", description="News").feeds.set(feeds)
    RelatedBlog.objects.bulk_create(
        [
            RelatedBlog(
                name="Friends",
                feed_url="https://friends.example/feed",
                blog_url="https://friends.example/",
                blog_name="Friends of Python",
                last_entry_published=moment(-3),
                last_entry_title="Hello",
                **stamps(-3),
            )
        ]
    )


def add_posts() -> None:
    """Three pages of public posts of every kind, one of them of no known kind, and private ones."""
    posts = Post.objects.bulk_create(
        Post(
            pk=number,
            title=f"Post {number} <of us>" if number % 2 else None,
            content=f"<p>Post <em>{number}</em></p>",
            abstract="In short:\na & b" if number % 3 else None,
            media_type=1 + number % 4 if number != 8 else 9,
            source_url=f"https://example.org/posts/{number}?a=1&b=a-long-tail" if number % 7 == 1 else "",
            meta={"place": "Porto <Alegre>", "people": number} if number % 6 == 1 else {},
            status=2 if number % 5 else 1,
            **stamps(-number),
        )
        for number in range(1, 71)
    )
    Link.objects.bulk_create(
        [Link(pk=pk, post=posts[2], url=f"https://example.org/?a&b={pk}", **stamps(pk - 9)) for pk in (1, 2)]
    )
    Photo.objects.bulk_create(
        [
            Photo(post=posts[0], image_url="https://example.org/p.png", caption="A <snake>", **stamps(-1)),
            Photo(post=posts[12], image="community/photos/a b.png", caption="Two", **stamps(-1)),
            Photo(post=None, image_url="https://example.org/lost.png", **stamps(-1)),
        ]
    )
    Video.objects.bulk_create([Video(post=posts[1], video_embed="<video></video>", **stamps(-2))])


def add_events() -> None:
    calendar = Calendar(pk=1, name="Python events", slug="python-events-calendar", **stamps(-900))
    Calendar.objects.bulk_create([calendar, Calendar(pk=2, name="User groups", slug="user-groups", **stamps(-900))])
    category = EventCategory.objects.create(name="Conference", calendar=calendar)
    venue = EventLocation.objects.create(name="Town hall", address="1 Main Street", calendar=calendar)
    events = Event.objects.bulk_create(
        Event(
            pk=number,
            title=EVENTS.get(number, f"Event {number}"),
            calendar=calendar,
            venue=venue if number % 3 else None,
            featured=number == 2,
            description=f"*Event* number {number}.",
            **stamps(-number),
        )
        for number in range(1, 13)
    )
    OccurringRule.objects.bulk_create(
        OccurringRule(event=event, dt_start=day, dt_end=day + timedelta(hours=6), all_day=number == 3)
        for number, event in enumerate(events[:6])
        for day in [moment(-100 if number < 3 else 6000) + timedelta(days=number)]
    )
    for event in events[6:8]:
        RecurringRule.objects.create(event=event, begin=moment(-60), finish=moment(6000), duration="2 hours, 30 min")
    _add_long_events(events[8:])
    events[0].categories.add(category)
    Alarm.objects.bulk_create([Alarm(event=events[4], trigger=48, **stamps(-5))])


EVENTS = {9: "The <b>yearly</b> day of π & friends", 10: "A week of sprints", 11: "Over for ever", 12: "Twice a year"}


def _add_long_events(events: list[Event]) -> None:
    """One that happened and recurs every year, one over several days, one that is over, one that two rules join twice."""
    yearly, week, over, twice = events
    OccurringRule.objects.create(event=yearly, dt_start=moment(-4000), dt_end=moment(-3999))
    RecurringRule.objects.create(
        event=yearly, begin=moment(-4000), finish=moment(12000), duration="8 hours", frequency=YEARLY
    )
    OccurringRule.objects.create(event=week, dt_start=moment(5000), dt_end=moment(5006), all_day=True)
    OccurringRule.objects.create(event=over, dt_start=moment(-500), dt_end=moment(-499))
    OccurringRule.objects.create(event=twice, dt_start=moment(5500), dt_end=moment(5500.25))
    for day in (-700, -520):
        RecurringRule.objects.create(
            event=twice, begin=moment(day), finish=moment(12000), duration="1 day, 00:00", frequency=YEARLY
        )


def add_jobs() -> None:
    types = [JobType.objects.create(name=name) for name in ("Back end", "Machine learning")]
    categories = [JobCategory.objects.create(name=name) for name in ("Developer", "Teacher")]
    jobs = [
        Job(
            pk=number,
            category=categories[number % 2],
            company_name=f"Company {number}" if number % 5 else None,
            company_description="We use *Python*.",
            job_title=f"Pythonista {number}",
            city="Porto Alegre",
            region="RS" if number % 2 else "",
            country="Brazil",
            location_slug="porto-alegre-rs-brazil" if number % 2 else "porto-alegre-brazil",
            country_slug="brazil",
            description="Write **code**.",
            requirements="- Python\n- SQL",
            email=f"jobs{number}@example.com",
            url=f"https://example.com/jobs/{number}",
            status=list(Job.Status)[number % 7] if number > 7 else Job.Status.APPROVED,
            expires=moment(6000) if number != 3 else moment(-10),
            telecommuting=number % 3 == 0,
            submitted_by_id=4,
            creator_id=4,
            **stamps(-number),
        )
        for number in range(1, 15)
    ]
    for job in Job.objects.bulk_create(jobs):
        job.job_types.add(types[job.pk % 2])
    JobReviewComment.objects.bulk_create(
        [JobReviewComment(job=jobs[7], comment="Where *is* it?", creator_id=20, **stamps(-1))]
    )


DRAFTED = 2022
"""A year of drafts only: beside the minutes of a meeting, legacy tells everybody the days of its year's drafts."""


def add_minutes() -> None:
    Minutes.objects.bulk_create(
        Minutes(
            date=date(2024 + month // 12 if month % 5 else DRAFTED, month % 12 + 1, 14),
            content=f"Meeting {month}\n==========\n\nAll *agreed*.",
            is_published=month % 5 != 0,
            creator_id=2,
            **stamps(30 * month - 700),
        )
        for month in range(24)
    )


def add_elections() -> None:
    kind = ElectionKind.objects.create(name="PSF Board")
    over = Election.objects.create(
        name="2024 Board Election",
        date=date(2024, 7, 1),
        kind=kind,
        description="**Over**",
        nominations_open_at=moment(-700),
        nominations_close_at=moment(-650),
    )
    Election.objects.create(name="2019 Election", date=date(2019, 7, 1), description="Long *over*")
    now = Election.objects.create(
        name="2040 Board Election",
        date=date(2040, 7, 1),
        kind=kind,
        nominations_open_at=moment(-1),
        nominations_close_at=moment(5000),
    )
    for user in (4, 5):
        nominee = Nominee.objects.create(election=over, user_id=user, accepted=True, approved=user == 4)
        Nomination.objects.create(
            election=over,
            nominator_id=2,
            nominee=nominee,
            name=nominee.name,
            email="n@example.com",
            previous_board_service="New board member",
            employer="Nobody",
            nomination_statement="I *will* serve.",
            accepted=True,
            approved=user == 4,
        )
    itself = Nominee.objects.create(election=now, user_id=4)
    for nominator, nominee in ((4, itself), (2, itself), (4, None)):
        Nomination.objects.create(
            election=now, nominator_id=nominator, nominee=nominee, name="A & B", email="a@example.com", employer="<i>"
        )


def add_stories() -> None:
    """Drafts, one of them featured; a category with more than a list shows, one with drafts alone, one with nothing."""
    names = ("Science", "Business", "Arts", "Drafts alone", "Empty")
    categories = [StoryCategory.objects.create(name=name) for name in names]
    Story.objects.bulk_create(
        Story(
            pk=number,
            name=f"How company {number} grew",
            slug=f"how-company-{number}-grew",
            company_name=f"Company {number} & <co>",
            company_url=f"https://example.com/?a&n={number}",
            company_id={1: 1, 2: 2, 3: 3, 4: 5, 5: 9}.get(number),
            category=categories[3 if number == 18 else number % 3 * (number < 13)],
            author="Ann <b>Author</b>",
            author_email="ann@example.com" if number % 5 else None,
            pull_quote="It “just” works & scales.\n<Always>.",
            content="We *grew*.\n\nMuch.",
            is_published=number % 6 != 0,
            featured=number in {2, 12},
            image=f"successstories/{number}.png" if number % 4 != 3 and number < 13 else "",
            submitted_by_id=4 if number % 2 else None,
            **stamps(-number),
        )
        for number in range(1, 21)
    )


def add_work_groups() -> None:
    texts = {
        column: f"The *{column}* of it."
        for column in ("purpose", "active_time", "core_values", "rules", "communication")
    }
    group = WorkGroup(
        pk=1, name="Packaging", slug="packaging", short_description="Boxes", approved=True, **texts, **stamps(-50)
    )
    WorkGroup.objects.bulk_create([group])
    group.organizers.add(2)
    group.members.add(2, 4)

"""URLs of the areas that the reference site has no pages for yet: under their real names, so that links to them resolve.

Those that are read and have moved have views of their own. Any other answers 200 with the page that says "soon", whatever
its arguments.
"""

from django.urls import include, path, re_path
from django.views.generic import TemplateView

from apps.blogs.views import Blog
from apps.community import views as community
from apps.events import views as events
from apps.jobs import views as jobs
from apps.minutes import views as minutes
from apps.nominations import views as nominations
from apps.sponsors import views as sponsors
from apps.successstories import views as stories
from apps.users import views as users

later = TemplateView.as_view(template_name="waitforit.html")


COMMUNITY = [
    path("", community.Posts.as_view(), name="post_list"),
    path("<int:pk>/", community.Detail.as_view(), name="post_detail"),
]
CALENDAR = "<slug:calendar_slug>/"
EVENTS = [
    path("calendars/", events.Calendars.as_view(), name="calendar_list"),
    path("submit/", later, name="event_submit"),
    path("submit/thanks/", TemplateView.as_view(template_name="events/event_form_thanks.html"), name="event_thanks"),
    path(f"{CALENDAR}categories/<slug:slug>/", events.ByCategory.as_view(), name="eventlist_category"),
    path(f"{CALENDAR}categories/", events.Categories.as_view(), name="eventcategory_list"),
    path(f"{CALENDAR}locations/<int:pk>/", events.ByLocation.as_view(), name="eventlist_location"),
    path(f"{CALENDAR}locations/", events.Locations.as_view(), name="eventlocation_list"),
    re_path(
        r"(?P<calendar_slug>[-a-zA-Z0-9_]+)/date/(?P<year>\d{4})/(?P<month>\d{2})/(?P<day>\d{2})/$",
        events.ByDate.as_view(),
        name="eventlist_date",
    ),
    path(f"{CALENDAR}<int:pk>/", events.Detail.as_view(), name="event_detail"),
    path(f"{CALENDAR}past/", events.Past.as_view(), name="event_list_past"),
    path(CALENDAR, events.OfCalendar.as_view(), name="event_list"),
    path("", events.Home.as_view(), name="events"),
]
JOBS = [
    path("", jobs.Jobs.as_view(), name="job_list"),
    path("feed/rss/", jobs.JobFeed(), name="job_rss"),
    path("create/", later, name="job_create"),
    path("create-review-comment/", later, name="job_review_comment_create"),
    path("mine/", jobs.Mine.as_view(), name="job_list_mine"),
    path("review/", jobs.Review.as_view(), name="job_review"),
    path("moderate/", jobs.Moderate.as_view(), name="job_moderate"),
    path("thanks/", TemplateView.as_view(template_name="jobs/job_thanks.html"), name="job_thanks"),
    path("location/telecommute/", jobs.Telecommute.as_view(), name="job_telecommute"),
    path("location/<slug:slug>/", jobs.OfLocation.as_view(), name="job_list_location"),
    path("type/<slug:slug>/", jobs.OfType.as_view(), name="job_list_type"),
    path("category/<slug:slug>/", jobs.OfCategory.as_view(), name="job_list_category"),
    path("locations/", jobs.Locations.as_view(), name="job_locations"),
    path("types/", jobs.Types.as_view(), name="job_types"),
    path("categories/", jobs.Categories.as_view(), name="job_categories"),
    path("<int:pk>/edit/", later, name="job_edit"),
    path("<int:pk>/preview/", later, name="job_preview"),
    path("<int:pk>/remove/", later, name="job_remove"),
    path("<int:pk>/", jobs.Detail.as_view(), name="job_detail"),
]
MINUTES = [
    path("", minutes.AllMinutes.as_view(), name="minutes_list"),
    path("feed/", minutes.MinutesFeed(), name="minutes_feed"),
    re_path(
        r"^(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})/$", minutes.OfDay.as_view(), name="minutes_detail"
    ),
]
NOMINATIONS = [
    path("elections/", nominations.Elections.as_view(), name="elections_list"),
    path("election/<slug:election>/", nominations.Detail.as_view(), name="election_detail"),
    path("elections/<slug:election>/nominees/", nominations.Nominees.as_view(), name="nominees_list"),
    path("elections/<slug:election>/nominees/<slug:slug>/", nominations.OneNominee.as_view(), name="nominee_detail"),
    path("statement-preview/", nominations.Preview.as_view(), name="nomination_preview"),
    path("<slug:election>/create/", later, name="nomination_create"),
    path("<slug:election>/<int:pk>/", nominations.OneNomination.as_view(), name="nomination_detail"),
    path("<slug:election>/<int:pk>/edit/", later, name="nomination_edit"),
    path("<slug:election>/<int:pk>/accept/", later, name="nomination_accept"),
]
urlpatterns = [
    path("blogs/", Blog.as_view(), name="blog"),
    path("community/", include((COMMUNITY, "community"))),
    path("events/", include((EVENTS, "events"))),
    path("jobs/", include((JOBS, "jobs"))),
    path("membership/", users.Landing.as_view(), name="membership"),
    path("nominations/", include((NOMINATIONS, "nominations"))),
    path("psf/records/board/minutes/", include(MINUTES)),
    path("search/", include("haystack.urls")),
    path("sponsors/application/new/", later, name="new_sponsorship_application"),
    path("sponsors/application/", sponsors.Apply.as_view(), name="select_sponsorship_application_benefits"),
    path("success-stories/", stories.Stories.as_view(), name="success_story_list"),
    path("success-stories/create/", later, name="success_story_create"),
    path("success-stories/<slug:slug>/", stories.Detail.as_view(), name="success_story_detail"),
    path("success-stories/category/<slug:slug>/", stories.OfCategory.as_view(), name="success_story_list_category"),
]

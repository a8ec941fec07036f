"""Jobs: vacancies that people submit and reviewers approve. What is read has moved, forms that write have not."""

from new_app.columns import now
from new_app.domain import Claim, Domain
from new_app.domains.jobs import feed, pages, searched
from new_app.domains.jobs.filters import render_email
from new_app.domains.jobs.models import Job
from new_app.domains.jobs.queries import is_open
from new_app.domains.jobs.samples import sample_urls
from new_app.domains.jobs.tasks import EXPIRE
from new_app.sitemap import Listed

domain = Domain(
    name="jobs",
    claims=(
        Claim("jobs/", "jobs:job_list"),
        Claim("jobs/feed/rss/", "jobs:job_rss"),
        Claim("jobs/mine/", "jobs:job_list_mine"),
        Claim("jobs/review/", "jobs:job_review"),
        Claim("jobs/moderate/", "jobs:job_moderate"),
        Claim("jobs/thanks/", "jobs:job_thanks"),
        Claim("jobs/location/telecommute/", "jobs:job_telecommute"),
        Claim("jobs/location/<slug:slug>/", "jobs:job_list_location"),
        Claim("jobs/type/<slug:slug>/", "jobs:job_list_type"),
        Claim("jobs/category/<slug:slug>/", "jobs:job_list_category"),
        Claim("jobs/locations/", "jobs:job_locations"),
        Claim("jobs/types/", "jobs:job_types"),
        Claim("jobs/categories/", "jobs:job_categories"),
        Claim("jobs/<int:pk>/", "jobs:job_detail"),
    ),
    handlers=(feed.feed, *pages.HANDLERS),
    watches=(
        "auth_group",
        "jobs_job",
        "jobs_job_job_types",
        "jobs_jobcategory",
        "jobs_jobreviewcomment",
        "jobs_jobtype",
        "users_user",
        "users_user_groups",
    ),
    filters={"render_email": render_email},
    samples=sample_urls,
    listed=(Listed("jobs", Job, lambda: [is_open(now())]),),
    tasks=(EXPIRE,),
    searched=searched.KINDS,
)

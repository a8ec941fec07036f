"""Success stories: who uses Python, and for what. Submitting one is legacy's."""

from new_app.domain import Claim, Domain
from new_app.domains.successstories import pages, queries
from new_app.domains.successstories.models import Story
from new_app.domains.successstories.samples import sample_urls
from new_app.sitemap import Listed

domain = Domain(
    name="successstories",
    claims=(
        Claim("success-stories/", "success_story_list"),
        Claim("success-stories/<slug:slug>/", "success_story_detail"),
        Claim("success-stories/category/<slug:slug>/", "success_story_list_category"),
    ),
    handlers=pages.HANDLERS,
    watches=("companies_company", "successstories_story", "successstories_storycategory", "users_user"),
    tags={
        "get_featured_story": queries.featured_story,
        "get_stories_by_category": queries.stories_of_category,
        "get_stories_latest": queries.latest_stories,
        "get_story_categories": queries.story_categories,
    },
    samples=sample_urls,
    listed=(Listed("stories", Story, lambda: [Story.is_published]),),
)

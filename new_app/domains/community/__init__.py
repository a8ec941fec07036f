"""Community: posts of four kinds, read only."""

from new_app.domain import Claim, Domain
from new_app.domains.community import pages
from new_app.domains.community.models import Post
from new_app.domains.community.samples import sample_urls
from new_app.sitemap import Listed

domain = Domain(
    name="community",
    claims=(
        Claim("community/", "community:post_list"),
        Claim("community/<int:pk>/", "community:post_detail"),
    ),
    handlers=pages.HANDLERS,
    watches=("community_link", "community_photo", "community_post", "community_video", "users_user"),
    tags={"render_template_for": pages.render_template_for},
    samples=sample_urls,
    listed=(Listed("community", Post, lambda: [Post.status == Post.STATUS_PUBLIC]),),
)

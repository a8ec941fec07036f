"""Pages: what editors write under a path of their choice, and whatever else has no URL of the site's own."""

from new_app.api.handlers import claims as api_claims
from new_app.domain import Claim, Domain
from new_app.domains.pages import api
from new_app.domains.pages.models import Page
from new_app.domains.pages.samples import sample_urls
from new_app.domains.pages.searched import PAGES
from new_app.request import REST
from new_app.sitemap import Listed

domain = Domain(
    name="pages",
    claims=(*api_claims(api.PAGE, "page"), Claim("^(?s:.*)", REST)),
    resources=(api.PAGE,),
    watches=("pages_page", "pages_image", "pages_documentfile", "django_redirect"),
    samples=sample_urls,
    listed=(Listed("pages", Page, lambda: [Page.is_published]),),
    searched=(PAGES,),
)

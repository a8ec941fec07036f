"""Pages: what editors write under a path of their choice. Only the JSON APIs have moved."""

from new_app.api.handlers import claims as api_claims
from new_app.domain import Domain
from new_app.domains.pages import api
from new_app.domains.pages.samples import sample_urls

domain = Domain(
    name="pages",
    claims=api_claims(api.PAGE, "page"),
    resources=(api.PAGE,),
    watches=("pages_page",),
    samples=sample_urls,
)

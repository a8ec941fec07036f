"""Code samples: the slides of the front page."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from new_app.columns import Key, Markup, markup
from new_app.content import ContentManageable, results
from new_app.db import LegacyBase
from new_app.domain import Claim, Domain
from new_app.domains.users.models import User  # noqa: F401 - the relations of ContentManageable name it
from new_app.page import Page, shown


class CodeSample(ContentManageable, LegacyBase):
    """A piece of code and the text beside it."""

    __tablename__ = "codesamples_codesample"

    id: Mapped[Key]
    code: Mapped[Markup] = markup("code", "html")
    copy: Mapped[Markup] = markup("copy", "html")
    is_published: Mapped[bool] = mapped_column(default=False, index=True)


_PUBLISHED = select(CodeSample).where(CodeSample.is_published).limit(5)
"""In no order, as legacy asks them: the order in which the table gives them."""


def code_samples(page: Page) -> dict[str, Any]:
    """The slides; the front page has them and nothing else of its own."""
    return {"code_samples": page.remember("code samples", lambda session: results(session, _PUBLISHED))}


domain = Domain(
    name="codesamples",
    watches=("codesamples_codesample",),
    claims=(Claim("", "home"),),
    handlers=(shown("/", "python/index.html", code_samples),),
)

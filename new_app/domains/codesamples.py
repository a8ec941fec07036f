"""Code samples: the slides of the front page."""

from sqlalchemy.orm import Mapped, mapped_column

from new_app.columns import Key, Markup, markup
from new_app.content import ContentManageable
from new_app.db import LegacyBase
from new_app.domains.users.models import User  # noqa: F401 - the relations of ContentManageable name it


class CodeSample(ContentManageable, LegacyBase):
    """A piece of code and the text beside it."""

    __tablename__ = "codesamples_codesample"

    id: Mapped[Key]
    code: Mapped[Markup] = markup("code", "html")
    copy: Mapped[Markup] = markup("copy", "html")
    is_published: Mapped[bool] = mapped_column(default=False, index=True)

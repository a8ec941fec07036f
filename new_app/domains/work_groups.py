"""Working groups of the foundation: what they are for, and who is in them."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, Markup, markup
from new_app.content import ContentManageable, NameSlug
from new_app.db import LegacyBase
from new_app.domains.users.models import User
from new_app.tables import many_to_many

organizers = many_to_many(
    "work_groups_workgroup_organizers", "workgroup_id", "user_id", "work_groups_workgroup", "users_user"
)
members = many_to_many(
    "work_groups_workgroup_members", "workgroup_id", "user_id", "work_groups_workgroup", "users_user"
)


class WorkGroup(NameSlug, ContentManageable, LegacyBase):
    """A working group."""

    __tablename__ = "work_groups_workgroup"

    id: Mapped[Key]
    active: Mapped[bool] = mapped_column(default=True, index=True)
    approved: Mapped[bool] = mapped_column(default=False, index=True)
    short_description: Mapped[str] = mapped_column(default="")
    purpose: Mapped[Markup] = markup("purpose", "restructuredtext")
    active_time: Mapped[Markup] = markup("active_time", "restructuredtext")
    core_values: Mapped[Markup] = markup("core_values", "restructuredtext")
    rules: Mapped[Markup] = markup("rules", "restructuredtext")
    communication: Mapped[Markup] = markup("communication", "restructuredtext")
    support: Mapped[Markup] = markup("support", "restructuredtext")
    url: Mapped[str] = mapped_column(String(200), default="")

    organizers: Mapped[list[User]] = relationship(secondary=organizers)
    members: Mapped[list[User]] = relationship(secondary=members)

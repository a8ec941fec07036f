"""Elections, who stands in them, and who named them. Slugs are made anew at every save."""

import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, Markup, nullable_markup, reference
from new_app.db import LegacyBase
from new_app.domains.users.models import User


class ElectionKind(LegacyBase):
    """What is elected; decides the colour and the form. Ordered by name."""

    __tablename__ = "nominations_electionkind"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    slug: Mapped[str | None] = mapped_column(String(120), unique=True)
    accent_color: Mapped[str] = mapped_column(String(25), default="#0073b7")
    nomination_form: Mapped[str] = mapped_column(String(32), default="board")

    elections: Mapped[list["Election"]] = relationship(back_populates="kind")


class Election(LegacyBase):
    """An election. Ordered latest first."""

    __tablename__ = "nominations_election"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100))
    date: Mapped[datetime.date]
    nominations_open_at: Mapped[datetime.datetime | None]
    nominations_close_at: Mapped[datetime.datetime | None]
    description: Mapped[Markup | None] = nullable_markup("description", "markdown")
    slug: Mapped[str | None] = mapped_column(String(255), index=True)
    kind_id: Mapped[int | None] = reference("nominations_electionkind.id")
    hide_previous_service: Mapped[bool] = mapped_column(default=False)

    kind: Mapped[ElectionKind | None] = relationship(back_populates="elections")
    nominees: Mapped[list["Nominee"]] = relationship(back_populates="election")
    nomination_set: Mapped[list["Nomination"]] = relationship(back_populates="election")


class Nominee(LegacyBase):
    """A person who stands in an election."""

    __tablename__ = "nominations_nominee"
    __table_args__ = (UniqueConstraint("user_id", "election_id"),)

    id: Mapped[Key]
    election_id: Mapped[int] = reference("nominations_election.id")
    user_id: Mapped[int | None] = reference("users_user.id")
    accepted: Mapped[bool] = mapped_column(default=False)
    approved: Mapped[bool] = mapped_column(default=False)
    slug: Mapped[str | None] = mapped_column(String(255), index=True)

    election: Mapped[Election] = relationship(back_populates="nominees")
    user: Mapped[User | None] = relationship()
    nominations: Mapped[list["Nomination"]] = relationship(back_populates="nominee")


class Nomination(LegacyBase):
    """One person naming another, or themselves, for an election."""

    __tablename__ = "nominations_nomination"

    id: Mapped[Key]
    election_id: Mapped[int] = reference("nominations_election.id")
    name: Mapped[str | None] = mapped_column(String(1024))
    email: Mapped[str | None] = mapped_column(String(1024))
    previous_board_service: Mapped[str | None] = mapped_column(String(1024))
    employer: Mapped[str | None] = mapped_column(String(1024))
    other_affiliations: Mapped[str | None] = mapped_column(String(2048))
    nomination_statement: Mapped[Markup | None] = nullable_markup("nomination_statement", "markdown")
    coc_acknowledged: Mapped[bool] = mapped_column(default=False)
    mission_alignment: Mapped[bool] = mapped_column(default=False)
    eligibility_confirmed: Mapped[bool] = mapped_column(default=False)
    nominator_id: Mapped[int] = reference("users_user.id")
    nominee_id: Mapped[int | None] = reference("nominations_nominee.id")
    accepted: Mapped[bool] = mapped_column(default=False)
    approved: Mapped[bool] = mapped_column(default=False)

    election: Mapped[Election] = relationship(back_populates="nomination_set")
    nominator: Mapped[User] = relationship()
    nominee: Mapped[Nominee | None] = relationship(back_populates="nominations")

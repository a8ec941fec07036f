"""Elections, who stands in them, and who named them. Slugs are made anew at every save."""

import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from new_app.columns import Key, Markup, now, nullable_markup, reference
from new_app.db import LegacyBase, Results
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

    @property
    def previous_service_label(self) -> str:
        return f"Previous {'Packaging Council' if self.nomination_form == 'packaging_council' else 'Board'} Service"


class Election(LegacyBase):
    """An election. Ordered latest first."""

    __tablename__ = "nominations_election"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100))
    date: Mapped[datetime.date]
    nominations_open_at: Mapped[datetime.datetime | None]
    nominations_close_at: Mapped[datetime.datetime | None]
    description: Mapped[Markup] = nullable_markup("description", "markdown")
    slug: Mapped[str | None] = mapped_column(String(255), index=True)
    kind_id: Mapped[int | None] = reference("nominations_electionkind.id")
    hide_previous_service: Mapped[bool] = mapped_column(default=False)

    kind: Mapped[ElectionKind | None] = relationship(back_populates="elections")
    nominees: Mapped[list["Nominee"]] = relationship(back_populates="election")
    nomination_set: Mapped[list["Nomination"]] = relationship(back_populates="election")

    @property
    def accent_color(self) -> str:
        return self.kind.accent_color if self.kind else "#0073b7"

    @property
    def previous_service_label(self) -> str:
        return self.kind.previous_service_label if self.kind else "Previous Board Service"

    @property
    def nominations_open(self) -> bool:
        opened, closed = self.nominations_open_at, self.nominations_close_at
        return bool(opened and closed and opened < now() < closed)

    @property
    def nominations_complete(self) -> bool:
        return bool(self.nominations_close_at and self.nominations_close_at < now())

    @property
    def status(self) -> str:
        """Without dates for nominations, the words are the wrong way round, as in legacy."""
        if self.nominations_open_at is None or self.nominations_close_at is None:
            return "Commenced" if self.date >= now().date() else "Voting Not Yet Begun"
        if self.nominations_open:
            return "Nominations Open"
        return "Nominations Not Yet Open" if self.nominations_open_at > now() else "Nominations Closed"


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

    @property
    def name(self) -> str:
        assert self.user is not None
        return f"{self.user.first_name} {self.user.last_name}"

    display_name = name

    def get_absolute_url(self) -> str:
        return f"/nominations/elections/{self.election.slug}/nominees/{self.slug}/"

    @property
    def nominations_received(self) -> Results["Nomination"]:
        """What others said, and was accepted and approved."""
        good = (one for one in self.nominations if one.accepted and one.approved)
        return Results(one for one in good if self.user_id is None or one.nominator_id != self.user_id)

    @property
    def self_nomination(self) -> "Nomination | None":
        own = [one for one in self.nominations if self.user_id is not None and one.nominator_id == self.user_id]
        return min(own, key=by_id, default=None)

    def _said(self, name: str) -> str | None:
        """What the person says of it, else the first who named them."""
        own = self.self_nomination
        said: str | None = getattr(own, name, None) or getattr(min(self.nominations, key=by_id), name)
        return said

    @property
    def display_previous_board_service(self) -> str | None:
        return self._said("previous_board_service")

    @property
    def display_employer(self) -> str | None:
        return self._said("employer")

    @property
    def display_other_affiliations(self) -> str | None:
        return self._said("other_affiliations")

    @property
    def display_mission_alignment(self) -> bool:
        good = [one for one in self.nominations if one.accepted and one.approved]
        one = self.self_nomination or min(good, key=by_id, default=None)
        return bool(one and one.mission_alignment)

    def visible(self, user: Any) -> bool:
        """To everybody once it is accepted, approved and decided; before, to staff and to the person."""
        if self.accepted and self.approved and not self.election.nominations_open:
            return True
        return bool(user.is_staff or is_same(user, self.user_id))


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
    nomination_statement: Mapped[Markup] = nullable_markup("nomination_statement", "markdown")
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

    def get_absolute_url(self) -> str:
        return f"/nominations/{self.election.slug}/{self.id}/"

    def get_edit_url(self) -> str:
        return f"{self.get_absolute_url()}edit/"

    def get_accept_url(self) -> str:
        return f"{self.get_absolute_url()}accept/"

    def editable(self, user: Any) -> bool:
        """While nominations are open: by the person named, and by who named them until somebody has decided."""
        if not self.election.nominations_open:
            return False
        named = self.nominee is not None and is_same(user, self.nominee.user_id)
        return named or (is_same(user, self.nominator_id) and not (self.accepted or self.approved))

    def visible(self, user: Any) -> bool:
        if self.accepted and self.approved and not self.election.nominations_open_at:
            return True
        own = is_same(user, self.nominator_id) or (self.nominee is not None and is_same(user, self.nominee.user_id))
        return bool(user.is_staff or own)


def is_same(user: Any, pk: int | None) -> bool:
    return pk is not None and bool(user.pk == pk)


def by_id(row: Nomination) -> int:
    return row.id

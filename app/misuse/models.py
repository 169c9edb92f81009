"""Alerts that were raised, and how far each organisation has been looked at."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import guards
from app.kit.orm import Base, Json, closed_set, id_column
from app.misuse.rules import Rule


class Alert(Base):
    """Somebody did unusually much: once for each rule, person and day. Of an address nothing but a hash is known."""

    __tablename__ = "misuse_alerts"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "rule", "whose", "day", name="uq_misuse_alerts_once_a_day"),
        sa.Index("ix_misuse_alerts_organisation_id_at", "organisation_id", "at", "id"),
        sa.CheckConstraint("how_many >= alert_at AND alert_at >= 1", name="enough_to_tell"),
        sa.CheckConstraint("since <= until", name="since_until"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    rule: Mapped[Rule] = mapped_column(closed_set(Rule, "rule"))
    whose: Mapped[str] = mapped_column(sa.String(64))  # a person's id, or the hash of an address
    day: Mapped[date]  # in UTC
    people: Mapped[list[str]] = mapped_column(Json)  # ids: who did it, or whose accounts were tried
    about: Mapped[list[str]] = mapped_column(Json)  # visits, recordings or lists; the first of them
    how_many: Mapped[int]
    alert_at: Mapped[int]  # from so many on it is told
    since: Mapped[datetime]
    until: Mapped[datetime]
    at: Mapped[datetime]


class Watch(Base):
    """Up to when an organisation was looked at."""

    __tablename__ = "misuse_watches"

    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"), primary_key=True)
    until: Mapped[datetime]


guards.append_only("misuse_alerts")

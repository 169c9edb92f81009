"""The feed of events, and whose inbox each belongs to.

Visits and outlets are plain ids here: they stand above. `number` and `transaction` give the order in which a reader
may go on without missing what was committed late (`app.events.feed`).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.events.kinds import Kind
from app.kit import guards
from app.kit.orm import Base, Json, TransactionNumber, id_column

KIND = sa.Enum(  # no CHECK: a new kind must not need a migration
    Kind, native_enum=False, length=60, values_callable=lambda kind: [member.value for member in kind]
)


class Event(Base):
    """Something happened to `subject_id`. `data` holds plain values; who is told which of them, a whitelist says."""

    __tablename__ = "events"
    __table_args__ = (
        sa.UniqueConstraint("id"),
        sa.Index("ix_events_feed", "organisation_id", "transaction", "number"),
        sa.Index("ix_events_order", "transaction", "number"),
        sa.Index("ix_events_visit_id", "visit_id"),
        {"sqlite_autoincrement": True},  # a number is never given twice
    )

    number: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    transaction: Mapped[int] = mapped_column(sa.BigInteger, server_default=TransactionNumber())
    id: Mapped[UUID]
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    kind: Mapped[Kind] = mapped_column(KIND)
    subject_id: Mapped[UUID]
    visit_id: Mapped[UUID | None]
    outlet_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime]


class InboxEntry(Base):
    """An event somebody is to find in the inbox."""

    __tablename__ = "inbox_entries"
    __table_args__ = (
        sa.Index("ix_inbox_entries_person_id_at", "person_id", "at", "id"),
        sa.UniqueConstraint("event_id", "person_id"),
        sa.Index(
            "ix_inbox_entries_to_mail",
            "at",
            "id",
            sqlite_where=sa.text("mail_decided_at IS NULL"),
            postgresql_where=sa.text("mail_decided_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = id_column()
    event_id: Mapped[UUID] = mapped_column(sa.ForeignKey("events.id"))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mail_decided_at: Mapped[datetime | None]  # from then on it is being mailed, or is not going to be

    event: Mapped[Event] = relationship(lazy="raise")


class MailPreferences(Base):
    """The kinds a person wants mailed too. Without a row: `app.events.texts.MAILED`."""

    __tablename__ = "mail_preferences"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    kinds: Mapped[list[str]] = mapped_column(Json)


guards.append_only("events")
guards.append_only("inbox_entries", changeable=("read_at", "mail_decided_at"))

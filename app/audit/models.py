"""One row for each thing somebody did, in the transaction in which it was done, and the chain these rows stand in."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import guards
from app.kit.chains import Head
from app.kit.orm import Base, Json, id_column


class AuditEntry(Base):
    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_organisation_id_at", "organisation_id", "at", "id"),
        sa.Index("ix_audit_entries_subject_id", "subject_id"),
        sa.Index("ix_audit_entries_actor_id", "actor_id", "at"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    actor_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))  # null: the service itself
    action: Mapped[str] = mapped_column(sa.String(80))
    subject_id: Mapped[UUID]
    details: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime]


class AuditLink(Base):
    """An entry's place in its organisation's chain, given to it when its transaction ends: `hash` covers the entry and the
    link before.
    """

    __tablename__ = "audit_links"
    __table_args__ = (
        sa.UniqueConstraint("entry_id"),
        sa.CheckConstraint("number >= 1", name="number_counts_from_one"),
    )

    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("audit_entries.id"))
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))


class AuditHead(Head, Base):
    """The end of an organisation's chain."""

    __tablename__ = "audit_heads"


guards.append_only("audit_entries")
guards.append_only("audit_links")

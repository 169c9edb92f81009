"""One row for each thing somebody did, in the transaction in which it was done."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import guards
from app.kit.orm import Base, Json, id_column


class AuditEntry(Base):
    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_organisation_id_at", "organisation_id", "at", "id"),
        sa.Index("ix_audit_entries_subject_id", "subject_id"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    actor_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))  # null: the service itself
    action: Mapped[str] = mapped_column(sa.String(80))
    subject_id: Mapped[UUID]
    details: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime]


guards.append_only("audit_entries")

"""Published checklist versions: immutable, and what every visit and every score refers to (D3.5)."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import guards
from app.kit.orm import Base, Json, id_column


class ChecklistVersion(Base):
    __tablename__ = "checklist_versions"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "code", "number"),
        sa.CheckConstraint("number >= 1", name="number_counts_from_one"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    code: Mapped[str] = mapped_column(sa.String(64))
    number: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    document: Mapped[dict[str, Any]] = mapped_column(Json)  # a `Document`
    published_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    published_at: Mapped[datetime]


guards.append_only("checklist_versions")

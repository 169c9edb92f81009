"""Programmes, and what each may record where."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.etags import Versioned
from app.kit.orm import Base, Json, closed_set, id_column
from app.programmes.rules import PolicyScope, RecordingMode


class Programme(Versioned, Base):
    """A client's running inspection. Its recording policies count as part of it: they share its version."""

    __tablename__ = "programmes"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "name"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="time_span"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    checklist_codes: Mapped[list[str]] = mapped_column(Json)  # a visit names the version it uses
    rules: Mapped[dict[str, Any]] = mapped_column(Json)  # a `ProgrammeRules`
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class RecordingPolicy(Base):
    """One jurisdiction's answer to: what may be recorded, why, and who assessed it (D10.5)."""

    __tablename__ = "recording_policies"
    __table_args__ = (sa.UniqueConstraint("programme_id", "jurisdiction", "scope"),)

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"))
    jurisdiction: Mapped[str] = mapped_column(sa.String(20))
    scope: Mapped[PolicyScope] = mapped_column(closed_set(PolicyScope, "scope"))
    mode: Mapped[RecordingMode] = mapped_column(closed_set(RecordingMode, "mode"))
    legal_basis: Mapped[str] = mapped_column(sa.Text())
    notice: Mapped[str] = mapped_column(sa.Text())
    assessment_ref: Mapped[str] = mapped_column(sa.Text())

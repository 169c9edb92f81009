"""Legal holds, and what is left of what was deleted."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import guards
from app.kit.orm import Base, Json, closed_set, id_column
from app.retention.rules import Class, Start

# What there is one tombstone of, and when it is that.
UNIQUE_BY = {
    "recording_id": "recording_id IS NOT NULL",
    "case_file_id": "case_file_id IS NOT NULL",
    "bulletin_id": "bulletin_id IS NOT NULL",
    "visit_id": "recording_id IS NULL AND case_file_id IS NULL AND bulletin_id IS NULL",
}


class LegalHold(Base):
    """While it is in force nothing of the visit, the outlet, or the person's visits is deleted."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        sa.ForeignKeyConstraint(["organisation_id", "outlet_id"], ["outlets.organisation_id", "outlets.id"]),
        sa.Index("ix_legal_holds_organisation_id_placed_at", "organisation_id", "placed_at", "id"),
        sa.CheckConstraint(
            "(CASE WHEN visit_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN outlet_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_subject",
        ),
        sa.CheckConstraint("until IS NULL OR until > placed_at", name="some_time"),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lifted_because IS NULL)",
            name="lifted_by_somebody",
        ),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    visit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("visits.id"))
    outlet_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))
    reason: Mapped[str]
    until: Mapped[datetime | None]  # null: until it is lifted
    placed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    placed_at: Mapped[datetime]
    lifted_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))
    lifted_at: Mapped[datetime | None]
    lifted_because: Mapped[str | None]

    @property
    def subject_id(self) -> UUID:
        """What is held."""
        found = self.visit_id or self.outlet_id or self.person_id
        assert found is not None  # a constraint sees to it
        return found


class Tombstone(Base):
    """What was deleted, by which rule, and when: decided first, and done when `deleted_at` is set."""

    __tablename__ = "tombstones"
    __table_args__ = (
        *(
            sa.Index(
                f"uq_tombstones_{column}",
                column,
                "retention_class",
                unique=True,
                sqlite_where=sa.text(where),
                postgresql_where=sa.text(where),
            )
            for column, where in UNIQUE_BY.items()
        ),
        sa.Index("ix_tombstones_organisation_id_decided_at", "organisation_id", "decided_at", "id"),
        sa.Index("ix_tombstones_visit_id", "visit_id"),
        sa.Index(
            "ix_tombstones_undone",
            "decided_at",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        ),
        sa.CheckConstraint("days >= 1", name="some_days"),
        sa.CheckConstraint("(visit_id IS NULL) = (bulletin_id IS NOT NULL)", name="of_something"),
        sa.CheckConstraint("decided_at >= started_at", name="after_its_start"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"))
    visit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("visits.id"))  # null: of no visit
    recording_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("recordings.id"))
    case_file_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("case_files.id"))
    bulletin_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bulletins.id"))
    retention_class: Mapped[Class] = mapped_column(closed_set(Class, "retention_class"))
    start_event: Mapped[Start] = mapped_column(closed_set(Start, "start_event"))
    days: Mapped[int]  # the programme's rule when it was decided
    started_at: Mapped[datetime]
    sha256: Mapped[str | None] = mapped_column(sa.String(64))  # null: rows were deleted, not a file
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    files: Mapped[list[dict[str, Any]]] = mapped_column(
        Json
    )  # kind, hash and size of each that was made of it
    decided_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    @property
    def subject_id(self) -> UUID:
        """Its own id, among those of its class."""
        found = self.recording_id or self.case_file_id or self.bulletin_id or self.visit_id
        assert found is not None  # a constraint sees to it
        return found


guards.append_only("legal_holds", changeable=("lifted_by", "lifted_at", "lifted_because"))
guards.append_only("tombstones", changeable=("deleted_at",))

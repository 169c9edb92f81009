"""Who was, or will be, exposed to whom; and the exceptions that people took responsibility for."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import guards
from app.kit.orm import Base, closed_set, id_column

ROTATION = "ex_exposures_rotation"


class ExposureKind(StrEnum):
    PLANNED = "planned"
    ENTERED = "entered"
    IMPORTED = "imported"


class BarCause(StrEnum):
    OVERT = "overt"
    RECOGNISED = "recognised"


class Waiver(Base):
    """A supervisor's exception from the rotation rule, with a reason (D5.7). Used by at most one exposure."""

    __tablename__ = "rotation_waivers"
    __table_args__ = (
        sa.Index("ix_rotation_waivers_pair", "inspector_id", "place", "visit_on"),
        sa.Index("ix_rotation_waivers_organisation_id", "organisation_id", "granted_at", "id"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    inspector_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlets.id"))
    place: Mapped[str] = mapped_column(sa.String(100))
    visit_on: Mapped[date]
    reason: Mapped[str]
    granted_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    granted_at: Mapped[datetime]


class Exposure(Base):
    """One person at one place on one local date (D5.3). `place` is the outlet, or its brand (D5.7).

    `guard_from … guard_until` is the part of `visited_on … blocked_until` that the database defends; the two are
    the same unless a waiver or a merger of outlets put two counted dates closer than the rule allows.
    """

    __tablename__ = "exposures"
    __table_args__ = (
        sa.CheckConstraint("blocked_until >= visited_on", name="blocks_forward"),
        sa.CheckConstraint("(guard_from IS NULL) = (guard_until IS NULL)", name="guard_is_whole"),
        sa.CheckConstraint("guard_from IS NULL OR guard_until >= guard_from", name="guard_is_forward"),
        sa.CheckConstraint("counts OR guard_from IS NULL", name="released_guards_nothing"),
        sa.CheckConstraint("counts = (released_at IS NULL)", name="released_or_counts"),
        sa.Index("ix_exposures_pair", "inspector_id", "place", "visited_on"),
        sa.Index("ix_exposures_outlet_id", "outlet_id", "visited_on"),
        sa.Index(
            "uq_exposures_person_per_visit",
            "visit_id",
            "inspector_id",
            unique=True,
            sqlite_where=sa.text("counts"),
            postgresql_where=sa.text("counts"),
        ),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    inspector_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlets.id"))
    place: Mapped[str] = mapped_column(sa.String(100))
    visit_id: Mapped[UUID | None]  # visits stand above: a plain id; null for imported history
    kind: Mapped[ExposureKind] = mapped_column(closed_set(ExposureKind, "kind"))
    visited_on: Mapped[date]
    blocked_until: Mapped[date]
    guard_from: Mapped[date | None]
    guard_until: Mapped[date | None]
    counts: Mapped[bool]
    waiver_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("rotation_waivers.id"), unique=True)
    released_at: Mapped[datetime | None]
    released_because: Mapped[str | None] = mapped_column(sa.String(80))
    created_at: Mapped[datetime]


class CovertBar(Base):
    """A person whom an outlet knows: no covert visits there until `until` (null: for good)."""

    __tablename__ = "covert_bars"
    __table_args__ = (sa.Index("ix_covert_bars_pair", "inspector_id", "outlet_id"),)

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    inspector_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlets.id"))
    cause: Mapped[BarCause] = mapped_column(closed_set(BarCause, "cause"))
    since: Mapped[date]
    until: Mapped[date | None]
    visit_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


_OVERLAP = (
    "SELECT 1 FROM exposures other WHERE other.inspector_id = NEW.inspector_id AND other.place = NEW.place"
    " AND other.id <> NEW.id AND other.guard_from <= NEW.guard_until AND other.guard_until >= NEW.guard_from"
)


def _trigger(name: str, event: str) -> list[tuple[str, str]]:
    return [
        ("", f"DROP TRIGGER IF EXISTS {name}"),
        (
            name,
            (
                f"CREATE TRIGGER {name} BEFORE {event} ON exposures"
                f" WHEN NEW.guard_from IS NOT NULL AND EXISTS ({_OVERLAP})"
                f" BEGIN SELECT RAISE(ABORT, '{ROTATION}'); END"
            ),
        ),
    ]


guards.register(
    ROTATION,
    guards.Guard(
        table="exposures",
        sqlite=[
            *_trigger(f"{ROTATION}_insert", "INSERT"),
            *_trigger(f"{ROTATION}_update", "UPDATE OF inspector_id, place, guard_from, guard_until"),
        ],
        postgresql=[
            ("", f"ALTER TABLE exposures DROP CONSTRAINT IF EXISTS {ROTATION}"),
            (
                ROTATION,
                (
                    f"ALTER TABLE exposures ADD CONSTRAINT {ROTATION} EXCLUDE USING gist (inspector_id WITH =,"
                    " place WITH =, daterange(guard_from, guard_until, '[]') WITH &&) WHERE (guard_from IS NOT NULL)"
                ),
            ),
        ],
    ),
)

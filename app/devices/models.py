"""The organisation's recording devices, who held each of them when, and what their clocks were worth.

People's log-in devices are another thing: `app.identity`.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.devices.rules import Kind, State
from app.kit import guards
from app.kit.etags import Versioned
from app.kit.orm import Base, closed_set, id_column

ONE_HOLDER = "ex_device_custody_one_holder"


class RecordingDevice(Versioned, Base):
    """A device the organisation owns. `region_id` says whose supervisors manage it; null: all of them."""

    __tablename__ = "recording_devices"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "code"),
        sa.ForeignKeyConstraint(["organisation_id", "region_id"], ["regions.organisation_id", "regions.id"]),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    code: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[Kind] = mapped_column(closed_set(Kind, "recording_device_kind"))
    state: Mapped[State] = mapped_column(closed_set(State, "recording_device_state"))
    region_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


class Custody(Base):
    """One person's time with a device. Rows stay as they are, but for the end of the one that is open."""

    __tablename__ = "device_custody"
    __table_args__ = (
        sa.CheckConstraint("held_until IS NULL OR held_until > held_from", name="in_order"),
        sa.CheckConstraint("(held_until IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
        sa.Index("ix_device_custody_device_id", "device_id", "held_from", "id"),
        sa.Index("ix_device_custody_holder_id", "holder_id", "held_from"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    device_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recording_devices.id"))
    holder_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    held_from: Mapped[datetime]
    held_until: Mapped[datetime | None]  # not included
    begun_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    ended_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))


class ClockMeasurement(Base):
    """How far a device's clock was off, as somebody measured it."""

    __tablename__ = "device_clock_measurements"
    __table_args__ = (sa.Index("ix_device_clock_measurements_device_id", "device_id", "measured_at", "id"),)

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    device_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recording_devices.id"))
    offset_ms: Mapped[int] = mapped_column(sa.BigInteger)  # true time minus the device's
    measured_at: Mapped[datetime]
    measured_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))


guards.append_only("device_custody", changeable=("held_until", "ended_by"))
guards.append_only("device_clock_measurements")

_OVERLAP = (
    "SELECT 1 FROM device_custody other WHERE other.device_id = NEW.device_id AND other.id <> NEW.id"
    " AND (other.held_until IS NULL OR other.held_until > NEW.held_from)"
    " AND (NEW.held_until IS NULL OR other.held_from < NEW.held_until)"
)


def _trigger(name: str, event: str) -> list[tuple[str, str]]:
    return [
        ("", f"DROP TRIGGER IF EXISTS {name}"),
        (
            name,
            (
                f"CREATE TRIGGER {name} BEFORE {event} ON device_custody WHEN EXISTS ({_OVERLAP})"
                f" BEGIN SELECT RAISE(ABORT, '{ONE_HOLDER}'); END"
            ),
        ),
    ]


guards.register(
    ONE_HOLDER,
    guards.Guard(
        table="device_custody",
        sqlite=[
            *_trigger(f"{ONE_HOLDER}_insert", "INSERT"),
            *_trigger(f"{ONE_HOLDER}_update", "UPDATE OF held_until"),
        ],
        postgresql=[
            ("", f"ALTER TABLE device_custody DROP CONSTRAINT IF EXISTS {ONE_HOLDER}"),
            (
                ONE_HOLDER,
                (
                    f"ALTER TABLE device_custody ADD CONSTRAINT {ONE_HOLDER} EXCLUDE USING gist"
                    " (device_id WITH =, tstzrange(held_from, held_until, '[)') WITH &&)"
                ),
            ),
        ],
    ),
)

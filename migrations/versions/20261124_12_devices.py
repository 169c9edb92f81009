"""Recording devices, their custody and their clocks."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import UTCDateTime

revision = "0012_devices"
down_revision = "0011_quick_checks"


def upgrade() -> None:
    _devices()
    _custody()
    _clocks()


def _devices() -> None:
    op.create_table(
        "recording_devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "phone",
                "recorder",
                "body-camera",
                "camera",
                name="recording_device_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "in_service",
                "lost",
                "retired",
                name="recording_device_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "region_id"],
            ["regions.organisation_id", "regions.id"],
            name="fk_recording_devices_organisation_id_region_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_recording_devices_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recording_devices"),
        sa.UniqueConstraint("organisation_id", "code", name="uq_recording_devices_organisation_id_code"),
    )


def _custody() -> None:
    op.create_table(
        "device_custody",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("held_from", UTCDateTime(), nullable=False),
        sa.Column("held_until", UTCDateTime(), nullable=True),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "held_until IS NULL OR held_until > held_from", name=op.f("ck_device_custody_in_order")
        ),
        sa.CheckConstraint(
            "(held_until IS NULL) = (ended_by IS NULL)", name=op.f("ck_device_custody_ended_by_somebody")
        ),
        sa.ForeignKeyConstraint(["begun_by"], ["people.id"], name="fk_device_custody_begun_by"),
        sa.ForeignKeyConstraint(["device_id"], ["recording_devices.id"], name="fk_device_custody_device_id"),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"], name="fk_device_custody_ended_by"),
        sa.ForeignKeyConstraint(["holder_id"], ["people.id"], name="fk_device_custody_holder_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_device_custody_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_device_custody"),
    )
    op.create_index(
        "ix_device_custody_device_id", "device_custody", ["device_id", "held_from", "id"], unique=False
    )
    op.create_index("ix_device_custody_holder_id", "device_custody", ["holder_id", "held_from"], unique=False)


def _clocks() -> None:
    table = "device_clock_measurements"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("offset_ms", sa.BigInteger(), nullable=False),
        sa.Column("measured_at", UTCDateTime(), nullable=False),
        sa.Column("measured_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["recording_devices.id"], name=f"fk_{table}_device_id"),
        sa.ForeignKeyConstraint(["measured_by"], ["people.id"], name=f"fk_{table}_measured_by"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=f"fk_{table}_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    op.create_index(
        "ix_device_clock_measurements_device_id", table, ["device_id", "measured_at", "id"], unique=False
    )


def downgrade() -> None:
    for table in ("device_clock_measurements", "device_custody", "recording_devices"):
        op.drop_table(table)

"""Quick checks: what samples said of a recording before its bytes came."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0011_quick_checks"
down_revision = "0010_planning"


def upgrade() -> None:
    op.create_table(
        "quick_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column(
            "medium",
            sa.Enum(
                "video",
                "audio",
                "photo",
                "document",
                name="medium",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("heard_ms", sa.Integer(), nullable=False),
        sa.Column("checks", Json, nullable=False),
        sa.Column("performed", Json, nullable=False),
        sa.Column("black", sa.Boolean(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "duration_ms > 0 AND frames >= 0 AND heard_ms >= 0", name=op.f("ck_quick_checks_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_quick_checks_organisation_id"
        ),
        sa.ForeignKeyConstraint(["sender_id"], ["people.id"], name="fk_quick_checks_sender_id"),
        sa.PrimaryKeyConstraint("id", name="pk_quick_checks"),
    )
    op.create_index("ix_quick_checks_recording_id", "quick_checks", ["recording_id", "made_at"], unique=False)


def downgrade() -> None:
    op.drop_table("quick_checks")

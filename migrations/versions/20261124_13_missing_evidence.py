"""Missing evidence: decisions and escalations; work that is begun again; what one person brings within a day."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import UTCDateTime

revision = "0013_missing_evidence"
down_revision = "0012_devices"


def upgrade() -> None:
    op.create_table(
        "evidence_excuses",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name="fk_evidence_excuses_decided_by"),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["manifest_entries.recording_id"], name="fk_evidence_excuses_recording_id"
        ),
        sa.PrimaryKeyConstraint("recording_id", name="pk_evidence_excuses"),
    )
    op.create_table(
        "evidence_escalations",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["manifest_entries.recording_id"], name="fk_evidence_escalations_recording_id"
        ),
        sa.PrimaryKeyConstraint("recording_id", name="pk_evidence_escalations"),
    )
    op.add_column("recordings", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_recordings_uploader_id", "recordings", ["uploader_id", "touched_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_recordings_uploader_id", table_name="recordings")
    op.drop_column("recordings", "tries")
    op.drop_table("evidence_escalations")
    op.drop_table("evidence_excuses")
